//! Bytes that every implementation refuses: other envelopes, other encodings, other rules.

use ciborium::Value;
use weft_protocol::cbor::{self, Major};

use super::Vectors;
use super::cast::*;
use super::payload::{Payload, bytes, list, map, open, protected, seal, sign, splice};

/// The most bytes of a record, and of an identity event (section 16 of the specification).
const RECORD_BYTES_MAX: usize = 16_384;

pub(super) fn files() -> Vec<Vectors> {
    vec![envelope(), payload(), header()]
}

fn call() -> Payload {
    let body = map! {
        "kind": "need", "title": map! { "en": "T" }, "urgency": "open", "risk": "none",
    };
    Payload::new("call", &cast().river, body)
}

/// A payload of an unknown kind, so that nothing but the rule under test can refuse it.
fn any(body: Value) -> Payload {
    Payload::new("a", &cast().river, body)
}

fn envelope() -> Vectors {
    let mut file = Vectors::new("envelope", "Envelopes and sizes that are refused, or just not.");
    let record = call().sign(&key(RIVER));
    let (key_bytes, payload, signature) = open(&record);
    let with_header = |protected: &[u8], unprotected: &[u8]| {
        let mut out = vec![0xd2, 0x84];
        cbor::write_bytes(&mut out, protected);
        out.extend_from_slice(unprotected);
        cbor::write_bytes(&mut out, &payload);
        cbor::write_bytes(&mut out, &signature);
        out
    };
    let mut bad = |name: &str, bytes: Vec<u8>| file.bad(name, "envelope", bytes);
    bad("nothing", Vec::new());
    bad("one byte", vec![0xd2]);
    bad("no tag", record[1..].to_vec());
    bad("tag 17, COSE_Mac0", [&[0xd1], &record[1..]].concat());
    bad("tag 18 in two bytes", [&[0xd8, 0x12], &record[1..]].concat());
    bad("tag 98, COSE_Sign", [&[0xd8, 0x62], &record[1..]].concat());
    bad("a tag around the tag", [&[0xd9, 0xd9, 0xf7], &record[..]].concat());
    bad("an array of three", [&[0xd2, 0x83], &record[2..]].concat());
    bad("an array of indefinite length", [&[0xd2, 0x9f], &record[2..], &[0xff]].concat());
    bad("alg -8, EdDSA", splice(&record, &[0xa2, 0x01, 0x32], &[0xa2, 0x01, 0x27]));
    bad("alg -7, ES256", splice(&record, &[0xa2, 0x01, 0x32], &[0xa2, 0x01, 0x26]));
    bad("no alg", with_header(&[&[0xa1, 0x04, 0x58, 0x20], &key_bytes[..]].concat(), &[0xa0]));
    bad("no kid", with_header(&[0xa1, 0x01, 0x32], &[0xa0]));
    bad("an extra protected header: content type", {
        with_header(
            &[&[0xa3, 0x01, 0x32, 0x03, 0x00, 0x04, 0x58, 0x20], &key_bytes[..]].concat(),
            &[0xa0],
        )
    });
    bad("the protected header in another order", {
        with_header(&[&[0xa2, 0x04, 0x58, 0x20], &key_bytes[..], &[0x01, 0x32]].concat(), &[0xa0])
    });
    bad("alg in two bytes", {
        with_header(
            &[&[0xa2, 0x01, 0x38, 0x12, 0x04, 0x58, 0x20], &key_bytes[..]].concat(),
            &[0xa0],
        )
    });
    bad(
        "a kid of 31 bytes",
        with_header(&[&[0xa2, 0x01, 0x32, 0x04, 0x58, 0x1f], &key_bytes[1..]].concat(), &[0xa0]),
    );
    bad("an empty protected header", with_header(&[], &[0xa0]));
    bad("the protected header not wrapped", {
        [&[0xd2, 0x84], protected(&key_bytes).as_slice(), &record[42..]].concat()
    });
    bad("a kid in the unprotected header", {
        with_header(&protected(&key_bytes), &[&[0xa1, 0x04, 0x58, 0x20], &key_bytes[..]].concat())
    });
    bad("the unprotected header in two bytes", with_header(&protected(&key_bytes), &[0xb8, 0x00]));
    parts(&mut file, &record);
    sizes(&mut file);
    file
}

/// Other payloads, signatures and ends.
fn parts(file: &mut Vectors, record: &[u8]) {
    let (key_bytes, payload, signature) = open(record);
    let mut bad = |name: &str, bytes: Vec<u8>| file.bad(name, "envelope", bytes);
    let len = u8::try_from(payload.len()).expect("a short payload");
    let front = [&record[..42], &[0xa0]].concat();
    let tail = [&[0x58, 0x40], &signature[..]].concat();
    bad("a detached payload", [&front[..], &[0xf6], &tail].concat());
    bad("the payload as text", [&front[..], &[0x79, 0, len], &payload, &tail].concat());
    bad("a payload's length in too many bytes", {
        [&front[..], &[0x59, 0, len], &payload, &tail].concat()
    });
    bad("a payload of indefinite length", {
        [&front[..], &[0x5f, 0x58, len], &payload, &[0xff], &tail].concat()
    });
    bad("a payload of 2^40 bytes", {
        [&front[..], &[0x5b, 0, 0, 1, 0, 0, 0, 0, 0], &payload, &tail].concat()
    });
    bad("a signature of 63 bytes", seal(&key_bytes, &payload, &signature[1..]));
    bad("a signature of 65 bytes", seal(&key_bytes, &payload, &[&signature[..], &[0]].concat()));
    bad("a trailing byte", [record, &[0]].concat());
    bad("two records", [record, record].concat());
    bad("the last byte missing", record[..record.len() - 1].to_vec());
}

fn sizes(file: &mut Vectors) {
    let river = cast().river;
    let padded = |more: usize| {
        let pad = |n: usize| any(map! { "pad": bytes(&vec![0; n]) }).sign(&key(RIVER));
        let without = pad(1000).len() - 1000;
        pad(RECORD_BYTES_MAX - without + more)
    };
    file.good("the largest record", padded(0));
    file.bad("one byte larger than the largest record", "oversize", padded(1));
    let event = |pad: usize| {
        let body = map! { "event": "close", "pad": bytes(&vec![0; pad]) };
        let event = Payload::event(body).set("net", bytes(&river));
        event.following(1, &[river]).sign(&key(RIVER_ROTATION))
    };
    let without = event(1000).len() - 1000;
    file.good("the largest identity event", event(4096 - without));
    file.bad("one byte larger than the largest identity event", "oversize", event(4097 - without));
}

/// The payload of [`any`] with this item, in whatever encoding, as a value of its body.
fn with_item(item: &[u8]) -> Vec<u8> {
    let payload = any(map! { "a": 7 }).encode();
    sign(
        &splice(&payload, &[0xa1, 0x61, b'a', 0x07], &[&[0xa1, 0x61, b'a'], item].concat()),
        &key(RIVER),
    )
}

/// Items that are not deterministic CBOR: what is wrong, its name in the specification, the bytes.
const ITEMS: [(&str, &str, &[u8]); 38] = [
    ("an integer in two bytes that fits one", "not-shortest", &[0x18, 0x17]),
    ("an integer in three bytes that fits two", "not-shortest", &[0x19, 0x00, 0xff]),
    ("an integer in five bytes that fits three", "not-shortest", &[0x1a, 0, 0, 0xff, 0xff]),
    ("an integer in nine bytes that fits five", "not-shortest", &[0x1b, 0, 0, 0, 0, 1, 2, 3, 4]),
    ("a negative integer in two bytes that fits one", "not-shortest", &[0x38, 0x00]),
    ("a byte string's length in two bytes", "not-shortest", &[0x58, 0x01, 0x00]),
    ("a text's length in three bytes", "not-shortest", &[0x79, 0x00, 0x01, b'a']),
    ("an array's length in two bytes", "not-shortest", &[0x98, 0x01, 0x00]),
    ("a map's length in two bytes", "not-shortest", &[0xb8, 0x00]),
    ("a byte string of indefinite length", "indefinite", &[0x5f, 0x41, 0x00, 0xff]),
    ("a text of indefinite length", "indefinite", &[0x7f, 0x61, b'a', 0xff]),
    ("an array of indefinite length", "indefinite", &[0x9f, 0xff]),
    ("a map of indefinite length", "indefinite", &[0xbf, 0xff]),
    ("a half float", "forbidden", &[0xf9, 0x3c, 0x00]),
    ("a single float", "forbidden", &[0xfa, 0x47, 0xc3, 0x50, 0x00]),
    ("a double float", "forbidden", &[0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a]),
    ("not a number", "forbidden", &[0xf9, 0x7e, 0x00]),
    ("null", "forbidden", &[0xf6]),
    ("undefined", "forbidden", &[0xf7]),
    ("simple value 0", "forbidden", &[0xe0]),
    ("simple value 255", "forbidden", &[0xf8, 0xff]),
    ("tag 1, a date", "forbidden", &[0xc1, 0x00]),
    ("tag 2, a large integer", "forbidden", &[0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
    ("tag 24, embedded CBOR", "forbidden", &[0xd8, 0x18, 0x41, 0x00]),
    ("a reserved length", "forbidden", &[0x1c]),
    ("a key that is an integer", "key-not-text", &[0xa1, 0x00, 0x00]),
    ("a key that is a byte string", "key-not-text", &[0xa1, 0x41, b'a', 0x00]),
    ("keys out of order", "key-order", &[0xa2, 0x61, b'b', 0x00, 0x61, b'a', 0x00]),
    (
        "keys ordered as words, not by their encoding",
        "key-order",
        &[0xa2, 0x62, b'a', b'a', 0x00, 0x61, b'b', 0x00],
    ),
    ("a key twice", "key-order", &[0xa2, 0x61, b'a', 0x00, 0x61, b'a', 0x00]),
    ("a text that is not UTF-8", "utf8", &[0x62, 0xc3, 0x28]),
    ("a text with a surrogate", "utf8", &[0x63, 0xed, 0xa0, 0x80]),
    ("a text with an overlong character", "utf8", &[0x62, 0xc0, 0x80]),
    ("a key that is not UTF-8", "utf8", &[0xa1, 0x61, 0xff, 0x00]),
    ("a byte string of 2^40 bytes", "truncated", &[0x5b, 0, 0, 1, 0, 0, 0, 0, 0]),
    ("a text of 2^40 bytes", "truncated", &[0x7b, 0, 0, 1, 0, 0, 0, 0, 0]),
    ("an array of 2^40 items", "truncated", &[0x9b, 0, 0, 1, 0, 0, 0, 0, 0]),
    (
        "a map of 2^64 - 1 pairs",
        "truncated",
        &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ),
];

fn payload() -> Vectors {
    let mut file = Vectors::new("payload", "Payloads that are not deterministic CBOR.");
    for (name, error, item) in ITEMS {
        let error = format!("payload/{error}");
        file.bad(name, &error, with_item(item));
    }
    let nest = [vec![0x81; 11], vec![0x00]].concat();
    file.bad("thirteen deep", "payload/depth", with_item(&nest));
    let maps = [[0xa1, 0x61, b'a'].repeat(11), vec![0x00]].concat();
    file.bad("thirteen deep, of maps", "payload/depth", with_item(&maps));
    let whole = any(map! {}).encode();
    let river = key(RIVER);
    file.bad("nothing", "payload/truncated", sign(&[], &river));
    file.bad(
        "a byte after the map",
        "payload/trailing",
        sign(&[&whole[..], &[0]].concat(), &river),
    );
    let cut = &whole[..whole.len() - 1];
    file.bad("a map that ends too soon", "payload/truncated", sign(cut, &river));
    file.bad("an array", "payload/type", sign(&[0x80], &river));
    file.bad("an integer", "payload/type", sign(&[0x00], &river));
    let mut wrapped = Vec::new();
    cbor::write_head(&mut wrapped, Major::Bytes, whole.len() as u64);
    wrapped.extend_from_slice(&whole);
    file.bad("a map in a byte string", "payload/type", sign(&wrapped, &river));
    file
}

fn header() -> Vectors {
    let mut file = Vectors::new("header", "Payloads whose fields break a rule.");
    let Cast { river, ridge, .. } = cast();
    let river_key = key(RIVER);
    let mut bad = |name: &str, error: &str, payload: Payload| {
        file.bad(name, error, payload.sign(&river_key));
    };
    let text = |n: usize| "x".repeat(n);
    bad("an unknown key", "unknown-key", call().set("x", 0));
    bad("no format", "format", call().without("v"));
    bad("format 0", "format", call().set("v", 0));
    bad("format 2", "format", call().set("v", 2));
    bad("a format that is text", "value/v", call().set("v", "1"));
    bad("no kind", "field/kind", call().without("kind"));
    bad("an empty kind", "value/kind", call().set("kind", ""));
    bad("a kind in capitals", "value/kind", call().set("kind", "Call"));
    bad("a kind of 25 letters", "value/kind", call().set("kind", text(25)));
    bad("a net of 31 bytes", "value/net", call().set("net", bytes(&river[1..])));
    bad("a net that is text", "value/net", call().set("net", text(32)));
    bad("no net", "field/net", call().without("net"));
    bad("a role of 33 bytes", "value/role", call().set("role", bytes(&[1; 33])));
    bad("a role for an unknown kind", "field/role", any(map! {}).set("role", bytes(&river)));
    bad("no at", "field/at", call().without("at"));
    bad("a negative at", "value/at", call().set("at", -1));
    bad("an at of 2^40", "value/at", call().set("at", 1u64 << 40));
    bad("no until", "field/until", call().without("until"));
    bad("an until of 2^40", "value/until", call().set("until", 1u64 << 40));
    bad("an end at the beginning", "life", call().set("until", AT));
    bad("an end before the beginning", "life", call().set("until", AT - 1));
    bad("no region", "field/region+reach", call().without("region"));
    bad("no reach", "field/region+reach", call().without("reach"));
    bad(
        "neither region nor reach",
        "field/region+reach",
        call().without("region").without("reach"),
    );
    for region in ["g", "GB-bristol", "-gb", "gb-", "gb_bristol", "gb bristol", &text(33)] {
        bad(&format!("region '{region}'"), "value/region", call().set("region", region));
    }
    bad("an unknown reach", "value/reach", call().set("reach", "world"));
    bad("no body", "field/body", call().without("body"));
    bad("a body that is an array", "body", call().set("body", list![]));
    bad("an unknown kind's body that is text", "body", any(Value::from("x")));
    versions(&mut file);
    critical(&mut file);
    lives(&mut file);
    identities(&mut file, &river, &ridge);
    file
}

fn versions(file: &mut Vectors) {
    let first = [0x11; 32];
    let other = [0x12; 32];
    let later = call().following(1, &[first]);
    let mut bad = |name: &str, error: &str, payload: Payload| {
        file.bad(name, error, payload.sign(&key(RIVER)));
    };
    bad("no nonce", "field/nonce", call().without("nonce"));
    bad("a later version without a nonce", "field/nonce", later.clone().without("nonce"));
    bad("a nonce of 15 bytes", "value/nonce", call().set("nonce", bytes(&[1; 15])));
    bad("a nonce of 17 bytes", "value/nonce", call().set("nonce", bytes(&[1; 17])));
    bad("a nonce that is text", "value/nonce", call().set("nonce", "sixteen letters!"));
    bad("the name of a thing", "unknown-key", call().set("thing", bytes(&first)));
    bad("a prev without rev", "field/rev+prev", call().set("prev", list![bytes(&first)]));
    bad("no prev", "field/rev+prev", later.clone().without("prev"));
    bad("rev 0 with a prev", "value/rev", later.clone().set("rev", 0));
    bad("rev 0 without one", "value/rev", call().set("rev", 0));
    bad("rev 65536", "value/rev", later.clone().set("rev", 65_536));
    bad("an empty prev", "value/prev", later.clone().set("prev", list![]));
    bad(
        "prev out of order",
        "value/prev",
        later.clone().set("prev", list![bytes(&other), bytes(&first)]),
    );
    bad(
        "a prev twice",
        "value/prev",
        later.clone().set("prev", list![bytes(&first), bytes(&first)]),
    );
    let many = (0..17u8).map(|n| bytes(&[n; 32])).collect();
    bad("17 prev", "value/prev", later.clone().set("prev", Value::Array(many)));
    bad("a prev of 31 bytes", "value/prev", later.set("prev", list![bytes(&[1; 31])]));
    bad("an empty crit", "value/crit", call().set("crit", list![]));
    bad("crit out of order", "value/crit", call().set("crit", list!["kind", "asks"]));
    bad("crit that is text", "value/crit", call().set("crit", "kind"));
    bad("an empty critical key", "value/crit", call().set("crit", list![""]));
    bad("a critical key of 65 bytes", "value/crit", call().set("crit", list!["x".repeat(65)]));
    let many = (0..17).map(|n| Value::from(format!("{n:02}"))).collect();
    bad("17 critical keys", "value/crit", call().set("crit", Value::Array(many)));
}

/// `crit` in what every reader must judge alike.
fn critical(file: &mut Vectors) {
    let Cast { river, .. } = cast();
    let accept = map! { "kind": "offer", "later": 1 };
    let deciding = [
        ("role", super::who::full_role()),
        ("proposal", super::what::full_proposal()),
        ("end", super::between::full_end()),
        ("response", accept),
    ];
    for (kind, body) in deciding {
        for known in ["kind", "later"] {
            let critical = Payload::new(kind, &river, body.clone()).set("crit", list![known]);
            let name = format!("what decides over others, {kind}, with the critical key {known}");
            let error = if (kind, known) == ("response", "kind") { "body" } else { "field/crit" };
            file.bad(&name, error, critical.sign(&key(RIVER)));
        }
    }
}

/// One second more than each kind may live, and `own` where it is not allowed.
fn lives(file: &mut Vectors) {
    let Cast { river, .. } = cast();
    let bodies = [
        ("profile", 400, super::who::full_profile()),
        ("role", 400, super::who::full_role()),
        ("values", 800, super::who::full_values()),
        ("call", 90, super::what::full_call()),
        ("response", 400, super::what::full_response()),
        ("proposal", 400, super::what::full_proposal()),
        ("gathering", 400, super::what::full_gathering()),
        ("tie", 1096, super::between::full_tie()),
        ("disclosure", 800, super::what::full_disclosure()),
        ("carriage", 1096, super::between::full_carriage()),
        ("end", 1127, super::between::full_end()),
        ("a", 90, map! {}),
    ];
    for (kind, days, body) in bodies {
        let payload = Payload::new(kind, &river, body);
        let longer = payload.clone().set("until", AT + days * DAY + 1);
        let name = format!("a record of kind {kind} that lives one second longer than {days} days");
        file.bad(&name, "life", longer.sign(&key(RIVER)));
        if kind == "role" {
            let own = payload.set("reach", "own").sign(&key(RIVER));
            file.bad(&format!("{kind} for our own nodes"), "value/reach", own);
        }
    }
    let title = map! { "en": "T" };
    let alert = map! { "kind": "alert", "title": title, "urgency": "now", "risk": "none" };
    let alert = Payload::new("call", &river, alert).set("until", AT + 14 * DAY + 1);
    file.bad("an alert that lives one second longer than 14 days", "life", alert.sign(&key(RIVER)));
}

fn identities(file: &mut Vectors, river: &[u8; 32], ridge: &[u8; 32]) {
    let keys = || map! { "event": "inception", "key": public(RIVER), "next": hash(RIVER_ROTATION) };
    let inception = Payload::event(keys());
    let close = Payload::event(map! { "event": "close" }).set("net", bytes(river));
    let close = close.following(1, &[*river]);
    let mut bad = |name: &str, error: &str, payload: Payload| {
        file.bad(name, error, payload.sign(&key(RIVER)));
    };
    bad("an inception with a net", "field/net", inception.clone().set("net", bytes(river)));
    bad("an event without a net", "field/net", close.clone().without("net"));
    let follows = inception.clone().following(1, &[*ridge]);
    bad("an inception that follows", "field/rev+prev", follows);
    let alone = Payload::event(map! { "event": "close" }).set("net", bytes(river));
    bad("an event that follows nothing", "field/rev+prev", alone);
    bad("an event with a nonce", "field/nonce", close.clone().set("nonce", bytes(&[1; 16])));
    bad("the sixty-fifth event", "value/rev", close.clone().set("rev", 64));
    let prev = {
        let mut prev = [*river, *ridge];
        prev.sort();
        list![bytes(&prev[0]), bytes(&prev[1])]
    };
    bad("an event that follows two", "value/prev", close.clone().set("prev", prev));
    let stranger = map! {
        "event": "inception", "key": public(RIDGE), "next": hash(RIVER_ROTATION),
    };
    bad(
        "an inception signed by a key that it does not name",
        "value/key",
        Payload::event(stranger),
    );
    bad("an event with an until", "field/until", close.clone().set("until", AT + DAY));
    bad("an event under a role", "field/role", close.clone().set("role", bytes(river)));
    let home = close.clone().set("region", "gb-bristol").set("reach", "movement");
    bad("an event with a home", "field/region+reach", home);
    let critical = inception.set("crit", list!["zz"]);
    bad("an inception with an unknown critical key", "field/net", critical);
    bad("an event with a critical key", "field/crit", close.set("crit", list!["event"]));
}
