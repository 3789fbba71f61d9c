//! Names that people take for one another, by Unicode Technical Standard 39: `paypal` in Latin and
//! in Cyrillic letters, with a capital I or a small L.
//!
//! A name is nobody's for ever, and whoever likes may bear one that looks like another's. So it is never
//! refused; it is shown with both ids, and asked for again where a network is meant by it.

use std::collections::{BTreeMap, BTreeSet};

use unicode_security::skeleton;
use weft_protocol::id::NetId;

/// Returns a name without what people write in different ways.
pub(crate) fn alike(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Returns what a name is seen as: two are confusable when they have one of these in common. Capitals
/// are let go before and after, since `I` looks like `l`, and people read `i` for both.
fn seen_as(name: &str) -> [String; 2] {
    let plain = name.split_whitespace().collect::<Vec<_>>().join(" ");
    [skeleton(&alike(name)).collect(), skeleton(&plain).collect::<String>().to_lowercase()]
}

/// Says whether people take one name for the other.
pub(crate) fn are_confusable(one: &str, other: &str) -> bool {
    let other = seen_as(other);
    seen_as(one).iter().any(|one| other.contains(one))
}

/// Who bears names that look alike; made once for all names that are known here.
#[derive(Debug, Default)]
pub(crate) struct Lookalikes(BTreeMap<String, BTreeSet<NetId>>);

impl Lookalikes {
    /// Adds a name of a network.
    pub(crate) fn add(&mut self, net: NetId, name: &str) {
        for seen in seen_as(name) {
            self.0.entry(seen).or_default().insert(net);
        }
    }

    /// Returns another network that bears a name like this one.
    pub(crate) fn other(&self, net: NetId, name: &str) -> Option<NetId> {
        let bearers = seen_as(name).into_iter().filter_map(|seen| self.0.get(&seen));
        bearers.flatten().copied().find(|bearer| *bearer != net)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_told_apart_from_those_that_do_not() {
        assert_eq!(alike(" River  Care"), alike("river care"));
        for (one, other) in [
            ("Harbour Care", "H\u{430}rbour C\u{430}re"),
            ("Harbour Care", "harbour  care"),
            ("Italy Solidarity", "ltaly Solidarity"),
            ("Modern Homes", "Modem Homes"),
            ("caf\u{e9}", "cafe\u{301}"),
        ] {
            assert!(are_confusable(one, other), "{one} and {other}");
        }
        for (one, other) in [("Harbour Care", "Harbour Core"), ("Bakers", "Bakers Union")] {
            assert!(!are_confusable(one, other), "{one} and {other}");
        }
    }
}
