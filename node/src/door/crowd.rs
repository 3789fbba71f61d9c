//! Who is at a door: so many places, and who lets the node wait longest makes room for the next.
//!
//! **Invariant:** no more are in than there are places, and no more of one name than it may have.
//!
//! **Invariant:** only who lets the node wait is put out; who waits for the node is left alone.
//!
//! **Invariant:** when all places are taken, one goes of the neighbourhood that has the most: who comes in
//! numbers from one place puts out nobody who comes from another.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::network::Neighbourhood;

/// The name by which one who comes is counted: a key, or the same for all.
pub(super) type Name = [u8; 32];

/// The places at a door. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Crowd {
    places: usize,
    each: usize,
    seats: Arc<Mutex<Seats>>,
}

#[derive(Debug, Default)]
struct Seats {
    /// Counts what happens, so that what came first is known without a clock.
    now: u64,
    taken: BTreeMap<u64, Seat>,
}

#[derive(Debug)]
struct Seat {
    name: Name,
    /// Where it comes from; none where that does not count.
    from: Option<Neighbourhood>,
    /// Since when the node waits for it; none while it waits for the node.
    idle: Option<u64>,
    out: CancellationToken,
}

impl Crowd {
    /// Makes room for this many, `each` of whom may have come by one name.
    pub(super) fn new(places: usize, each: usize) -> Self {
        Self { places, each, seats: Arc::default() }
    }

    /// Takes a place, if need be of the one that lets the node wait longest: of the same name when
    /// that has its share, else of the neighbourhood that has the most. None when all others wait for
    /// the node.
    pub(super) fn enter(&self, name: Name, from: Option<Neighbourhood>) -> Option<Pass> {
        let mut seats = self.seats();
        let share = seats.taken.values().filter(|seat| seat.name == name).count() >= self.each;
        if share || seats.taken.len() >= self.places {
            let mut near = BTreeMap::new();
            for seat in seats.taken.values() {
                *near.entry(&seat.from).or_insert(0_usize) += 1;
            }
            let idle = seats.taken.iter().filter(|(_, seat)| !share || seat.name == name);
            let many = |seat: &Seat| near.get(&seat.from).copied().unwrap_or_default();
            let (longest, _) = idle
                .filter_map(|(number, seat)| Some((*number, (Reverse(many(seat)), seat.idle?))))
                .min_by_key(|(_, least)| *least)?;
            if let Some(seat) = seats.taken.remove(&longest) {
                seat.out.cancel();
            }
        }
        seats.now += 1;
        let (number, out) = (seats.now, CancellationToken::new());
        seats.taken.insert(number, Seat { name, from, idle: Some(number), out: out.clone() });
        Some(Pass { crowd: self.clone(), number, out })
    }

    /// A poisoned lock means that another thread failed between two numbers; the rest holds.
    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Pass {
    crowd: Crowd,
    number: u64,
    out: CancellationToken,
}

impl Pass {
    /// Says that the node now waits for this one: to ask, or to read what was answered.
    pub(super) fn idles(&self) {
        self.set(true);
    }

    /// Says that this one now waits for the node.
    pub(super) fn works(&self) {
        self.set(false);
    }

    /// Returns what is cancelled when the place is given to somebody else.
    pub(super) fn out(&self) -> CancellationToken {
        self.out.clone()
    }

    fn set(&self, idle: bool) {
        let mut seats = self.crowd.seats();
        seats.now += 1;
        let now = seats.now;
        if let Some(seat) = seats.taken.get_mut(&self.number) {
            seat.idle = idle.then_some(now);
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.crowd.seats().taken.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: Name = [1; 32];
    const BOB: Name = [2; 32];

    #[test]
    fn who_lets_the_node_wait_longest_makes_room() {
        let crowd = Crowd::new(3, 3);
        let three: Vec<_> = (0..3).map(|_| crowd.enter(ALICE, None).unwrap()).collect();
        three[0].works();
        three[0].idles();
        let fourth = crowd.enter(BOB, None).unwrap();
        let out: Vec<_> = three.iter().map(|pass| pass.out.is_cancelled()).collect();
        assert_eq!(out, [false, true, false]);
        for pass in three.iter().chain([&fourth]) {
            pass.works();
        }
        assert!(crowd.enter(BOB, None).is_none(), "all others wait for the node");
        drop(three);
        assert!(crowd.enter(BOB, None).is_some());
    }

    #[test]
    fn who_has_its_share_makes_room_for_itself() {
        let crowd = Crowd::new(3, 1);
        let (alice, bob) = (crowd.enter(ALICE, None).unwrap(), crowd.enter(BOB, None).unwrap());
        let again = crowd.enter(BOB, None).unwrap();
        assert!(bob.out.is_cancelled() && !alice.out.is_cancelled());
        again.works();
        assert!(crowd.enter(BOB, None).is_none());
        assert!(crowd.enter([3; 32], None).is_some());
    }

    #[test]
    fn m12_strangers_of_one_neighbourhood_put_out_nobody_of_another() {
        let from = |place: &str| Some(Neighbourhood::of(&place.parse().unwrap()));
        let crowd = Crowd::new(4, 1);
        let member = crowd.enter(ALICE, from("/ip4/7.7.7.7/tcp/1")).unwrap();
        let stranger =
            |n: u8| crowd.enter([n; 32], from(&format!("/ip4/9.9.9.{n}/tcp/1"))).unwrap();
        let strangers: Vec<Pass> = (10..250).map(stranger).collect();
        assert!(!member.out.is_cancelled(), "though she has let the node wait longest");
        assert_eq!(strangers.iter().filter(|pass| !pass.out.is_cancelled()).count(), 3);
        let another = crowd.enter(BOB, from("/ip4/8.8.8.8/tcp/1")).unwrap();
        assert!(!member.out.is_cancelled() && !another.out.is_cancelled());
    }
}
