//! Bodies at their bounds, and one beyond.
//!
//! Each row of the tables changes one place of a body that has every field.

use ciborium::Value;

use super::Vectors;
use super::cast::*;
use super::payload::{Payload, map};
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
    ("role", &[("label", Tag), ("powers", List(14)), ("from", Between(0, LAST))]),
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
        "minutes",
        &[
            ("minutes.start", Between(0, LAST)),
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
    ("carriage", &[("rule", Tag)]),
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
        "minutes",
        &[
            "minutes",
            "minutes.start",
            "minutes.held_at",
            "minutes.summary",
            "minutes.actions.0.text",
            "minutes.actions.0.who",
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
    ("gathering", &["kind", "title", "times", "times.start", "times.end", "times.zone"]),
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
    (
        "carriage",
        &[
            "things",
            "things.0.net",
            "things.0.thing",
            "from",
            "via.0.net",
            "via.0.region",
            "tie",
            "rule",
        ],
    ),
    ("end", &["kind", "targets", "targets.0.thing"]),
];

/// Returns the body of a kind that has every field; minutes are a response of their own sort.
pub(super) fn full(kind: &str) -> Value {
    match kind {
        "profile" => who::full_profile(),
        "role" => who::full_role(),
        "values" => who::full_values(),
        "call" => what::full_call(),
        "response" => what::full_response(),
        "minutes" => what::full_minutes(),
        "proposal" => what::full_proposal(),
        "gathering" => what::full_gathering(),
        "tie" => between::full_tie(),
        "disclosure" => what::full_disclosure(),
        "carriage" => between::full_carriage(),
        _ => between::full_end(),
    }
}

pub(super) fn record(kind: &str, body: Value) -> Vec<u8> {
    let kind = if kind == "minutes" { "response" } else { kind };
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

pub(super) fn with(kind: &str, path: &str, value: Value) -> Vec<u8> {
    let mut body = full(kind);
    *place(&mut body, path) = value;
    record(kind, body)
}

pub(super) fn without(kind: &str, path: &str) -> Vec<u8> {
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
    super::forms::add_to(&mut file);
    file
}
