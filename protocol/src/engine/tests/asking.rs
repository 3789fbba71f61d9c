//! What people ask at the door, and what they are shown.

use super::*;
use crate::control::{CallFilter, PolicyTask, Whereabouts};
use crate::id::RecordId;
use crate::ledger::tests::world::{Signer, call, day, found, keys};
use crate::record::{Kind, Unverified};

fn signer(n: u16) -> (Signer, Record) {
    let inception = found(keys(n, n + 1, &[]), n);
    (Signer { net: inception.net(), seed: n, role: None }, inception)
}

impl Alice {
    /// Asks, and returns everything that is said.
    fn is_told(&mut self, asked: Request) -> Vec<Response> {
        let effects = self.is_asked(asked);
        replies(&effects).into_iter().flat_map(|(said, _)| said.to_vec()).collect()
    }
}

/// The ids of the records that are shown.
fn shown(responses: &[Response]) -> Vec<RecordId> {
    let bytes = responses.iter().filter_map(|response| match response {
        Response::Record(view) => Some(&view.record),
        Response::Call(view) => Some(&view.record),
        Response::Thing(view) => Some(&view.current),
        _ => None,
    });
    bytes.map(|bytes| Unverified::decode(bytes).unwrap().assume_verified().id()).collect()
}

#[test]
fn a_thing_is_known_by_its_id_when_only_a_later_version_is_here() {
    let mut alice = Alice::new();
    let (bob, founding) = signer(10);
    let first = bob.sign(call("beds", &[5]), day(0), 10);
    let second = bob.sign_version(&first, call("beds", &[5]), day(0), 60);
    drop(alice.is_given(&[founding, second.clone()]));
    let thing = first.thing();

    for id in [first.id(), second.id()] {
        let prefix = id.to_string()[..8].to_owned();
        let named = alice.is_told(Request::Resolve { prefix });
        assert_eq!(named, [Response::Resolved { id, kind: Kind::Call }, Response::End]);
        assert_eq!(shown(&alice.is_told(Request::Record { id })), [second.id()]);
        let explained = alice.is_told(Request::Policy(PolicyTask::Explain { id }));
        let [Response::Explained(why)] = &explained[..] else { panic!("{explained:?}") };
        assert_eq!(why.whereabouts, Whereabouts::Stored);
    }
    for asked in [Request::Thing { thing }, Request::Call { thing }] {
        assert_eq!(shown(&alice.is_told(asked)), [second.id()]);
    }
    assert_eq!(
        shown(&alice.is_told(Request::Calls(CallFilter { limit: 10, ..CallFilter::default() }))),
        [second.id()]
    );
}
