//! Stories of deciding: who is seated, which ballot counts, what closes, what stays.

use super::world::{START, Signer, World, answer, day, end, key, role, tie};
use crate::authority::Why;
use crate::body::Body;
use crate::body::disclosure::{Disclosure, DisclosureKind};
use crate::body::end::EndKind;
use crate::body::gathering::{Gathering, GatheringKind, Times};
use crate::body::minutes::Minutes;
use crate::body::proposal::{DecisionMethod, Objections, Proposal, Rule, Voice};
use crate::body::response::{Choice, ResponseKind};
use crate::body::role::{Power, RoleKind, Scope};
use crate::body::text::Text;
use crate::body::tie::Seats;
use crate::fold::proposal::Phase;
use crate::fold::{concern, disclosure, gathering as held};
use crate::id::{NetId, ThingId};
use crate::ledger::{Effect, Ledger, Place, PoolBounds, Ratification, Step};
use crate::record::{Home, Reach, Record};
use crate::sync::Scope as Shared;
use crate::time::Timestamp;

/// A tie by which each party has a rep and an alternate, and owes word of its funding.
pub(super) fn seats(parties: &[NetId]) -> Body {
    let Body::Tie(mut body) = tie(parties) else { unreachable!() };
    body.terms.seats = Some(Seats { rep: 1, alternate: 1 });
    body.terms.disclosure_required = vec!["funding".parse().unwrap()].try_into().unwrap();
    Body::Tie(body)
}

/// A proposal to a tie; the days are those of freezing, opening and closing.
pub(super) fn proposal(to: ThingId, (freeze, opens, closes): (u64, u64, u64)) -> Proposal {
    Proposal {
        to,
        title: Text::new("en", "Joint work").unwrap(),
        text: Text::new("en", "We work together.").unwrap(),
        options: Vec::new().try_into().unwrap(),
        rationale: None,
        effect: None,
        rule: Rule {
            method: DecisionMethod::Majority,
            quorum: 50,
            share: None,
            objections: Objections::Count,
            freeze: day(freeze).as_secs(),
            min_days: 0,
            vote_from: day(opens).as_secs(),
            vote_until: day(closes).as_secs(),
        },
        voices: Vec::new().try_into().unwrap(),
        counted: Vec::new().try_into().unwrap(),
    }
}

/// A voice without which voting does not open.
pub(super) fn voice(gathering: Option<ThingId>) -> Voice {
    let who = Text::new("en", "Those concerned").unwrap();
    Voice { who, field: None, gathering, required: true }
}

pub(super) fn ballot(to: &Record, choice: Choice) -> Body {
    let Body::Response(mut body) = answer(to, ResponseKind::Ballot, None) else { unreachable!() };
    body.choice = Some(choice);
    Body::Response(body)
}

pub(super) fn is_ballot(record: &Record) -> bool {
    matches!(record.body(), Body::Response(body) if body.kind == ResponseKind::Ballot)
}

/// A gathering that meets every week, and is facilitated by these networks in turn.
pub(super) fn gathering(start: Timestamp, nets: &[NetId]) -> Gathering {
    let start = start.as_secs();
    let rrule = Some("FREQ=WEEKLY;COUNT=6".to_owned().try_into().unwrap());
    Gathering {
        kind: GatheringKind::Forum,
        title: Text::new("en", "A forum").unwrap(),
        text: None,
        hosts: nets[1..2].to_vec().try_into().unwrap(),
        times: Times { start, end: start + 7200, zone: "UTC".parse().unwrap(), rrule },
        place: None,
        languages: Vec::new().try_into().unwrap(),
        access: None,
        fields: Vec::new().try_into().unwrap(),
        facilitation: nets.to_vec().try_into().unwrap(),
        agenda: Vec::new().try_into().unwrap(),
        part_of: None,
    }
}

pub(super) fn funding() -> Body {
    Body::Disclosure(Disclosure {
        kind: DisclosureKind::Funding,
        text: Text::new("en", "Dues only.").unwrap(),
        period: None,
        about: None,
        sources: Vec::new().try_into().unwrap(),
        control: Vec::new().try_into().unwrap(),
        figures: Vec::new().try_into().unwrap(),
        files: Vec::new().try_into().unwrap(),
    })
}

/// Three networks, a tie with seats that all have accepted, and what they sign.
struct Council {
    world: World,
    nets: Vec<Signer>,
    umbrella: Record,
    said: Vec<Record>,
}

impl Council {
    fn new() -> Self {
        let mut world = World::new();
        world.now = day(40);
        let founded: Vec<_> = (1..=3).map(|n| world.found(n * 10)).collect();
        let nets: Vec<Signer> = founded.iter().map(|(signer, _)| *signer).collect();
        let parties: Vec<NetId> = nets.iter().map(|signer| signer.net).collect();
        let umbrella = nets[0].sign(seats(&parties), day(0), 300);
        let mut council = Self { world, nets, umbrella: umbrella.clone(), said: Vec::new() };
        council.said.extend(founded.into_iter().map(|(_, inception)| inception));
        council.put(&umbrella);
        for n in 1..3 {
            council.answer(n, &umbrella, ResponseKind::Accept, 0);
        }
        council
    }

    fn put(&mut self, record: &Record) -> Record {
        self.world.put(record);
        self.said.push(record.clone());
        assert!(self.world.is_valid(record), "{:?}", self.world.ledger.standing(&record.id()));
        record.clone()
    }

    fn answer(&mut self, n: usize, to: &Record, kind: ResponseKind, on: u64) -> Record {
        let record = self.nets[n].sign(answer(to, kind, None), day(on), 300);
        self.put(&record)
    }

    /// Votes with a network's own key.
    fn vote(&mut self, n: usize, to: &Record, choice: Choice, on: u64) -> Record {
        let record = self.nets[n].sign(ballot(to, choice), day(on), 60);
        self.put(&record)
    }

    fn propose(&mut self, body: &Proposal) -> Record {
        let record = self.nets[0].sign(Body::Proposal(body.clone()), day(1), 100);
        self.put(&record)
    }

    /// Gives a seat at the umbrella to a key, which accepts it.
    fn seat(&mut self, n: usize, holder: u16, kind: RoleKind) -> Signer {
        let scope = Some(Scope::Thing(self.umbrella.thing()));
        let Body::Role(mut body) = role(holder, &[Power::Vote], scope, START) else {
            unreachable!()
        };
        body.kind = kind;
        let grant = self.nets[n].sign(Body::Role(body), day(0), 300);
        let signer = Signer { net: grant.net(), seed: holder, role: Some(grant.thing()) };
        self.put(&grant);
        self.put(&signer.sign(answer(&grant, ResponseKind::Accept, None), day(0), 300));
        signer
    }

    fn decision(&self, proposal: &Record, on: u64) -> Ratification {
        let (_, decision) = self.world.ledger.proposal(&proposal.thing(), day(on)).unwrap();
        self.tell_a_newcomer(proposal, &decision, on);
        decision
    }

    /// A ledger that is fed with nothing but the region's set finds the same decision.
    fn tell_a_newcomer(&self, proposal: &Record, decision: &Ratification, on: u64) {
        let region = Shared::Region("gb-bristol".parse().unwrap());
        let set = self.world.ledger.set(&region).unwrap().snapshot();
        let keys: Vec<_> = set.keys(0, set.len()).map(|key| key.id).collect();
        let shared = self.said.iter().filter(|record| keys.contains(&record.id()));
        let records: Vec<Record> = shared.cloned().collect();
        let mut fresh = Ledger::new(PoolBounds::default());
        fresh.insert_all(&records, self.world.now);
        let found = fresh.proposal(&proposal.thing(), day(on)).map(|(_, decision)| decision);
        assert_eq!(found.as_ref(), Some(decision));
    }
}

/// Rows: 2.23, 2.48.
#[test]
fn electors_are_those_seated_when_the_rule_says() {
    let mut council = Council::new();
    let asked = council.propose(&proposal(council.umbrella.thing(), (1, 3, 10)));
    assert_eq!(council.decision(&asked, 2).state.electors.len(), 3);
    // The first and the second go on without the third, and one of them takes its word back.
    let two: Vec<NetId> = council.nets[..2].iter().map(|signer| signer.net).collect();
    let newer = council.nets[0].sign_version(&council.umbrella.clone(), seats(&two), day(2), 300);
    council.put(&newer);
    council.answer(1, &newer, ResponseKind::Accept, 2);
    let after = council.propose(&proposal(council.umbrella.thing(), (4, 5, 10)));
    assert_eq!(council.decision(&asked, 5).state.electors.len(), 3, "then it was three");
    assert_eq!(council.decision(&after, 5).state.electors.len(), 2);
    let leave = end(&[(council.umbrella.thing(), None)], EndKind::Leave);
    let left = council.nets[1].sign(Body::End(leave), day(6), 350);
    council.put(&left);
    assert_eq!(council.decision(&asked, 7).state.electors.len(), 3, "who leaves changes nothing");
    let early = council.propose(&proposal(council.umbrella.thing(), (8, 9, 12)));
    assert!(council.decision(&early, 12).state.electors.is_empty(), "nobody is seated any more");
}

/// Rows: 2.22.
#[test]
fn an_alternates_later_ballot_gives_way_and_a_late_one_takes_no_place() {
    let mut council = Council::new();
    let rep = council.seat(1, 500, RoleKind::Rep);
    let alternate = council.seat(1, 501, RoleKind::Alternate);
    let asked = council.propose(&proposal(council.umbrella.thing(), (1, 3, 10)));
    let by_rep = council.put(&rep.sign(ballot(&asked, Choice::Consent), day(4), 60));
    let by_alternate = council.put(&alternate.sign(ballot(&asked, Choice::Object), day(5), 60));
    let late = council.put(&rep.sign(ballot(&asked, Choice::Object), day(11), 60));
    let state = council.decision(&asked, 12).state;
    assert_eq!(state.electors[&rep.net], Some(by_rep.id()));
    assert_eq!(state.uncounted.gave_way, [by_alternate.id()].into());
    assert_eq!(state.uncounted.late, [late.id()].into());
    assert_eq!((state.tally.consent, state.tally.object), (1, 0));
}

/// Rows: 2.30.
#[test]
fn a_ballot_counts_where_the_proposal_lives_wherever_the_elector_is_at_home() {
    let mut council = Council::new();
    let asked = council.propose(&proposal(council.umbrella.thing(), (1, 3, 10)));
    let elector = council.nets[1];
    let cast = |region: &str, reach: Reach| {
        let mut draft = elector.draft(ballot(&asked, Choice::Consent), day(4), 60);
        draft.header.home = Some(Home { region: region.parse().unwrap(), reach });
        draft
    };
    let there = Why::Elsewhere { region: "gb-bristol".parse().unwrap(), reach: Reach::Movement };
    let far = cast("us-wa", Reach::Movement);
    for draft in [&far, &cast("gb-bristol", Reach::Region)] {
        let (header, key) = (&draft.header, key(elector.seed).public());
        let judged = council.world.ledger.judge_draft(header, &draft.body, key, day(4));
        assert_eq!(judged, Err(there.clone()), "it is refused before it is signed");
    }
    council.put(&far.sign(&key(elector.seed)).unwrap());
    assert_eq!(council.decision(&asked, 5).state.electors[&elector.net], None);
    let counts =
        council.put(&cast("gb-bristol", Reach::Movement).sign(&key(elector.seed)).unwrap());
    assert_eq!(council.decision(&asked, 5).state.electors[&elector.net], Some(counts.id()));
}

/// Rows: 2.21, 2.30.
#[test]
fn a_closing_version_keeps_its_ballots_and_is_accepted_by_itself() {
    let mut council = Council::new();
    let mut body = proposal(council.umbrella.thing(), (1, 3, 10));
    let effect = council.nets[0].sign(super::world::profile(), day(1), 300);
    body.effect = Some(effect.id());
    let asked = council.propose(&body);
    // Standing behind the words is not standing behind a list of ballots.
    council.answer(1, &asked, ResponseKind::Accept, 2);
    council.answer(2, &asked, ResponseKind::Accept, 2);
    let cast: Vec<Record> = (0..2).map(|n| council.vote(n, &asked, Choice::Consent, 4)).collect();
    body.counted = cast.iter().map(Record::id).collect::<Vec<_>>().try_into().unwrap();
    let closing = council.nets[0].sign_version(&asked, Body::Proposal(body), day(11), 90);
    council.put(&closing);
    let decision = council.decision(&asked, 12);
    assert_eq!((decision.state.phase, decision.state.provisional), (Phase::Adopted, true));
    assert_eq!(decision.state.uncounted.earlier.len(), 0, "the list orphans no ballot");
    assert_eq!(decision.effect, Some(Effect::Pending));
    council.answer(1, &closing, ResponseKind::Accept, 12);
    let decision = council.decision(&asked, 13);
    assert!(!decision.state.provisional);
    assert_eq!(decision.effect, Some(Effect::Unsigned));
    council.put(&effect);
    // What turns up afterwards, and what is taken back, changes nothing.
    council.vote(2, &asked, Choice::Object, 5);
    let back = end(&[(cast[1].thing(), None)], EndKind::Withdraw);
    let back = council.nets[1].sign(Body::End(back), day(6), 350);
    council.put(&back);
    let decision = council.decision(&asked, 14);
    assert_eq!((decision.state.phase, decision.state.tally.consent), (Phase::Adopted, 2));
    assert_eq!(decision.state.uncounted.late.len(), 1);
    let withdraw = end(&[(asked.thing(), None)], EndKind::Withdraw);
    council.put(&council.nets[0].sign(Body::End(withdraw), day(13), 350));
    assert_eq!(council.decision(&asked, 14).state.phase, Phase::Adopted);
    let steps = council.world.ledger.explain(&closing.id());
    assert!(!steps.iter().any(|step| matches!(step, Step::EndedBy(_))), "{steps:?}");
    assert_eq!(decision.effect, Some(Effect::InForce));
}

/// Rows: 3.23.
#[test]
fn voting_waits_for_the_minutes_of_a_gathering() {
    let mut council = Council::new();
    let nets: Vec<NetId> = council.nets.iter().map(|signer| signer.net).collect();
    let body = gathering(day(2), &nets);
    let announced = council.nets[2].sign(Body::Gathering(body.clone()), day(1), 100);
    council.put(&announced);
    let mut asked = proposal(council.umbrella.thing(), (1, 3, 10));
    asked.voices = vec![voice(Some(announced.thing()))].try_into().unwrap();
    let asked = council.propose(&asked);
    council.vote(0, &asked, Choice::Consent, 4);
    let waiting = council.decision(&asked, 5).state;
    assert_eq!((waiting.phase, waiting.missing), (Phase::Deliberation, vec![0]));
    council.put(&minutes(&council.nets[2], &announced, (day(2), day(5))));
    let state = council.decision(&asked, 6).state;
    assert_eq!((state.phase, state.opens), (Phase::Voting, Some(day(5))));
    assert_eq!(state.uncounted.late.len(), 1, "a ballot cast before the voice was heard");
}

/// Minutes of the meeting that was to begin at the first moment, signed at the second.
fn minutes(host: &Signer, of: &Record, (start, at): (Timestamp, Timestamp)) -> Record {
    let Body::Response(mut body) = answer(of, ResponseKind::Minutes, None) else { unreachable!() };
    body.minutes = Some(Box::new(written(start, &[])));
    host.sign(Body::Response(body), at, 90)
}

/// What was said in the meeting that was to begin at this moment, to which these networks came.
pub(super) fn written(start: Timestamp, came: &[NetId]) -> Minutes {
    Minutes {
        start: start.as_secs(),
        held_at: start.as_secs(),
        networks: came.to_vec().try_into().unwrap(),
        others: 2,
        summary: Text::new("en", "We met.").unwrap(),
        actions: Vec::new().try_into().unwrap(),
        files: Vec::new().try_into().unwrap(),
    }
}

/// A forum of the first two of a council's networks that meets six times, weekly from the second day
/// on.
fn forum(council: &mut Council) -> Record {
    let nets: Vec<NetId> = council.nets.iter().map(|signer| signer.net).collect();
    let forum = council.nets[0].sign(Body::Gathering(gathering(day(2), &nets)), day(1), 100);
    council.put(&forum)
}

#[test]
fn facilitation_rotates_and_each_meeting_has_minutes_of_its_own() {
    let mut council = Council::new();
    let nets: Vec<NetId> = council.nets.iter().map(|signer| signer.net).collect();
    let forum = forum(&mut council);
    let at = |council: &Council, now: Timestamp| {
        council.world.ledger.gathering(&forum.thing(), now).unwrap().1
    };
    let turns: Vec<_> = (0..4)
        .map(|week| at(&council, day(2 + 7 * week)).next.and_then(|turn| turn.facilitator))
        .collect();
    assert_eq!(turns, [Some(nets[0]), Some(nets[1]), Some(nets[2]), Some(nets[0])]);
    assert_eq!(at(&council, day(3)).meetings, 6);
    let host = council.answer(1, &forum, ResponseKind::Accept, 2);
    let first = council.put(&minutes(&council.nets[0], &forum, (day(2), day(3))));
    let second = council.put(&minutes(&council.nets[1], &forum, (day(9), day(10))));
    let kept = |council: &Council| council.world.ledger.minutes(&forum.thing());
    assert_eq!(kept(&council), [first.id(), second.id()], "by a host, too");
    let better = council.put(&minutes(&council.nets[0], &forum, (day(2), day(11))));
    assert_eq!(kept(&council), [better.id(), second.id()], "of one meeting the last count");
    council.put(&minutes(&council.nets[2], &forum, (day(2), day(11))));
    council.put(&minutes(&council.nets[0], &forum, (day(16), day(12))));
    assert_eq!(kept(&council).len(), 2, "not by who does not host, nor before the meeting");
    let seen = at(&council, day(12));
    assert_eq!((seen.state.phase, seen.minutes), (held::Phase::Announced, 2), "it goes on");
    assert!(seen.state.unaccepted.is_empty(), "{host:?} has accepted it, whatever was minuted");
    assert_eq!(at(&council, day(50)).state.phase, held::Phase::Announced, "the last are awaited");
    assert_eq!(at(&council, day(52)).state.phase, held::Phase::Agreed);
    let mut later = gathering(day(2), &nets);
    later.agenda = vec![Text::new("en", "What we learnt").unwrap()].try_into().unwrap();
    council.put(&council.nets[0].sign_version(&forum, Body::Gathering(later), day(13), 90));
    assert_eq!(kept(&council).len(), 2, "a series that was held can be changed");
}

#[test]
fn minutes_are_agreed_by_silence_or_by_all_hosts_and_a_concern_keeps_them_open() {
    let mut council = Council::new();
    let forum = forum(&mut council);
    let minutes = council.put(&minutes(&council.nets[0], &forum, (day(2), day(9))));
    let at = |council: &Council, on: u64| {
        council.world.ledger.minuted(&minutes.id(), day(on)).unwrap().state
    };
    assert_eq!(at(&council, 22).phase, held::Phase::Held);
    assert_eq!(at(&council, 23).phase, held::Phase::Agreed, "by silence");
    council.answer(2, &minutes, ResponseKind::Concern, 10);
    assert_eq!(at(&council, 30).phase, held::Phase::Agreed, "who did not come says nothing");
    let doubt = council.answer(1, &minutes, ResponseKind::Concern, 10);
    let state = at(&council, 30);
    assert_eq!((state.phase, state.concerns), (held::Phase::Held, [doubt.id()].into()));
    council.answer(1, &doubt, ResponseKind::Accept, 11);
    assert_eq!(at(&council, 30).phase, held::Phase::Held, "not by who raised it");
    council.answer(0, &doubt, ResponseKind::Accept, 12);
    assert_eq!(at(&council, 30).phase, held::Phase::Agreed, "by an answer");
    council.answer(1, &minutes, ResponseKind::Concern, 13);
    assert_eq!(at(&council, 30).phase, held::Phase::Held, "raised again");
    council.answer(1, &minutes, ResponseKind::Accept, 14);
    assert_eq!(at(&council, 15).phase, held::Phase::Agreed, "by all hosts");
}

#[test]
fn a_concern_stands_until_the_author_answers_or_it_is_withdrawn() {
    let mut council = Council::new();
    let asked = council.propose(&proposal(council.umbrella.thing(), (1, 3, 10)));
    let first = council.answer(1, &asked, ResponseKind::Concern, 2);
    let second = council.answer(2, &asked, ResponseKind::Concern, 3);
    let state =
        |council: &Council, n: usize| council.world.ledger.concerns(&asked.thing())[n].state;
    assert!(state(&council, 0).stands() && state(&council, 1).stands());
    council.answer(0, &first, ResponseKind::Decline, 4);
    assert!(matches!(state(&council, 0), concern::State::Answered(w) if !w.taken_up));
    let back = end(&[(second.thing(), None)], EndKind::Withdraw);
    let back = council.nets[2].sign(Body::End(back), day(5), 350);
    council.put(&back);
    assert_eq!(state(&council, 1), concern::State::Withdrawn { at: day(5) });
}

#[test]
fn renewing_a_tie_forgives_no_disclosure() {
    let mut council = Council::new();
    let net = council.nets[1].net;
    let owed = |council: &Council, on: u64| {
        let owed = council.world.ledger.owed(&net, day(on));
        owed.into_iter().map(|owed| owed.state).collect::<Vec<_>>()
    };
    assert_eq!(owed(&council, 40), [disclosure::State::Current { due: day(400) }]);
    let parties: Vec<NetId> = council.nets.iter().map(|signer| signer.net).collect();
    council.world.now = day(290);
    let newer =
        council.nets[0].sign_version(&council.umbrella.clone(), seats(&parties), day(280), 700);
    council.put(&newer);
    for n in 1..3 {
        let accept =
            council.nets[n].sign(answer(&newer, ResponseKind::Accept, None), day(281), 390);
        council.put(&accept);
    }
    let due = disclosure::State::Current { due: day(400) };
    assert_eq!(owed(&council, 290), [due], "since they were first tied");
    assert_eq!(owed(&council, 410), [disclosure::State::Overdue { since: day(400) }]);
    let said = council.nets[1].sign(funding(), day(285), 700);
    council.put(&said);
    assert_eq!(owed(&council, 410), [disclosure::State::Current { due: day(685) }]);
}

/// Rows: 0.13.
#[test]
fn a_friend_without_a_vote_stands_behind_a_proposal_and_changes_no_tally() {
    let mut council = Council::new();
    let (friend, inception) = council.world.found(90);
    council.said.push(inception);
    let asked = council.propose(&proposal(council.umbrella.thing(), (1, 3, 10)));
    council.vote(0, &asked, Choice::Consent, 4);
    council.put(&friend.sign(answer(&asked, ResponseKind::Endorse, None), day(4), 60));
    let foreign = council.put(&friend.sign(ballot(&asked, Choice::Object), day(4), 60));
    let state = council.decision(&asked, 5).state;
    assert_eq!((state.electors.len(), state.tally.consent, state.tally.object), (3, 1, 0));
    assert!(state.uncounted.unseated.contains(&foreign.id()), "{state:?}");
}

/// Rows: 3.25.
#[test]
fn nobody_ends_or_erases_the_doubt_or_the_objection_of_another() {
    let mut council = Council::new();
    let asked = council.propose(&proposal(council.umbrella.thing(), (1, 3, 10)));
    let doubt = council.answer(1, &asked, ResponseKind::Concern, 2);
    let objection = council.vote(1, &asked, Choice::Object, 4);
    for (n, kind) in [(0, EndKind::Erase), (2, EndKind::Erase), (0, EndKind::Withdraw)] {
        for said in [&doubt, &objection] {
            let undo = Body::End(end(&[(said.thing(), None)], kind));
            let undo = council.nets[n].sign(undo, day(5), 350);
            council.world.put(&undo);
            let place = council.world.ledger.summary(&said.id()).unwrap().place;
            assert_eq!(place, Place::Current);
        }
    }
    assert!(council.world.ledger.concerns(&asked.thing())[0].state.stands());
    assert_eq!(council.decision(&asked, 6).state.tally.object, 1);
}

/// Rows: 3.23.
#[test]
fn voting_waits_for_a_word_from_the_field_that_is_concerned() {
    let mut council = Council::new();
    let Body::Profile(mut profile) = super::world::profile() else { unreachable!() };
    profile.fields = vec!["climate".parse().unwrap()].try_into().unwrap();
    let said = council.nets[2].sign(Body::Profile(profile), day(1), 300);
    council.put(&said);
    let mut asked = proposal(council.umbrella.thing(), (1, 3, 10));
    let field = Some("climate".parse().unwrap());
    asked.voices = vec![Voice { field, ..voice(None) }].try_into().unwrap();
    let asked = council.propose(&asked);
    assert_eq!(council.decision(&asked, 5).state.missing, [0]);
    council.answer(1, &asked, ResponseKind::Learn, 5);
    assert_eq!(council.decision(&asked, 5).state.phase, Phase::Deliberation, "of another field");
    council.answer(2, &asked, ResponseKind::Learn, 6);
    let state = council.decision(&asked, 7).state;
    assert_eq!((state.phase, state.opens), (Phase::Voting, Some(day(6))));
}
