//! What the operator says of nodes.

use super::*;
use crate::admission::{Action, Concern, Entry, Ruling, Subject};
use crate::control::{NewcomerTask, PolicyTask};
use crate::id::NetId;
use crate::record::Kind;

fn block(until: Option<Timestamp>) -> PolicyTask {
    let (subject, reason) = (Subject::Peer(node(7)), "it keeps us busy".to_owned());
    let until = until.map(|until| until.as_secs());
    PolicyTask::Add(Box::new(Entry { subject, action: Action::Block, reason, until, name: None }))
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

/// Returns what alice says when she is asked.
fn answer(alice: &mut Alice, request: Request) -> Response {
    let effects = alice.is_asked(request);
    let replies = effects.into_iter().filter_map(|effect| match effect {
        Effect::Reply { responses, .. } => responses.into_iter().next(),
        _ => None,
    });
    replies.last().unwrap()
}

fn actions(alice: &mut Alice) -> Vec<Action> {
    match answer(alice, Request::Policy(PolicyTask::Show)) {
        Response::Policy(policy) => policy.entries.iter().map(|entry| entry.action).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_that_is_said_of_one_thing_takes_the_place_of_something_else() {
    let subjects = [
        Subject::Network(NetId([7; 32])),
        Subject::Kind(Kind::Call),
        Subject::Region("us-wa".parse().unwrap()),
        Subject::Peer(node(7)),
    ];
    let all = [Action::Allow, Action::Mute, Action::Block];
    for subject in subjects {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let mut alice = Alice::new();
            for action in order.map(|n| all[n]) {
                let reason = "we talked about it".to_owned();
                let entry =
                    Entry { subject: subject.clone(), action, reason, until: None, name: None };
                drop(alice.is_asked(Request::Policy(PolicyTask::Add(Box::new(entry)))));
            }
            assert_eq!(actions(&mut alice), all, "{subject:?}");
            let (subject, action) = (subject.clone(), Action::Mute);
            drop(alice.is_asked(Request::Policy(PolicyTask::Remove { subject, action })));
            assert_eq!(actions(&mut alice), [Action::Allow, Action::Block]);
        }
    }
}

#[test]
fn a_welcome_stands_while_its_network_is_muted_and_after() {
    let mut alice = Alice::new();
    let net = NetId([7; 32]);
    let welcome = NewcomerTask::Welcome { net, reason: "welcomed".to_owned() };
    drop(alice.is_asked(Request::Newcomers(welcome)));
    let (subject, reason) = (Subject::Network(net), "too loud".to_owned());
    let until = NOW + Duration::from_secs(60);
    let ends = Some(until.as_secs());
    let mute = Entry { subject, action: Action::Mute, reason, until: ends, name: None };
    drop(alice.is_asked(Request::Policy(PolicyTask::Add(Box::new(mute.clone())))));
    drop(alice.hears(Input::Wake));
    assert!(alice.engine.gate.recognition.has(&net), "what is muted is kept and passed on");
    assert!(alice.engine.hides(NOW, &Concern::of(net, &Kind::Call)));
    let id = crate::id::RecordId(net.0);
    let Response::Explained(why) = answer(&mut alice, Request::Policy(PolicyTask::Explain { id }))
    else {
        panic!("an explanation is asked for");
    };
    assert_eq!(why.hidden, Some(mute));
    let said = why.rulings.iter().filter(|ruling| matches!(ruling, Ruling::Said { .. }));
    assert_eq!(said.count(), 2, "{:?}", why.rulings);

    let choices = alice.engine.settings.choices.clone();
    assert_eq!(choices.policy.len(), 2, "both are there after a restart");
    let Ok(effects) = alice.engine.handle(until, Input::Wake, &mut alice.store);
    drop(effects);
    assert!(alice.engine.gate.recognition.has(&net), "and the welcome when the mute has ended");
    assert!(!alice.engine.hides(until, &Concern::of(net, &Kind::Call)));
}
