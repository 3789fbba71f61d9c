//! The graph: networks, the ties between them, clusters and classes.
//!
//! **Invariant:** vertices are in the order of their network's id and neighbours in the order of
//! theirs, so whatever walks the graph meets the same in the same order on every node.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::body::tie::TieKind;
use crate::id::NetId;

/// Two networks that an active tie joins, in either order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// One of them.
    pub a: NetId,
    /// The other.
    pub b: NetId,
    /// What sort of tie it is.
    pub kind: TieKind,
}

/// What a weave is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pattern {
    /// Every network with a current profile, alliances too.
    pub networks: BTreeSet<NetId>,
    /// Who is tied to whom. Only `member_of`, `agreement`, `project` and `bridge` carry; edges of
    /// other kinds, to oneself and to unknown networks are left out.
    pub edges: BTreeSet<Edge>,
    /// The cluster of each network: a region, a field, a sector, an alliance. A network without
    /// one belongs to none.
    pub clusters: BTreeMap<NetId, String>,
    /// The independence class of each network, named by one of its networks. A network that is
    /// missing here is a class by itself.
    pub classes: BTreeMap<NetId, NetId>,
}

/// One piece of what a weave is made of, as it is told at the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Thread {
    /// A network with a current profile.
    Network {
        /// Which.
        net: NetId,
        /// Its cluster.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cluster: Option<String>,
        /// Its independence class, when it shares it with others.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        class: Option<NetId>,
    },
    /// Two networks that an active tie joins.
    Tie {
        /// One of them.
        a: NetId,
        /// The other.
        b: NetId,
        /// What sort of tie it is.
        kind: TieKind,
    },
}

impl Pattern {
    /// Iterates over its pieces, the networks first.
    pub fn threads(&self) -> impl Iterator<Item = Thread> + '_ {
        let network = |net: &NetId| Thread::Network {
            net: *net,
            cluster: self.clusters.get(net).cloned(),
            class: self.classes.get(net).copied(),
        };
        let tie = |edge: &Edge| Thread::Tie { a: edge.a, b: edge.b, kind: edge.kind };
        self.networks.iter().map(network).chain(self.edges.iter().map(tie))
    }
}

impl FromIterator<Thread> for Pattern {
    fn from_iter<T: IntoIterator<Item = Thread>>(threads: T) -> Self {
        let mut pattern = Self::default();
        for thread in threads {
            match thread {
                Thread::Network { net, cluster, class } => {
                    pattern.networks.insert(net);
                    pattern.clusters.extend(cluster.map(|cluster| (net, cluster)));
                    pattern.classes.extend(class.map(|class| (net, class)));
                }
                Thread::Tie { a, b, kind } => drop(pattern.edges.insert(Edge { a, b, kind })),
            }
        }
        pattern
    }
}

/// Where a network stands in the graph: its position in the order of ids.
pub(super) type Vertex = usize;

/// A vertex' cluster, by its position in the order of names, and its place among the members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Home {
    pub(super) cluster: usize,
    pub(super) seat: usize,
}

/// A cluster and who is in it, in the order of ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cluster {
    pub(super) name: String,
    pub(super) members: Vec<Vertex>,
}

/// A vertex' independence class, and whether it shares it with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) id: NetId,
    pub(super) shared: bool,
}

/// The graph of networks and the active ties between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weave {
    nets: Vec<NetId>,
    /// Where each vertex' neighbours begin in `ends`, and after the last where they end.
    starts: Vec<usize>,
    ends: Vec<Vertex>,
    clusters: Vec<Cluster>,
    homes: Vec<Option<Home>>,
    classes: Vec<Class>,
}

/// Says whether ties of this kind carry a call from one network to the other. Keeping a topic,
/// holding money and continuing another network do not.
fn carries(kind: TieKind) -> bool {
    match kind {
        TieKind::MemberOf | TieKind::Agreement | TieKind::Project | TieKind::Bridge => true,
        TieKind::Anchor | TieKind::FiscalHost | TieKind::Successor => false,
    }
}

impl Weave {
    /// Makes the graph.
    pub fn new(pattern: &Pattern) -> Self {
        let nets: Vec<NetId> = pattern.networks.iter().copied().collect();
        let (starts, ends) = neighbourhoods(&nets, &pattern.edges);
        let (clusters, homes) = partition(&nets, &pattern.clusters);
        let named = |net: &NetId| pattern.classes.get(net).copied().unwrap_or(*net);
        let mut sizes: BTreeMap<NetId, usize> = BTreeMap::new();
        for net in &nets {
            *sizes.entry(named(net)).or_default() += 1;
        }
        let class = |net: &NetId| {
            let id = named(net);
            Class { id, shared: sizes.get(&id).is_some_and(|size| *size > 1) }
        };
        let classes = nets.iter().map(class).collect();
        Self { nets, starts, ends, clusters, homes, classes }
    }

    /// Returns how many networks there are.
    pub fn len(&self) -> usize {
        self.nets.len()
    }

    /// Says whether there is no network.
    pub fn is_empty(&self) -> bool {
        self.nets.is_empty()
    }

    /// Returns how many pairs are tied.
    pub fn ties(&self) -> usize {
        self.ends.len() / 2
    }

    /// Iterates over the networks that this one is tied to, in the order of ids.
    pub fn neighbours(&self, net: NetId) -> impl Iterator<Item = NetId> {
        let around = self.vertex(net).map_or(&[][..], |v| self.around(v));
        around.iter().map(|v| self.nets[*v])
    }

    /// Says whether two networks are tied.
    pub fn are_tied(&self, a: NetId, b: NetId) -> bool {
        match (self.vertex(a), self.vertex(b)) {
            (Some(a), Some(b)) => self.joined(a, b),
            _ => false,
        }
    }

    /// Returns the cluster of a network.
    pub fn cluster_of(&self, net: NetId) -> Option<&str> {
        let home = self.homes[self.vertex(net)?]?;
        Some(&self.clusters[home.cluster].name)
    }

    /// Iterates over the clusters and their sizes, in the order of their names.
    pub fn clusters(&self) -> impl Iterator<Item = (&str, usize)> {
        self.clusters.iter().map(|cluster| (cluster.name.as_str(), cluster.members.len()))
    }

    pub(super) fn vertex(&self, net: NetId) -> Option<Vertex> {
        self.nets.binary_search(&net).ok()
    }

    pub(super) fn net(&self, vertex: Vertex) -> NetId {
        self.nets[vertex]
    }

    pub(super) fn around(&self, vertex: Vertex) -> &[Vertex] {
        &self.ends[self.starts[vertex]..self.starts[vertex + 1]]
    }

    pub(super) fn degree(&self, vertex: Vertex) -> usize {
        self.around(vertex).len()
    }

    pub(super) fn joined(&self, a: Vertex, b: Vertex) -> bool {
        self.around(a).binary_search(&b).is_ok()
    }

    pub(super) fn home(&self, vertex: Vertex) -> Option<Home> {
        self.homes[vertex]
    }

    pub(super) fn cluster(&self, cluster: usize) -> &Cluster {
        &self.clusters[cluster]
    }

    pub(super) fn class(&self, vertex: Vertex) -> Class {
        self.classes[vertex]
    }
}

/// Lays the neighbours of all vertices behind each other.
fn neighbourhoods(nets: &[NetId], edges: &BTreeSet<Edge>) -> (Vec<usize>, Vec<Vertex>) {
    let vertex = |net: &NetId| nets.binary_search(net).ok();
    let mut arrows: Vec<(Vertex, Vertex)> = edges
        .iter()
        .filter(|edge| edge.a != edge.b && carries(edge.kind))
        .filter_map(|edge| Some((vertex(&edge.a)?, vertex(&edge.b)?)))
        .flat_map(|(a, b)| [(a, b), (b, a)])
        .collect();
    arrows.sort_unstable();
    arrows.dedup();
    let mut starts = vec![0; nets.len() + 1];
    for (from, _) in &arrows {
        starts[from + 1] += 1;
    }
    for vertex in 0..nets.len() {
        starts[vertex + 1] += starts[vertex];
    }
    (starts, arrows.into_iter().map(|(_, to)| to).collect())
}

/// Parts the vertices into clusters.
fn partition(nets: &[NetId], names: &BTreeMap<NetId, String>) -> (Vec<Cluster>, Vec<Option<Home>>) {
    let mut members: BTreeMap<&str, Vec<Vertex>> = BTreeMap::new();
    for (vertex, net) in nets.iter().enumerate() {
        if let Some(name) = names.get(net) {
            members.entry(name).or_default().push(vertex);
        }
    }
    let mut homes = vec![None; nets.len()];
    for (cluster, vertices) in members.values().enumerate() {
        for (seat, vertex) in vertices.iter().enumerate() {
            homes[*vertex] = Some(Home { cluster, seat });
        }
    }
    let named = |(name, members): (&str, _)| Cluster { name: name.to_owned(), members };
    (members.into_iter().map(named).collect(), homes)
}
