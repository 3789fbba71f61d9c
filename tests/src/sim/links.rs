//! Who is connected with whom, and how that breaks and comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use weft_protocol::engine::Input;

use super::queue::Event;
use super::{AT_ONCE, Peer, Simulation};

/// How long nodes wait before they dial again.
const REDIAL: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));

/// How long a crashed node stays down.
const DOWN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(20));

/// Links between nodes: those that know each other's address, and whether they are connected.
#[derive(Debug, Default)]
pub(super) struct Links {
    up: BTreeMap<(Peer, Peer), bool>,
    /// Nodes on this side reach only each other.
    island: BTreeSet<Peer>,
    /// Who wants no connection with whom.
    barred: BTreeSet<(Peer, Peer)>,
}

impl Links {
    fn is_parted(&self, a: Peer, b: Peer) -> bool {
        let barred = self.barred.contains(&(a, b)) || self.barred.contains(&(b, a));
        barred || self.island.contains(&a) != self.island.contains(&b)
    }

    pub(super) fn bar(&mut self, peer: Peer, other: Peer, barred: bool) {
        if barred {
            self.barred.insert((peer, other));
        } else {
            self.barred.remove(&(peer, other));
        }
    }
}

fn pair(a: Peer, b: Peer) -> (Peer, Peer) {
    (a.min(b), a.max(b))
}

impl Simulation {
    /// Lets two nodes know each other's address; they connect, and again whenever that breaks.
    pub fn link(&mut self, a: Peer, b: Peer) {
        if a != b && !self.links.up.contains_key(&pair(a, b)) {
            self.links.up.insert(pair(a, b), false);
            self.dial(a, b);
        }
    }

    /// Links all nodes that are in the simulation into a random mesh: a ring of the honest ones,
    /// and from everyone links until each has about four.
    pub fn weave(&mut self) {
        let all: Vec<Peer> = (0..self.nodes.len()).map(Peer).collect();
        let honest: Vec<Peer> =
            all.iter().copied().filter(|p| !self.nodes[p.0].machine.liar).collect();
        for (i, peer) in honest.iter().enumerate() {
            self.link(*peer, honest[(i + 1) % honest.len()]);
        }
        for peer in &all {
            for _ in 0..all.len() {
                let degree = self.links.up.keys().filter(|(a, b)| a == peer || b == peer).count();
                if degree < 4 {
                    let other = all[self.dice.below(all.len())];
                    self.link(*peer, other);
                }
            }
        }
    }

    /// Separates these nodes from all others.
    pub fn part(&mut self, island: &[Peer]) {
        self.links.island = island.iter().copied().collect();
        let parted: Vec<_> =
            self.links.up.keys().copied().filter(|(a, b)| self.links.is_parted(*a, *b)).collect();
        self.note(format_args!("--- {} of us are cut off", island.len()));
        for (a, b) in parted {
            self.disconnect(a, b);
        }
    }

    /// Ends every separation.
    pub fn heal(&mut self) {
        self.links.island.clear();
        self.note(format_args!("--- all can reach each other"));
    }

    /// Breaks the connection of two nodes, who dial again.
    pub fn disconnect(&mut self, a: Peer, b: Peer) {
        if self.links.up.get(&pair(a, b)) != Some(&true) {
            return;
        }
        self.links.up.insert(pair(a, b), false);
        self.break_streams(a, b);
        for (to, of) in [(a, b), (b, a)] {
            self.plan_input(to, AT_ONCE, Input::Parted(self.nodes[of.0].machine.node));
        }
        let wait = self.dice.between(REDIAL);
        self.queue.plan(self.now + wait, Event::Dial(a, b));
    }

    /// Two nodes try to connect.
    pub(super) fn dial(&mut self, a: Peer, b: Peer) {
        let alive = [a, b].iter().all(|peer| self.nodes[peer.0].engine.is_some());
        if !alive || self.links.is_parted(a, b) {
            let wait = self.dice.between(REDIAL);
            self.queue.plan(self.now + wait, Event::Dial(a, b));
            return;
        }
        self.links.up.insert(pair(a, b), true);
        for (to, of) in [(a, b), (b, a)] {
            let way = self.dice.between(self.weather.latency);
            let (to_machine, of_machine) = (&self.nodes[to.0].machine, &self.nodes[of.0].machine);
            let shared =
                of_machine.regions.iter().filter(|r| to_machine.regions.contains(r)).cloned();
            let (peer, shared) = (of_machine.node, shared.collect::<Vec<_>>());
            for region in shared {
                self.plan_input(to, way, Input::Met { peer, region, chosen: to == a });
            }
        }
    }

    /// Says whether two nodes are connected.
    pub(super) fn are_connected(&self, a: Peer, b: Peer) -> bool {
        self.links.up.get(&pair(a, b)) == Some(&true)
    }

    /// Returns the nodes that a node is connected with.
    pub(super) fn neighbours(&self, peer: Peer) -> Vec<Peer> {
        let up = self.links.up.iter().filter(|(_, up)| **up).map(|(pair, _)| *pair);
        up.filter_map(|(a, b)| match peer {
            p if p == a => Some(b),
            p if p == b => Some(a),
            _ => None,
        })
        .collect()
    }

    /// Switches a node off without warning. It stays off until [`Simulation::restart`].
    pub fn crash(&mut self, peer: Peer) {
        if self.nodes[peer.0].engine.is_none() {
            return;
        }
        let name = &self.nodes[peer.0].machine.name;
        self.trace.note(self.now, format_args!("--- {name} crashes"));
        self.nodes[peer.0].crash();
        self.copies.retain(|(_, from, _), _| *from != peer);
        self.sent.retain(|(_, from, _), _| *from != peer);
        for id in self.nodes[peer.0].door.acknowledged.clone() {
            let node = &mut self.nodes[peer.0];
            let safe = node.disk.holds(&id) || self.erased.contains(&id);
            assert!(safe, "{} lost an acknowledged record", node.machine.name);
        }
        for other in self.neighbours(peer) {
            self.disconnect(peer, other);
        }
    }

    /// Switches a crashed node on again.
    pub fn restart(&mut self, peer: Peer) {
        if self.nodes[peer.0].engine.is_none() {
            let name = &self.nodes[peer.0].machine.name;
            self.trace.note(self.now, format_args!("--- {name} starts again"));
            self.start(peer);
        }
    }

    /// Something goes wrong somewhere, and the next mishap is planned.
    pub(super) fn mishap(&mut self) {
        let Some(about) = self.weather.mishaps else { return };
        let next = self.dice.between((about / 2, about * 3 / 2));
        self.queue.plan(self.now + next, Event::Mishap);
        let some = Peer(self.dice.below(self.nodes.len()));
        match self.dice.below(6) {
            0 | 1 => {
                self.crash(some);
                let down = self.dice.between(DOWN);
                self.queue.plan(self.now + down, Event::Restart(some));
            }
            2 => {
                let half: Vec<Peer> =
                    (0..self.nodes.len()).map(Peer).filter(|_| self.dice.chance(500)).collect();
                self.part(&half);
            }
            3 | 4 => self.heal(),
            _ => {
                for other in self.neighbours(some) {
                    self.disconnect(some, other);
                }
            }
        }
    }
}
