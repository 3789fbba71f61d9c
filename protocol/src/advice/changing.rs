//! Advice on what takes the place of something that was said, or takes it back.

use super::Advice;
use super::answering::affair_of;
use crate::body::Body;
use crate::body::end::{End, EndKind};
use crate::body::response::ResponseKind;
use crate::fold::affair::Affair;
use crate::fold::proposal::Phase;
use crate::id::NetId;
use crate::ledger::{Ledger, Place, Summary};
use crate::record::{Header, Kind};
use crate::time::Timestamp;

/// Advice on a later version of a thing.
pub(super) fn following(
    ledger: &Ledger,
    us: NetId,
    (header, body): (&Header, &Body),
) -> Vec<Advice> {
    let before = header.version.prev.iter().find_map(|id| ledger.summary(id));
    let Some(before) = before else { return Vec::new() };
    if before.net != us {
        return vec![Advice::OnlyAuthor(before.net)];
    }
    let ended =
        ledger.thing(&before.thing).first().is_some_and(|shown| shown.place == Place::Ended);
    // What people would answer, join or rest on; a profile that was withdrawn may be said anew.
    let final_ =
        matches!(body, Body::Call(_) | Body::Gathering(_) | Body::Proposal(_) | Body::Role(_));
    if ended && final_ { vec![Advice::TakenBack] } else { Vec::new() }
}

/// Advice on an end.
pub(super) fn ending(ledger: &Ledger, us: NetId, end: &End, now: Timestamp) -> Vec<Advice> {
    if !matches!(end.kind, EndKind::Withdraw | EndKind::Cancel | EndKind::Erase) {
        return Vec::new();
    }
    let targets = end.targets.iter().filter(|target| target.version.is_none());
    let shown = targets.filter_map(|target| ledger.thing(&target.thing).into_iter().next());
    shown.filter_map(|shown| taking_back(ledger, us, end.kind, &shown, now)).collect()
}

fn taking_back(
    ledger: &Ledger,
    us: NetId,
    kind: EndKind,
    shown: &Summary,
    now: Timestamp,
) -> Option<Advice> {
    if shown.net != us {
        return Some(Advice::OnlyAuthor(shown.net));
    }
    let erases = kind == EndKind::Erase;
    if shown.place == Place::Erased || (shown.place == Place::Ended && !erases) {
        return Some(Advice::TakenBack);
    }
    match shown.kind {
        Kind::Response => {
            let (call, offer) = affair_of(ledger, &shown.thing)?;
            let (facts, answers) = ledger.affair(&call, &us)?;
            let affair = Affair::new(&facts, &answers);
            let offer = affair.find(offer).filter(|offer| offer.kind == ResponseKind::Offer)?;
            (offer.thing == shown.thing && affair.confirmed(offer.thing) > 0)
                .then_some(Advice::Confirmed)
        }
        Kind::Proposal if !erases => {
            let (_, decision) = ledger.proposal(&shown.thing, now)?;
            match decision.state.phase {
                Phase::Deliberation | Phase::Voting => None,
                Phase::Withdrawn => Some(Advice::TakenBack),
                phase => Some(Advice::Decided(phase)),
            }
        }
        _ => None,
    }
}
