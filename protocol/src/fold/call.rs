//! What a call has come to: who stands behind it, what is offered, what is still needed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::body::response::ResponseKind;
use crate::id::{NetId, RecordId, ThingId};
use crate::time::Timestamp;

/// What the fold needs to know of the call's current version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The call.
    pub thing: ThingId,
    /// Who calls.
    pub author: NetId,
    /// When it ends.
    pub until: Timestamp,
    /// From when on it is withdrawn, if it is.
    pub withdrawn: Option<Timestamp>,
    /// Whether it is an alert, or needed now, so that somebody else must stand behind it.
    pub urgent: bool,
    /// How much each ask wants, in the call's order; a call without asks wants one answer.
    pub asks: Vec<u64>,
}

/// What the fold needs to know of one valid answer, to the call or to an answer to it: those too
/// that a later one may have replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The record.
    pub id: RecordId,
    /// The answer as a thing, which others answer.
    pub thing: ThingId,
    /// What it answers.
    pub to: ThingId,
    /// Who answers.
    pub net: NetId,
    /// How.
    pub kind: ResponseKind,
    /// Which ask it means; the first when it names none.
    pub ask: Option<u8>,
    /// How much; all when it names nothing.
    pub amount: Option<u32>,
    /// When.
    pub at: Timestamp,
    /// Whether it saw the current version, or one with an identical body.
    pub current: bool,
    /// Whether its network has an active tie with the caller.
    pub tied: bool,
    /// Whether it was taken back or, being a concern, answered.
    pub over: bool,
}

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Nothing has been confirmed yet.
    Open,
    /// Something has been confirmed.
    PartMet,
    /// Everything that was asked for has been confirmed.
    Met,
    /// The caller has taken it back.
    Withdrawn,
    /// Its time is over.
    Expired,
}

/// How far one ask has come, in its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AskState {
    /// Asked for.
    pub wanted: u64,
    /// Offered and not declined.
    pub offered: u64,
    /// Offered and accepted by the caller.
    pub accepted: u64,
    /// Said to be delivered and not contested by the caller.
    pub delivered: u64,
    /// Confirmed by the caller.
    pub confirmed: u64,
    /// Asked for and not confirmed.
    pub remaining: u64,
}

/// What a call has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// How far it has come.
    pub phase: Phase,
    /// It is urgent and no network with an active tie to the caller has endorsed it yet.
    pub unconfirmed: bool,
    /// Concerns of networks with an active tie to the caller. Shown, never hidden.
    pub concerns: Vec<RecordId>,
    /// Networks that stand behind the current version, each once, never the caller.
    pub endorsed: BTreeSet<NetId>,
    /// Networks that stand behind an earlier version only.
    pub endorsed_earlier: BTreeSet<NetId>,
    /// How far each ask has come, in the call's order.
    pub asks: Vec<AskState>,
}

impl State {
    /// Says whether somebody tied to the caller has a standing concern.
    pub fn is_disputed(&self) -> bool {
        !self.concerns.is_empty()
    }
}

/// Folds a call and its answers, in any order, into what they amount to at this time.
pub fn fold(facts: &Facts, answers: &[Answer], now: Timestamp) -> State {
    let standing = standing(facts.author, answers);
    let asks = ask_states(facts, &standing);
    let mut endorsed = BTreeSet::new();
    let mut endorsed_earlier = BTreeSet::new();
    let mut concerns = BTreeSet::new();
    let mut confirmed_by_tied = false;
    for answer in standing.values().filter(|a| a.to == facts.thing && a.net != facts.author) {
        match answer.kind {
            ResponseKind::Endorse if answer.current => {
                endorsed.insert(answer.net);
                confirmed_by_tied |= answer.tied;
            }
            ResponseKind::Endorse => {
                endorsed_earlier.insert(answer.net);
            }
            ResponseKind::Concern if answer.tied => {
                concerns.insert(answer.id);
            }
            _ => {}
        }
    }
    endorsed_earlier.retain(|net| !endorsed.contains(net));
    let phase = if facts.withdrawn.is_some() {
        Phase::Withdrawn
    } else if facts.until <= now {
        Phase::Expired
    } else if asks.iter().all(|ask| ask.remaining == 0) {
        Phase::Met
    } else if asks.iter().any(|ask| ask.confirmed > 0) {
        Phase::PartMet
    } else {
        Phase::Open
    };
    State {
        phase,
        unconfirmed: facts.urgent && !confirmed_by_tied,
        concerns: concerns.into_iter().collect(),
        endorsed,
        endorsed_earlier,
        asks,
    }
}

type Standing<'a> = BTreeMap<RecordId, &'a Answer>;

/// Keeps of each network the latest answer of a kind to a thing and an ask, ties by lowest id, and
/// beside it every offer that the caller has accepted and every delivery that it has confirmed.
/// What is over still counts as the latest: what it replaced does not come back.
fn standing(author: NetId, answers: &[Answer]) -> Standing<'_> {
    use ResponseKind::{Accept, Confirm, Deliver, Offer};
    let words = answers.iter().filter(|answer| answer.net == author && !answer.over);
    let taken_up: BTreeSet<(ResponseKind, ThingId)> = words
        .filter_map(|word| match word.kind {
            Accept => Some((Offer, word.to)),
            Confirm => Some((Deliver, word.to)),
            _ => None,
        })
        .collect();
    let mut best: BTreeMap<_, &Answer> = BTreeMap::new();
    for answer in answers {
        let slot = (answer.net, answer.kind, answer.to, answer.ask);
        let alone = taken_up.contains(&(answer.kind, answer.thing)).then_some(Some(answer.thing));
        for place in [Some(None), alone].into_iter().flatten() {
            let held = best.entry((slot, place)).or_insert(answer);
            if (answer.at, held.id) > (held.at, answer.id) {
                *held = answer;
            }
        }
    }
    best.into_values().filter(|answer| !answer.over).map(|answer| (answer.id, answer)).collect()
}

/// The caller's later word on an answer: how much of it was accepted, or confirmed.
fn word<'a>(
    verdicts: &BTreeMap<ThingId, &'a Answer>,
    thing: ThingId,
) -> (bool, Option<&'a Answer>) {
    match verdicts.get(&thing) {
        Some(answer) => match answer.kind {
            ResponseKind::Decline | ResponseKind::Contest => (true, None),
            _ => (false, Some(answer)),
        },
        None => (false, None),
    }
}

fn ask_states(facts: &Facts, standing: &Standing<'_>) -> Vec<AskState> {
    let wanted = if facts.asks.is_empty() { vec![1] } else { facts.asks.clone() };
    let mut asks: Vec<AskState> =
        wanted.iter().map(|&wanted| AskState { wanted, ..AskState::default() }).collect();
    let verdicts = verdicts(facts.author, standing);
    let mut accepted: BTreeMap<ThingId, (NetId, usize, u64)> = BTreeMap::new();
    for answer in of_kind(standing, ResponseKind::Offer).filter(|a| a.to == facts.thing) {
        let place = usize::from(answer.ask.unwrap_or(0));
        let Some(ask) = asks.get_mut(place) else { continue };
        let amount = answer.amount.map_or(ask.wanted, u64::from);
        let (declined, word) = word(&verdicts, answer.thing);
        if !declined {
            ask.offered += amount;
        }
        if let Some(word) = word {
            let taken = word.amount.map_or(amount, u64::from).min(amount);
            ask.accepted += taken;
            accepted.insert(answer.thing, (answer.net, place, taken));
        }
    }
    for answer in of_kind(standing, ResponseKind::Deliver) {
        let (place, most) = if answer.to == facts.thing {
            let place = usize::from(answer.ask.unwrap_or(0));
            let Some(ask) = asks.get(place) else { continue };
            (place, ask.wanted)
        } else {
            match accepted.get(&answer.to) {
                Some(&(net, place, taken)) if net == answer.net => (place, taken),
                _ => continue,
            }
        };
        let amount = answer.amount.map_or(most, u64::from);
        let (contested, word) = word(&verdicts, answer.thing);
        if !contested {
            asks[place].delivered += amount;
        }
        if let Some(word) = word {
            asks[place].confirmed += word.amount.map_or(amount, u64::from).min(amount);
        }
    }
    for ask in &mut asks {
        ask.remaining = ask.wanted.saturating_sub(ask.confirmed);
    }
    asks
}

fn of_kind<'a>(standing: &'a Standing<'a>, kind: ResponseKind) -> impl Iterator<Item = &'a Answer> {
    standing.values().copied().filter(move |answer| answer.kind == kind)
}

/// The caller's last word on each answer: accepted or declined, confirmed or contested.
fn verdicts<'a>(author: NetId, standing: &Standing<'a>) -> BTreeMap<ThingId, &'a Answer> {
    use ResponseKind::{Accept, Confirm, Contest, Decline};
    let mut last: BTreeMap<ThingId, &Answer> = BTreeMap::new();
    let words = standing
        .values()
        .copied()
        .filter(|a| a.net == author && matches!(a.kind, Accept | Decline | Confirm | Contest));
    for answer in words {
        let better = |other: &&Answer| (answer.at, other.id) > (other.at, answer.id);
        if last.get(&answer.to).is_none_or(better) {
            last.insert(answer.to, answer);
        }
    }
    last
}
