//! How far a call reaches: who could hear of it, and who hears it from enough independent voices.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::cascade::{Cascade, Ground};
use super::graph::{Vertex, Weave};
use crate::id::NetId;

/// How many voices it takes to join, as far as we show: two by default, three for what is risky.
/// Four or more would light nothing in the weaves that we have measured.
pub const JOIN: [usize; 2] = [2, 3];

/// How far the voices for a call reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// How many speak for it: the author and those who endorse it.
    pub voices: usize,
    /// How many independence classes these are.
    pub independent: usize,
    /// How many could hear of it, from one to the next, the voices included.
    pub heard: usize,
    /// How many have enough independent voices among their neighbours, for each of [`JOIN`].
    pub reinforced: [Reinforced; 2],
    /// The clusters of those who endorse it, in the order of names; how many there are is the
    /// diversity of the support.
    pub shares: Vec<Share>,
}

/// Who has enough independent voices among its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reinforced {
    /// How many voices are enough.
    pub k: usize,
    /// How many have them now.
    pub now: usize,
    /// How many would speak in the end, the voices of today included, if everyone spoke who has
    /// enough voices.
    pub closure: usize,
}

/// How many of a cluster endorse a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The cluster.
    pub cluster: String,
    /// How many of its networks endorse.
    pub endorsed: usize,
    /// How many networks it has.
    pub of: usize,
}

impl Share {
    /// Says whether it is a quarter or more: a line of reference, no promise (see the module).
    pub fn is_quarter(&self) -> bool {
        self.endorsed * 4 >= self.of
    }
}

/// Whom to ask for its endorsement, and what it would bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// Whom to ask.
    pub net: NetId,
    /// How many would have enough voices with its endorsement that have not yet.
    pub gain: usize,
}

impl Weave {
    /// Returns how far a call reaches that the author has made and these networks endorse.
    /// Networks that the weave does not know are no voices.
    pub fn reach(&self, author: NetId, endorsers: &BTreeSet<NetId>) -> Reach {
        let speakers = self.speakers(author, endorsers);
        let classes: BTreeSet<NetId> = speakers.iter().map(|v| self.class(*v).id).collect();
        let reinforced = JOIN.map(|k| {
            let mut cascade = Cascade::new(self, Ground::Everywhere, k);
            cascade.begin(&speakers);
            let now = cascade.lit();
            cascade.settle();
            Reinforced { k, now, closure: speakers.len() + cascade.lit() }
        });
        let mut news = Cascade::new(self, Ground::Everywhere, 1);
        news.begin(&speakers);
        news.settle();
        Reach {
            voices: speakers.len(),
            independent: classes.len(),
            heard: speakers.len() + news.lit(),
            reinforced,
            shares: self.shares(author, endorsers),
        }
    }

    /// Returns whose endorsement would give the most networks `k` independent voices, the best
    /// first, at most `limit`; among equals whoever carries fewer ties, then by id. Nobody is
    /// named whose endorsement would bring nobody.
    pub fn ask_next(
        &self,
        author: NetId,
        endorsers: &BTreeSet<NetId>,
        k: usize,
        limit: usize,
    ) -> Vec<Next> {
        let speakers = self.speakers(author, endorsers);
        let mut cascade = Cascade::new(self, Ground::Everywhere, k);
        cascade.begin(&speakers);
        let gain = |asked: &Vertex| {
            let listeners = self.around(*asked).iter();
            listeners.filter(|listener| cascade.lacks_only(*asked, **listener)).count()
        };
        let others = (0..self.len()).filter(|vertex| !speakers.contains(vertex));
        let mut found: Vec<(usize, Vertex)> =
            others.map(|vertex| (gain(&vertex), vertex)).filter(|(gain, _)| *gain > 0).collect();
        found.sort_by_key(|(gain, v)| (std::cmp::Reverse(*gain), self.degree(*v), *v));
        found.truncate(limit);
        found.into_iter().map(|(gain, v)| Next { net: self.net(v), gain }).collect()
    }

    fn speakers(&self, author: NetId, endorsers: &BTreeSet<NetId>) -> BTreeSet<Vertex> {
        endorsers.iter().chain([&author]).filter_map(|net| self.vertex(*net)).collect()
    }

    fn shares(&self, author: NetId, endorsers: &BTreeSet<NetId>) -> Vec<Share> {
        let mut endorsed: BTreeMap<usize, usize> = BTreeMap::new();
        let others = endorsers.iter().filter(|net| **net != author);
        for home in others.filter_map(|net| self.home(self.vertex(*net)?)) {
            *endorsed.entry(home.cluster).or_default() += 1;
        }
        let share = |(cluster, endorsed)| {
            let cluster = self.cluster(cluster);
            Share { cluster: cluster.name.clone(), endorsed, of: cluster.members.len() }
        };
        endorsed.into_iter().map(share).collect()
    }
}
