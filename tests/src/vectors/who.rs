//! Who: `identity`, `profile`, `role`, `values`.

use ciborium::Value;

use super::Vectors;
use super::cast::*;
use super::payload::{Payload, bytes, id, list, map, thing};

pub(super) fn files() -> Vec<Vectors> {
    vec![identity(), profile(), role(), values()]
}

fn identity() -> Vectors {
    let mut file = Vectors::new("identity", "Events of two identity logs.");
    let Cast { river, river_inception, ridge, ridge_inception } = cast();
    let event = |body| Payload::event(body).set("net", bytes(&river));
    file.good("inception with guardians", river_inception);
    file.good("inception without guardians", ridge_inception);
    let rotate = event(map! {
        "event": "rotate",
        "key": public(RIVER_NEXT),
        "next": hash(RIVER_ROTATION_NEXT),
        "guardians": guardians(),
        "need": 2,
    });
    let rotate = rotate.following(1, &[river]).sign(&key(RIVER_ROTATION));
    let revoke = event(map! {
        "event": "revoke",
        "key": public(RIVER),
        "reason": "compromised",
        "since": AT,
        "keep": list![bytes(&river), bytes(&id(&rotate))],
    });
    let revoke = revoke.following(2, &[id(&rotate)]).sign(&key(RIVER_ROTATION_NEXT));
    let recover = event(map! {
        "event": "recover",
        "key": public(RIVER_NEXT),
        "next": hash(RIVER_ROTATION_NEXT),
        "guardians": guardians(),
        "need": 2,
    });
    let recover = recover.following(1, &[river]);
    file.good("rotate", rotate.clone());
    file.good("revoke, compromised, keeping two records", revoke.clone());
    for reason in ["lost", "retired"] {
        let body = map! {
            "event": "revoke", "key": public(RIVER), "reason": reason, "since": AT - DAY,
        };
        let revoke = event(body).following(1, &[river]);
        file.good(&format!("revoke, {reason}"), revoke.sign(&key(RIVER_ROTATION)));
    }
    for (i, guardian) in GUARDIANS[..2].iter().enumerate() {
        let name = format!("recover, signed by guardian {}", i + 1);
        file.good(&name, recover.sign(&key(*guardian)));
    }
    let guard = event(map! {
        "event": "guard",
        "key": public(RIVER_NEXT),
        "next": hash(RIVER_ROTATION_NEXT),
        "guardians": guardians(),
        "need": 1,
    });
    let guard = guard.following(2, &[id(&rotate)]);
    file.good("guard, signed by a guardian", guard.sign(&key(GUARDIANS[0])));
    let close = |net: &[u8; 32], rev, prev| {
        let close = Payload::event(map! { "event": "close" }).set("net", bytes(net));
        close.following(rev, &[prev])
    };
    file.good("close", close(&ridge, 1, ridge).sign(&key(RIDGE_ROTATION)));
    file.good("close after a revocation", close(&river, 3, id(&revoke)).sign(&key(RIVER_NEXT)));
    file
}

/// A profile with every field.
pub(super) fn full_profile() -> Value {
    map! {
        "kind": "network",
        "name": map! { "en": "River Commons", "es": "Comunes del Río", "pt-br": "Comuns do Rio" },
        "purpose": map! { "en": "Clean water for those who live by it." },
        "sectors": list!["civic", "labour"],
        "fields": list!["climate-environment", "economic-justice"],
        "places": list!["US-WA", "GB", "840", "c23nb"],
        "languages": list!["en", "es", "zh-hant-tw"],
        "size": "100-999",
        "status": "forming",
        "offers": list![map! { "tag": "training", "text": map! { "en": "How to test water." } }],
        "links": list![map! { "rel": "home", "url": "https://river.example.org/" }],
        "sealing": public(SEALING),
        "nodes": list![
            map! { "node": public(NODE), "addresses": list!["/dns4/river.example.org/tcp/4001"] },
            map! { "node": public(SEALING) },
        ],
    }
}

fn profile() -> Vectors {
    let mut file = Vectors::new("profile", "Who a network is.");
    let Cast { river, .. } = cast();
    let sign = |body| Payload::new("profile", &river, body).days(400).sign(&key(RIVER));
    let full = sign(full_profile());
    file.good("every field, three languages, 400 days", full.clone());
    let second = Payload::new("profile", &river, full_profile());
    let second = second.set("at", AT + DAY).following(1, &[id(&full)]);
    file.good("second version", second.sign(&key(RIVER)));
    let own = Payload::new("profile", &river, full_profile()).set("reach", "own");
    file.good("for our own nodes only", own.sign(&key(RIVER)));
    for kind in ["alliance", "hub", "group", "project", "connector", "observer"] {
        let body = map! { "kind": kind, "name": map! { "en": "Ridge" } };
        file.good(&format!("least, {kind}, status left out"), sign(body));
    }
    for (size, status) in
        [("1-9", "active"), ("10-99", "dormant"), ("1k-9k", "active"), ("10k+", "active")]
    {
        let name = map! { "und": "Río" };
        let body = map! { "kind": "group", "name": name, "size": size, "status": status };
        file.good(&format!("size {size}, {status}"), sign(body));
    }
    file
}

/// A role with every field.
pub(super) fn full_role() -> Value {
    map! {
        "holder": public(MEMBER),
        "label": "rep 2",
        "kind": "rep",
        "powers": list![
            "profile", "values", "delegate", "call", "respond", "endorse", "sign-tie", "propose",
            "vote", "minutes", "disclose", "end", "bridge", "hosting",
        ],
        "scope": map! { "region": "gb-bristol" },
        "from": AT,
    }
}

fn role() -> Vectors {
    let mut file = Vectors::new("role", "Mandates from a network to a key.");
    let Cast { river, .. } = cast();
    let sign = |body| Payload::new("role", &river, body).days(400).sign(&key(RIVER));
    let full = sign(full_role());
    file.good("every power, one region", full.clone());
    let least = |kind: &str| {
        map! {
            "holder": public(MEMBER), "label": "m", "kind": kind, "powers": list![], "from": AT,
        }
    };
    for kind in [
        "alternate",
        "steward",
        "member",
        "facilitator",
        "spokesperson",
        "anchor",
        "chair",
        "scribe",
        "coach",
        "guardian",
        "operator",
    ] {
        file.good(&format!("{kind}, no powers"), sign(least(kind)));
    }
    for (name, scope) in [
        ("scope is a thing", map! { "thing": bytes(&thing(&full)) }),
        ("scope is a topic", map! { "topic": "water" }),
    ] {
        let Value::Map(mut pairs) = least("member") else { continue };
        pairs.push((Value::from("scope"), scope));
        file.good(name, sign(Value::Map(pairs)));
    }
    let delegated = Payload::new("role", &river, least("member")).set("role", bytes(&thing(&full)));
    file.good("granted under another role", delegated.sign(&key(MEMBER)));
    file
}

/// A declaration with every field.
pub(super) fn full_values() -> Value {
    map! {
        "instrument": "schwartz10@1",
        "subject": "self",
        "ratings": map! {
            "UN": 7, "SD": 5, "ST": 2, "HE": 0, "AC": 3, "PO": -1, "SE": 4, "CO": 1, "TR": 2, "BE": 6,
        },
        "items": map! { "un-1": 7, "un-2": 6, "po-1": -1 },
        "method": "members-survey",
        "statement": map! { "en": "Water is a commons.", "cy": "Mae dŵr yn gyffredin i bawb." },
        "principles": list![map! { "en": "Those who are touched decide." }],
    }
}

fn values() -> Vectors {
    let mut file = Vectors::new("values", "What matters to a network, or it thinks to others.");
    let Cast { river, ridge, .. } = cast();
    let sign = |body| Payload::new("values", &river, body).days(800).sign(&key(RIVER));
    file.good("every field, 800 days", sign(full_values()));
    let subjects = [
        ("others", Value::from("others"), "assembly"),
        ("others in a field", map! { "others-in-field": "bridging" }, "board"),
        ("others in a region", map! { "others-in-region": "us-wa" }, "one-person"),
        ("others in a tie", map! { "others-in-tie": bytes(&ridge) }, "assembly"),
    ];
    for (name, subject, method) in subjects {
        let body = map! {
            "instrument": "schwartz10@1",
            "subject": subject,
            "ratings": map! { "UN": 7, "PO": -1 },
            "method": method,
        };
        file.good(name, sign(body));
    }
    file
}
