//! What a call has come to: who stands behind it, what is offered, what is still needed.
//!
//! **Invariant:** what one network has answered, and what was answered to that, adds to a call
//! whatever the others do: so one more answer of ten thousand is folded in without the rest.

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
    /// It is urgent and nobody has confirmed it yet.
    pub unconfirmed: bool,
    /// Of an urgent call those of `endorsed` that have an active tie with the caller, and are not of one
    /// hand with it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub confirmed: BTreeSet<NetId>,
    /// Concerns of networks with an active tie to the caller. Shown, never hidden.
    pub concerns: Vec<RecordId>,
    /// Networks that stand behind the current version, each once, never the caller.
    pub endorsed: BTreeSet<NetId>,
    /// Networks that stand behind an earlier version only.
    pub endorsed_earlier: BTreeSet<NetId>,
    /// How far each ask has come, in the call's order; nothing of a call that is judged no more.
    pub asks: Vec<AskState>,
}

impl State {
    /// Returns what is left to say of a call that is over and judged no more: the answers to it are
    /// not counted, since some of them are over as well.
    pub fn past() -> Self {
        Self {
            phase: Phase::Expired,
            unconfirmed: false,
            confirmed: BTreeSet::new(),
            concerns: Vec::new(),
            endorsed: BTreeSet::new(),
            endorsed_earlier: BTreeSet::new(),
            asks: Vec::new(),
        }
    }

    /// Says whether somebody tied to the caller has a standing concern.
    pub fn is_disputed(&self) -> bool {
        !self.concerns.is_empty()
    }
}

/// What is promised and done for one ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sums {
    offered: u64,
    accepted: u64,
    delivered: u64,
    confirmed: u64,
}

/// What answers add to a call. Those of different networks add up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Share {
    asks: Vec<Sums>,
    endorsed: BTreeSet<NetId>,
    endorsed_earlier: BTreeSet<NetId>,
    concerns: BTreeSet<(NetId, RecordId)>,
}

impl Share {
    /// Folds what networks have answered, in any order, and all that was answered to that.
    pub fn of(facts: &Facts, answers: &[Answer]) -> Self {
        let standing = standing(facts.author, answers);
        let mut share = Self { asks: sums(facts, &standing), ..Self::default() };
        for answer in standing.values().filter(|answer| answer.to == facts.thing) {
            match answer.kind {
                ResponseKind::Endorse if answer.current => share.endorsed.insert(answer.net),
                ResponseKind::Endorse => share.endorsed_earlier.insert(answer.net),
                ResponseKind::Concern => share.concerns.insert((answer.net, answer.id)),
                _ => false,
            };
        }
        share.endorsed_earlier.retain(|net| !share.endorsed.contains(net));
        share
    }

    /// Adds what other networks have answered.
    pub fn add(&mut self, other: &Self) {
        self.asks.resize(self.asks.len().max(other.asks.len()), Sums::default());
        for (ask, more) in self.asks.iter_mut().zip(&other.asks) {
            ask.offered += more.offered;
            ask.accepted += more.accepted;
            ask.delivered += more.delivered;
            ask.confirmed += more.confirmed;
        }
        self.endorsed.extend(&other.endorsed);
        self.endorsed_earlier.extend(&other.endorsed_earlier);
        self.concerns.extend(&other.concerns);
    }

    /// Takes away what was added before.
    pub fn take(&mut self, other: &Self) {
        for (ask, less) in self.asks.iter_mut().zip(&other.asks) {
            ask.offered -= less.offered;
            ask.accepted -= less.accepted;
            ask.delivered -= less.delivered;
            ask.confirmed -= less.confirmed;
        }
        for net in &other.endorsed {
            self.endorsed.remove(net);
        }
        for net in &other.endorsed_earlier {
            self.endorsed_earlier.remove(net);
        }
        for concern in &other.concerns {
            self.concerns.remove(concern);
        }
    }

    /// Says whether it matters who has an active tie with the caller.
    pub fn asks_for_ties(&self, facts: &Facts) -> bool {
        facts.urgent || !self.concerns.is_empty()
    }

    /// Returns the networks that stand behind the current version.
    pub fn endorsed(&self) -> &BTreeSet<NetId> {
        &self.endorsed
    }

    /// Returns what a call amounts to at this time, when all has been added. `tied` are the networks
    /// that have an active tie with the caller, `confirmed` those that confirm it when it is urgent.
    pub fn state(
        &self,
        facts: &Facts,
        (tied, confirmed): (&BTreeSet<NetId>, BTreeSet<NetId>),
        now: Timestamp,
    ) -> State {
        let ask = |(place, wanted): (usize, u64)| {
            let Sums { offered, accepted, delivered, confirmed } =
                self.asks.get(place).copied().unwrap_or_default();
            let remaining = wanted.saturating_sub(confirmed);
            AskState { wanted, offered, accepted, delivered, confirmed, remaining }
        };
        let asks: Vec<AskState> = wanted(facts).into_iter().enumerate().map(ask).collect();
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
        let concerns = self.concerns.iter().filter(|(net, _)| tied.contains(net));
        let concerns: BTreeSet<RecordId> = concerns.map(|(_, id)| *id).collect();
        State {
            phase,
            unconfirmed: facts.urgent && confirmed.is_empty(),
            confirmed,
            concerns: concerns.into_iter().collect(),
            endorsed: self.endorsed.clone(),
            endorsed_earlier: self.endorsed_earlier.clone(),
            asks,
        }
    }
}

/// How much each ask wants.
pub(super) fn wanted(facts: &Facts) -> Vec<u64> {
    if facts.asks.is_empty() { vec![1] } else { facts.asks.clone() }
}

pub(super) type Standing<'a> = BTreeMap<RecordId, &'a Answer>;

/// Says whether a caller answers itself: who asks others for something does not give it, nor stand
/// behind the call as one more voice.
pub fn is_to_oneself(author: NetId, net: NetId, kind: ResponseKind) -> bool {
    use ResponseKind::{Concern, Deliver, Endorse, Offer};
    net == author && matches!(kind, Endorse | Concern | Offer | Deliver)
}

/// Keeps of each network the latest answer of a kind to a thing and an ask, ties by lowest id, and
/// beside it every offer that the caller has accepted and every delivery that it has confirmed; of
/// the caller nothing that it answers itself. What is over still counts as the latest: what it
/// replaced does not come back.
pub(super) fn standing(author: NetId, answers: &[Answer]) -> Standing<'_> {
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
    for answer in answers.iter().filter(|a| !is_to_oneself(author, a.net, a.kind)) {
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

fn sums(facts: &Facts, standing: &Standing<'_>) -> Vec<Sums> {
    let wanted = wanted(facts);
    let mut asks = vec![Sums::default(); wanted.len()];
    let verdicts = verdicts(facts.author, standing);
    let mut accepted: BTreeMap<ThingId, (NetId, usize, u64)> = BTreeMap::new();
    for answer in of_kind(standing, ResponseKind::Offer).filter(|a| a.to == facts.thing) {
        let place = usize::from(answer.ask.unwrap_or(0));
        let (Some(ask), Some(wanted)) = (asks.get_mut(place), wanted.get(place)) else { continue };
        let amount = answer.amount.map_or(*wanted, u64::from);
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
            let Some(wanted) = wanted.get(place) else { continue };
            (place, *wanted)
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
    asks
}

/// Returns the offers to a call and the deliveries for it on which the caller has said nothing, of all
/// that the same networks have answered.
pub fn unanswered(facts: &Facts, answers: &[Answer]) -> Vec<Answer> {
    use ResponseKind::{Accept, Deliver, Offer};
    let standing = standing(facts.author, answers);
    let verdicts = verdicts(facts.author, &standing);
    let accepted = |offer: &ThingId| verdicts.get(offer).is_some_and(|word| word.kind == Accept);
    let waits = |answer: &&Answer| {
        let speaks = match answer.kind {
            Offer => answer.to == facts.thing,
            Deliver => answer.to == facts.thing || accepted(&answer.to),
            _ => false,
        };
        speaks && answer.net != facts.author && !verdicts.contains_key(&answer.thing)
    };
    let mut waiting: Vec<Answer> = standing.values().copied().filter(waits).cloned().collect();
    waiting.sort_by_key(|answer| (answer.at, answer.id));
    waiting
}

/// Iterates over the standing answers of a kind.
pub(super) fn of_kind<'a, 's>(
    standing: &'s Standing<'a>,
    kind: ResponseKind,
) -> impl Iterator<Item = &'a Answer> + use<'a, 's> {
    standing.values().copied().filter(move |answer| answer.kind == kind)
}

/// The caller's last word on each offer, accepted or declined, and on each delivery, confirmed or
/// contested; any other word on one says nothing of it.
pub(super) fn verdicts<'a>(
    author: NetId,
    standing: &Standing<'a>,
) -> BTreeMap<ThingId, &'a Answer> {
    use ResponseKind::{Accept, Confirm, Contest, Decline, Deliver, Offer};
    let kinds: BTreeMap<ThingId, ResponseKind> =
        standing.values().map(|answer| (answer.thing, answer.kind)).collect();
    let mut last: BTreeMap<ThingId, &Answer> = BTreeMap::new();
    for answer in standing.values().copied().filter(|answer| answer.net == author) {
        let fits = matches!(
            (kinds.get(&answer.to), answer.kind),
            (Some(Offer), Accept | Decline) | (Some(Deliver), Confirm | Contest)
        );
        let better = |other: &&Answer| (answer.at, other.id) > (other.at, answer.id);
        if fits && last.get(&answer.to).is_none_or(better) {
            last.insert(answer.to, answer);
        }
    }
    last
}
