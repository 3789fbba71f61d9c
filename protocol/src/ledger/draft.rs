//! Judging what nobody has signed yet, so that what would be refused is refused before it is
//! signed, with the reason.

use super::entry::{Facts, Part, Verdict, act};
use super::ids::Handle;
use super::{CLOCK_SKEW, Ledger};
use crate::authority::{
    About, Act, Authority, Ending, Naming, Standing, Why, covers, need, need_of_answer, topic_hash,
};
use crate::body::Body;
use crate::body::response::ResponseKind;
use crate::body::text::Tag;
use crate::id::{PublicKey, RecordId, ThingId};
use crate::record::{Header, Kind, Reach, whole_hash};
use crate::time::Timestamp;

/// Stands in for the id of what is not signed yet.
const UNSIGNED: RecordId = RecordId([0xff; 32]);

impl Ledger {
    /// Judges what nobody has signed yet, as if this key had.
    ///
    /// # Errors
    /// [`Why`] the record would not be valid now.
    pub fn judge_draft(
        &self,
        header: &Header,
        body: &Body,
        key: PublicKey,
        now: Timestamp,
    ) -> Result<(), Why> {
        if header.until <= now {
            return Err(Why::Expired);
        }
        if header.at > now + CLOCK_SKEW {
            return Err(Why::Future);
        }
        let Some(net) = header.net else { return Ok(()) };
        let act = act(UNSIGNED, key, header);
        let hash = whole_hash(&body.encode().unwrap_or_default());
        let mut part = Part::of(act, header, body, hash);
        match self.naming(&part, (net, self.ids.find(&net.0))) {
            Naming::Named => {}
            Naming::Missing(_) if header.role.is_some() => return Err(Why::RoleMissing),
            Naming::Unnamed if header.role.is_some() => return Err(self.unnamed(header, &act)),
            Naming::Missing(_) | Naming::Unnamed => return Err(Why::KeyUnnamed),
        }
        let Some(handle) = self.ids.find(&net.0) else { return Err(Why::KeyUnnamed) };
        if !self.fits(Some(handle), &mut part) || self.is_crowded(header, body, &act) {
            return Err(Why::Surplus);
        }
        let standing = if part.is_support() {
            self.judge_support(handle, part, act)
        } else {
            self.judge_ordinary(handle, header, body, &act)
        };
        match standing {
            Standing::Valid => {
                self.judge_place(header, body)?;
                self.judge_name(header, body)?;
                self.judge_successor(handle, (header, body))
            }
            Standing::Held(why) | Standing::Void(why) => Err(why),
        }
    }

    /// Says what is wrong with a key that no version of the role names for so long a life.
    fn unnamed(&self, header: &Header, act: &Act) -> Why {
        let net = header.net.and_then(|net| self.ids.find(&net.0));
        let support = net.and_then(|net| self.networks.get(&net)).map(|n| &n.support);
        let grants = support.zip(header.role).into_iter().flat_map(|(s, role)| {
            s.grants_of(&role).map(|grant| (grant.body.holder, grant.act.until)).collect::<Vec<_>>()
        });
        let held = grants.filter(|(holder, _)| *holder == act.key).map(|(_, until)| until);
        held.max().map_or(Why::NotTheHolder, |until| Why::OutlivesRole { until })
    }

    fn judge_support(&self, net: Handle, part: Part, act: Act) -> Standing {
        let Some(network) = self.networks.get(&net) else {
            return Standing::Void(Why::KeyUnnamed);
        };
        let roles = part.roles(&network.support);
        let mut support = network.support.about(roles.into_iter().chain(act.role));
        let ending = match &part {
            Part::Ending(ending) => Some(ending.clone()),
            _ => None,
        };
        part.join(&mut support);
        let authority = Authority::new(&support);
        if let Some(standing) = authority.of_support(&UNSIGNED) {
            return standing;
        }
        let nothing = crate::authority::Need::Nothing;
        let standing = authority.judge(&act, nothing, &About::default());
        match ending {
            Some(ending) if standing.is_valid() && !self.ends_something(net, &ending) => {
                Standing::Void(Why::EndsNothing)
            }
            _ => standing,
        }
    }

    /// Says whether an end may reach one of its targets: one that is not here, perhaps.
    fn ends_something(&self, net: Handle, ending: &Ending) -> bool {
        ending.targets.iter().any(|target| {
            let thing = self.ids.find(&target.thing.0);
            let versions = || thing.into_iter().flat_map(|thing| self.versions(thing));
            let reached = |id: Handle| {
                self.entry(id).is_some_and(|entry| {
                    self.reaches(ending, id, entry) && self.may_end(net, ending, entry)
                })
            };
            versions().next().is_none() || versions().any(reached)
        })
    }

    fn judge_ordinary(&self, net: Handle, header: &Header, body: &Body, act: &Act) -> Standing {
        let Some(network) = self.networks.get(&net) else {
            return Standing::Void(Why::KeyUnnamed);
        };
        let mut things: Vec<ThingId> = header.thing(body).into_iter().collect();
        let mut topics: &[Tag] = &[];
        let mut needed = need(&header.kind);
        match body {
            Body::Response(body) => {
                let target = self.kind_of_thing(&body.to.thing);
                needed = need_of_answer(body.kind, body.to.thing, target.as_ref());
                things.push(body.to.thing);
                // A seat at a tie is a seat in what the tie decides.
                let to = self.ids.find(&body.to.thing.0);
                let tie = to.and_then(|to| self.deciding_tie(to));
                things.extend(tie.map(|tie| self.thing_id(tie)));
            }
            Body::Call(call) => {
                topics = &call.fields;
                things.extend(call.part_of);
            }
            Body::Gathering(gathering) => {
                topics = &gathering.fields;
                things.extend(gathering.part_of);
            }
            Body::Profile(profile) => topics = &profile.fields,
            Body::Proposal(proposal) => things.push(proposal.to),
            Body::Disclosure(disclosure) => things.extend(disclosure.about.map(|r| r.thing)),
            Body::Carriage(carriage) => things.push(carriage.tie),
            _ => {}
        }
        let topics: Vec<u64> = topics.iter().map(topic_hash).collect();
        let region = header.home.as_ref().map(|home| &home.region);
        let about = About { region, things: &things, topics: &topics };
        network.authority.judge(act, needed, &about)
    }

    /// What answers a proposal, a gathering, its minutes, a tie or a concern is heard only where that
    /// lives.
    fn judge_place(&self, header: &Header, body: &Body) -> Result<(), Why> {
        let (Body::Response(answer), Some(here)) = (body, &header.home) else { return Ok(()) };
        let seen = self.ids.find(&answer.to.seen.0).and_then(|seen| self.entry(seen));
        let Some(seen) = seen else { return Ok(()) };
        let deciding = match &seen.facts {
            Facts::Proposal(_) | Facts::Gathering(_) | Facts::Tie(_) => true,
            Facts::Answer(seen) => {
                matches!(seen.kind, ResponseKind::Concern | ResponseKind::Minutes)
            }
            _ => false,
        };
        match self.home(seen).filter(|there| deciding && !covers(here, there)) {
            Some(there) => Err(Why::Elsewhere { region: there.region.clone(), reach: there.reach }),
            None => Ok(()),
        }
    }

    /// A later version is one of the thing that it follows, which it is not when it changes what is
    /// part of the name.
    fn judge_name(&self, header: &Header, body: &Body) -> Result<(), Why> {
        let before = header.version.prev.iter().filter_map(|id| self.find(id));
        let mut things = before.map(|(_, before)| self.thing_id(before.thing));
        match (things.all(|thing| Some(thing) == header.thing(body)), &header.kind) {
            (true, _) => Ok(()),
            (false, Kind::Role) => Err(Why::NotTheGranter),
            (false, Kind::Proposal) => Err(Why::OtherElectors),
            (false, _) => Err(Why::OtherThing),
        }
    }

    /// A version must last at least as long as those that it replaces, which would come back.
    fn judge_successor(&self, net: Handle, (header, body): (&Header, &Body)) -> Result<(), Why> {
        let Some((thing, home)) = header.thing(body).zip(header.home.as_ref()) else {
            return Ok(());
        };
        let Some(thing) = self.ids.find(&thing.0) else { return Ok(()) };
        let before = self.versions(thing).filter_map(|id| self.entry(id));
        let replaced = before.filter(|entry| {
            entry.net == net
                && entry.rev < header.version.rev
                && entry.verdict == Verdict::Valid
                && !matches!(entry.facts, Facts::Erased)
                && home.reach != Reach::Own
                && self.home(entry) == Some(home)
        });
        match replaced.map(|entry| entry.until).max().filter(|until| *until > header.until) {
            Some(until) => Err(Why::EndsBeforePredecessor { until }),
            None => Ok(()),
        }
    }
}
