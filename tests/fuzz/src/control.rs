//! What comes through the doors: frames out of a stream, and the messages in them.

use std::fmt::Debug;

use futures::FutureExt;
use weft_node::frame::{FRAME_BYTES_MAX, FrameError, FrameSource};
use weft_protocol::control::{
    BridgeTask, CallFilter, Failure, GatheringFilter, NewcomerTask, PolicyTask, ProposalFilter,
    RecordFilter, RegionTask, Request, Response, decode, encode, may_ask,
};
use weft_protocol::record::{Kind, Record};
use weft_tests::sim::{Machine, Simulation, Weather};
use weft_tests::world::World;

/// Reads bytes as a message of either side, and as a stream of frames.
pub fn tries(bytes: &[u8]) -> bool {
    let asked = comes_back::<Request>(bytes);
    if let Some(request) = &asked
        && let Err(failure) = may_ask(request)
    {
        let is_named = matches!(failure, Failure::Refused(_) | Failure::BadRequest(_));
        assert!(is_named, "{failure:?}");
    }
    let answered = comes_back::<Response>(bytes);
    let frames = frames(bytes);
    asked.is_some() || answered.is_some() || frames > 0
}

/// What is understood is the one encoding of something that means the same.
fn comes_back<T>(bytes: &[u8]) -> Option<T>
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug,
{
    let message: T = decode(bytes).ok()?;
    let again = encode(&message).expect("what was understood can be said");
    assert_eq!(decode::<T>(&again).as_ref(), Ok(&message), "what was said again is another thing");
    Some(message)
}

/// Cuts a stream into frames: as many as were announced and are there, and no byte more.
fn frames(bytes: &[u8]) -> usize {
    let (mut source, mut rest, mut frames) = (FrameSource::new(bytes), bytes, 0);
    loop {
        let next = source.recv().now_or_never().expect("a stream that is all there never waits");
        match next {
            Ok(Some(frame)) => {
                let length = rest.first_chunk::<4>().map(|head| u32::from_be_bytes(*head) as usize);
                assert_eq!(length, Some(frame.len()));
                assert!(frame.len() <= FRAME_BYTES_MAX && rest[4..].starts_with(&frame));
                rest = &rest[4 + frame.len()..];
                frames += 1;
            }
            Ok(None) => {
                assert!(rest.is_empty(), "a torn frame is an error and not an end");
                return frames;
            }
            Err(FrameError::TooLong | FrameError::Io(_)) => return frames,
        }
    }
}

/// Questions of every sort, what a small network answers to them, and some of both in frames.
pub fn seeds() -> Vec<Vec<u8>> {
    let world = World::new(1);
    let (alice, bob) = (world.network("alice"), world.network("bob"));
    let member = alice.member("rep");
    let (call, tie) = (member.call("beds").ask(3).sign(), alice.tie(&[&bob]).sign());
    let records = [
        vec![alice.inception.clone(), bob.inception.clone(), member.role.clone()],
        vec![member.acceptance.clone(), alice.profile(&[]).sign(), alice.values().sign()],
        vec![bob.offer(&call).amount(2).sign(), bob.accept(&tie).sign(), call.clone(), tie],
    ]
    .concat();
    let mut sim = Simulation::new(1, Weather::CALM);
    let node = sim.join(Machine::new("alice", world.node("alice")).hosting(alice.id()));
    let posted = sim.post(node, &records).expect("they are kept");
    let mut messages: Vec<Vec<u8>> = posted.iter().map(said).collect();
    for question in questions(&call) {
        messages.push(said(&question));
        messages.extend(sim.ask(node, question).expect("an answer").iter().map(said));
    }
    let mut framed = Vec::new();
    for message in &messages[..8] {
        framed.extend(u32::try_from(message.len()).expect("a short message").to_be_bytes());
        framed.extend(message);
    }
    messages.push(framed);
    messages
}

fn said(message: &impl serde::Serialize) -> Vec<u8> {
    encode(message).expect("it can be said")
}

fn questions(call: &Record) -> Vec<Request> {
    let (net, thing, id, key) = (call.net(), call.thing(), call.id(), call.key());
    let name = || "water".parse().expect("a name");
    vec![
        Request::Hello { revision: 1 },
        Request::Status,
        Request::Resolve { prefix: id.to_string()[..8].to_owned() },
        Request::Mandates { key },
        Request::Record { id },
        Request::Thing { thing },
        Request::Networks,
        Request::Roles { net: Some(net) },
        Request::Values { net: None, all: false },
        Request::Ties { net: None, all: true },
        Request::Calls(CallFilter { field: Some(name()), all: true, ..CallFilter::default() }),
        Request::Call { thing },
        Request::Proposals(ProposalFilter { net: Some(net), ..ProposalFilter::default() }),
        Request::Gatherings(GatheringFilter { part_of: Some(thing), ..GatheringFilter::default() }),
        Request::Minutes { of: Some(thing), filter: GatheringFilter::default() },
        Request::Owed { net: None },
        Request::Due { net: Some(net) },
        Request::Concerns { about: Some(thing), net: None, all: false },
        Request::Records(RecordFilter { kind: Some(Kind::Call), ..RecordFilter::default() }),
        Request::Ways { thing },
        Request::Reach { thing },
        Request::Weave,
        Request::Policy(PolicyTask::Show),
        Request::Policy(PolicyTask::Explain { id }),
        Request::Newcomers(NewcomerTask::List),
        Request::Bridge(BridgeTask::Pause { name: name() }),
        Request::Bridge(BridgeTask::Lanes),
        Request::Regions(RegionTask::List),
        Request::SyncStatus,
    ]
}
