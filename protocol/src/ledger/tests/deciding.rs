//! Random histories of deciding and gathering, with late, doubled, withdrawn and stolen voices.

use proptest::prelude::*;

use super::history::History;
use super::master::{self, config};
use super::world::{DAY, START, answer, region};
use super::{closure, decisions};
use crate::body::Body;
use crate::body::proposal::Proposal;
use crate::body::response::{Choice, ResponseKind};
use crate::record::{Home, Kind, Reach, Record};
use crate::time::Timestamp;

impl History {
    /// Networks that are tied, propose, vote, meet and doubt, between everything else.
    fn deciding(seed: u64, moves: usize) -> Self {
        let mut history = Self::founded(seed);
        for _ in 0..moves {
            let record = match history.chance.below(24) {
                0 => history.seats(),
                1..=2 => history.accept_tie(),
                3..=4 => history.proposal(),
                5..=9 => history.ballot(),
                10 => history.closing(),
                11..=12 => history.gathering(),
                13 => history.minutes(),
                14..=17 => history.word(),
                18 => history.disclosure(),
                19 => history.role(),
                20 => history.accept_role(),
                21..=22 => history.end(),
                _ => history.step(),
            };
            history.records.extend(record);
        }
        history
    }

    /// A tie with seats, mostly accepted by the others on the same day.
    fn seats(&mut self) -> Option<Record> {
        let net = self.net();
        let signer = self.signer(net);
        let mut parties = self.nets.clone();
        parties.retain(|other| *other != net);
        parties.insert(0, net);
        let of = if self.chance.one_in(3) { self.some(&Kind::Tie) } else { None };
        let tie = self.sign(signer, decisions::seats(&parties), of.as_ref())?;
        for other in &parties[1..] {
            if self.chance.one_in(5) {
                continue;
            }
            let signer = self.signer(*other);
            let mut draft =
                signer.draft(answer(&tie, ResponseKind::Accept, None), tie.header().at, 60);
            draft.header.home.clone_from(&tie.header().home);
            self.records.extend(draft.sign(&super::world::key(signer.seed)));
        }
        Some(tie)
    }

    fn proposal(&mut self) -> Option<Record> {
        let (tie, net) = (self.some(&Kind::Tie)?, self.net());
        let signer = self.signer(net);
        let of = if self.chance.one_in(2) { self.some(&Kind::Proposal) } else { None };
        let mut body = decisions::proposal(tie.thing(), (1, 4, 14));
        body.effect = self.chance.one_in(3).then(|| tie.id());
        if self.chance.one_in(3) {
            let gathering = self.some(&Kind::Gathering).map(|g| g.thing());
            body.voices = vec![decisions::voice(gathering)].try_into().unwrap();
        }
        self.sign(signer, Body::Proposal(body), of.as_ref())
    }

    fn ballot(&mut self) -> Option<Record> {
        let (to, net) = (self.some(&Kind::Proposal)?, self.net());
        let signer = self.signer(net);
        let choices = [Choice::Consent, Choice::Object, Choice::StandAside];
        let choice = self.chance.pick(&choices).clone();
        let of = if self.chance.one_in(9) { self.some(&Kind::Response) } else { None };
        self.sign(signer, decisions::ballot(&to, choice), of.as_ref())
    }

    /// A version that lists some of the ballots, perhaps accepted.
    fn closing(&mut self) -> Option<Record> {
        let of = self.some(&Kind::Proposal)?;
        let Body::Proposal(body) = of.body() else { return None };
        let answers = self.of_kind(&Kind::Response);
        let cast = answers.iter().filter(|r| decisions::is_ballot(r)).map(Record::id);
        let counted: Vec<_> = cast.collect();
        let body = Proposal { counted: counted.try_into().ok()?, ..body.clone() };
        let signer = self.signer(of.net());
        let closing = self.sign(signer, Body::Proposal(body), Some(&of))?;
        for net in self.nets.clone() {
            let signer = self.signer(net);
            let accepted = self.sign(signer, answer(&closing, ResponseKind::Accept, None), None);
            self.records.extend(accepted);
        }
        Some(closing)
    }

    fn gathering(&mut self) -> Option<Record> {
        let net = self.net();
        let signer = self.signer(net);
        let of = if self.chance.one_in(2) { self.some(&Kind::Gathering) } else { None };
        let start = self.date();
        self.sign(signer, Body::Gathering(decisions::gathering(start, &self.nets)), of.as_ref())
    }

    /// Minutes by a host, or by somebody else, of a meeting that was or is to come.
    fn minutes(&mut self) -> Option<Record> {
        let of = self.some(&Kind::Gathering)?;
        let Body::Gathering(body) = of.body() else { return None };
        let net = if self.chance.one_in(4) { self.net() } else { of.net() };
        let start = Timestamp::from_secs(body.times.start);
        let signer = self.signer(net);
        let Body::Response(mut body) = answer(&of, ResponseKind::Minutes, None) else {
            return None;
        };
        body.minutes = Some(Box::new(decisions::written(start, &self.nets)));
        self.sign(signer, Body::Response(body), None)
    }

    /// A concern, a word on one, or an acceptance.
    fn word(&mut self) -> Option<Record> {
        use ResponseKind::{Accept, Concern, Decline, Learn};
        let kind = *self.chance.pick(&[Accept, Concern, Decline, Learn]);
        let of = [Kind::Proposal, Kind::Gathering, Kind::Tie, Kind::Response];
        let target = self.chance.pick(&of).clone();
        let (to, net) = (self.some(&target)?, self.net());
        let signer = self.signer(net);
        let (at, mut draft) = (self.date(), signer.draft(answer(&to, kind, None), START, 60));
        draft.header.at = at;
        draft.header.until = at + DAY * 60;
        let home = Home { region: region("gb-bristol"), reach: Reach::Movement };
        draft.header.home = Some(to.header().home.clone().unwrap_or(home));
        draft.sign(&super::world::key(signer.seed)).ok()
    }

    fn disclosure(&mut self) -> Option<Record> {
        let net = self.net();
        let signer = self.signer(net);
        let of = if self.chance.one_in(2) { self.some(&Kind::Disclosure) } else { None };
        self.sign(signer, decisions::funding(), of.as_ref())
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_order_of_arrival_changes_what_was_decided(
        seed in any::<u64>(),
        moves in 5_usize..90,
    ) {
        master::check_history(seed, &History::deciding(seed, moves))?;
    }

    #[test]
    fn a_set_brings_all_that_decisions_rest_on(seed in any::<u64>(), moves in 5_usize..90) {
        closure::check_history(&History::deciding(seed, moves))?;
    }
}

#[test]
fn what_is_answered_and_seen_in_a_version_that_is_over_is_known_by_another() {
    closure::check_history(&History::deciding(3_349_724_256_571_349_683, 63)).unwrap();
}
