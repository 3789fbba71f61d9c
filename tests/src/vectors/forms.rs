//! Bodies whose words, forms or combinations of fields are not what they should be.

use ciborium::Value;

use super::Vectors;
use super::bounds::{record, with, without};
use super::cast::*;
use super::payload::{Payload, bytes, list, map};

/// Adds them to the file of the bounds.
pub(super) fn add_to(file: &mut Vectors) {
    small(file);
    forms(file);
    rules(file);
    identities(file);
}

/// Words with what nobody sees, and with what no line has.
fn words(file: &mut Vectors) {
    for (name, words) in [
        ("empty", ""),
        ("blank", " \u{a0}\u{3000}\n"),
        ("with a bell", "a\u{7}"),
        ("with a carriage return", "a\r\n"),
        ("with a delete", "a\u{7f}"),
        ("with a C1 control", "a\u{85}"),
        ("that turns direction", "a\u{202e}b"),
        ("with an isolate", "a\u{2066}b"),
        ("with a separator of lines", "a\u{2028}b"),
        ("with a space of no width", "a\u{200b}b"),
        ("with a byte order mark", "\u{feff}a"),
        ("with a word joiner", "a\u{2060}b"),
        ("with a soft hyphen", "a\u{ad}b"),
        ("with a filler", "a\u{3164}b"),
        ("with a tag", "a\u{e0061}b"),
        ("with a joiner between letters of ASCII", "a\u{200d}b"),
        ("with a joiner at its end", "\u{645}\u{200c}"),
        ("with two joiners", "\u{645}\u{200c}\u{200d}\u{645}"),
        ("of a mark of direction", "\u{200f}"),
        ("of Braille without dots", "\u{2800}"),
        ("of a selector", "\u{fe0f}"),
    ] {
        file.bad(&format!("a text {name}"), "body", with("call", "text", map! { "en": words }));
    }
    let joined = map! {
        "fa": "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
        "hi": "\u{915}\u{94d}\u{200d}\u{937}",
        "en": "\u{2764}\u{fe0f}\u{200d}\u{1f525}",
    };
    file.good("a line with joiners within words", with("call", "title", joined));
    for (name, words) in [
        ("a line feed", "a\nb"),
        ("a tab", "a\tb"),
        ("a mark of an Arabic letter", "a\u{61c}b"),
        ("a mark of direction", "a\u{200e}b"),
    ] {
        let (text, line) = (map! { "en": words }, map! { "en": words });
        file.good(&format!("a text with {name}"), with("call", "text", text));
        file.bad(&format!("a line with {name}"), "body", with("call", "title", line));
    }
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
    file.good("a text with line feeds and tabs", with("call", "text", map! { "en": "a\n\tb" }));
    let scripts = map! { "ar": "مرحبا", "zh": "你好", "hi": "नमस्ते", "en": "e\u{301} 🌍" };
    file.good("a text in many scripts", with("call", "title", scripts));
    file.bad("a text in 13 languages", "body", with("call", "title", languages(13)));
    file.bad("a text in no language", "body", with("call", "title", map! {}));
    words(file);
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

/// A carried thing of a network of its own.
fn carried_one(n: u8) -> Value {
    map! { "net": bytes(&[n; 32]), "thing": bytes(&[0x61; 32]) }
}

fn carried(n: u8) -> Value {
    Value::Array((0..n).map(carried_one).collect())
}

/// So many bridges, the last of which leads to where the carriage of the vectors begins.
fn crossings(n: u8) -> Value {
    let region = |i: u8| match n - i {
        1 => "gb-bristol".to_owned(),
        _ => format!("region-{i}"),
    };
    let crossing = |i: u8| map! { "net": bytes(&[i; 32]), "region": region(i) };
    Value::Array((0..n).map(crossing).collect())
}

/// Fields that do not go together.
fn rules(file: &mut Vectors) {
    let Cast { river, ridge, .. } = cast();
    let parties = |n: u8| Value::Array((0..n).map(|i| bytes(&[i; 32])).collect());
    file.good("64 parties", with("tie", "parties", parties(64)));
    file.good("128 things", with("carriage", "things", carried(128)));
    file.good("seven bridges before", with("carriage", "via", crossings(7)));
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
    bad("129 things", "carriage", "things", carried(129));
    bad("a thing twice", "carriage", "things", list![carried_one(1), carried_one(1)]);
    bad("things out of order", "carriage", "things", list![carried_one(2), carried_one(1)]);
    bad("eight bridges before", "carriage", "via", crossings(8));
    bad("a way that ends elsewhere", "carriage", "from", Value::from("fr-lyon"));
    bad("a region twice on the way", "carriage", "via.0.region", Value::from("gb-bristol"));
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
        event.following(1, &[river]).sign(&key(RIVER_ROTATION))
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
    bad("a guard without guardians", {
        event(map! { "event": "guard", "key": public(2), "next": hash(4) })
    });
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
