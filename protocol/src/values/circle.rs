//! Where scores point on the circle of values.

use super::rounded::Rounded;
use super::score::Scores;

/// cos 36° = (1 + √5) / 4.
const COS_36: f64 = 0.809_016_994_374_947_5;
/// cos 72° = (√5 − 1) / 4.
const COS_72: f64 = 0.309_016_994_374_947_45;
/// sin 36°.
const SIN_36: f64 = 0.587_785_252_292_473_1;
/// sin 72°.
const SIN_72: f64 = 0.951_056_516_295_153_5;

/// The cosine of each step of 36°: a table, because libraries differ in the last bit.
pub(super) const COS: [f64; 10] =
    [1.0, COS_36, COS_72, -COS_72, -COS_36, -1.0, -COS_36, -COS_72, COS_72, COS_36];

/// The sine of each step of 36°.
pub(super) const SIN: [f64; 10] =
    [0.0, SIN_36, SIN_72, SIN_72, SIN_36, 0.0, -SIN_36, -SIN_72, -SIN_72, -SIN_36];

/// Where a network's scores point, by the structural summary (Zimmermann and Wright, "Beyond
/// description in interpersonal construct validation", 2017): the cosine curve nearest to them.
///
/// With all ten types X = (2/n) Σ c cos θ and Y = (2/n) Σ c sin θ; when one or two are missing, the
/// least squares of level, X and Y, which is the same number where both exist. That two numbers
/// are enough to say how networks fit: Borg, Groenen, Jehn, Bilsky and Schwartz, "Embedding the
/// organizational culture profile into Schwartz's theory of universals in values", 2011.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    x: f64,
    y: f64,
    fit: f64,
}

impl Scores {
    /// Returns where the scores point.
    pub fn position(&self) -> Position {
        let points: Vec<[f64; 3]> = (self.exact().iter().enumerate())
            .filter_map(|(i, score)| Some([(*score)?, COS[i], SIN[i]]))
            .collect();
        let count: f64 = points.iter().map(|_| 1.0).sum();
        let mean = |axis: usize| points.iter().map(|point| point[axis]).sum::<f64>() / count;
        // Taking the mean off both axes is what taking the level out of the fit comes to.
        let (cos, sin) = (mean(1), mean(2));
        let points: Vec<[f64; 3]> =
            points.into_iter().map(|[c, u, v]| [c, u - cos, v - sin]).collect();
        let sum = |a: usize, b: usize| points.iter().map(|p| p[a] * p[b]).sum::<f64>();
        let (uu, uv, vv) = (sum(1, 1), sum(1, 2), sum(2, 2));
        // Eight of ten points of a circle never lie on a line, so this is well above zero.
        let area = uu * vv - uv * uv;
        let x = (sum(0, 1) * vv - sum(0, 2) * uv) / area;
        let y = (sum(0, 2) * uu - sum(0, 1) * uv) / area;
        let missed: f64 = points.iter().map(|[c, u, v]| c - x * u - y * v).map(|d| d * d).sum();
        Position { x, y, fit: 1.0 - missed / sum(0, 0) }
    }
}

impl Position {
    /// Returns how far the curve swings, A = √(X² + Y²), in steps of the rating scale.
    pub fn amplitude(&self) -> Rounded {
        Rounded::new(self.length())
    }

    /// Returns where it is highest, φ = atan2(Y, X), from 0 to below 360 degrees; none when it does
    /// not swing. For showing: nothing is decided by it.
    pub fn direction(&self) -> Option<Rounded> {
        let degrees = self.y.atan2(self.x).to_degrees();
        let units = Rounded::new(degrees).units().rem_euclid(360 * Rounded::ONE);
        self.swings().then(|| Rounded::from_units(units))
    }

    /// Returns how much of the scores the curve explains, R² = 1 − Σ (c − A cos(θ − φ))² / Σ c².
    pub fn fit(&self) -> Rounded {
        Rounded::new(self.fit)
    }

    /// Returns how alike two directions are: cos(φᵃ − φᵇ) = (XᵃXᵇ + YᵃYᵇ) / (AᵃAᵇ), from −1 for
    /// opposites to 1; none when one of them has no direction.
    pub fn similarity(&self, other: &Self) -> Option<Rounded> {
        let product = self.x * other.x + self.y * other.y;
        let both = self.swings() && other.swings();
        both.then(|| Rounded::new((product / (self.length() * other.length())).clamp(-1.0, 1.0)))
    }

    fn length(&self) -> f64 {
        (self.x * self.x + self.y * self.y).sqrt()
    }

    fn swings(&self) -> bool {
        self.amplitude().units() > 0
    }
}
