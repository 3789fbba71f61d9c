//! What one direction of a bridge lets through, as its operator wrote it.
//!
//! **Invariant:** an empty list limits nothing; a rule that passed [`Rule::check`] leads from one
//! region into another.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::body::carriage::VIA_MAX;
use crate::body::text::{Lang, Place, Tag};
use crate::id::NetId;
use crate::record::Kind;
use crate::region::Region;

/// The most bridges that anything can cross: those that a carriage can name, and its own.
pub const HOPS_MAX: u8 = 8;

const _: () = assert!(HOPS_MAX as usize == VIA_MAX + 1, "a carriage names all bridges before it");

/// One direction of a bridge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What the operator calls it; every carriage that follows from it says so.
    pub name: Tag,
    /// Out of which region.
    pub from: Region,
    /// Into which region.
    pub to: Region,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Only::is_all")]
    pub only: Only,
    /// How many independent networks must stand behind a record, beside its author.
    #[serde(default)]
    pub endorsements: u8,
    /// How far, how old, how fast.
    #[serde(default)]
    pub limits: Limits,
    /// Whether the author may be told what is held back, and why.
    #[serde(default)]
    pub tell: bool,
}

/// What a rule is about. Each list that is not empty must have something in common with the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// Of these kinds; empty: every known kind that can be carried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// In one of these movement fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Tag>,
    /// In one of these languages (`pt` lets `pt-br` through).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Lang>,
    /// Of these networks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<NetId>,
    /// At one of these places (`GB` lets `GB-BST` through, a geohash what lies in it).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
}

impl Only {
    /// Says whether it limits nothing.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

/// How far, how old, how fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Over how many bridges a record may have come with this one, 1 to [`HOPS_MAX`].
    pub hops: u8,
    /// How many days old it may be.
    pub days: u16,
    /// How many records an hour; as many may go at once after an hour of rest.
    pub per_hour: u32,
}

impl Default for Limits {
    /// Three bridges reach every region of a movement whose regions know each other's neighbours;
    /// ninety days is as long as a call may live; 3 600 an hour, one a second, is more than people
    /// read and little enough that a bridge gone wrong is noticed before it has filled a store.
    fn default() -> Self {
        Self { hops: 3, days: 90, per_hour: 3600 }
    }
}

/// A rule cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum RuleError {
    /// It leads nowhere.
    #[error("a rule leads from one region into another, not into the same")]
    SameRegion,
    /// No carriage could say that.
    #[error("a record crosses 1 to {HOPS_MAX} bridges")]
    Hops,
    /// Nothing would ever cross.
    #[error("at least one record an hour must be allowed; pause the rule to stop it")]
    Rate,
    /// Support, answers and carriages follow by themselves, and have no way of their own.
    #[error("records of kind {0} follow what is carried and cannot be carried themselves")]
    Kind(Kind),
    /// Two rules cannot have one name.
    #[error("there is a rule of that name already")]
    Name,
}

impl Rule {
    /// Makes a rule that lets everything through that may travel.
    pub fn new(name: Tag, from: Region, to: Region) -> Self {
        let (only, limits) = (Only::default(), Limits::default());
        Self { name, from, to, only, endorsements: 0, limits, tell: false }
    }

    /// Says whether the rule can be followed.
    ///
    /// # Errors
    /// [`RuleError`] says what is wrong with it.
    pub fn check(&self) -> Result<(), RuleError> {
        if self.from == self.to {
            return Err(RuleError::SameRegion);
        }
        if !(1..=HOPS_MAX).contains(&self.limits.hops) {
            return Err(RuleError::Hops);
        }
        if self.limits.per_hour == 0 {
            return Err(RuleError::Rate);
        }
        match self.only.kinds.iter().find(|kind| !is_carriable(kind)) {
            Some(kind) => Err(RuleError::Kind(kind.clone())),
            None => Ok(()),
        }
    }
}

/// Says whether records of this kind are ever carried: support follows, answers follow what they
/// answer, and a carriage speaks of the one region that it is in.
pub(super) fn is_carriable(kind: &Kind) -> bool {
    !matches!(kind, Kind::Identity | Kind::Role | Kind::Response | Kind::End | Kind::Carriage)
}

fn words<T: fmt::Display>(items: &[T], joint: &str) -> String {
    let items: Vec<String> = items.iter().map(T::to_string).collect();
    match items.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {joint} {last}", rest.join(", ")),
        _ => items.concat(),
    }
}

impl fmt::Display for Rule {
    /// Says in plain words what the rule does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, from, to, only, limits, .. } = self;
        write!(f, "{name}: carries ")?;
        match &only.kinds[..] {
            [] => f.write_str("everything that may travel")?,
            kinds => f.write_str(&words(kinds, "and"))?,
        }
        write!(f, " from {from} into {to}")?;
        if !only.fields.is_empty() {
            write!(f, ", about {}", words(&only.fields, "or"))?;
        }
        if !only.languages.is_empty() {
            write!(f, ", in {}", words(&only.languages, "or"))?;
        }
        if !only.places.is_empty() {
            write!(f, ", at {}", words(&only.places, "or"))?;
        }
        if !only.networks.is_empty() {
            let names: Vec<String> = only.networks.iter().map(NetId::short).collect();
            write!(f, ", of {}", words(&names, "or"))?;
        }
        match self.endorsements {
            0 => {}
            1 => f.write_str(", once a network other than the author's endorses it")?,
            k => write!(f, ", once {k} independent networks endorse it")?,
        }
        let Limits { hops, days, per_hour } = limits;
        let more = |count: u64| if count == 1 { "" } else { "s" };
        let (bridges, old) = (more(u64::from(*hops)), more(u64::from(*days)));
        write!(f, "; over at most {hops} bridge{bridges}, at most {days} day{old} old, ")?;
        write!(f, "at most {per_hour} an hour")
    }
}
