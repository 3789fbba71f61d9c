//! How much is told to those who come, by where they come from.
//!
//! A new name costs nothing, and a node that meets a new name tells it everything that it has. Without this,
//! one machine could let itself be told all of it again and again.
//!
//! **Invariant:** one neighbourhood is told so much in an hour, under however many names; whom this node has
//! chosen itself is not counted.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::network::Neighbourhood;

/// What one neighbourhood is told in [`TURN`]: everything that a node of some hundred thousand records has,
/// three times; who has most of it already needs a thousandth of that.
const BYTES_MAX: u64 = 256 << 20;

/// The time in which it is counted.
const TURN: Duration = Duration::from_secs(3600);

/// The most neighbourhoods that are counted. Of more, the one that was told the least is forgotten.
const NEIGHBOURHOODS_MAX: usize = 1024;

/// Counts what each neighbourhood was told.
#[derive(Debug, Default)]
pub(super) struct Served {
    since: Option<Instant>,
    told: BTreeMap<Neighbourhood, u64>,
}

impl Served {
    /// Says whether a neighbourhood may be told more.
    pub(super) fn has_room(&mut self, whose: &Neighbourhood, now: Instant) -> bool {
        if self.since.is_none_or(|since| now.saturating_duration_since(since) >= TURN) {
            *self = Self { since: Some(now), told: BTreeMap::new() };
        }
        self.told.get(whose).is_none_or(|told| *told < BYTES_MAX)
    }

    /// Counts what a neighbourhood is told now, and says whether it may be told more.
    pub(super) fn tell(&mut self, whose: &Neighbourhood, bytes: usize, now: Instant) -> bool {
        let had_room = self.has_room(whose, now);
        if let Some(told) = self.told.get_mut(whose) {
            *told = told.saturating_add(bytes as u64);
            return had_room;
        }
        if self.told.len() >= NEIGHBOURHOODS_MAX {
            let least = self.told.iter().min_by_key(|(_, told)| **told);
            let least = least.map(|(whose, _)| whose.clone());
            least.and_then(|least| self.told.remove(&least));
        }
        self.told.insert(whose.clone(), bytes as u64);
        had_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(place: &str) -> Neighbourhood {
        Neighbourhood::of(&place.parse().unwrap())
    }

    #[test]
    fn m9_under_however_many_names_one_neighbourhood_is_told_so_much_in_an_hour() {
        let (mut served, start) = (Served::default(), Instant::now());
        let names = |n: u64| from(&format!("/ip4/9.9.{n}.1/tcp/1"));
        let whole = 35 << 20;
        let times = (0..100).take_while(|n| served.tell(&names(*n), whole, start)).count();
        assert_eq!(times, 8, "the whole set of fifty thousand records");
        assert!(!served.has_room(&from("/ip4/9.9.0.1/tcp/1"), start));
        assert!(
            served.has_room(&from("/ip4/9.8.0.1/tcp/1"), start),
            "others are told all the same"
        );
        let later = start + TURN;
        assert!(served.has_room(&from("/ip4/9.9.0.1/tcp/1"), later));
    }

    #[test]
    fn m9_no_more_neighbourhoods_are_counted_than_there_is_room_for() {
        let (mut served, now) = (Served::default(), Instant::now());
        let greedy = from("/ip4/9.9.9.9/tcp/1");
        assert!(served.tell(&greedy, usize::try_from(BYTES_MAX).unwrap(), now));
        for n in 0..2 * NEIGHBOURHOODS_MAX {
            served.tell(&from(&format!("/ip4/{}.{}.0.1/tcp/1", 20 + n / 250, n % 250)), 1, now);
        }
        assert!(served.told.len() <= NEIGHBOURHOODS_MAX);
        assert!(!served.has_room(&greedy, now), "who was told the most is not forgotten");
    }
}
