//! What: `call`, `response`, `proposal`, `gathering`, `disclosure`.

use ciborium::Value;

use super::Vectors;
use super::cast::*;
use super::payload::{Payload, bytes, id, list, map, thing};

pub(super) fn files() -> Vec<Vectors> {
    vec![call(), response(), proposal(), gathering(), disclosure()]
}

/// A call with every field.
pub(super) fn full_call() -> Value {
    map! {
        "kind": "need",
        "mode": "build",
        "title": map! { "en": "Forty beds for Saturday", "es": "Cuarenta camas para el sábado" },
        "text": map! { "en": "The bridge is closed.\nPeople must stay the night." },
        "asks": list![
            map! { "tag": "beds", "text": map! { "en": "One night." }, "amount": 40, "unit": "beds" },
            map! { "tag": "drivers" },
        ],
        "fields": list!["economic-justice"],
        "places": list!["GB-BST", "gcnh"],
        "values": list!["UN", "BE"],
        "when": map! { "start": AT + DAY, "end": AT + 2 * DAY },
        "urgency": "days",
        "risk": "low",
        "demand_to": map! { "en": "The city council" },
        "part_of": bytes(&cast().ridge),
    }
}

fn call() -> Vectors {
    let mut file = Vectors::new("call", "Needs, offers, actions, alerts and invitations.");
    let Cast { river, .. } = cast();
    let sign = |body| Payload::new("call", &river, body).days(90).sign(&key(RIVER));
    let first = sign(full_call());
    file.good("every field, 90 days", first.clone());
    let later =
        |rev, prev: &[[u8; 32]]| Payload::new("call", &river, full_call()).following(rev, prev);
    let second = later(1, &[id(&first)]).set("at", AT + 60).sign(&key(RIVER));
    let third = later(1, &[id(&first)]).set("at", AT + 61).sign(&key(RIVER));
    let mut heads = [id(&second), id(&third)];
    heads.sort();
    file.good("second version", second);
    file.good("another second version: a fork", third);
    file.good("third version, joining both", later(2, &heads).sign(&key(RIVER)));
    file.good("the highest version", later(u16::MAX, &[id(&first)]).sign(&key(RIVER)));
    let critical = Payload::new("call", &river, full_call());
    let critical = critical.set("crit", list!["asks", "kind"]);
    file.good("critical keys that every reader knows", critical.sign(&key(RIVER)));
    let under = Payload::new("call", &river, full_call()).set("role", bytes(&thing(&first)));
    file.good("signed under a role", under.sign(&key(MEMBER)));
    for (kind, mode, urgency, risk) in [
        ("offer", "bridge", "open", "none"),
        ("action", "block", "weeks", "legal"),
        ("alert", "block", "now", "physical"),
        ("invitation", "bridge", "days", "none"),
    ] {
        let title = map! { "en": "Come" };
        let body = map! {
            "kind": kind, "mode": mode, "title": title, "urgency": urgency, "risk": risk,
        };
        let call = Payload::new("call", &river, body).days(14).set("reach", "region");
        file.good(&format!("{kind}, {urgency}, {risk}"), call.sign(&key(RIVER)));
    }
    let Value::Map(mut pairs) = full_call() else { return file };
    pairs.push((Value::from("x-new"), map! { "deep": list![1, -1, true, false, bytes(&[0])] }));
    file.good("an unknown body field is kept and ignored", sign(Value::Map(pairs)));
    file
}

/// A response with every field that a ballot may have.
pub(super) fn full_response() -> Value {
    map! {
        "kind": "ballot",
        "ref": map! { "thing": bytes(&[0x11; 32]), "seen": bytes(&[0x12; 32]) },
        "text": map! { "en": "We agree." },
        "ask": 1,
        "amount": 12,
        "choice": "consent",
        "evidence": list![document()],
    }
}

/// Minutes with every field.
pub(super) fn full_minutes() -> Value {
    map! {
        "kind": "minutes",
        "ref": map! { "thing": bytes(&[0x11; 32]), "seen": bytes(&[0x12; 32]) },
        "minutes": map! {
            "start": AT + 7 * DAY,
            "held_at": AT + 7 * DAY,
            "networks": list![bytes(&cast().ridge)],
            "others": 3,
            "summary": map! { "en": "The water is better." },
            "actions": list![
                map! { "text": map! { "en": "Test again." }, "who": bytes(&cast().river), "due": AT },
            ],
            "files": list![document()],
        },
    }
}

fn document() -> Value {
    map! {
        "hash": bytes(&[0x13; 32]),
        "media": "application/pdf",
        "size": 1_048_576u64,
        "urls": list!["https://river.example.org/minutes.pdf"],
    }
}

fn response() -> Vectors {
    let mut file = Vectors::new("response", "Answers to a call, an offer, a role, a tie.");
    let Cast { ridge, .. } = cast();
    let sign = |body| Payload::new("response", &ridge, body).sign(&key(RIDGE));
    let reference = || map! { "thing": bytes(&[0x11; 32]), "seen": bytes(&[0x11; 32]) };
    file.good("every field", sign(full_response()));
    for kind in [
        "endorse", "offer", "accept", "decline", "deliver", "confirm", "contest", "thanks",
        "learn", "concern",
    ] {
        file.good(kind, sign(map! { "kind": kind, "ref": reference() }));
    }
    let offer = map! { "kind": "offer", "ref": reference(), "ask": 15, "amount": u32::MAX };
    file.good("offer of the largest amount to the last ask", sign(offer));
    let accept = map! { "kind": "accept", "ref": reference() };
    let accept = Payload::new("response", &ridge, accept).set("role", bytes(&[0x11; 32]));
    file.good("a role accepted by its holder, under the role itself", accept.sign(&key(MEMBER)));
    for choice in ["consent", "stand-aside", "object", "abstain"] {
        let ballot = map! { "kind": "ballot", "ref": reference(), "choice": choice };
        file.good(&format!("ballot, {choice}"), sign(ballot));
    }
    let choice = map! { "options": list![0, 2] };
    let ballot = map! { "kind": "ballot", "ref": reference(), "choice": choice };
    file.good("ballot, two options", sign(ballot));
    file.good("minutes, every field", sign(full_minutes()));
    let least = map! { "start": AT, "held_at": AT, "summary": map! { "en": "We met." } };
    let least = map! { "kind": "minutes", "ref": reference(), "minutes": least };
    file.good("minutes, least", sign(least));
    file
}

/// A proposal with every field.
pub(super) fn full_proposal() -> Value {
    map! {
        "to": bytes(&[0x21; 32]),
        "title": map! { "en": "Joint work" },
        "text": map! { "en": "We work together for a year." },
        "options": list![map! { "en": "Yes" }, map! { "en": "Later" }],
        "rationale": map! { "en": "Alone we are few." },
        "effect": bytes(&[0x22; 32]),
        "rule": map! {
            "method": "supermajority",
            "quorum": 50,
            "share": 66,
            "objections": "count",
            "freeze": AT,
            "min_days": 30,
            "vote_from": AT + 30 * DAY,
            "vote_until": AT + 40 * DAY,
        },
        "voices": list![
            map! {
                "who": map! { "en": "The day labourers" },
                "field": "economic-justice",
                "gathering": bytes(&[0x23; 32]),
                "required": true,
            },
        ],
        "counted": list![bytes(&[0x24; 32]), bytes(&[0x25; 32])],
    }
}

fn proposal() -> Vectors {
    let mut file = Vectors::new("proposal", "Joint decisions. Draft: may still change.");
    let Cast { river, .. } = cast();
    let sign = |body| Payload::new("proposal", &river, body).days(400).sign(&key(RIVER));
    file.good("every field, 400 days", sign(full_proposal()));
    for (method, objections) in
        [("consensus", "block"), ("consent", "block"), ("majority", "count"), ("approval", "count")]
    {
        let body = map! {
            "to": bytes(&[0x21; 32]),
            "title": map! { "en": "T" },
            "text": map! { "en": "T" },
            "rule": map! {
                "method": method, "quorum": 100, "objections": objections, "freeze": 0,
                "vote_from": 0, "vote_until": 1,
            },
        };
        file.good(&format!("least, {method}"), sign(body));
    }
    file
}

/// A gathering with every field.
pub(super) fn full_gathering() -> Value {
    map! {
        "kind": "forum",
        "title": map! { "en": "Water forum" },
        "text": map! { "en": "Bring samples." },
        "hosts": list![bytes(&cast().ridge)],
        "times": map! {
            "start": AT + 7 * DAY,
            "end": AT + 7 * DAY + 7200,
            "zone": "Europe/London",
            "rrule": "FREQ=MONTHLY;BYDAY=1SA",
        },
        "place": "gcnh",
        "languages": list!["en", "bfi"],
        "access": map! { "en": "Step-free; signed in BSL." },
        "fields": list!["climate-environment"],
        "facilitation": list![bytes(&cast().river), bytes(&cast().ridge)],
        "agenda": list![map! { "en": "Welcome" }, map! { "en": "Samples" }],
        "part_of": bytes(&[0x31; 32]),
    }
}

fn gathering() -> Vectors {
    let mut file =
        Vectors::new("gathering", "Forums, trainings, actions. Draft: may still change.");
    let Cast { river, .. } = cast();
    let sign = |body| Payload::new("gathering", &river, body).sign(&key(RIVER));
    file.good("every field", sign(full_gathering()));
    for kind in ["call", "assembly", "training", "circle", "action"] {
        let body = map! {
            "kind": kind,
            "title": map! { "en": "T" },
            "times": map! { "start": AT, "end": AT, "zone": "UTC" },
        };
        file.good(&format!("least, {kind}"), sign(body));
    }
    file
}

/// A disclosure with every field.
pub(super) fn full_disclosure() -> Value {
    map! {
        "kind": "funding",
        "text": map! { "en": "Where last year's money came from." },
        "period": map! { "start": AT - 365 * DAY, "end": AT },
        "about": map! { "thing": bytes(&[0x41; 32]), "seen": bytes(&[0x42; 32]) },
        "sources": list![
            map! {
                "source": map! { "en": "Members" },
                "form": "dues",
                "currency": "GBP",
                "amount": 1200,
                "share": 100,
                "purpose": map! { "en": "Anything" },
            },
        ],
        "control": list![map! { "other": bytes(&cast().ridge), "how": "same-board" }],
        "figures": list![
            map! { "name": map! { "en": "Change of nitrate" }, "value": -12, "unit": "mg/l" },
        ],
        "files": list![document()],
    }
}

fn disclosure() -> Vectors {
    let mut file = Vectors::new("disclosure", "Openness. Draft: may still change.");
    let Cast { river, .. } = cast();
    let sign = |body| Payload::new("disclosure", &river, body).days(800).sign(&key(RIVER));
    file.good("every field, 800 days", sign(full_disclosure()));
    for kind in ["conflict", "control", "rationale", "report", "setback"] {
        let body = map! { "kind": kind, "text": map! { "en": "T" } };
        file.good(&format!("least, {kind}"), sign(body));
    }
    file
}
