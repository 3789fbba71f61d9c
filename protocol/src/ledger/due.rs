//! What waits for a network to say something, and what of it ends soon: one list, for whoever tells its
//! people.
//!
//! **Invariant:** it is a pure function of the records and the time, and says nothing of people: what was
//! read, and by whom, is not known here.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Ledger;
use super::entry::{Entry, Facts, Sort};
use super::ids::Handle;
use super::query::{Place, Query};
use crate::authority::{Standing, Why};
use crate::body::response::ResponseKind;
use crate::body::role::Power;
use crate::fold::call::Phase as CallPhase;
use crate::fold::gathering::Phase as GatheringPhase;
use crate::fold::proposal::Phase as ProposalPhase;
use crate::fold::{disclosure, role, tie};
use crate::id::{NetId, RecordId, ThingId};
use crate::record::Kind;
use crate::time::Timestamp;

/// How long before its end something is due to be renewed: a month, so that a meeting comes before it.
pub const ENDS_SOON: Duration = Duration::from_secs(30 * 86_400);

/// Something that waits for a network, or of it ends soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// For which network.
    pub net: NetId,
    /// What is wanted of it.
    pub want: Want,
    /// What it is about: the tie, the call, the proposal, the role, or the network itself.
    pub about: ThingId,
    /// When it is too late; [`Timestamp::NEVER`] where nothing ends it.
    pub until: Timestamp,
}

/// What is wanted of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Want {
    /// So many guardians have signed a recovery, or a revocation, that so many complete. If the network
    /// knows nothing of it, somebody has taken hold of their keys.
    Guardians {
        /// How many have signed.
        have: u8,
        /// How many are needed.
        need: u8,
    },
    /// It has no profile in force, and nobody sees its name.
    Profile,
    /// Its profile ends soon.
    ProfileEnds,
    /// A tie, or its renewal, waits for its signature.
    Signature,
    /// An offer to its call waits for its word.
    Offer,
    /// A delivery for its call waits to be confirmed.
    Delivery,
    /// A vote is open in which it is an elector, and it has not voted.
    Vote,
    /// A list of ballots waits for electors to accept it.
    Closing,
    /// A gathering that it hosts, or the minutes, waits for it to accept.
    Hosting,
    /// A concern about what it said waits for an answer.
    Concern,
    /// A disclosure that an active tie asks for is overdue.
    Disclosure,
    /// The date has passed on which the parties of a tie look at it again.
    Review,
    /// A tie ends soon, or an acceptance without which it does not stand.
    TieEnds,
    /// A mandate that it gave ends soon.
    RoleEnds,
    /// A mandate that it gave to a bridge ends soon.
    BridgeEnds,
}

impl Ledger {
    /// Returns what waits for a network, in the order of [`Want`] and, of each, what ends first.
    pub fn due(&self, net: &NetId, now: Timestamp) -> Vec<Due> {
        let Some(identity) = self.identity(net).filter(|identity| identity.closed.is_none()) else {
            return Vec::new();
        };
        let mut due = Vec::new();
        let mut add = |want, about, until| due.push(Due { net: *net, want, about, until });
        let itself = ThingId::from(*net);
        if let Some((have, need)) = self.guardians_at_work(net) {
            add(Want::Guardians { have, need }, itself, Timestamp::NEVER);
        }
        let shown = self.current_profile(net);
        if shown.is_none() {
            add(Want::Profile, itself, Timestamp::NEVER);
        }
        // With the one that is shown ends a name, with the one that hosts the nodes and the sealing key.
        let both = shown.into_iter().chain(self.hosting_profile(net));
        let first = both.filter_map(|id| self.summary(&id)).min_by_key(|profile| profile.until);
        if let Some(profile) = first.filter(|profile| profile.until <= now + ENDS_SOON) {
            add(Want::ProfileEnds, profile.thing, profile.until);
        }
        for tie in self.ties_of(net) {
            self.tie_wants(net, &tie, now).into_iter().for_each(|(want, at)| add(want, tie, at));
        }
        for owed in self.owed(net, now) {
            if let disclosure::State::Overdue { since } = owed.state {
                add(Want::Disclosure, owed.tie, since);
            }
        }
        for role in self.roles(net, now) {
            let bridge = role.body.powers.contains(&Power::Bridge);
            let want = if bridge { Want::BridgeEnds } else { Want::RoleEnds };
            match role.state {
                role::State::Active { until } if until <= now + ENDS_SOON => {
                    add(want, role.thing, until);
                }
                _ => {}
            }
        }
        self.answers_wanted(net, now, &mut add);
        // While nobody knows who speaks for it, nothing that it says counts.
        due.retain(|due| identity.disputed.is_none() || matches!(due.want, Want::Guardians { .. }));
        due.sort_by_key(|due| (due.want, due.until, due.about));
        due
    }

    /// Finds what others have said to it, and what is decided with it.
    fn answers_wanted(
        &self,
        net: &NetId,
        now: Timestamp,
        add: &mut impl FnMut(Want, ThingId, Timestamp),
    ) {
        let calls =
            Query { kind: Some(Kind::Call), net: Some(*net), current: true, ..Query::default() };
        for call in self.each(&calls) {
            let state = self.call(&call.thing, now).map(|(id, state)| (id, state.phase));
            let Some((id, CallPhase::Open | CallPhase::PartMet)) = state else { continue };
            let until = self.ends(&id);
            for answer in self.unanswered(&call.thing) {
                let offers = answer.kind == ResponseKind::Offer;
                add(if offers { Want::Offer } else { Want::Delivery }, call.thing, until);
            }
        }
        for thing in self.things_of(&Kind::Proposal) {
            let Some((id, decision)) = self.proposal(&thing, now) else { continue };
            let Some(ballot) = decision.state.electors.get(net) else { continue };
            let closes = self.vote_until(&id);
            let accepted = decision.closing.as_ref().is_none_or(|c| c.accepted.contains(net));
            match decision.state.phase {
                ProposalPhase::Voting if ballot.is_none() => add(Want::Vote, thing, closes),
                ProposalPhase::Withdrawn => {}
                _ if decision.state.provisional && !accepted => {
                    add(Want::Closing, thing, self.ends(&id));
                }
                _ => {}
            }
        }
        for thing in self.things_of(&Kind::Gathering) {
            self.hosting(net, &thing, now).into_iter().for_each(|at| add(Want::Hosting, thing, at));
        }
        for concern in self.concerns_about(Some(net)) {
            if concern.state.stands() && concern.net != *net {
                add(Want::Concern, concern.about, self.ends(&concern.id));
            }
        }
    }

    /// Returns by when a gathering, and the minutes of its meetings, want a host to accept them.
    fn hosting(&self, net: &NetId, thing: &ThingId, now: Timestamp) -> Vec<Timestamp> {
        use GatheringPhase::{Announced, Changed, Held};
        let Some((id, convening)) = self.gathering(thing, now) else { return Vec::new() };
        let minutes = self.minutes(thing).into_iter().filter_map(|id| self.minuted(&id, now));
        let open = minutes.filter(|m| m.state.phase == Held && m.state.unaccepted.contains(net));
        let mut wanted: Vec<Timestamp> = open.map(|minutes| minutes.state.agreed_at).collect();
        let ahead = matches!(convening.state.phase, Announced | Changed);
        if ahead && convening.state.unaccepted.contains(net) {
            wanted.push(self.ends(&id));
        }
        wanted
    }

    /// Returns the things of a kind that are stored, each once.
    fn things_of(&self, kind: &Kind) -> std::collections::BTreeSet<ThingId> {
        let query = Query { kind: Some(kind.clone()), ..Query::default() };
        self.each(&query).map(|listed| listed.thing).collect()
    }

    fn ends(&self, id: &RecordId) -> Timestamp {
        self.summary(id).map_or(Timestamp::NEVER, |summary| summary.until)
    }

    fn vote_until(&self, id: &RecordId) -> Timestamp {
        let entry = self.ids.find(&id.0).and_then(|id| self.entry(id));
        match entry.map(|entry| &entry.facts) {
            Some(Facts::Proposal(facts)) => Timestamp::from_secs(facts.rule.vote_until),
            _ => Timestamp::NEVER,
        }
    }

    /// Returns what a tie wants of one of its parties, and by when.
    fn tie_wants(&self, net: &NetId, tie: &ThingId, now: Timestamp) -> Vec<(Want, Timestamp)> {
        let Some((shown, state)) = self.tie(tie, now) else { return Vec::new() };
        let mut wants = Vec::new();
        match &state {
            tie::State::Claimed { missing } if missing.contains(net) => {
                wants.push((Want::Signature, self.ends(&shown)));
            }
            tie::State::Active { review_due, leaving: None, .. } => {
                let end = self.tie_ends(&shown);
                wants.extend(review_due.then_some((Want::Review, self.ends(&shown))));
                match self.renewal(net, tie) {
                    Some(renewal) => wants.extend(renewal),
                    None if end <= now + ENDS_SOON => wants.push((Want::TieEnds, end)),
                    None => {}
                }
            }
            _ => {}
        }
        wants
    }

    /// Looks for a version of an active tie that is newer and not accepted by all; returns what it wants
    /// of this party, which is nothing when it has signed.
    fn renewal(&self, net: &NetId, tie: &ThingId) -> Option<Option<(Want, Timestamp)>> {
        let versions = self.thing(tie);
        let current = versions.first()?.rev;
        let newer = versions.iter().filter(|v| v.place == Place::Unaccepted && v.rev > current);
        let newest = newer.max_by_key(|version| version.rev)?;
        let id = self.ids.find(&newest.id.0)?;
        let signed = newest.net == *net
            || self
                .acceptances(id, self.entry(id)?)
                .keys()
                .any(|party| self.net_id(*party) == *net);
        Some((!signed).then_some((Want::Signature, newest.until)))
    }

    /// Returns when a tie that stands ceases to: at its end, or when the acceptance of a party ends.
    fn tie_ends(&self, shown: &RecordId) -> Timestamp {
        let Some((id, entry)) = self.ids.find(&shown.0).and_then(|id| Some((id, self.entry(id)?)))
        else {
            return Timestamp::NEVER;
        };
        let Facts::Tie(facts) = &entry.facts else { return Timestamp::NEVER };
        let accepting: Vec<&Entry> = self
            .heard_answers(entry)
            .filter(|(_, answer, accept)| {
                accept.kind == ResponseKind::Accept
                    && answer.stands()
                    && self.binds(accept, id, entry)
            })
            .map(|(_, answer, _)| answer)
            .collect();
        let others = facts.parties.iter().filter(|party| **party != entry.net);
        let lasts = |party: &Handle| {
            let own = accepting.iter().filter(|answer| answer.net == *party);
            own.map(|answer| answer.until).max()
        };
        others.filter_map(lasts).fold(entry.until, Timestamp::min)
    }

    /// Returns how many guardians have signed something that is not complete, and how many it needs.
    fn guardians_at_work(&self, net: &NetId) -> Option<(u8, u8)> {
        let network = self.networks.get(&self.ids.find(&net.0)?)?;
        let events = network.records.iter().filter_map(|id| Some((*id, self.entry(*id)?)));
        let events = events.filter(|(_, entry)| entry.sort == Sort::Identity);
        let incomplete = events.filter_map(|(id, entry)| match self.judge(id, entry) {
            Standing::Held(Why::GuardiansMissing { have, need }) => Some((have, need)),
            _ => None,
        });
        incomplete.max()
    }
}
