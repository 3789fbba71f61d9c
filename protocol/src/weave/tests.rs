//! Rings, whose numbers are known; laws that hold for every weave; small stories.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::body::tie::TieKind;
use crate::id::NetId;

fn net(n: usize) -> NetId {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&(n as u64).to_be_bytes());
    NetId(id)
}

fn edge(a: usize, b: usize) -> Edge {
    Edge { a: net(a), b: net(b), kind: TieKind::Agreement }
}

/// Networks 0 to `count`, these pairs, the cluster of each.
fn pattern(
    count: usize,
    pairs: impl IntoIterator<Item = (usize, usize)>,
    cluster: impl Fn(usize) -> &'static str,
) -> Pattern {
    Pattern {
        networks: (0..count).map(net).collect(),
        edges: pairs.into_iter().map(|(a, b)| edge(a, b)).collect(),
        clusters: (0..count).map(|n| (net(n), cluster(n).to_owned())).collect(),
        classes: BTreeMap::new(),
    }
}

/// A ring on which everyone is tied to the nearest `reach` on each side, cut into halves.
fn ring(count: usize, reach: usize) -> Pattern {
    let pairs = (0..count).flat_map(|n| (1..=reach).map(move |step| (n, (n + step) % count)));
    pattern(count, pairs, |n| if n < count / 2 { "east" } else { "west" })
}

/// Rows: 0.6, 0.43.
#[test]
fn a_ring_of_four_neighbours_has_the_widths_of_the_paper() {
    let weave = Weave::new(&ring(20, 2));
    let widths: Vec<usize> = (1..=5).map(|n| weave.width(net(0), net(n))).collect();
    assert_eq!(widths, [2, 3, 3, 2, 0]);
    assert_eq!(weave.redundancy(net(0), net(1)), 2);
    assert_eq!(weave.redundancy(net(0), net(2)), 1);
}

/// Rows: 0.43.
#[test]
fn a_ring_of_four_neighbours_carries_two_voices_and_not_three() {
    let bridge = Weave::new(&ring(20, 2)).bridge("west", "east").unwrap();
    assert_eq!(bridge.ends, ["east", "west"]);
    assert_eq!((bridge.sizes, bridge.ties, bridge.carriers), ([10, 10], 6, 4));
    assert_eq!((bridge.there, bridge.back), ([10, 10, 0], [10, 10, 0]));
    assert!(bridge.is_wide(1) && !bridge.is_wide(2));
}

#[test]
fn a_ring_of_two_neighbours_carries_news_only() {
    let bridge = Weave::new(&ring(20, 1)).bridge("east", "west").unwrap();
    assert_eq!((bridge.ties, bridge.there, bridge.back), (2, [10, 0, 0], [10, 0, 0]));
}

#[test]
fn a_ring_carries_k_voices_when_its_neighbourhoods_reach_so_far() {
    // On a ring where everyone has r neighbours on each side, the first beyond the cut hears r
    // voices on its side; so k is carried exactly when k <= r.
    for reach in 1..=3 {
        let bridge = Weave::new(&ring(24, reach)).bridge("east", "west").unwrap();
        for (lit, k) in bridge.there.iter().zip(THRESHOLDS) {
            assert_eq!(*lit, if k <= reach { 12 } else { 0 }, "reach {reach}, k {k}");
        }
    }
}

#[test]
fn ties_that_hold_money_or_a_topic_carry_no_call() {
    let mut pattern = pattern(2, [], |_| "east");
    for kind in [TieKind::Anchor, TieKind::FiscalHost, TieKind::Successor] {
        pattern.edges.insert(Edge { a: net(0), b: net(1), kind });
    }
    assert_eq!(Weave::new(&pattern).ties(), 0);
    pattern.edges.insert(Edge { a: net(1), b: net(0), kind: TieKind::Bridge });
    pattern.edges.insert(Edge { a: net(0), b: net(1), kind: TieKind::MemberOf });
    pattern.edges.insert(Edge { a: net(0), b: net(9), kind: TieKind::MemberOf });
    assert_eq!(Weave::new(&pattern).ties(), 1);
}

/// A square of four in the west, which 0 and 1 in the east know at one corner each.
fn square() -> Pattern {
    let inside = [(2, 3), (3, 4), (4, 5), (5, 2), (2, 4)];
    pattern(6, inside.into_iter().chain([(0, 2), (1, 3)]), |n| if n < 2 { "east" } else { "west" })
}

/// Rows: 0.5.
#[test]
fn the_voices_of_one_class_are_one_voice() {
    let mut pattern = square();
    pattern.edges.insert(edge(1, 2));
    let both = BTreeSet::from([net(1)]);
    let reach = Weave::new(&pattern).reach(net(0), &both);
    assert_eq!((reach.voices, reach.independent, reach.heard), (2, 2, 6));
    assert_eq!(reach.reinforced[0], Reinforced { k: 2, now: 1, closure: 6 });
    pattern.classes = BTreeMap::from([(net(0), net(0)), (net(1), net(0))]);
    let weave = Weave::new(&pattern);
    let reach = weave.reach(net(0), &both);
    assert_eq!((reach.voices, reach.independent, reach.heard), (2, 1, 6));
    assert_eq!(reach.reinforced[0], Reinforced { k: 2, now: 0, closure: 2 });
    assert_eq!(weave.bridge("east", "west").unwrap().there, [4, 0, 0]);
}

#[test]
fn the_share_of_a_cluster_counts_those_who_endorse_and_not_the_author() {
    let weave = Weave::new(&square());
    let reach = weave.reach(net(0), &BTreeSet::from([net(0), net(2), net(9)]));
    assert_eq!(reach.voices, 2);
    let west = Share { cluster: "west".into(), endorsed: 1, of: 4 };
    assert!(west.is_quarter());
    assert_eq!(reach.shares, [west]);
}

#[test]
fn whom_to_ask_next_is_who_gives_the_most_a_second_voice() {
    let weave = Weave::new(&square());
    let next = weave.ask_next(net(2), &BTreeSet::new(), 2, 9);
    // 2 speaks to 0, 3, 4 and 5: 4 brings 3 and 5; 3 and 5 would bring 4, 1 would bring 3, and of
    // these whoever carries the fewest ties comes first.
    let named: Vec<(NetId, usize)> = next.iter().map(|next| (next.net, next.gain)).collect();
    assert_eq!(named, [(net(4), 2), (net(1), 1), (net(5), 1), (net(3), 1)]);
}

fn wish<'a>(
    k: usize,
    scores: &'a BTreeMap<NetId, crate::values::Scores>,
    parted: &'a BTreeSet<(NetId, NetId)>,
) -> Wish<'a> {
    Wish { ends: ["east", "west"], k, scores, parted }
}

#[test]
fn the_missing_tie_is_the_one_that_lights_the_other_side() {
    let weave = Weave::new(&square());
    assert_eq!(weave.bridge("east", "west").unwrap().there, [4, 0, 0]);
    let (scores, parted) = (BTreeMap::new(), BTreeSet::new());
    let best = weave.suggest(&wish(2, &scores, &parted), 9);
    // A second voice for 3, who carries less than 2, also gives 0 two ties into the west.
    let first = &best[0];
    assert_eq!((first.ties[0].a, first.ties[0].b), (net(0), net(3)));
    assert_eq!(first.gain, 4 + 1);
    let parted = BTreeSet::from([(net(3), net(0))]);
    let next = weave.suggest(&wish(2, &scores, &parted), 1);
    assert_ne!((next[0].ties[0].a, next[0].ties[0].b), (net(0), net(3)));
}

#[test]
fn where_one_tie_lights_nothing_two_that_meet_are_suggested() {
    let pattern =
        pattern(
            6,
            [(0, 1), (2, 3), (3, 4), (4, 2), (4, 5)],
            |n| {
                if n < 2 { "east" } else { "west" }
            },
        );
    let weave = Weave::new(&pattern);
    let (scores, parted) = (BTreeMap::new(), BTreeSet::new());
    let best = weave.suggest(&wish(2, &scores, &parted), 1);
    let [Suggestion { ties, gain, carriers: 1 }] = best.as_slice() else { panic!("{best:?}") };
    let [first, second] = ties.as_slice() else { panic!("{ties:?}") };
    assert!(*gain > 0 && (first.a == second.a || first.b == second.b));
}

#[test]
fn the_narrowest_bridge_is_the_last_of_the_tree() {
    let pairs = [(0, 3), (1, 4), (0, 6), (3, 6), (4, 7), (8, 5), (2, 5)];
    let weave = Weave::new(&pattern(9, pairs, |n| ["east", "west", "north"][n / 3]));
    let bridges = weave.bridges();
    let tree = spanning_tree(&bridges);
    let named: Vec<_> = tree.iter().map(|b| (b.ends.join(" "), b.carriers)).collect();
    assert_eq!(named, [("east west".to_owned(), 3), ("north west".to_owned(), 3)]);
}

/// The most pairs by trying all subsets of ties, for small sides.
fn matched(ties: &[Vec<usize>], taken: u32) -> usize {
    let Some((first, rest)) = ties.split_first() else { return 0 };
    let free = first.iter().filter(|right| taken & (1 << **right) == 0);
    let with = free.map(|right| 1 + matched(rest, taken | (1 << right))).max();
    with.unwrap_or(0).max(matched(rest, taken))
}

fn small_pattern() -> impl Strategy<Value = (usize, BTreeSet<(usize, usize)>, Vec<usize>)> {
    (4_usize..14).prop_flat_map(|count| {
        let pair = (0..count, 0..count);
        (
            Just(count),
            prop::collection::btree_set(pair, 0..count * 3),
            prop::collection::vec(0..count, count),
        )
    })
}

/// Three clusters, and classes as drawn when `shared`.
fn drawn(count: usize, pairs: &BTreeSet<(usize, usize)>, classes: Option<&[usize]>) -> Pattern {
    let mut made = pattern(count, pairs.iter().copied(), |n| ["east", "west", "north"][n % 3]);
    let classes = classes.into_iter().flatten().enumerate();
    made.classes = classes.map(|(n, class)| (net(n), net(class / 2))).collect();
    made
}

proptest! {
    #[test]
    fn another_tie_never_narrows_anything(
        (count, pairs, classes) in small_pattern(),
        a in 0_usize..14, b in 0_usize..14,
    ) {
        let before = drawn(count, &pairs, Some(&classes));
        let mut after = before.clone();
        after.edges.insert(edge(a % count, b % count));
        let (before, after) = (Weave::new(&before), Weave::new(&after));
        for (a, b) in [("east", "west"), ("east", "north"), ("north", "west")] {
            let (Some(thin), Some(wide)) = (before.bridge(a, b), after.bridge(a, b)) else {
                continue;
            };
            prop_assert!(thin.ties <= wide.ties && thin.carriers <= wide.carriers);
            for i in 0..3 {
                prop_assert!(thin.there[i] <= wide.there[i] && thin.back[i] <= wide.back[i]);
            }
        }
        let endorsers = BTreeSet::from([net(1), net(2)]);
        let (thin, wide) = (before.reach(net(0), &endorsers), after.reach(net(0), &endorsers));
        prop_assert!(thin.heard <= wide.heard);
        for (thin, wide) in thin.reinforced.iter().zip(&wide.reinforced) {
            prop_assert!(thin.now <= wide.now && thin.closure <= wide.closure);
        }
    }

    #[test]
    fn carriers_are_a_maximum_matching_and_lit_falls_with_k((count, pairs, _) in small_pattern()) {
        let weave = Weave::new(&drawn(count, &pairs, None));
        for bridge in weave.bridges() {
            let sides = weave.sides(&bridge.ends[0], &bridge.ends[1]).unwrap();
            let ties = weave.ties_between(sides);
            prop_assert_eq!(bridge.carriers, matched(&ties, 0));
            prop_assert!(bridge.carriers <= bridge.ties.min(bridge.sizes[0]).min(bridge.sizes[1]));
            prop_assert!(bridge.there.is_sorted_by(|a, b| a >= b));
            prop_assert!(bridge.back.is_sorted_by(|a, b| a >= b));
            prop_assert!(bridge.ties > 0 && bridge.there[0] > 0 && bridge.back[0] > 0);
            let turned = weave.bridge(&bridge.ends[1], &bridge.ends[0]);
            prop_assert_eq!(turned, Some(bridge));
        }
    }

    #[test]
    fn a_tie_adds_a_carrier_exactly_when_both_ends_can_be_spared(
        (count, pairs, _) in small_pattern(),
    ) {
        let weave = Weave::new(&drawn(count, &pairs, None));
        let sides = weave.sides("east", "west").unwrap();
        let ties = weave.ties_between(sides);
        let rights = weave.cluster(sides.to).members.len();
        let matching = matching::Matching::new(&ties, rights);
        let (left, right) = matching.spare(&ties);
        for a in 0..ties.len() {
            for b in 0..rights {
                let mut more = ties.clone();
                more[a].push(b);
                let grown = matching::Matching::new(&more, rights).size() > matching.size();
                prop_assert_eq!(grown, left[a] && right[b]);
            }
        }
    }

    #[test]
    fn other_names_change_nothing_but_names(
        (count, pairs, classes) in small_pattern(),
        turn in 1_usize..13,
    ) {
        let moved = |n: usize| (n + turn) % count;
        let one = drawn(count, &pairs, Some(&classes));
        let net_of: BTreeMap<NetId, NetId> = (0..count).map(|n| (net(n), net(moved(n)))).collect();
        // Classes may be named after a number that is no network here.
        let named = |id: &NetId| net_of.get(id).copied().unwrap_or(*id);
        let other = Pattern {
            networks: one.networks.iter().map(named).collect(),
            edges: one.edges.iter().map(|e| Edge { a: named(&e.b), b: named(&e.a), kind: e.kind }).collect(),
            clusters: one.clusters.iter().map(|(id, c)| (named(id), c.clone())).collect(),
            classes: one.classes.iter().map(|(id, c)| (named(id), *c)).collect(),
        };
        let (one, other) = (Weave::new(&one), Weave::new(&other));
        prop_assert_eq!(one.bridges(), other.bridges());
        let endorsers = [net(1), net(2)];
        let here = one.reach(net(0), &endorsers.into());
        let there = other.reach(named(&net(0)), &endorsers.iter().map(named).collect());
        prop_assert_eq!(here, there);
    }

    #[test]
    fn what_is_suggested_gains_what_it_says((count, pairs, classes) in small_pattern()) {
        let before = drawn(count, &pairs, Some(&classes));
        let weave = Weave::new(&before);
        let (scores, parted) = (BTreeMap::new(), BTreeSet::new());
        let thin = weave.bridge("east", "west").unwrap();
        for suggestion in weave.suggest(&wish(2, &scores, &parted), 20) {
            let mut after = before.clone();
            for tie in &suggestion.ties {
                prop_assert!(!weave.are_tied(tie.a, tie.b));
                after.edges.insert(Edge { a: tie.a, b: tie.b, kind: TieKind::Project });
            }
            let wide = Weave::new(&after).bridge("east", "west").unwrap();
            let gain = wide.there[1] + wide.back[1] - thin.there[1] - thin.back[1];
            prop_assert_eq!(suggestion.gain, gain);
            prop_assert_eq!(suggestion.carriers, wide.carriers - thin.carriers);
        }
    }
}
