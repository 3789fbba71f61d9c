//! Unlikely allies: who shares our intrinsic values and works on something else, or elsewhere.
//!
//! **Invariant:** there is no hidden score: who is named is named for reasons that are given with
//! the name, and the order follows from them.

use std::collections::{BTreeMap, BTreeSet};

use super::{JOIN, Weave};
use crate::body::text::Tag;
use crate::body::values::ValueType;
use crate::id::NetId;
use crate::region::Region;
use crate::values::{Rounded, Scores, Shared};

/// The least common ground with an ally: a strong correlation by the usual reading, and what
/// random profiles rarely have.
pub const COMMON_GROUND_MIN: Rounded = Rounded::from_units(5_000);

/// The fewest intrinsic types that both put above their average: one alone nearly everyone shares.
pub const SHARED_MIN: usize = 2;

/// How many voices a tie between allies is to bring: those that joining takes by default.
const VOICES: usize = JOIN[0];

/// A network, as far as looking for allies goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Which network.
    pub net: NetId,
    /// Its name, as the reader sees it.
    pub name: String,
    /// Its movement fields.
    pub fields: BTreeSet<Tag>,
    /// Its home region.
    pub region: Option<Region>,
    /// What it values.
    pub scores: Scores,
}

/// Somebody to make a tie with, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ally {
    /// Who.
    pub net: NetId,
    /// Its name.
    pub name: String,
    /// First reason: the intrinsic types that both put above their average, the surest first.
    pub shared: Vec<ValueType>,
    /// And how alike the values are altogether.
    pub common_ground: Rounded,
    /// Second reason: its fields, none of which is ours; empty when it works in a field of ours.
    pub new_fields: BTreeSet<Tag>,
    /// Third reason: its region, when it is not ours.
    pub new_region: Option<Region>,
    /// How many networks more would have two voices if there were a tie, between its cluster and
    /// ours.
    pub gain: usize,
}

/// Returns the unlikely allies of a network: those without a tie to it, in a different field or
/// region, with common ground of at least [`COMMON_GROUND_MIN`] and at least [`SHARED_MIN`] shared
/// intrinsic types. New fields come first, then who widens the weave most, then the name, the id.
pub fn unlikely_allies(us: &Candidate, known: &[Candidate], weave: &Weave) -> Vec<Ally> {
    let mut widenings = BTreeMap::new();
    let strangers =
        known.iter().filter(|them| them.net != us.net && !weave.are_tied(us.net, them.net));
    let mut allies: Vec<Ally> = strangers.filter_map(|them| ally(us, them)).collect();
    for ally in &mut allies {
        let clusters = weave.cluster_of(us.net).zip(weave.cluster_of(ally.net));
        if let Some((ours, theirs)) = clusters {
            let widening =
                widenings.entry(theirs).or_insert_with(|| weave.widening(ours, theirs, VOICES));
            ally.gain = widening.as_ref().map_or(0, |w| w.gain(&[(us.net, ally.net)]));
        }
    }
    allies.sort_by(|a, b| {
        let order = |ally: &Ally| (ally.new_fields.is_empty(), std::cmp::Reverse(ally.gain));
        order(a).cmp(&order(b)).then_with(|| (&a.name, a.net).cmp(&(&b.name, b.net)))
    });
    allies
}

fn ally(us: &Candidate, them: &Candidate) -> Option<Ally> {
    let new_fields =
        if us.fields.is_disjoint(&them.fields) { them.fields.clone() } else { BTreeSet::new() };
    let new_region = them.region.clone().filter(|region| us.region.as_ref() != Some(region));
    let common_ground = us.scores.correlation(&them.scores)?;
    let shared = Shared::new(&us.scores, &them.scores).intrinsic();
    let fits = common_ground >= COMMON_GROUND_MIN && shared.len() >= SHARED_MIN;
    let differs = !new_fields.is_empty() || new_region.is_some();
    (fits && differs).then(|| Ally {
        net: them.net,
        name: them.name.clone(),
        shared,
        common_ground,
        new_fields,
        new_region,
        gain: 0,
    })
}
