//! `values`: what matters to a network, and what it thinks matters to others.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::KnownBody;
use super::text::{BoundError, List, Tag, Text};
use crate::id::ThingId;
use crate::region::Region;

/// The ten value types after Schwartz (1992), in the order of the circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ValueType {
    /// Universalism.
    Un,
    /// Self-direction.
    Sd,
    /// Stimulation.
    St,
    /// Hedonism.
    He,
    /// Achievement.
    Ac,
    /// Power.
    Po,
    /// Security.
    Se,
    /// Conformity.
    Co,
    /// Tradition.
    Tr,
    /// Benevolence.
    Be,
}

impl ValueType {
    /// All ten, in the order of the circle.
    pub const ALL: [Self; 10] = [
        Self::Un,
        Self::Sd,
        Self::St,
        Self::He,
        Self::Ac,
        Self::Po,
        Self::Se,
        Self::Co,
        Self::Tr,
        Self::Be,
    ];
}

/// How much something matters: -1 (opposed to our values) to 7 (of supreme importance).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i8", into = "i8")]
pub struct Rating(i8);

impl TryFrom<i8> for Rating {
    type Error = BoundError;

    fn try_from(rating: i8) -> Result<Self, BoundError> {
        if (-1..=7).contains(&rating) { Ok(Self(rating)) } else { Err(BoundError::List) }
    }
}

impl From<Rating> for i8 {
    fn from(rating: Rating) -> Self {
        rating.0
    }
}

/// Whose values a declaration is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Our own.
    #[serde(rename = "self")]
    Ourselves,
    /// What we think of all others.
    Others,
    /// What we think of the others in this field.
    OthersInField(Tag),
    /// What we think of the others in this region.
    OthersInRegion(Region),
    /// What we think of the others in this tie.
    OthersInTie(ThingId),
}

/// How the network came to its declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Members were asked.
    MembersSurvey,
    /// An assembly decided.
    Assembly,
    /// The board decided.
    Board,
    /// One person wrote it down.
    OnePerson,
}

/// A declaration of values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Values {
    /// The instrument and its version: `schwartz10@1`.
    pub instrument: Tag,
    /// Whose values.
    pub subject: Subject,
    /// How much each type matters; not every type need be rated.
    pub ratings: BTreeMap<ValueType, Rating>,
    /// How much each item matters, by the item's code.
    #[serde(default, skip_serializing_if = "Items::is_empty")]
    pub items: Items,
    /// How it came about.
    pub method: Method,
    /// In the network's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Text<2000>>,
    /// Principles, each in a sentence.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub principles: List<Text<300>, 12>,
}

/// Ratings of single items, at most 64.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<Tag, Rating>", into = "BTreeMap<Tag, Rating>")]
pub struct Items(BTreeMap<Tag, Rating>);

impl Items {
    /// Says whether nothing is rated.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over items and ratings.
    pub fn iter(&self) -> impl Iterator<Item = (&Tag, Rating)> {
        self.0.iter().map(|(item, rating)| (item, *rating))
    }
}

impl TryFrom<BTreeMap<Tag, Rating>> for Items {
    type Error = BoundError;

    fn try_from(items: BTreeMap<Tag, Rating>) -> Result<Self, BoundError> {
        if items.len() <= 64 { Ok(Self(items)) } else { Err(BoundError::List) }
    }
}

impl From<Items> for BTreeMap<Tag, Rating> {
    fn from(items: Items) -> Self {
        items.0
    }
}

impl KnownBody for Values {
    const KEYS: &'static [&'static str] =
        &["instrument", "subject", "ratings", "items", "method", "statement", "principles"];
}
