//! What the operator says of nodes.

use super::*;
use crate::admission::{Action, Entry, Subject};
use crate::control::PolicyTask;

fn block(until: Option<Timestamp>) -> PolicyTask {
    let (subject, reason) = (Subject::Peer(node(7)), "it keeps us busy".to_owned());
    let until = until.map(|until| until.as_secs());
    PolicyTask::Add(Box::new(Entry { subject, action: Action::Block, reason, until }))
}

/// Returns who is barred, and who no longer is.
fn barred(effects: &[Effect]) -> (Vec<NodeId>, Vec<NodeId>) {
    let (mut barred, mut unbarred) = (Vec::new(), Vec::new());
    for effect in effects {
        match effect {
            Effect::Bar(node) => barred.push(*node),
            Effect::Unbar(node) => unbarred.push(*node),
            _ => {}
        }
    }
    (barred, unbarred)
}

#[test]
fn a_blocked_node_is_barred_until_the_block_is_taken_back() {
    let mut alice = Alice::new();
    drop(alice.hears(Input::Wake));
    let effects = alice.is_asked(Request::Policy(block(None)));
    assert_eq!(barred(&effects), (vec![node(7)], vec![]), "{effects:?}");
    let again = alice.is_asked(Request::Policy(block(None)));
    assert_eq!(barred(&again), (vec![], vec![]), "that is known");
    let (subject, action) = (Subject::Peer(node(7)), Action::Block);
    let effects = alice.is_asked(Request::Policy(PolicyTask::Remove { subject, action }));
    assert_eq!(barred(&effects), (vec![], vec![node(7)]));
}

#[test]
fn a_block_ends_when_it_ends_and_holds_from_the_start() {
    let mut alice = Alice::new();
    drop(alice.hears(Input::Wake));
    let until = NOW + Duration::from_secs(60);
    drop(alice.is_asked(Request::Policy(block(Some(until)))));
    let choices = alice.engine.settings.choices.clone();
    let settings = Settings { choices, ..alice.engine.settings.clone() };
    alice.engine = Engine::new(settings, NOW);
    assert!(alice.engine.deadline() <= Some(NOW));
    assert_eq!(barred(&alice.hears(Input::Wake)), (vec![node(7)], vec![]));
    assert_eq!(alice.engine.deadline(), Some(until));
    let Ok(effects) = alice.engine.handle(until, Input::Wake, &mut alice.store);
    assert_eq!(barred(&effects.collect::<Vec<_>>()), (vec![], vec![node(7)]));
}
