//! Which power which record needs, and what a role may be limited to.

use crate::body::response::ResponseKind;
use crate::body::role::{Power, Role, Scope};
use crate::body::text::Tag;
use crate::id::ThingId;
use crate::record::Kind;
use crate::region::Region;

use super::{Standing, Why};

/// What a role must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// One of these.
    AnyOf(&'static [Power]),
    /// One of these when the answered thing, which is not here, is a tie; else one of those.
    Unclear { tie: &'static [Power], other: &'static [Power], thing: ThingId },
    /// No role will do.
    NetworkKey,
    /// Nothing: each target of an end is judged by itself.
    Nothing,
}

const ANSWER: &[Power] = &[Power::Respond, Power::Call];
const SIGN_TIE: &[Power] = &[Power::SignTie];

/// Returns what a record of this kind, other than an identity event, needs.
pub(crate) fn need(kind: &Kind) -> Need {
    Need::AnyOf(match kind {
        Kind::Profile => &[Power::Profile],
        Kind::Role => &[Power::Delegate],
        Kind::Values => &[Power::Values],
        Kind::Call | Kind::Gathering => &[Power::Call],
        Kind::Proposal => &[Power::Propose],
        Kind::Tie => SIGN_TIE,
        Kind::Disclosure => &[Power::Disclose],
        Kind::Carriage => &[Power::Bridge],
        Kind::End => return Need::Nothing,
        Kind::Response => &[Power::Respond],
        Kind::Identity | Kind::Other(_) => return Need::NetworkKey,
    })
}

/// Returns what an answer needs, given the kind of what it answers when that is here.
pub(crate) fn need_of_answer(kind: ResponseKind, thing: ThingId, target: Option<&Kind>) -> Need {
    match (kind, target) {
        (ResponseKind::Endorse, _) => Need::AnyOf(&[Power::Endorse]),
        (ResponseKind::Ballot, _) => Need::AnyOf(&[Power::Vote]),
        (ResponseKind::Minutes, _) => Need::AnyOf(&[Power::Minutes, Power::Call]),
        (ResponseKind::Accept | ResponseKind::Decline, Some(Kind::Tie)) => Need::AnyOf(SIGN_TIE),
        (ResponseKind::Accept | ResponseKind::Decline, None) => {
            Need::Unclear { tie: SIGN_TIE, other: ANSWER, thing }
        }
        (
            ResponseKind::Accept
            | ResponseKind::Decline
            | ResponseKind::Confirm
            | ResponseKind::Contest
            | ResponseKind::Thanks,
            _,
        ) => Need::AnyOf(ANSWER),
        _ => Need::AnyOf(&[Power::Respond]),
    }
}

/// What a record is about, for the limits of roles.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct About<'a> {
    pub(crate) region: Option<&'a Region>,
    pub(crate) things: &'a [ThingId],
    /// Hashes of its fields.
    pub(crate) topics: &'a [u64],
}

/// Judges whether a role that is in force may do this.
pub(crate) fn judge(role: &Role, need: Need, about: &About<'_>) -> Standing {
    let has = |powers: &[Power]| powers.iter().any(|power| role.powers.contains(power));
    let missing = |any_of: &[Power]| Standing::Void(Why::PowerMissing { any_of: any_of.to_vec() });
    match need {
        Need::AnyOf(powers) if !has(powers) => return missing(powers),
        Need::NetworkKey => return Standing::Void(Why::NetworkKeyOnly),
        Need::Unclear { tie, other, thing } => match (has(tie), has(other)) {
            (true, true) => {}
            (false, false) => return missing(other),
            _ => return Standing::Held(Why::TargetMissing { thing }),
        },
        Need::AnyOf(_) | Need::Nothing => {}
    }
    let inside = match &role.scope {
        None => true,
        Some(_) if need == Need::Nothing => true,
        Some(Scope::Region(region)) => about.region == Some(region),
        Some(Scope::Thing(thing)) => about.things.contains(thing),
        Some(Scope::Topic(tag)) => about.topics.contains(&topic_hash(tag)),
    };
    if inside { Standing::Valid } else { Standing::Void(Why::OutOfScope) }
}

/// Returns a short name of a field: the first 8 bytes of the SHA-256 of what it is compared by. Making another field with
/// the same short name costs 2^64 hashes.
pub(crate) fn topic_hash(tag: &Tag) -> u64 {
    use sha2::{Digest, Sha256};
    let digest: [u8; 32] = Sha256::digest(tag.folded().as_bytes()).into();
    digest.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}
