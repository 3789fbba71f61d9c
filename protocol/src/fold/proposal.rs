//! What a proposal has come to: whose voice is missing, how the electors vote, what is decided.
//!
//! **Invariant:** the electors are those seated at the rule's `freeze`; who joins or leaves later
//! changes no result.
//!
//! **Invariant:** a ballot that does not count is listed, and says why by its list.
//!
//! **Invariant:** neither a few nor many electors drop a ballot unseen: one that came in time, whose
//! elector has not accepted the list without it, holds the result back where it would change it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::body::proposal::{DecisionMethod, Objections, Rule};
use crate::body::response::Choice;
use crate::id::{NetId, RecordId};
use crate::time::Timestamp;

/// A voice that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voice {
    /// Whether voting waits for it.
    pub required: bool,
    /// Since when it has been heard.
    pub heard: Option<Timestamp>,
}

/// What a closing version says, and who accepts that.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Closing {
    /// The ballots that it counts.
    pub counted: BTreeSet<RecordId>,
    /// The networks that accept it, its author too.
    pub accepted: BTreeSet<NetId>,
}

/// What the fold needs to know of the current version of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Since when it stands in these words.
    pub since: Timestamp,
    /// When it was withdrawn: counts while nothing is decided.
    pub withdrawn: Option<Timestamp>,
    /// By which rule it is decided.
    pub rule: Rule,
    /// How many options there are.
    pub options: u8,
    /// The networks seated at the rule's `freeze`; none while the deciding tie is not known.
    pub electors: BTreeSet<NetId>,
    /// The voices asked for, in the proposal's order.
    pub voices: Vec<Voice>,
    /// What the closing version says, once there is one.
    pub closing: Option<Closing>,
}

/// In which seat a ballot was cast: the better one of an elector counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seat {
    /// Under some other role that may vote.
    Other,
    /// By an alternate.
    Alternate,
    /// By a rep, or with the network's own key.
    Rep,
}

/// What the fold needs to know of one valid, standing ballot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballot {
    /// The record.
    pub id: RecordId,
    /// Who votes.
    pub net: NetId,
    /// In which seat.
    pub seat: Seat,
    /// How.
    pub choice: Choice,
    /// When.
    pub at: Timestamp,
    /// Whether it saw these words.
    pub current: bool,
    /// When it was taken back: counts until voting closes.
    pub withdrawn: Option<Timestamp>,
}

/// How far a proposal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It is talked about: voting has not opened.
    Deliberation,
    /// Electors vote.
    Voting,
    /// It is decided.
    Adopted,
    /// It is refused.
    Rejected,
    /// Too few have voted.
    NoQuorum,
    /// Nothing was decided: a required voice was not heard in time, or options are level.
    Deferred,
    /// Its author has taken it back.
    Withdrawn,
    /// The time of its record is over, and what it came to is judged no more.
    Expired,
}

/// How many electors vote how.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Agree.
    pub consent: u32,
    /// Have doubts and do not stand in the way.
    pub stand_aside: u32,
    /// Object.
    pub object: u32,
    /// Do not vote, and are there.
    pub abstain: u32,
    /// Approve of each option, in the proposal's order.
    pub options: Vec<u32>,
}

/// Ballots that do not count, by the reason. Dissent stays to be seen among those that do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Uncounted {
    /// Cast before voting opened or after it closed, or not on the closing version's list though
    /// no listed one is better.
    pub late: BTreeSet<RecordId>,
    /// Cast on other words.
    pub earlier: BTreeSet<RecordId>,
    /// Gave way to a better seat, or a later ballot of the same seat.
    pub gave_way: BTreeSet<RecordId>,
    /// Cast by networks that are no electors.
    pub unseated: BTreeSet<RecordId>,
    /// Taken back before voting closed, and not on the closing version's list.
    pub withdrawn: BTreeSet<RecordId>,
}

/// What a proposal has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// How far it has come.
    pub phase: Phase,
    /// Not enough electors have accepted a closing version's list of ballots yet, or what they
    /// accepted is contested.
    pub provisional: bool,
    /// The electors whose ballots in time the accepted list has not, and would change the result.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub contested: BTreeSet<NetId>,
    /// When voting opens; none while a required voice has not been heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Timestamp>,
    /// The required voices that are missing, by their place in the proposal's list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<usize>,
    /// The electors, and the ballot of each that counts.
    #[serde(with = "by_elector")]
    pub electors: BTreeMap<NetId, Option<RecordId>>,
    /// How they vote.
    pub tally: Tally,
    /// The options that were chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<u8>,
    /// The ballots that do not count.
    pub uncounted: Uncounted,
}

/// Electors at the door: a list, because keys of maps are texts there, and nothing is null.
mod by_elector {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::id::{NetId, RecordId};

    #[derive(Serialize, Deserialize)]
    struct Elector {
        net: NetId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ballot: Option<RecordId>,
    }

    pub(super) fn serialize<S: Serializer>(
        electors: &BTreeMap<NetId, Option<RecordId>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let list = electors.iter().map(|(net, ballot)| Elector { net: *net, ballot: *ballot });
        serializer.collect_seq(list)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<NetId, Option<RecordId>>, D::Error> {
        let list = Vec::<Elector>::deserialize(deserializer)?;
        Ok(list.into_iter().map(|elector| (elector.net, elector.ballot)).collect())
    }
}

/// Folds a proposal and its ballots, in any order, into what they amount to at this time.
pub fn fold(facts: &Facts, ballots: &[Ballot], now: Timestamp) -> State {
    let opens = opens(facts);
    let closes = Timestamp::from_secs(facts.rule.vote_until);
    let accepted = facts
        .closing
        .as_ref()
        .filter(|closing| is_settled(&facts.electors, facts.rule.quorum, closing));
    let window = opens.map(|opens| (opens, closes));
    let (counted, uncounted) = sift(facts, ballots, window, accepted.map(|list| &list.counted));
    let tally = tally(facts, counted.values());
    let in_time = |at: &Timestamp| *at < closes && accepted.is_none();
    let (phase, chosen) = match (facts.withdrawn.filter(in_time), opens) {
        (Some(_), _) => (Phase::Withdrawn, Vec::new()),
        (None, Some(opens)) if opens < closes => {
            if now < opens {
                (Phase::Deliberation, Vec::new())
            } else if now < closes {
                (Phase::Voting, Vec::new())
            } else {
                decide(facts, &tally)
            }
        }
        (None, _) if now < closes => (Phase::Deliberation, Vec::new()),
        (None, _) => (Phase::Deferred, Vec::new()),
    };
    let missing = facts.voices.iter().enumerate().filter(|(_, v)| v.required && v.heard.is_none());
    let ballot = |net: &NetId| (*net, counted.get(net).map(|ballot| ballot.id));
    let decided = now >= closes && opens.is_some_and(|opens| opens < closes);
    let contested = accepted
        .filter(|_| decided && phase != Phase::Withdrawn)
        .map(|closing| contesting((facts, ballots, window), closing, &(phase, chosen.clone())));
    let contested = contested.unwrap_or_default();
    State {
        phase,
        provisional: accepted.is_none() || !contested.is_empty(),
        contested,
        opens,
        missing: missing.map(|(place, _)| place).collect(),
        electors: facts.electors.iter().map(ballot).collect(),
        tally,
        chosen,
        uncounted,
    }
}

/// Voting opens when the rule says, and not before deliberation has lasted and every required
/// voice has been heard.
fn opens(facts: &Facts) -> Option<Timestamp> {
    let deliberated = facts.since + Duration::from_secs(u64::from(facts.rule.min_days) * 86_400);
    let named = Timestamp::from_secs(facts.rule.vote_from);
    let mut required = facts.voices.iter().filter(|voice| voice.required);
    required.try_fold(named.max(deliberated), |opens, voice| Some(opens.max(voice.heard?)))
}

/// Says whether more than half of all electors, and a quorum, accept the closing version.
pub fn is_settled(electors: &BTreeSet<NetId>, quorum: u8, closing: &Closing) -> bool {
    let accepted = closing.accepted.intersection(electors).count();
    accepted * 2 > electors.len() && reaches(accepted, quorum, electors.len())
}

/// Returns the electors that have not accepted the list, whose ballots in time it has not, and with
/// these, one elector's or all of them, the result would be another.
fn contesting(
    (facts, ballots, window): (&Facts, &[Ballot], Option<(Timestamp, Timestamp)>),
    closing: &Closing,
    result: &(Phase, Vec<u8>),
) -> BTreeSet<NetId> {
    let mut dropped: BTreeMap<NetId, BTreeSet<RecordId>> = BTreeMap::new();
    for ballot in ballots.iter().filter(|ballot| !closing.accepted.contains(&ballot.net)) {
        let stays = |(_, until)| ballot.withdrawn.is_none_or(|at| at >= until);
        if facts.electors.contains(&ballot.net) && window.is_some_and(stays) {
            dropped.entry(ballot.net).or_default().insert(ballot.id);
        }
    }
    let changes = |more: &[&BTreeSet<RecordId>]| {
        let more = more.iter().copied().flatten();
        let listed = closing.counted.iter().chain(more).copied().collect();
        let (counted, _) = sift(facts, ballots, window, Some(&listed));
        decide(facts, &tally(facts, counted.values())) != *result
    };
    if changes(&dropped.values().collect::<Vec<_>>()) {
        return dropped.into_keys().collect();
    }
    let alone = dropped.iter().filter(|(_, ballots)| changes(&[*ballots]));
    alone.map(|(net, _)| *net).collect()
}

/// Says whether a part is at least this many percent of the whole.
fn reaches(part: usize, percent: u8, whole: usize) -> bool {
    part * 100 >= usize::from(percent) * whole
}

/// Finds the ballot of each elector that counts, and says of the others why not.
fn sift<'a>(
    facts: &Facts,
    ballots: &'a [Ballot],
    window: Option<(Timestamp, Timestamp)>,
    list: Option<&BTreeSet<RecordId>>,
) -> (BTreeMap<NetId, &'a Ballot>, Uncounted) {
    let closes = Timestamp::from_secs(facts.rule.vote_until);
    let mut counted: BTreeMap<NetId, &Ballot> = BTreeMap::new();
    let mut uncounted = Uncounted::default();
    let mut unlisted: Vec<&Ballot> = Vec::new();
    let rank = |b: &Ballot| (b.seat, b.at, std::cmp::Reverse(b.id));
    for ballot in ballots {
        let in_time = window.is_some_and(|(from, until)| (from..until).contains(&ballot.at));
        let listed = list.is_none_or(|list| list.contains(&ballot.id));
        if !facts.electors.contains(&ballot.net) {
            uncounted.unseated.insert(ballot.id);
        } else if !ballot.current {
            uncounted.earlier.insert(ballot.id);
        } else if ballot.withdrawn.is_some_and(|at| at < closes) && list.is_none() {
            uncounted.withdrawn.insert(ballot.id);
        } else if !in_time {
            uncounted.late.insert(ballot.id);
        } else if !listed {
            unlisted.push(ballot);
        } else {
            let held = counted.entry(ballot.net).or_insert(ballot);
            let (kept, gave_way) =
                if rank(ballot) > rank(held) { (ballot, *held) } else { (*held, ballot) };
            *held = kept;
            if gave_way.id != kept.id {
                uncounted.gave_way.insert(gave_way.id);
            }
        }
    }
    for ballot in unlisted {
        // What had given way before the list was made was in time all the same.
        let gave_way = counted.get(&ballot.net).is_some_and(|best| rank(best) > rank(ballot));
        let list = if gave_way { &mut uncounted.gave_way } else { &mut uncounted.late };
        list.insert(ballot.id);
    }
    (counted, uncounted)
}

fn tally<'a>(facts: &Facts, ballots: impl Iterator<Item = &'a &'a Ballot>) -> Tally {
    let mut tally = Tally { options: vec![0; usize::from(facts.options)], ..Tally::default() };
    for ballot in ballots {
        match &ballot.choice {
            Choice::Consent => tally.consent += 1,
            Choice::StandAside => tally.stand_aside += 1,
            Choice::Object => tally.object += 1,
            Choice::Abstain => tally.abstain += 1,
            Choice::Options(options) => {
                // Each option once, and only those that there are.
                for option in options.iter().collect::<BTreeSet<_>>() {
                    if let Some(count) = tally.options.get_mut(usize::from(*option)) {
                        *count += 1;
                    }
                }
                tally.consent += 1;
            }
        }
    }
    tally
}

/// Decides after the close of voting.
fn decide(facts: &Facts, tally: &Tally) -> (Phase, Vec<u8>) {
    let Tally { consent, stand_aside, object, abstain, .. } = *tally;
    let voted = consent + stand_aside + object + abstain;
    if voted == 0 || !reaches(voted as usize, facts.rule.quorum, facts.electors.len()) {
        return (Phase::NoQuorum, Vec::new());
    }
    if facts.rule.objections == Objections::Block && object > 0 {
        return (Phase::Rejected, Vec::new());
    }
    let adopted = match facts.rule.method {
        DecisionMethod::Consensus => consent > 0 && object == 0 && stand_aside == 0,
        DecisionMethod::Consent => consent > 0 && object == 0,
        DecisionMethod::Majority => consent > object,
        DecisionMethod::Supermajority => {
            let share = facts.rule.share.unwrap_or(100);
            consent > 0 && reaches(consent as usize, share, (consent + object) as usize)
        }
        DecisionMethod::Approval => return approve(tally),
    };
    (if adopted { Phase::Adopted } else { Phase::Rejected }, Vec::new())
}

/// Finds the option that most approve of.
fn approve(tally: &Tally) -> (Phase, Vec<u8>) {
    let most = tally.options.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return (Phase::Rejected, Vec::new());
    }
    let best = (0u8..).zip(&tally.options).filter(|(_, count)| **count == most);
    let best: Vec<u8> = best.map(|(option, _)| option).collect();
    let phase = if best.len() == 1 { Phase::Adopted } else { Phase::Deferred };
    (phase, best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FROM: u64 = 1_800_000_000;
    const UNTIL: u64 = FROM + 10 * 86_400;
    const AFTER: Timestamp = Timestamp::from_secs(UNTIL);

    fn net(n: u8) -> NetId {
        NetId([n; 32])
    }

    fn at(day: u64) -> Timestamp {
        Timestamp::from_secs(FROM + day * 86_400)
    }

    fn rule(method: DecisionMethod) -> Rule {
        Rule {
            method,
            quorum: 50,
            share: (method == DecisionMethod::Supermajority).then_some(75),
            objections: Objections::Count,
            freeze: FROM,
            min_days: 0,
            vote_from: FROM,
            vote_until: UNTIL,
        }
    }

    fn six(method: DecisionMethod) -> Facts {
        Facts {
            since: at(0),
            withdrawn: None,
            rule: rule(method),
            options: 3,
            electors: (1..=6).map(net).collect(),
            voices: Vec::new(),
            closing: None,
        }
    }

    fn ballot(n: u8, of: u8, choice: Choice) -> Ballot {
        let (id, seat, at) = (RecordId([n; 32]), Seat::Rep, at(1));
        Ballot { id, net: net(of), seat, choice, at, current: true, withdrawn: None }
    }

    fn votes(choices: &[Choice]) -> Vec<Ballot> {
        (1..).zip(choices).map(|(n, choice)| ballot(n, n, choice.clone())).collect()
    }

    fn phase(facts: &Facts, choices: &[Choice]) -> Phase {
        fold(facts, &votes(choices), AFTER).phase
    }

    use Choice::{Abstain, Consent, Object, StandAside};

    /// Rows: 4.11, 4.26.
    #[test]
    fn each_method_decides_as_its_name_says() {
        use DecisionMethod as M;
        let cases = [
            (M::Consensus, vec![Consent, Consent, Abstain], Phase::Adopted),
            (M::Consensus, vec![Consent, Consent, StandAside], Phase::Rejected),
            (M::Consent, vec![Consent, StandAside, StandAside], Phase::Adopted),
            (M::Consent, vec![Consent, Consent, Object], Phase::Rejected),
            (M::Majority, vec![Consent, Consent, Object], Phase::Adopted),
            (M::Majority, vec![Consent, Object, Abstain], Phase::Rejected),
            (M::Supermajority, vec![Consent, Consent, Consent, Object], Phase::Adopted),
            (M::Supermajority, vec![Consent, Consent, Object], Phase::Rejected),
            (M::Majority, vec![Consent, Consent], Phase::NoQuorum),
            (M::Majority, vec![Abstain, Abstain, Abstain], Phase::Rejected),
        ];
        for (method, choices, expected) in cases {
            assert_eq!(phase(&six(method), &choices), expected, "{method:?} {choices:?}");
        }
    }

    #[test]
    fn an_objection_that_blocks_stops_a_majority() {
        let mut facts = six(DecisionMethod::Majority);
        facts.rule.objections = Objections::Block;
        assert_eq!(phase(&facts, &[Consent, Consent, Consent, Object]), Phase::Rejected);
    }

    #[test]
    fn options_that_are_level_are_deferred_and_named() {
        let of = |options: &[u8]| Choice::Options(options.to_vec().try_into().unwrap());
        let facts = six(DecisionMethod::Approval);
        let state = fold(&facts, &votes(&[of(&[0, 1]), of(&[1, 1]), of(&[2, 9])]), AFTER);
        assert_eq!((state.phase, state.chosen), (Phase::Adopted, vec![1]), "each option once");
        let state = fold(&facts, &votes(&[of(&[0]), of(&[1]), of(&[])]), AFTER);
        assert_eq!((state.phase, state.chosen), (Phase::Deferred, vec![0, 1]));
    }

    #[test]
    fn an_alternates_ballot_gives_way_to_its_reps_however_late_it_is_cast() {
        let facts = six(DecisionMethod::Majority);
        let rep = ballot(1, 1, Consent);
        let alternate =
            Ballot { seat: Seat::Alternate, at: at(2), choice: Object, ..ballot(2, 1, Object) };
        let state = fold(&facts, &[alternate.clone(), rep.clone()], at(3));
        assert_eq!(state.electors[&net(1)], Some(rep.id));
        assert_eq!(state.uncounted.gave_way, [alternate.id].into());
        let alone = fold(&facts, std::slice::from_ref(&alternate), at(3));
        assert_eq!(alone.electors[&net(1)], Some(alternate.id), "without the rep it counts");
    }

    #[test]
    fn what_does_not_count_is_listed_with_its_reason() {
        let facts = six(DecisionMethod::Majority);
        let late = Ballot { at: AFTER, ..ballot(1, 1, Consent) };
        let other_words = Ballot { current: false, ..ballot(2, 2, Consent) };
        let stranger = ballot(3, 9, Consent);
        let state = fold(&facts, &[late, other_words, stranger], AFTER);
        let only = |n: u8| BTreeSet::from([RecordId([n; 32])]);
        let expected = Uncounted {
            late: only(1),
            earlier: only(2),
            unseated: only(3),
            ..Uncounted::default()
        };
        assert_eq!((state.phase, state.uncounted), (Phase::NoQuorum, expected));
    }

    /// Rows: 3.23.
    #[test]
    fn voting_waits_for_required_voices_and_for_the_days_of_deliberation() {
        let mut facts = six(DecisionMethod::Majority);
        facts.voices =
            vec![Voice { required: false, heard: None }, Voice { required: true, heard: None }];
        let state = fold(&facts, &votes(&[const { Consent }; 6]), at(5));
        assert_eq!((state.phase, state.opens, state.missing), (Phase::Deliberation, None, vec![1]));
        assert_eq!(fold(&facts, &[], AFTER).phase, Phase::Deferred);
        facts.voices[1].heard = Some(at(2));
        facts.rule.min_days = 4;
        let state = fold(&facts, &[ballot(1, 1, Consent)], at(5));
        assert_eq!((state.phase, state.opens), (Phase::Voting, Some(at(4))));
        assert_eq!(state.uncounted.late.len(), 1, "cast before voting opened");
    }

    #[test]
    fn a_result_is_provisional_until_a_quorum_accepts_the_list_and_then_stays() {
        let mut facts = six(DecisionMethod::Majority);
        let mut ballots = votes(&[Consent, Consent, Object]);
        let before = fold(&facts, &ballots, AFTER);
        assert!(before.provisional && before.phase == Phase::Adopted);
        let counted = ballots.iter().map(|ballot| ballot.id).collect();
        let closing = Closing { counted, accepted: [net(1), net(2), net(9)].into() };
        facts.closing = Some(closing);
        assert!(fold(&facts, &ballots, AFTER).provisional, "two of six, and a stranger");
        let accept = |facts: &mut Facts, n| {
            facts.closing.as_mut().unwrap().accepted.insert(net(n));
        };
        accept(&mut facts, 3);
        assert!(fold(&facts, &ballots, AFTER).provisional, "half is not more than half");
        accept(&mut facts, 4);
        // Ballots that turn up afterwards, of electors who accepted the list, change nothing.
        ballots.extend([ballot(8, 4, Object), ballot(10, 1, Object)]);
        let after = fold(&facts, &ballots, AFTER);
        assert_eq!((after.phase, after.provisional), (Phase::Adopted, false));
        assert_eq!(after.uncounted.late, [RecordId([8; 32])].into());
        assert_eq!(after.uncounted.gave_way, [RecordId([10; 32])].into(), "it was never the best");
    }

    #[test]
    fn h6_three_of_ten_close_nothing_and_seven_drop_no_ballot_unseen() {
        let mut facts = six(DecisionMethod::Majority);
        (facts.electors, facts.rule.quorum) = ((1..=10).map(net).collect(), 30);
        let few: Vec<Ballot> = (1..=3).map(|n| ballot(n, n, Consent)).collect();
        let against = (4..=10).map(|n| ballot(n, n, Object));
        let ballots: Vec<Ballot> = few.iter().cloned().chain(against).collect();
        let counted = few.iter().map(|ballot| ballot.id).collect();
        facts.closing = Some(Closing { counted, accepted: (1..=3).map(net).collect() });
        let state = fold(&facts, &ballots, AFTER);
        assert_eq!((state.phase, state.provisional), (Phase::Rejected, true));
        // Six accept the list without the objections of the others: seen, and not for good.
        facts.closing.as_mut().unwrap().accepted = (1..=6).map(net).collect();
        let state = fold(&facts, &ballots, AFTER);
        assert_eq!((state.phase, state.provisional), (Phase::Adopted, true));
        assert_eq!(state.contested, (7..=10).map(net).collect());
        // Once enough of them accept it as well, the others' ballots change nothing.
        facts.closing.as_mut().unwrap().accepted = (1..=8).map(net).collect();
        let state = fold(&facts, &ballots, AFTER);
        assert_eq!((state.phase, state.provisional), (Phase::Adopted, false));
        assert!(state.contested.is_empty());
    }

    #[test]
    fn a_ballot_that_is_taken_back_counts_once_a_quorum_has_listed_it() {
        let mut facts = six(DecisionMethod::Majority);
        let mut ballots = votes(&[Consent, Consent, Consent]);
        ballots[0].withdrawn = Some(AFTER);
        assert_eq!(fold(&facts, &ballots, AFTER).tally.consent, 3, "after voting it stays");
        ballots[0].withdrawn = Some(at(2));
        let state = fold(&facts, &ballots, AFTER);
        assert_eq!((state.tally.consent, state.uncounted.withdrawn.len()), (2, 1));
        let counted = ballots.iter().map(|ballot| ballot.id).collect();
        facts.closing = Some(Closing { counted, accepted: (1..=4).map(net).collect() });
        assert_eq!(fold(&facts, &ballots, AFTER).tally.consent, 3);
        facts.withdrawn = Some(at(1));
        assert_eq!(fold(&facts, &ballots, AFTER).phase, Phase::Adopted, "and is not taken back");
    }

    #[test]
    fn what_is_withdrawn_is_not_decided() {
        let facts = Facts { withdrawn: Some(at(1)), ..six(DecisionMethod::Majority) };
        assert_eq!(phase(&facts, &[const { Consent }; 6]), Phase::Withdrawn);
    }

    proptest! {
        #[test]
        fn the_order_of_ballots_changes_nothing(
            cast in prop::collection::vec((1u8..8, 0u8..3, 0u64..12, 0u8..4), 0..40),
            swaps in prop::collection::vec((0usize..40, 0usize..40), 0..40),
        ) {
            let facts = six(DecisionMethod::Majority);
            let mut ballots: Vec<Ballot> = (0u8..).zip(&cast).map(|(n, &(of, seat, day, choice))| {
                let seat = [Seat::Other, Seat::Alternate, Seat::Rep][usize::from(seat)];
                let choice = [Consent, StandAside, Object, Abstain][usize::from(choice)].clone();
                Ballot { seat, at: at(day), ..ballot(n, of, choice) }
            }).collect();
            let state = fold(&facts, &ballots, AFTER);
            let Uncounted { late, earlier, gave_way, unseated, withdrawn } = &state.uncounted;
            prop_assert!(withdrawn.is_empty());
            let counted = state.electors.values().flatten().count();
            let listed = late.len() + earlier.len() + gave_way.len() + unseated.len();
            prop_assert_eq!(counted + listed, ballots.len(), "every ballot is somewhere");
            for (a, b) in swaps {
                if a < ballots.len() && b < ballots.len() {
                    ballots.swap(a, b);
                }
            }
            prop_assert_eq!(fold(&facts, &ballots, AFTER), state);
        }
    }
}
