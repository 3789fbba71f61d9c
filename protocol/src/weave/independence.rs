//! Which networks count as one voice.
//!
//! Networks are of one **class** when declarations tie them under one hand: a disclosure of
//! control by either of them, an active tie by which one holds the other's money, or one key that
//! signs for both.
//!
//! **Invariant:** classes depend on the set of links, not on their order; the name of a class is
//! the lowest id in it. What nobody declares, nobody can count.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::NetId;

/// Why two networks count as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// One of them has disclosed control.
    Control,
    /// One holds the other's money, and both say so.
    FiscalHost,
    /// The same key signs for both.
    Operator,
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Control => "declared control",
            Self::FiscalHost => "a fiscal host",
            Self::Operator => "one operator's key",
        })
    }
}

/// Networks by who counts as one voice. A network that no link names is a class of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Classes {
    /// The lowest id of the class of each network that is not alone.
    classes: BTreeMap<NetId, NetId>,
    links: BTreeSet<(NetId, NetId, Link)>,
}

impl Classes {
    /// Joins what these links join.
    pub fn new(links: impl IntoIterator<Item = (NetId, NetId, Link)>) -> Self {
        let apart = links.into_iter().filter(|(a, b, _)| a != b);
        let links: BTreeSet<_> = apart.map(|(a, b, link)| (a.min(b), a.max(b), link)).collect();
        // Towards the name of the class; a name points at nothing.
        let mut above: BTreeMap<NetId, NetId> = BTreeMap::new();
        for (a, b, _) in &links {
            let (a, b) = (top(&mut above, *a), top(&mut above, *b));
            if a != b {
                above.insert(a.max(b), a.min(b));
            }
        }
        let nets: Vec<NetId> = above.keys().copied().collect();
        let classes = nets.into_iter().map(|net| (net, top(&mut above, net))).collect();
        Self { classes, links }
    }

    /// Returns the name of a network's class: the lowest id in it.
    pub fn of(&self, net: &NetId) -> NetId {
        self.classes.get(net).copied().unwrap_or(*net)
    }

    /// Returns the class of each network that shares one, for a weave.
    pub fn shared(&self) -> &BTreeMap<NetId, NetId> {
        &self.classes
    }

    /// Counts independent voices.
    pub fn count<'a>(&self, nets: impl IntoIterator<Item = &'a NetId>) -> usize {
        nets.into_iter().map(|net| self.of(net)).collect::<BTreeSet<_>>().len()
    }

    /// Says whether two networks are of one class.
    pub fn are_one(&self, a: &NetId, b: &NetId) -> bool {
        self.of(a) == self.of(b)
    }

    /// Iterates over the links between these networks, each once: what is shown beside a count.
    pub fn links_among<'a>(
        &'a self,
        nets: &'a BTreeSet<NetId>,
    ) -> impl Iterator<Item = (NetId, NetId, Link)> + 'a {
        let among = |(a, b, _): &&(NetId, NetId, Link)| nets.contains(a) && nets.contains(b);
        self.links.iter().filter(among).copied()
    }
}

/// Walks to the name of a class, and halves the way for whoever walks it next.
fn top(above: &mut BTreeMap<NetId, NetId>, net: NetId) -> NetId {
    let mut at = net;
    while let Some(next) = above.get(&at).copied() {
        let Some(beyond) = above.get(&next).copied() else { return next };
        above.insert(at, beyond);
        at = beyond;
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn net(n: u8) -> NetId {
        NetId([n; 32])
    }

    proptest! {
        #[test]
        fn classes_do_not_depend_on_the_order_of_declarations(
            links in proptest::collection::vec((0..12_u8, 0..12_u8), 0..12),
        ) {
            let named = |links: &[(u8, u8)]| {
                Classes::new(links.iter().map(|(a, b)| (net(*a), net(*b), Link::Control)))
            };
            let mut backwards: Vec<_> = links.iter().map(|(a, b)| (*b, *a)).collect();
            backwards.reverse();
            let classes = named(&links);
            prop_assert_eq!(&classes, &named(&backwards));
            for n in 0..12 {
                let of = classes.of(&net(n));
                prop_assert!(of <= net(n));
                prop_assert_eq!(classes.of(&of), of);
            }
            for (a, b) in links {
                prop_assert!(classes.are_one(&net(a), &net(b)));
            }
        }
    }
}
