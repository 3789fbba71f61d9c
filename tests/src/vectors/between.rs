//! Between networks: `tie`, `carriage`, `end`; and kinds that nobody knows yet.

use ciborium::Value;

use super::Vectors;
use super::cast::*;
use super::payload::{Payload, bytes, list, map};

pub(super) fn files() -> Vec<Vectors> {
    vec![tie(), carriage(), end(), opaque()]
}

/// A bridge tie with every field but a topic, which only an anchor has.
pub(super) fn full_tie() -> Value {
    let Cast { river, ridge, .. } = cast();
    map! {
        "kind": "bridge",
        "parties": list![bytes(&river), bytes(&ridge)],
        "terms": map! {
            "summary": map! { "en": "We carry calls both ways.", "es": "Llevamos llamadas." },
            "text": bytes(&[0x51; 32]),
            "commitments": list![
                map! { "who": bytes(&river), "text": map! { "en": "Two carriers." }, "due": AT },
            ],
            "decision_rights": list![
                map! { "matter": map! { "en": "Rules" }, "rule": map! { "en": "Consent" } },
            ],
            "seats": map! { "rep": 1, "alternate": 1 },
            "disclosure_required": list!["funding", "control"],
            "nonnegotiables": list![map! { "en": "No ads." }],
            "max_members": 70,
            "notice_days": 30,
        },
        "review_on": AT + 365 * DAY,
        "bridge": map! { "from": "gb-bristol", "to": "us-wa", "languages": list!["en", "es"] },
    }
}

fn tie() -> Vectors {
    let mut file = Vectors::new("tie", "Relations between networks.");
    let Cast { river, ridge, .. } = cast();
    let sign = |body| Payload::new("tie", &river, body).days(1096).sign(&key(RIVER));
    file.good("bridge, every field but a topic, 1096 days", sign(full_tie()));
    let least = |kind: &str, parties: Value| {
        let terms = map! { "summary": map! { "en": "T" } };
        map! { "kind": kind, "parties": parties, "terms": terms }
    };
    for kind in ["member_of", "fiscal_host", "successor"] {
        file.good(kind, sign(least(kind, list![bytes(&river), bytes(&ridge)])));
    }
    for kind in ["agreement", "project"] {
        let three = list![bytes(&river), bytes(&ridge), bytes(&[0x52; 32])];
        file.good(&format!("{kind} of three"), sign(least(kind, three)));
    }
    let Value::Map(mut anchor) = least("anchor", list![bytes(&ridge), bytes(&river)]) else {
        return file;
    };
    anchor.push((Value::from("topic"), Value::from("climate")));
    file.good("anchor of a topic", sign(Value::Map(anchor)));
    file
}

/// A carriage with every field.
pub(super) fn full_carriage() -> Value {
    map! {
        "things": list![
            map! { "net": bytes(&[0x60; 32]), "thing": bytes(&[0x62; 32]) },
            map! { "net": bytes(&[0x61; 32]), "thing": bytes(&[0x61; 32]) },
        ],
        "from": "gb-bristol",
        "via": list![
            map! { "net": bytes(&[0x65; 32]), "region": "es-madrid" },
            map! { "net": bytes(&[0x66; 32]), "region": "gb-bristol" },
        ],
        "tie": bytes(&[0x63; 32]),
        "rule": "calls",
    }
}

fn carriage() -> Vectors {
    let mut file = Vectors::new("carriage", "What a bridge carries, and by which way it came.");
    let Cast { river, .. } = cast();
    let carriage = Payload::new("carriage", &river, full_carriage()).set("region", "us-wa");
    let carriage = carriage.set("role", bytes(&[0x64; 32])).set("reach", "region");
    file.good("two things over two bridges, under a role", carriage.sign(&key(MEMBER)));
    let least = map! {
        "things": list![map! { "net": bytes(&river), "thing": bytes(&[0x61; 32]) }],
        "from": "gb-bristol",
        "tie": bytes(&[0x63; 32]),
        "rule": "calls",
    };
    let least = Payload::new("carriage", &river, least).set("region", "us-wa");
    file.good("straight from home", least.set("reach", "region").sign(&key(RIVER)));
    file
}

/// An end with every field.
pub(super) fn full_end() -> Value {
    map! {
        "kind": "withdraw",
        "targets": list![
            map! { "thing": bytes(&[0x71; 32]) },
            map! {
                "thing": bytes(&[0x72; 32]),
                "version": bytes(&[0x73; 32]),
                "about": bytes(&[0x75; 32]),
            },
        ],
        "text": map! { "en": "The key was stolen." },
        "key_reason": "compromised",
        "keep": list![bytes(&[0x74; 32])],
    }
}

fn end() -> Vectors {
    let mut file = Vectors::new("end", "Withdrawing, resigning, cancelling, leaving, erasing.");
    let Cast { river, .. } = cast();
    let sign = |body| Payload::new("end", &river, body).days(1127).sign(&key(RIVER));
    file.good("every field, 1127 days", sign(full_end()));
    for kind in ["withdraw", "resign", "cancel", "leave", "erase"] {
        let body = map! { "kind": kind, "targets": list![map! { "thing": bytes(&[0x71; 32]) }] };
        file.good(kind, sign(body));
    }
    for reason in ["lost", "retired"] {
        let targets = list![map! { "thing": bytes(&[0x71; 32]) }];
        let body = map! { "kind": "withdraw", "targets": targets, "key_reason": reason };
        file.good(&format!("a role whose key is {reason}"), sign(body));
    }
    file
}

fn opaque() -> Vectors {
    let mut file = Vectors::new("opaque", "What a reader keeps and passes on without showing it.");
    let Cast { river, .. } = cast();
    let sign = |kind: &str, body| Payload::new(kind, &river, body).days(90).sign(&key(RIVER));
    file.good("unknown kind", sign("song", map! { "tune": list![1, 2, 3], "key": "h" }));
    file.good("unknown kind with the longest name", sign(&"x".repeat(24), map! {}));
    let unknown = Payload::new("call", &river, map! { "kind": "riddle" });
    let unknown = unknown.set("crit", list!["zz"]);
    file.good("known kind, unknown critical key, any body", unknown.sign(&key(RIVER)));
    let least = Payload::new("a", &river, map! {}).set("at", 0).set("until", 1);
    file.good("the shortest life, at the beginning of time", least.sign(&key(RIVER)));
    let last = (1u64 << 40) - 1;
    let late = Payload::new("a", &river, map! {}).set("at", last - 1).set("until", last);
    file.good("at the end of time", late.sign(&key(RIVER)));
    let integers = list![
        0,
        23,
        24,
        255,
        256,
        65_535,
        65_536,
        0xffff_ffffu64,
        0x1_0000_0000u64,
        u64::MAX,
        -1,
        -24,
        -25,
        -256,
        -257,
        -65_536,
        -65_537,
        -0x1_0000_0000i64,
        -0x1_0000_0001i64,
        i64::MIN,
    ];
    file.good("every length of integer", sign("a", map! { "integers": integers }));
    let nest = (0..10).fold(Value::from(0), |inner, _| list![inner]);
    file.good("twelve deep", sign("a", map! { "nest": nest }));
    let keys = map! { "b": 1, "a": 2, "aa": 3, "": 4, "é": 5, "Z": 6 };
    file.good("keys in the order of their encoding", sign("a", keys));
    let names = list![bytes(&[]), bytes(&[7; 23]), bytes(&[7; 24]), bytes(&[7; 256]), "", "𝄞"];
    file.good("strings of several lengths", sign("a", map! { "strings": names }));
    file
}
