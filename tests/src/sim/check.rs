//! What must be true: bounds after every event, agreement when all is quiet.

use std::collections::BTreeSet;

use weft_protocol::engine::SESSIONS_MAX;
use weft_protocol::id::{RecordId, ThingId};
use weft_protocol::ledger::{Ledger, Place, PoolBounds};
use weft_protocol::record::Kind;
use weft_protocol::sync::{Key, Scope};

use super::gossip::verified;
use super::{Peer, Simulation};

/// What a scope's set comes to at one time: how many keys, and their fingerprint.
type Print = (usize, [u8; 16]);

impl Simulation {
    /// Panics when a node is beyond a bound.
    pub(super) fn check_bounds(&self, peer: Peer) {
        let node = &self.nodes[peer.0];
        let Some(engine) = &node.engine else { return };
        let (name, bounds) = (&node.machine.name, PoolBounds::default());
        let pooled = engine.ledger().statistics().pooled;
        assert!(pooled <= bounds.records, "{name} has {pooled} records in its pool");
        // A stream that is refused stands until the refusal has arrived.
        let streams = self.streams.count(peer);
        let most = SESSIONS_MAX + self.nodes.len();
        assert!(streams <= most, "{name} is in {streams} conversations");
    }

    /// Returns what all that a node has heard of in a scope comes to now.
    pub fn print(&self, peer: Peer, scope: &Scope) -> Option<Print> {
        let set = self.engine(peer)?.heard(scope);
        let alive = set.rank(&Key::starting(self.now.as_secs() + 1));
        Some((set.len() - alive, set.fingerprint(alive, set.len()).0))
    }

    /// Says whether all these nodes are on and have heard of the same in the regions they share with
    /// the first.
    pub fn is_in_step(&self, peers: &[Peer]) -> bool {
        let Some(first) = peers.first() else { return true };
        self.nodes[first.0].machine.regions.iter().all(|region| {
            let scope = Scope::Region(region.clone());
            let print = self.print(*first, &scope);
            print.is_some() && peers.iter().all(|peer| self.print(*peer, &scope) == print)
        })
    }

    /// Panics unless these nodes judge everything that they share alike.
    ///
    /// # Panics
    /// When they do not.
    pub fn assert_alike(&self, peers: &[Peer]) {
        let states: Vec<_> = peers.iter().map(|peer| self.state(*peer)).collect();
        for (peer, state) in peers.iter().zip(&states) {
            for (line, other) in state.iter().zip(&states[0]) {
                let name = &self.nodes[peer.0].machine.name;
                assert_eq!(line, other, "{name} judges otherwise than the first");
            }
            assert_eq!(state.len(), states[0].len(), "one judges more than another");
        }
    }

    /// Returns in words what the records that are in a node's sets amount to.
    fn state(&self, peer: Peer) -> Vec<String> {
        let ledger = self.engine(peer).expect("it is on").ledger();
        let now = self.now;
        let mut lines = Vec::new();
        // The identity of a network that has said nothing in the region is nobody's support here.
        let shared = shared(ledger);
        let nets: BTreeSet<_> =
            shared.iter().filter_map(|id| ledger.summary(id)).map(|s| s.net).collect();
        for net in nets {
            lines.push(format!("network {net}: {:?}", ledger.identity(&net)));
            lines.push(format!("roles of {net}: {:?}", ledger.roles(&net, now)));
            lines.push(format!("ties of {net}: {:?}", ledger.ties_of(&net)));
            lines.push(format!("owed by {net}: {:?}", ledger.owed(&net, now)));
        }
        let mut things = BTreeSet::new();
        for id in shared {
            let Some(summary) = ledger.summary(&id) else { continue };
            lines.push(format!("{id}: {:?} {:?}", summary.standing, summary.place));
            things.insert((summary.kind, summary.thing));
        }
        lines.extend(things.iter().map(|(kind, thing)| fold(ledger, kind, thing, now)));
        let concerns =
            |thing: &ThingId| format!("concerns about {thing}: {:?}", ledger.concerns(thing));
        lines.extend(things.iter().map(|(_, thing)| concerns(thing)));
        lines
    }

    /// Panics unless each of these nodes knows what any of them has acknowledged, unless something
    /// else stands in its place or it is an identity event, which goes where it is needed.
    ///
    /// # Panics
    /// When one does not.
    pub fn assert_kept(&self, peers: &[Peer]) {
        let ledgers: Vec<&Ledger> =
            peers.iter().map(|peer| self.engine(*peer).expect("it is on").ledger()).collect();
        for (peer, own) in peers.iter().zip(&ledgers) {
            for id in self.nodes[peer.0].door.acknowledged.difference(&self.erased) {
                let summary = own.summary(id);
                let passing = summary.is_some_and(|s| {
                    matches!(s.place, Place::Superseded | Place::Silent) || s.kind == Kind::Identity
                });
                for (other, ledger) in peers.iter().zip(&ledgers) {
                    let name = &self.nodes[other.0].machine.name;
                    assert!(passing || ledger.knows(id), "{name} misses {id}");
                }
                assert!(own.knows(id), "an acknowledged record is unknown where it was posted");
            }
        }
    }

    /// Panics if any disk has what does not verify, or an honest one what was erased.
    ///
    /// # Panics
    /// When one does.
    pub fn assert_sound(&self) {
        let mut sound = BTreeSet::new();
        for node in &self.nodes {
            for bytes in node.disk.replay() {
                if !sound.contains(bytes) {
                    let name = &node.machine.name;
                    assert!(verified(bytes).is_some(), "{name} keeps what does not verify");
                    sound.insert(bytes.clone());
                }
            }
        }
    }
}

/// Returns all ids that are in any region's set.
fn shared(ledger: &Ledger) -> BTreeSet<RecordId> {
    let scopes = ledger.scopes().filter(|scope| matches!(scope, Scope::Region(_)));
    let sets = scopes.filter_map(|scope| ledger.set(scope)).map(|set| set.snapshot());
    sets.flat_map(|set| set.keys(0, set.len()).map(|key| key.id).collect::<Vec<_>>()).collect()
}

fn fold(
    ledger: &Ledger,
    kind: &Kind,
    thing: &ThingId,
    now: weft_protocol::time::Timestamp,
) -> String {
    match kind {
        Kind::Call => format!("call {thing}: {:?}", ledger.call(thing, now)),
        Kind::Tie => format!("tie {thing}: {:?}", ledger.tie(thing, now)),
        Kind::Proposal => format!("proposal {thing}: {:?}", ledger.proposal(thing, now)),
        Kind::Gathering => format!("gathering {thing}: {:?}", ledger.gathering(thing, now)),
        _ => String::new(),
    }
}
