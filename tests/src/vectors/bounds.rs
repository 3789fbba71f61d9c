//! Bodies at their bounds, and one beyond.
//!
//! Each row of the tables changes one place of a body that has every field.

use ciborium::Value;

use super::Vectors;
use super::cast::*;
use super::payload::{Payload, bytes, list, map};
use super::{between, what, who};

/// What a place may hold at most.
#[derive(Clone, Copy)]
enum Bound {
    /// Bytes of a text in one language.
    Text(usize),
    /// Items of a list.
    List(usize),
    /// Bytes of a short name: 64.
    Tag,
    /// Bytes of an `https:` address: 300.
    Url,
    /// Bytes of a multiaddress: 200.
    Address,
    /// Bytes of an RRULE: 200.
    Ascii,
    /// The smallest and the largest integer.
    Between(i128, i128),
}

use Bound::*;

/// The last moment that a record may name.
const LAST: i128 = (1 << 40) - 1;

/// The largest amount.
const AMOUNT: i128 = u32::MAX as i128;

const PLACES: &[(&str, &[(&str, Bound)])] = &[
    (
        "profile",
        &[
            ("name", Text(120)),
            ("purpose", Text(1000)),
            ("sectors", List(8)),
            ("sectors.0", Tag),
            ("fields", List(12)),
            ("places", List(12)),
            ("languages", List(12)),
            ("offers", List(12)),
            ("offers.0.tag", Tag),
            ("offers.0.text", Text(500)),
            ("links", List(8)),
            ("links.0.rel", Tag),
            ("links.0.url", Url),
            ("nodes", List(8)),
            ("nodes.0.addresses", List(4)),
            ("nodes.0.addresses.0", Address),
        ],
    ),
    ("role", &[("label", Tag), ("powers", List(13)), ("from", Between(0, LAST))]),
    (
        "values",
        &[
            ("instrument", Tag),
            ("ratings.UN", Between(-1, 7)),
            ("items.un-1", Between(-1, 7)),
            ("statement", Text(2000)),
            ("principles", List(12)),
            ("principles.0", Text(300)),
        ],
    ),
    (
        "call",
        &[
            ("title", Text(160)),
            ("text", Text(4000)),
            ("asks", List(16)),
            ("asks.0.tag", Tag),
            ("asks.0.text", Text(500)),
            ("asks.0.amount", Between(1, AMOUNT)),
            ("asks.0.unit", Tag),
            ("fields", List(12)),
            ("places", List(12)),
            ("values", List(10)),
            ("when.end", Between(AT as i128 + DAY as i128, LAST)),
            ("when.start", Between(0, AT as i128 + 2 * DAY as i128)),
            ("demand_to", Text(200)),
        ],
    ),
    (
        "response",
        &[
            ("text", Text(2000)),
            ("ask", Between(0, 15)),
            ("amount", Between(1, AMOUNT)),
            ("evidence", List(4)),
            ("evidence.0.media", Tag),
            ("evidence.0.size", Between(0, u64::MAX as i128)),
            ("evidence.0.urls", List(4)),
            ("evidence.0.urls.0", Url),
        ],
    ),
    (
        "proposal",
        &[
            ("title", Text(160)),
            ("text", Text(6000)),
            ("options", List(16)),
            ("options.0", Text(200)),
            ("rationale", Text(2000)),
            ("rule.quorum", Between(0, 100)),
            ("rule.share", Between(1, 100)),
            ("rule.min_days", Between(0, 65_535)),
            ("rule.freeze", Between(0, LAST)),
            ("rule.vote_until", Between(AT as i128 + 30 * DAY as i128 + 1, LAST)),
            ("voices", List(12)),
            ("voices.0.who", Text(200)),
            ("voices.0.field", Tag),
            ("counted", List(128)),
        ],
    ),
    (
        "gathering",
        &[
            ("title", Text(160)),
            ("text", Text(3000)),
            ("hosts", List(16)),
            ("times.zone", Tag),
            ("times.end", Between(AT as i128 + 7 * DAY as i128, LAST)),
            ("times.rrule", Ascii),
            ("languages", List(12)),
            ("access", Text(500)),
            ("fields", List(12)),
            ("facilitation", List(24)),
            ("agenda", List(24)),
            ("agenda.0", Text(200)),
            ("minutes.held_at", Between(0, LAST)),
            ("minutes.networks", List(64)),
            ("minutes.others", Between(0, 65_535)),
            ("minutes.summary", Text(4000)),
            ("minutes.actions", List(16)),
            ("minutes.actions.0.text", Text(300)),
            ("minutes.actions.0.due", Between(0, LAST)),
            ("minutes.files", List(8)),
        ],
    ),
    (
        "tie",
        &[
            ("terms.summary", Text(1500)),
            ("terms.commitments", List(16)),
            ("terms.commitments.0.text", Text(500)),
            ("terms.commitments.0.due", Between(0, LAST)),
            ("terms.decision_rights", List(12)),
            ("terms.decision_rights.0.matter", Text(200)),
            ("terms.decision_rights.0.rule", Text(300)),
            ("terms.seats.rep", Between(0, 255)),
            ("terms.seats.alternate", Between(0, 255)),
            ("terms.disclosure_required", List(6)),
            ("terms.nonnegotiables", List(8)),
            ("terms.nonnegotiables.0", Text(300)),
            ("terms.max_members", Between(0, 65_535)),
            ("terms.notice_days", Between(0, 65_535)),
            ("review_on", Between(0, LAST)),
            ("bridge.languages", List(12)),
        ],
    ),
    (
        "disclosure",
        &[
            ("text", Text(4000)),
            ("period.start", Between(0, AT as i128)),
            ("sources", List(32)),
            ("sources.0.source", Text(200)),
            ("sources.0.form", Tag),
            ("sources.0.currency", Tag),
            ("sources.0.amount", Between(0, u64::MAX as i128)),
            ("sources.0.share", Between(0, 100)),
            ("sources.0.purpose", Text(200)),
            ("control", List(32)),
            ("control.0.how", Tag),
            ("figures", List(32)),
            ("figures.0.name", Text(200)),
            ("figures.0.value", Between(i64::MIN as i128, i64::MAX as i128)),
            ("figures.0.unit", Tag),
            ("files", List(8)),
        ],
    ),
    ("carriage", &[("things", List(256)), ("rule", Tag)]),
    ("end", &[("targets", List(32)), ("text", Text(1000)), ("keep", List(256))]),
];

/// The places that must be there.
const REQUIRED: &[(&str, &[&str])] = &[
    (
        "profile",
        &[
            "kind",
            "name",
            "offers.0.tag",
            "offers.0.text",
            "links.0.rel",
            "links.0.url",
            "nodes.0.node",
        ],
    ),
    ("role", &["holder", "label", "kind", "powers", "from"]),
    ("values", &["instrument", "subject", "ratings", "method"]),
    ("call", &["kind", "title", "asks.0.tag", "when.start", "urgency", "risk"]),
    (
        "response",
        &[
            "kind",
            "ref",
            "ref.thing",
            "ref.seen",
            "choice",
            "evidence.0.hash",
            "evidence.0.media",
            "evidence.0.size",
        ],
    ),
    (
        "proposal",
        &[
            "to",
            "title",
            "text",
            "rule",
            "rule.method",
            "rule.quorum",
            "rule.share",
            "rule.objections",
            "rule.freeze",
            "rule.vote_from",
            "rule.vote_until",
            "voices.0.who",
        ],
    ),
    (
        "gathering",
        &[
            "kind",
            "title",
            "times",
            "times.start",
            "times.end",
            "times.zone",
            "minutes.held_at",
            "minutes.summary",
            "minutes.actions.0.text",
            "minutes.actions.0.who",
        ],
    ),
    (
        "tie",
        &[
            "kind",
            "parties",
            "terms",
            "terms.summary",
            "terms.commitments.0.who",
            "terms.commitments.0.text",
            "terms.decision_rights.0.matter",
            "terms.decision_rights.0.rule",
            "terms.seats.rep",
            "terms.seats.alternate",
            "bridge",
            "bridge.from",
            "bridge.to",
        ],
    ),
    (
        "disclosure",
        &[
            "kind",
            "text",
            "about.thing",
            "about.seen",
            "sources.0.source",
            "sources.0.form",
            "control.0.other",
            "control.0.how",
            "figures.0.name",
            "figures.0.value",
        ],
    ),
    ("carriage", &["things", "from", "tie", "rule"]),
    ("end", &["kind", "targets", "targets.0.thing"]),
];

/// Returns the body of a kind that has every field.
fn full(kind: &str) -> Value {
    match kind {
        "profile" => who::full_profile(),
        "role" => who::full_role(),
        "values" => who::full_values(),
        "call" => what::full_call(),
        "response" => what::full_response(),
        "proposal" => what::full_proposal(),
        "gathering" => what::full_gathering(),
        "tie" => between::full_tie(),
        "disclosure" => what::full_disclosure(),
        "carriage" => between::full_carriage(),
        _ => between::full_end(),
    }
}

fn record(kind: &str, body: Value) -> Vec<u8> {
    Payload::new(kind, &cast().river, body).sign(&key(RIVER))
}

/// Finds a place in a body, by keys and positions.
fn place<'a>(body: &'a mut Value, path: &str) -> &'a mut Value {
    path.split('.').fold(body, |value, step| match value {
        Value::Map(pairs) => {
            let found = pairs.iter_mut().find(|(key, _)| key.as_text() == Some(step));
            &mut found.expect("a full body has every place").1
        }
        Value::Array(items) => &mut items[step.parse::<usize>().expect("a position")],
        _ => panic!("nothing is inside '{step}' of '{path}'"),
    })
}

fn with(kind: &str, path: &str, value: Value) -> Vec<u8> {
    let mut body = full(kind);
    *place(&mut body, path) = value;
    record(kind, body)
}

fn without(kind: &str, path: &str) -> Vec<u8> {
    let mut body = full(kind);
    let (parent, last) = path.rsplit_once('.').unwrap_or(("", path));
    let parent = if parent.is_empty() { &mut body } else { place(&mut body, parent) };
    let Value::Map(pairs) = parent else { panic!("'{path}' is not in a map") };
    pairs.retain(|(key, _)| key.as_text() != Some(last));
    record(kind, body)
}

/// Returns the values at a bound, and those just beyond.
fn values(bound: Bound, now: &Value) -> (Vec<Value>, Vec<Value>) {
    let padded =
        |start: &str, n: usize| Value::from(format!("{start}{}", "x".repeat(n - start.len())));
    let integer =
        |i: i128| i64::try_from(i).map(Value::from).or(u64::try_from(i).map(Value::from)).ok();
    let items = |n: usize| {
        let first = &now.as_array().expect("a list")[0];
        Value::Array(vec![first.clone(); n])
    };
    let text = |n: usize| map! { "en": padded("", n) };
    let pair = |make: &dyn Fn(usize) -> Value, max: usize| (vec![make(max)], vec![make(max + 1)]);
    match bound {
        Text(max) => pair(&text, max),
        List(max) => pair(&items, max),
        Tag => pair(&|n| padded("", n), 64),
        Url => pair(&|n| padded("https://", n), 300),
        Address => pair(&|n| padded("/", n), 200),
        Ascii => pair(&|n| padded("", n), 200),
        Between(least, most) => (
            [least, most].into_iter().filter_map(integer).collect(),
            [least - 1, most + 1].into_iter().filter_map(integer).collect(),
        ),
    }
}

pub(super) fn file() -> Vectors {
    let mut file = Vectors::new("bounds", "Bodies at each bound, and one beyond.");
    for (kind, places) in PLACES {
        for (path, bound) in *places {
            let (fine, beyond) = values(*bound, place(&mut full(kind), path));
            for (i, value) in fine.into_iter().enumerate() {
                let end = ["", ", the other end"][i];
                file.good(&format!("{kind}.{path} at its bound{end}"), with(kind, path, value));
            }
            for (i, value) in beyond.into_iter().enumerate() {
                let end = ["", ", the other end"][i];
                file.bad(
                    &format!("{kind}.{path} one beyond{end}"),
                    "body",
                    with(kind, path, value),
                );
            }
        }
    }
    for (kind, paths) in REQUIRED {
        for path in *paths {
            file.bad(&format!("{kind} without {path}"), "body", without(kind, path));
        }
    }
    small(&mut file);
    forms(&mut file);
    rules(&mut file);
    identities(&mut file);
    file
}

/// Words that are not what they should be.
fn small(file: &mut Vectors) {
    let languages = |n: usize| {
        let pairs = (0..n).map(|i| (Value::from(format!("en-x{i:02}")), Value::from("T")));
        Value::Map(pairs.collect())
    };
    file.good("a text in 12 languages", with("call", "title", languages(12)));
    let longest = format!("en{}", "-abcdefgh".repeat(3) + "-abcde");
    let longest = Value::Map(vec![(Value::from(longest), Value::from("T"))]);
    file.good("a language tag of 35 characters", with("call", "title", longest));
    file.good("a text with line feeds and tabs", with("call", "title", map! { "en": "a\n\tb" }));
    let scripts = map! { "ar": "مرحبا", "zh": "你好", "hi": "नमस्ते", "en": "e\u{301} 🌍" };
    file.good("a text in many scripts", with("call", "title", scripts));
    file.bad("a text in 13 languages", "body", with("call", "title", languages(13)));
    file.bad("a text in no language", "body", with("call", "title", map! {}));
    for (name, words) in [
        ("empty", ""),
        ("blank", " \u{a0}\u{3000}\n"),
        ("with a bell", "a\u{7}"),
        ("with a carriage return", "a\r\n"),
        ("with a delete", "a\u{7f}"),
        ("with a C1 control", "a\u{85}"),
        ("that turns direction", "a\u{202e}b"),
        ("with an isolate", "a\u{2066}b"),
    ] {
        file.bad(&format!("a text {name}"), "body", with("call", "title", map! { "en": words }));
    }
    for lang in
        ["e", "EN", "en-", "-en", "en_gb", "1n", "en-abcdefghi", "abcdefghi", "e1", "en--gb"]
    {
        let text = Value::Map(vec![(Value::from(lang), Value::from("T"))]);
        file.bad(&format!("the language '{lang}'"), "body", with("call", "title", text));
    }
    for tag in ["", " a", "a ", "a\nb", "a\tb", "\u{2003}a", "a\u{202d}"] {
        let name = format!("the short name {tag:?}");
        file.bad(&name, "body", with("call", "fields", list![tag]));
    }
    for code in
        ["", "USA", "us-wa", "US-", "US-ABCD", "U1", "GB-wa", "12", "1234a", "c23nbx", "a", "c2i"]
    {
        let refused = !matches!(code, "12");
        let record = with("call", "places", list![code]);
        if refused {
            file.bad(&format!("the place '{code}'"), "body", record);
        } else {
            file.good(&format!("the place '{code}', a geohash"), record);
        }
    }
    for url in ["http:/x", "ftp://x", "HTTPS://x", "https://a b", "https://a\nb", "javascript:x"] {
        let name = format!("the address {url:?}");
        file.bad(&name, "body", with("profile", "links.0.url", Value::from(url)));
    }
    for address in ["/", "ip4/127.0.0.1", "/ip4/127.0.0.1 ", "/dns/é"] {
        let name = format!("the multiaddress {address:?}");
        file.bad(&name, "body", with("profile", "nodes.0.addresses.0", Value::from(address)));
    }
}

/// Other forms of the same values.
fn forms(file: &mut Vectors) {
    let id = || Value::Array(vec![Value::from(0x11); 32]);
    let mut bad = |name: &str, kind: &str, path: &str, value: Value| {
        file.bad(name, "body", with(kind, path, value));
    };
    bad("an id of 31 bytes", "response", "ref.thing", bytes(&[0x11; 31]));
    bad("an id of 33 bytes", "response", "ref.thing", bytes(&[0x11; 33]));
    bad("an id that is text", "response", "ref.thing", Value::from("x".repeat(32)));
    bad("an id that is a list of numbers", "response", "ref.thing", id());
    bad("a short name that is a byte string", "role", "label", bytes(b"rep"));
    bad("a word that is a map", "call", "kind", map! { "need": 0 });
    bad("a word that is a number", "call", "kind", Value::from(0));
    bad("a word in capitals", "call", "kind", Value::from("Need"));
    bad("a scope without a value", "role", "scope", Value::from("region"));
    bad("two scopes", "role", "scope", map! { "region": "gb-bristol", "topic": "water" });
    bad("a scope of an unknown sort", "role", "scope", map! { "planet": "earth" });
    bad("a choice with a value that has none", "response", "choice", map! { "consent": true });
    bad("options without a list", "response", "choice", Value::from("options"));
    bad("a list that is a map", "call", "asks", map! {});
    bad("a map that is a list", "call", "asks.0", list!["beds"]);
    bad("a text that is a string", "call", "title", Value::from("T"));
    bad("an amount that is text", "call", "asks.0.amount", Value::from("40"));
    bad("a truth that is a number", "proposal", "voices.0.required", Value::from(1));
    bad("an unknown power", "role", "powers", list!["rule"]);
    bad("an unknown value type", "values", "ratings", map! { "XX": 1 });
    bad("an unknown kind of tie", "tie", "kind", Value::from("member-of"));
    bad("a region that is none", "carriage", "from", Value::from("Bristol"));
    let many = |n: usize| {
        let pairs = (0..n).map(|i| (Value::from(format!("i-{i}")), Value::from(1)));
        Value::Map(pairs.collect())
    };
    bad("65 rated items", "values", "items", many(65));
    bad(
        "17 options",
        "response",
        "choice",
        map! { "options": Value::Array(vec![Value::from(0); 17]) },
    );
    bad("option 256", "response", "choice", map! { "options": list![256] });
    file.good("64 rated items", with("values", "items", many(64)));
    let options = map! { "options": Value::Array(vec![Value::from(255); 16]) };
    file.good("16 options", with("response", "choice", options));
}

/// Fields that do not go together.
fn rules(file: &mut Vectors) {
    let Cast { river, ridge, .. } = cast();
    let parties = |n: u8| Value::Array((0..n).map(|i| bytes(&[i; 32])).collect());
    file.good("64 parties", with("tie", "parties", parties(64)));
    let mut bad = |name: &str, kind: &str, path: &str, value: Value| {
        file.bad(name, "body", with(kind, path, value));
    };
    bad("65 parties", "tie", "parties", parties(65));
    bad("one party", "tie", "parties", parties(1));
    bad("a party twice", "tie", "parties", list![bytes(&river), bytes(&ridge), bytes(&river)]);
    bad("an agreement with a bridge", "tie", "kind", Value::from("agreement"));
    bad("a bridge to where it begins", "tie", "bridge.to", Value::from("gb-bristol"));
    bad("a choice that is no ballot's", "response", "kind", Value::from("endorse"));
    bad("a share without a supermajority", "proposal", "rule.method", Value::from("majority"));
    bad("voting that ends as it begins", "proposal", "rule.vote_until", Value::from(AT + 30 * DAY));
    bad("nothing carried", "carriage", "things", list![]);
    bad("nothing ended", "end", "targets", list![]);
    bad("kept, but not compromised", "end", "key_reason", Value::from("lost"));
    file.bad("kept, without a reason", "body", without("end", "key_reason"));
    let terms = map! { "summary": map! { "en": "T" } };
    for kind in ["member_of", "fiscal_host", "successor"] {
        let body = map! { "kind": kind, "parties": parties(3), "terms": terms.clone() };
        file.bad(&format!("{kind} of three"), "body", record("tie", body));
    }
    let body = map! { "kind": "project", "parties": parties(2), "terms": terms, "topic": "t" };
    file.bad("a project with a topic", "body", record("tie", body));
}

/// Events with the fields of another, or beyond their bounds.
fn identities(file: &mut Vectors) {
    let Cast { river, .. } = cast();
    let event = |body: Value| {
        let event = Payload::event(body).set("net", bytes(&river));
        event.following(&river, 1, &[river]).sign(&key(RIVER_ROTATION))
    };
    let rotate = |guardians: Value, need: i64| {
        event(map! {
            "event": "rotate", "key": public(RIVER_NEXT), "next": hash(RIVER_ROTATION_NEXT),
            "guardians": guardians, "need": need,
        })
    };
    let many = |n: u8| Value::Array((0..n).map(|i| bytes(&[i; 32])).collect());
    let keep = |n: u8| {
        event(map! {
            "event": "revoke", "key": public(RIVER), "reason": "compromised", "since": AT,
            "keep": many(n),
        })
    };
    file.good("12 guardians, all needed", rotate(many(12), 12));
    file.good("96 kept records", keep(96));
    let mut bad = |name: &str, record: Vec<u8>| file.bad(name, "body", record);
    bad("13 guardians", rotate(many(13), 1));
    bad("97 kept records", keep(97));
    bad("guardians, none needed", rotate(many(3), 0));
    bad("more guardians needed than named", rotate(many(3), 4));
    bad("guardians out of order", rotate(list![bytes(&[2; 32]), bytes(&[1; 32])], 1));
    bad("a guardian twice", rotate(list![bytes(&[1; 32]), bytes(&[1; 32])], 1));
    bad("an unknown event", event(map! { "event": "pause" }));
    bad("no event", event(map! {}));
    bad("a rotation without a key", event(map! { "event": "rotate", "next": hash(4) }));
    bad("a rotation without a next key", event(map! { "event": "rotate", "key": public(2) }));
    bad("a need without guardians", {
        event(map! { "event": "rotate", "key": public(2), "next": hash(4), "need": 1 })
    });
    bad("a rotation with a reason", {
        event(map! { "event": "rotate", "key": public(2), "next": hash(4), "reason": "lost" })
    });
    bad("closing with a key", event(map! { "event": "close", "key": public(2) }));
    let revoke = |reason: &str, since: u64| {
        map! { "event": "revoke", "key": public(1), "reason": reason, "since": since }
    };
    bad("a revocation for an unknown reason", event(revoke("bored", AT)));
    bad("a revocation since 2^40", event(revoke("lost", 1 << 40)));
    bad("a revocation without since", {
        event(map! { "event": "revoke", "key": public(1), "reason": "lost" })
    });
    bad("a revocation with a next key", {
        event(map! {
            "event": "revoke", "key": public(1), "reason": "lost", "since": AT, "next": hash(4),
        })
    });
    bad("kept records of a key that is lost", {
        event(map! {
            "event": "revoke", "key": public(1), "reason": "lost", "since": AT, "keep": many(1),
        })
    });
}
