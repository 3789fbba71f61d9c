//! The shapes of `--json`. They are documented in `cli/README.md`, and only ever grow.

use serde::Serialize;
use serde_json::{Map, Value, json};
use weft_protocol::body::Body;
use weft_protocol::body::profile::Profile;
use weft_protocol::control::{AnswerState, Judgement, KnockView, Missed, NetworkState, RoleState};
use weft_protocol::fold::{role, tie};
use weft_protocol::record::{Draft, Header, Record};
use weft_protocol::time::Timestamp;

use crate::show::when::exact;

/// A record: what every kind says, and its body.
pub(crate) fn record(record: &Record) -> Value {
    let mut map = Map::new();
    map.insert("id".to_owned(), plain(&record.id()));
    map.insert("thing".to_owned(), plain(&record.thing()));
    map.insert("rev".to_owned(), plain(&record.rev()));
    map.insert("key".to_owned(), plain(&record.key()));
    header(record.header(), &mut map);
    map.insert("net".to_owned(), plain(&record.net()));
    map.insert("body".to_owned(), body(record.body()));
    Value::Object(map)
}

/// A record with what it has come to.
pub(crate) fn with_state(of: &Record, state: Value) -> Value {
    let mut value = record(of);
    if let Value::Object(map) = &mut value {
        map.insert("state".to_owned(), state);
    }
    value
}

/// Returns a node that came to a closed one in vain.
pub(crate) fn knock(knock: &KnockView) -> Value {
    json!({
        "node": knock.name, "since": moment(knock.since), "last": moment(knock.last),
        "times": knock.times,
    })
}

/// Where a node was told to listen and does not.
pub(crate) fn missed(missed: &[Missed]) -> Value {
    let shape = |missed: &Missed| json!({ "address": missed.address, "why": missed.why.name() });
    missed.iter().map(shape).collect()
}

/// What would be signed.
pub(crate) fn draft(draft: &Draft) -> Value {
    let mut map = Map::new();
    header(&draft.header, &mut map);
    map.insert("body".to_owned(), body(&draft.body));
    Value::Object(map)
}

/// What a kind of record says beyond what all say.
pub(crate) fn body(body: &Body) -> Value {
    match body {
        Body::Identity(body) => plain(body),
        Body::Profile(body) => plain(body),
        Body::Role(body) => plain(body),
        Body::Values(body) => plain(body),
        Body::Call(body) => plain(body),
        Body::Response(body) => plain(body),
        Body::Proposal(body) => plain(body),
        Body::Gathering(body) => plain(body),
        Body::Tie(body) => plain(body),
        Body::Disclosure(body) => plain(body),
        Body::Carriage(body) => plain(body),
        Body::End(body) => plain(body),
        Body::Opaque(..) => Value::Null,
    }
}

fn header(header: &Header, map: &mut Map<String, Value>) {
    map.insert("kind".to_owned(), plain(&header.kind));
    map.insert("at".to_owned(), moment(header.at));
    map.insert("until".to_owned(), moment(header.until));
    if let Some(net) = &header.net {
        map.insert("net".to_owned(), plain(net));
    }
    if let Some(role) = &header.role {
        map.insert("role".to_owned(), plain(role));
    }
    if let Some(home) = &header.home {
        map.insert("region".to_owned(), plain(&home.region));
        map.insert("reach".to_owned(), plain(&home.reach));
    }
}

/// A moment as text, or null for the end of what never ends.
pub(crate) fn moment(moment: Timestamp) -> Value {
    exact(moment).map_or(Value::Null, Value::String)
}

/// How a record was judged: the reasons as sentences in English, as scripts have them.
pub(crate) fn judgement(judgement: &Judgement) -> Value {
    let steps: Vec<String> = judgement.steps.iter().map(ToString::to_string).collect();
    let void = judgement.void.as_ref().map(ToString::to_string);
    sparse([("void", void.map(Value::from)), ("steps", (!steps.is_empty()).then(|| json!(steps)))])
}

/// A record with its state and the answers to it.
pub(crate) fn with_answers(mut value: Value, answers: &[(Record, AnswerState)]) -> Value {
    let shape = |(record, state): &(Record, AnswerState)| with_state(record, answer(state));
    if let Value::Object(map) = &mut value {
        map.insert("answers".to_owned(), answers.iter().map(shape).collect());
    }
    value
}

/// How an answer stands.
pub(crate) fn answer(state: &AnswerState) -> Value {
    let void = state.void.as_ref().map(ToString::to_string);
    sparse([("current", Some(json!(state.current))), ("void", void.map(Value::from))])
}

fn sparse<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// What a network's identity has come to.
pub(crate) fn network(state: &NetworkState) -> Value {
    let (guardians, needed) = state.guardians;
    json!({
        "net": state.net,
        "log": state.log,
        "key": state.key,
        "guardians": guardians,
        "guardians_needed": needed,
        "disputed": state.disputed.map(moment),
        "closed": state.closed.map(moment),
        "revoked": state.revoked,
    })
}

/// Where a network lives, and how to seal to it.
pub(crate) fn hosting(profile: &Profile) -> Value {
    json!({ "nodes": plain(&profile.nodes), "sealing": plain(&profile.sealing) })
}

/// What a role has come to.
pub(crate) fn role(state: &RoleState) -> Value {
    let mut value = match state.state {
        role::State::Offered => json!({ "phase": "offered" }),
        role::State::Accepted { from } => json!({ "phase": "accepted", "from": moment(from) }),
        role::State::Active { until } => json!({ "phase": "active", "until": moment(until) }),
        role::State::Expired => json!({ "phase": "expired" }),
        role::State::Resigned { at, by } => {
            json!({ "phase": "resigned", "at": moment(at), "by": by })
        }
        role::State::Withdrawn { at, by } => {
            json!({ "phase": "withdrawn", "at": moment(at), "by": by })
        }
    };
    if let (Value::Object(map), Some(granter)) = (&mut value, state.granter) {
        map.insert("granter".to_owned(), plain(&granter));
    }
    value
}

/// What a tie has come to.
pub(crate) fn tie(state: &tie::State) -> Value {
    match state {
        tie::State::Claimed { missing } => json!({ "phase": "claimed", "missing": missing }),
        tie::State::Active { since, review_due, leaving } => json!({
            "phase": "active",
            "since": moment(*since),
            "review_due": review_due,
            "leaving": leaving.map(|(net, at)| json!({ "net": net, "at": moment(at) })),
        }),
        tie::State::Ended { by, at } => json!({ "phase": "ended", "by": by, "at": moment(*at) }),
        tie::State::Expired => json!({ "phase": "expired" }),
        tie::State::Broken { net } => json!({ "phase": "broken", "net": net }),
    }
}

/// Our own types always have a JSON form: their keys are text and their numbers integers.
pub(crate) fn plain(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
