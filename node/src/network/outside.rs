//! Where a node that relays says that it is.
//!
//! Who is reached through it gives its addresses on, in invites and to all peers, who try one after the
//! other. So it names those that lead to it from the farthest, and not, beside them, what every machine
//! has of its own.
//!
//! **Invariant:** of the addresses of IPv4, of IPv6 and of names the best are told, and none that means
//! something on one cable or one machine only, unless there is no other
//! (`a_relay_names_what_leads_to_it_from_the_farthest`).

use std::collections::{BTreeMap, BTreeSet};

use libp2p::multiaddr::Multiaddr;

use super::host::Host;

/// From where an address leads to this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    Anywhere,
    Nearby,
    /// Perhaps from the containers of this machine alone.
    Within,
    Cable,
    Here,
}

impl Distance {
    fn of(host: &Host) -> Self {
        match host {
            host if host.is_here() => Self::Here,
            host if host.is_link() => Self::Cable,
            host if host.is_inner() => Self::Within,
            host if host.is_nearby() => Self::Nearby,
            _ => Self::Anywhere,
        }
    }
}

/// Which of a machine's addresses are told.
#[derive(Debug, Default)]
pub(super) struct Outside {
    known: BTreeSet<Multiaddr>,
    told: BTreeSet<Multiaddr>,
}

impl Outside {
    /// The machine has this address.
    pub(super) fn learn(&mut self, address: &Multiaddr) {
        self.known.insert(address.clone());
    }

    /// The machine no longer has it.
    pub(super) fn forget(&mut self, address: &Multiaddr) {
        self.known.remove(address);
    }

    /// Returns what is to be told from now on, and what no longer.
    pub(super) fn changes(&mut self) -> (Vec<Multiaddr>, Vec<Multiaddr>) {
        let best = self.best();
        let new = best.difference(&self.told).cloned().collect();
        let gone = self.told.difference(&best).cloned().collect();
        self.told = best;
        (new, gone)
    }

    fn best(&self) -> BTreeSet<Multiaddr> {
        let rank = |address: &Multiaddr| {
            let host = Host::of(address);
            let family = match host {
                Host::V4(_) => 4,
                Host::V6(_) => 6,
                Host::Name(_) | Host::Unnamed => 0,
            };
            (family, Distance::of(&host))
        };
        let mut farthest: BTreeMap<u8, Distance> = BTreeMap::new();
        for (family, from) in self.known.iter().map(rank) {
            farthest.entry(family).and_modify(|known| *known = from.min(*known)).or_insert(from);
        }
        // What leads here from one cable, or from nowhere else, is told if that is all there is.
        let all = farthest.values().copied().min().unwrap_or(Distance::Anywhere);
        let is_told = |address: &&Multiaddr| {
            let (family, from) = rank(address);
            farthest.get(&family) == Some(&from) && (from <= Distance::Within || from == all)
        };
        self.known.iter().filter(is_told).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    fn told(all: &[&str]) -> Vec<String> {
        let mut outside = Outside::default();
        all.iter().for_each(|text| outside.learn(&address(text)));
        let (new, gone) = outside.changes();
        assert!(gone.is_empty());
        new.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_relay_names_what_leads_to_it_from_the_farthest() {
        let own = ["/ip4/127.0.0.1/tcp/1", "/ip6/::1/tcp/1"];
        let cable = ["/ip6/fe80::1/tcp/1"];
        let docker = ["/ip4/172.17.0.1/tcp/1"];
        let home = ["/ip4/192.168.7.2/tcp/1", "/ip4/192.168.7.2/udp/1/quic-v1"];
        let world = ["/ip4/9.9.9.9/tcp/1", "/ip6/2620:fe::fe/tcp/1"];
        let name = ["/dns4/weft.example/tcp/1"];
        assert_eq!(told(&[&own[..], &cable, &docker, &home, &world].concat()), world);
        assert_eq!(told(&[&own[..], &cable, &docker, &home].concat()), home);
        assert_eq!(told(&[&own[..], &cable, &docker].concat()), docker);
        assert_eq!(told(&[&own[..], &cable].concat()), cable);
        assert_eq!(told(&own), own);
        let both = [name[0], home[0], home[1]];
        let mut found = told(&[&own[..], &home, &name].concat());
        found.sort_by_key(|text| !text.starts_with("/dns4"));
        assert_eq!(found, both);
    }

    #[test]
    fn what_is_told_follows_the_machine() {
        let (home, world) = (address("/ip4/10.0.0.2/tcp/1"), address("/ip4/9.9.9.9/tcp/1"));
        let mut outside = Outside::default();
        outside.learn(&home);
        assert_eq!(outside.changes(), (vec![home.clone()], vec![]));
        assert_eq!(outside.changes(), (vec![], vec![]));
        outside.learn(&world);
        assert_eq!(outside.changes(), (vec![world.clone()], vec![home.clone()]));
        outside.forget(&world);
        assert_eq!(outside.changes(), (vec![home], vec![world]));
    }
}
