//! The perception gap: how much more the others care than a network thinks they do.
//!
//! People who see that others share their intrinsic values take part more and feel less estranged;
//! most under-rate how much others do (Common Cause Foundation, "Perceptions matter", 2016;
//! Sanderson and others, "Strangers in their own land", 2019). Showing it is what closes it.
//!
//! **Invariant:** nothing is said of fewer than [`DECLARED_MIN`] declarations, and nothing of a
//! single network but to itself.

use std::collections::BTreeMap;

use super::rounded::Rounded;
use super::score::{Mean, Profile, Scores, index};
use crate::body::values::ValueType;
use crate::id::NetId;

/// The fewest declarations of own values that others' views are compared with, and the fewest
/// views of which a median is shown: of four, a quartile is one network's own.
pub const DECLARED_MIN: usize = 5;

/// What the networks in some scope (all, a field, a region, a tie) say that they value.
#[derive(Debug, Clone)]
pub struct Actual {
    declared: BTreeMap<NetId, Scores>,
    mean: Mean,
}

/// What one network thinks of the others, beside what they say: for its own eyes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnGap {
    /// How many others it is compared with.
    pub others: usize,
    /// The gap PG = I(a) − I(p): a is the mean of what the others declare, p what it thinks of
    /// them, I the intrinsic index. Above zero they care more than it thinks.
    pub gap: Rounded,
    /// The same type by type, g = a − p, where both are known.
    pub types: BTreeMap<ValueType, Rounded>,
    /// How much kinder it thinks itself than them, D = I(s) − I(p), when it has declared.
    pub contrast: Option<Rounded>,
}

/// What many networks think of each other, beside what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// How many have declared what they value.
    pub declared: usize,
    /// How many have declared what they think of the others.
    pub views: usize,
    /// How many of these under-rate the others: their gap is above zero.
    pub under: usize,
    /// The gap at a quarter, at half and at three quarters of the views.
    pub quartiles: [Rounded; 3],
    /// How many views under-rate how much each type matters to the others, in the order of the
    /// circle.
    pub types: [usize; 10],
}

impl Actual {
    /// Takes what the networks in a scope declare of themselves.
    pub fn new(declared: BTreeMap<NetId, Scores>) -> Self {
        let mean = declared.values().collect();
        Self { declared, mean }
    }

    /// Returns the gap of one network that thinks so of the others; none when too few have
    /// declared, or a frame has no rated type.
    pub fn own_gap(&self, net: NetId, view: &Scores) -> Option<OwnGap> {
        self.is_enough().then(|| self.compare(net, view)).flatten()
    }

    /// Returns the gap of all networks that have a view of the others; none when too few have
    /// declared, or too few have a view.
    pub fn gap(&self, views: &BTreeMap<NetId, Scores>) -> Option<Gap> {
        if !self.is_enough() {
            return None;
        }
        let own: Vec<OwnGap> =
            views.iter().filter_map(|(net, view)| self.compare(*net, view)).collect();
        let mut gaps: Vec<Rounded> = own.iter().map(|own| own.gap).collect();
        gaps.sort_unstable();
        let above = |gap: &Rounded| gap.units() > 0;
        let under = |value: ValueType| {
            own.iter().filter(|own| own.types.get(&value).is_some_and(above)).count()
        };
        (gaps.len() >= DECLARED_MIN).then(|| Gap {
            declared: self.declared.len(),
            views: gaps.len(),
            under: gaps.iter().filter(|gap| above(gap)).count(),
            quartiles: [1, 2, 3].map(|quarter| quartile(&gaps, quarter)),
            types: ValueType::ALL.map(under),
        })
    }

    fn is_enough(&self) -> bool {
        self.declared.len() >= DECLARED_MIN
    }

    fn compare(&self, net: NetId, view: &Scores) -> Option<OwnGap> {
        let itself = self.declared.get(&net);
        let others = self.declared.len() - itself.iter().count();
        let actual = itself.map_or(self.mean, |scores| self.mean.without(scores)).exact();
        let seen: Profile = view.exact();
        let type_gap = |value: ValueType| {
            let gap = actual[value as usize]? - seen[value as usize]?;
            Some((value, Rounded::new(gap)))
        };
        let seen_index = index(&seen)?;
        Some(OwnGap {
            others,
            gap: Rounded::new(index(&actual)? - seen_index),
            types: ValueType::ALL.into_iter().filter_map(type_gap).collect(),
            contrast: itself
                .and_then(|scores| index(&scores.exact()))
                .map(|own| Rounded::new(own - seen_index)),
        })
    }
}

/// Returns the value at so many quarters of ordered numbers, of which there is at least one,
/// between two in proportion (Hyndman and Fan's definition 7), rounded half away from zero.
fn quartile(ordered: &[Rounded], quarter: usize) -> Rounded {
    let at = (ordered.len() - 1) * quarter;
    let low = ordered[at / 4].units();
    let high = ordered.get(at / 4 + 1).map_or(low, |next| next.units());
    let fourfold = [low, low, low, low, high, high, high].iter().skip(at % 4).take(4).sum::<i32>();
    Rounded::from_units((fourfold + 2 * fourfold.signum()) / 4)
}
