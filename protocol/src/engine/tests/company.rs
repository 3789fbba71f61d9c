//! With whom a closed node is connected.

use super::*;
use crate::admission::{Action, Entry, Subject};
use crate::body::profile::PublishedNode;
use crate::body::role::Power;
use crate::control::PolicyTask;
use crate::ledger::tests::world::{Signer, answer, found, keys, profile, role, tie};

/// A closed node of this network, which has come to its first rest; what it has said of its company.
struct Closed {
    alice: Alice,
    now: Timestamp,
    said: Vec<Option<BTreeSet<NodeId>>>,
}

impl Closed {
    fn of(net: NetId, mode: Mode) -> Self {
        let mut alice = Alice::new();
        let terms = Terms { mode, seeds: BTreeSet::new(), ..Terms::default() };
        let hosted = [net].into();
        let settings = Settings { terms, hosted, ..alice.engine.settings.clone() };
        alice.engine = Engine::new(settings, NOW);
        let mut closed = Self { alice, now: NOW, said: Vec::new() };
        closed.hears(Input::Wake);
        closed
    }

    fn hears(&mut self, input: Input) {
        let Ok(effects) = self.alice.engine.handle(self.now, input, &mut self.alice.store);
        let said = |effect| match effect {
            Effect::Admit(company) => Some(company),
            _ => None,
        };
        self.said.extend(effects.filter_map(said));
    }

    /// Lets time pass until a moment, with all that is due until then.
    fn waits(&mut self, until: Timestamp) {
        while let Some(due) = self.alice.engine.deadline().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.hears(Input::Wake);
        }
        self.now = until;
    }

    fn is_given(&mut self, records: &[Record]) {
        let (request, records) = (RequestId(1), records.to_vec());
        self.hears(Input::Posted { request, records });
        self.waits(self.now + Duration::from_secs(2));
    }

    fn is_told(&mut self, task: PolicyTask) {
        self.hears(Input::Asked { request: RequestId(2), asked: Request::Policy(task) });
    }

    fn says(&mut self, subject: Subject, action: Action, until: Option<Timestamp>) {
        let until = until.map(|until| until.as_secs());
        let reason = "we know each other".to_owned();
        self.is_told(PolicyTask::Add(Box::new(Entry {
            subject,
            action,
            reason,
            until,
            name: None,
        })));
    }

    /// Returns what was said since the last time, which is one thing at the most.
    fn company(&mut self) -> Option<Option<BTreeSet<NodeId>>> {
        let said = self.said.pop();
        assert_eq!(self.said, [], "nothing is said twice");
        said
    }
}

fn of(nodes: &[u8]) -> Option<Option<BTreeSet<NodeId>>> {
    Some(Some(nodes.iter().copied().map(node).collect()))
}

/// A network, and what founded it.
fn network(seed: u16) -> (Signer, Record) {
    let inception = found(keys(seed, seed + 1, &[]), seed);
    (Signer { net: inception.net(), seed, role: None }, inception)
}

/// Names these nodes in a profile.
fn profile_of(nodes: &[u8]) -> Body {
    let Body::Profile(mut body) = profile() else { unreachable!() };
    let nodes: Vec<_> = nodes.iter().map(|n| published(*n)).collect();
    body.nodes = nodes.try_into().unwrap();
    Body::Profile(body)
}

fn published(n: u8) -> PublishedNode {
    PublishedNode { node: node(n), addresses: Vec::new().try_into().unwrap() }
}

fn peer(n: u8) -> Subject {
    Subject::Peer(node(n))
}

#[test]
fn l_a_closed_node_is_connected_with_its_own_and_those_it_was_told_of_and_with_nobody_it_has_met() {
    let (own, founded) = network(100);
    let mut alice = Closed::of(own.net, Mode::Closed);
    assert_eq!(alice.company(), of(&[]), "from the start");
    alice.hears(Input::Met { peer: node(9), region: region(), chosen: false });
    alice.waits(NOW + Duration::from_secs(60));
    assert_eq!(alice.company(), None, "whom it has met counts for nothing");

    let says = own.sign(profile_of(&[1, 2]), NOW, 300);
    alice.is_given(&[founded, says.clone()]);
    assert_eq!(alice.company(), of(&[1, 2]), "its own network's");
    alice.is_given(&[own.sign_version(&says, profile_of(&[2, 3]), NOW, 300)]);
    assert_eq!(alice.company(), of(&[2, 3]), "as that says now");

    // One that is tied to it is recognised, and no more than that.
    let (friend, friends) = network(200);
    let tied = own.sign(tie(&[own.net, friend.net]), NOW, 200);
    let agreed =
        friend.sign(answer(&tied, crate::body::response::ResponseKind::Accept, None), NOW, 200);
    let lives = friend.sign(profile_of(&[7]), NOW, 300);
    alice.is_given(&[friends, tied, agreed, lives.clone()]);
    assert!(alice.alice.engine.gate.recognition.has(&friend.net));
    assert_eq!(alice.company(), None, "who is tied to it is not told of it");
    alice.says(Subject::Network(friend.net), Action::Allow, None);
    assert_eq!(alice.company(), of(&[2, 3, 7]), "whom the operator allows is");

    // Whoever may sign a profile there says nothing of where it lives.
    let grant = friend.sign(role(202, &[Power::Profile], None, NOW), NOW, 300);
    let rep = Signer { net: friend.net, seed: 202, role: Some(grant.thing()) };
    let accept =
        rep.sign(answer(&grant, crate::body::response::ResponseKind::Accept, None), NOW, 300);
    let moved = rep.sign_version(&lives, profile_of(&[66]), NOW, 300);
    alice.is_given(&[grant, accept, moved]);
    assert_eq!(alice.company(), None, "the power 'hosting' is needed for that");
    alice.says(Subject::Network(friend.net), Action::Block, None);
    assert_eq!(alice.company(), of(&[2, 3]));
}

#[test]
fn l_who_is_allowed_by_name_is_of_the_company_until_that_ends_and_no_block_is_undone_by_it() {
    let (own, _) = network(100);
    let mut alice = Closed::of(own.net, Mode::Closed);
    assert_eq!(alice.company(), of(&[]));
    let end = NOW + Duration::from_secs(600);
    alice.says(peer(5), Action::Allow, Some(end));
    assert_eq!(alice.company(), of(&[5]));
    alice.says(peer(6), Action::Allow, None);
    assert_eq!(alice.company(), of(&[5, 6]));
    alice.says(peer(6), Action::Block, None);
    assert_eq!(alice.company(), of(&[5]));
    alice.waits(end);
    assert_eq!(alice.company(), of(&[]), "it has ended");
    alice.is_told(PolicyTask::Remove { subject: peer(6), action: Action::Block });
    assert_eq!(alice.company(), of(&[6]));
    // A new start knows it too.
    let settings = alice.alice.engine.settings.clone();
    let mut again =
        Closed { alice: Alice { engine: Engine::new(settings, NOW), ..alice.alice }, ..alice };
    again.hears(Input::Wake);
    assert_eq!(again.company(), of(&[6]));
}

#[test]
fn l_a_node_that_is_closed_or_opened_while_it_runs_says_so_at_once_and_stays_so() {
    let (own, founded) = network(100);
    let mut alice = Closed::of(own.net, Mode::Federation);
    alice.is_given(&[founded, own.sign(profile_of(&[1]), NOW, 300)]);
    assert_eq!(alice.company(), None, "whoever is not closed has nothing to say");
    assert_eq!(alice.alice.engine.company.deadline(), None);
    alice.is_told(PolicyTask::Mode(Mode::Closed));
    assert_eq!(alice.company(), of(&[1]));
    assert_eq!(alice.alice.engine.settings.mode(), Mode::Closed, "and after the next start");
    alice.is_told(PolicyTask::Mode(Mode::Open));
    assert_eq!(alice.company(), Some(None));
    alice.is_told(PolicyTask::Mode(Mode::Federation));
    assert_eq!(alice.company(), None);
}
