//! Which way an appeal to values pulls: a hint on one's own draft, never a label on another's call.
//!
//! Strengthening one value raises its neighbours, lowers its opposites and leaves the rest (Maio,
//! Pakizeh, Cheung and Rees, "Changing, priming, and acting on values", 2009). The simplest
//! function on a circle that does so is the cosine, K(i, j) = cos(θᵢ − θⱼ); that is **our
//! formalisation**, and it claims a direction and no size.

use super::circle::{COS, SIN};
use super::rounded::Rounded;
use super::score::{Profile, index};
use crate::body::values::ValueType;

/// Below this the appeals of a draft pull against each other: half of what they would move
/// together is lost.
pub const COHERENT_MIN: Rounded = Rounded::from_units(5_000);

/// Which way an appeal pulls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// The mean resultant length ρ = |Σ w e^{iθ}| / Σ w: 1 is one direction, 0 cancels out.
    pub coherence: Rounded,
    /// The direction in which each type moves, Δᵢ = Σ w K(i, j), in the order of the circle.
    pub moves: [Rounded; 10],
    /// The pull on intrinsic types: the mean of their Δ less the mean of the extrinsic ones'.
    pub pull: Rounded,
    /// The two of the types appealed to that are furthest apart, when they oppose each other.
    pub against: Option<(ValueType, ValueType)>,
}

impl Appeal {
    /// Weighs an appeal to these types; one that is named twice weighs twice. None for no types.
    pub fn new(types: &[ValueType]) -> Option<Self> {
        let sum = |axis: &[f64; 10]| types.iter().map(|value| axis[*value as usize]).sum::<f64>();
        let weight: f64 = types.iter().map(|_| 1.0).sum();
        let (x, y) = (sum(&COS), sum(&SIN));
        let moves: Profile = ValueType::ALL
            .map(|value| Some(types.iter().map(|by| coupling(value, *by)).sum::<f64>()));
        (weight > 0.0).then(|| Self {
            coherence: Rounded::new((x * x + y * y).sqrt() / weight),
            moves: moves.map(|delta| Rounded::new(delta.unwrap_or_default())),
            pull: Rounded::new(index(&moves).unwrap_or_default()),
            against: furthest(types),
        })
    }

    /// Says whether the appeals pull against each other.
    pub fn is_torn(&self) -> bool {
        self.coherence < COHERENT_MIN
    }
}

/// Returns how much one type moves with another: 1 with itself, −1 with its opposite.
fn coupling(a: ValueType, b: ValueType) -> f64 {
    COS[(a as usize).abs_diff(b as usize)]
}

fn furthest(types: &[ValueType]) -> Option<(ValueType, ValueType)> {
    let pairs = types.iter().flat_map(|a| types.iter().map(move |b| (*a, *b)));
    let opposed = pairs.filter(|(a, b)| a < b && coupling(*a, *b) < 0.0);
    opposed.min_by(|p, q| coupling(p.0, p.1).total_cmp(&coupling(q.0, q.1)).then(p.cmp(q)))
}
