//! A cascade: who joins when everyone joins whom enough independent voices have reached.

use std::collections::BTreeSet;

use super::graph::{Vertex, Weave};
use crate::id::NetId;

/// Where a cascade spreads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// Among all networks.
    Everywhere,
    /// Among the members of one cluster.
    Within(usize),
}

/// Who has joined so far, and how many voices have reached the others.
///
/// It is a closure: the end does not depend on the order in which voices are heard. Each pair of
/// neighbours is looked at once, so it costs no more than there are ties on its ground.
#[derive(Debug, Clone)]
pub(super) struct Cascade<'a> {
    weave: &'a Weave,
    ground: Ground,
    k: usize,
    /// By place on the ground.
    voices: Vec<usize>,
    joined: Vec<bool>,
    /// Which classes of several networks have been heard where; a network that is a class by
    /// itself is heard once anyway.
    heard: BTreeSet<(Vertex, NetId)>,
    /// In the order in which they joined; those who began are not among them.
    lit: Vec<Vertex>,
    /// How many of these have been listened to.
    spread: usize,
}

impl<'a> Cascade<'a> {
    pub(super) fn new(weave: &'a Weave, ground: Ground, k: usize) -> Self {
        let places = match ground {
            Ground::Everywhere => weave.len(),
            Ground::Within(cluster) => weave.cluster(cluster).members.len(),
        };
        Self {
            weave,
            ground,
            k,
            voices: vec![0; places],
            joined: vec![false; places],
            heard: BTreeSet::new(),
            lit: Vec::new(),
            spread: 0,
        }
    }

    fn place(&self, vertex: Vertex) -> Option<usize> {
        match self.ground {
            Ground::Everywhere => Some(vertex),
            Ground::Within(cluster) => {
                self.weave.home(vertex).filter(|home| home.cluster == cluster).map(|home| home.seat)
            }
        }
    }

    /// Lets these speak from the beginning; on the ground, they have joined.
    pub(super) fn begin(&mut self, speakers: &BTreeSet<Vertex>) {
        for speaker in speakers {
            if let Some(place) = self.place(*speaker) {
                self.joined[place] = true;
            }
        }
        for speaker in speakers {
            self.tell_around(*speaker);
        }
    }

    /// Lets one vertex hear another, whether they are tied or not.
    pub(super) fn tell(&mut self, speaker: Vertex, listener: Vertex) {
        let Some(place) = self.place(listener).filter(|place| !self.joined[*place]) else { return };
        let class = self.weave.class(speaker);
        if class.shared && !self.heard.insert((listener, class.id)) {
            return;
        }
        self.voices[place] += 1;
        if self.voices[place] >= self.k {
            self.joined[place] = true;
            self.lit.push(listener);
        }
    }

    fn tell_around(&mut self, speaker: Vertex) {
        let weave = self.weave;
        for listener in weave.around(speaker) {
            self.tell(speaker, *listener);
        }
    }

    /// Lets those who joined speak in turn, until nobody more joins.
    pub(super) fn settle(&mut self) {
        while let Some(speaker) = self.lit.get(self.spread).copied() {
            self.spread += 1;
            self.tell_around(speaker);
        }
    }

    /// Returns how many have joined beside those who began.
    pub(super) fn lit(&self) -> usize {
        self.lit.len()
    }

    /// Says whether one more voice of this class would make this one join.
    pub(super) fn lacks_only(&self, speaker: Vertex, listener: Vertex) -> bool {
        let class = self.weave.class(speaker);
        self.is_one_short(listener) && !(class.shared && self.heard.contains(&(listener, class.id)))
    }

    /// Says whether this one has not joined and lacks one voice.
    pub(super) fn is_one_short(&self, vertex: Vertex) -> bool {
        let place = self.place(vertex).filter(|place| !self.joined[*place]);
        place.is_some_and(|place| self.voices[place] + 1 == self.k)
    }
}
