//! What the operator says of others, and is told of them.
//!
//! **Invariant:** what the operator says holds for everything that comes after it at once, and for
//! what was refused before as soon as peers offer it again.

use std::collections::VecDeque;

use super::listing::Item;
use super::{Engine, RequestId, Store};
use crate::admission::{Action, Concern, Entry, Ruling, Subject};
use crate::body::Body;
use crate::control::{
    Explanation, Failure, NewcomerState, NewcomerTask, PolicyTask, PolicyView, Response, View,
    Whereabouts,
};
use crate::id::{NetId, PublicKey, RecordId, ThingId};
use crate::ledger::{Listed, Query};
use crate::record::{Kind, Record, Unverified};
use crate::region::Region;
use crate::time::Timestamp;

impl Engine {
    /// Does what is to be done with the policy.
    pub(super) fn policy<S: Store>(
        &mut self,
        now: Timestamp,
        (request, task): (RequestId, PolicyTask),
        store: &mut S,
    ) -> Result<(), S::Error> {
        let answer = match task {
            PolicyTask::Show => Response::Policy(PolicyView {
                mode: self.gate.policy.mode,
                seeds: self.settings.seeds().into_iter().collect(),
                entries: self.gate.policy.entries().cloned().collect(),
            }),
            PolicyTask::Add(entry) => {
                self.say_of(now, request, *entry);
                return self.free(now, store);
            }
            PolicyTask::Remove { subject, action } => {
                if self.gate.policy.remove(&subject, action) {
                    self.policy_changed(now, request);
                    return self.free(now, store);
                }
                Response::Failed(Failure::NotFound)
            }
            PolicyTask::Mode(mode) => {
                self.settings.choices.mode = Some(mode);
                self.gate.policy.mode = mode;
                self.policy_changed(now, request);
                return self.free(now, store);
            }
            PolicyTask::Explain { id } => {
                Response::Explained(Box::new(self.explanation(now, id, store)?))
            }
        };
        self.reply(request, vec![answer]);
        Ok(())
    }

    /// Does what is to be done with newcomers; returns what is to be listed.
    pub(super) fn newcomers<S: Store>(
        &mut self,
        now: Timestamp,
        (request, task): (RequestId, NewcomerTask),
        store: &mut S,
    ) -> Result<Option<VecDeque<Item>>, S::Error> {
        let (net, action, reason) = match task {
            NewcomerTask::List => {
                let views: Vec<_> = self.gate.newcomers.list().collect();
                let said = views.into_iter().map(|view| {
                    let view = self.newcomer(view);
                    Item::Said(Box::new(Response::Newcomer(view)))
                });
                return Ok(Some(said.collect()));
            }
            NewcomerTask::Welcome { net, reason } => (net, Action::Allow, reason),
            NewcomerTask::Refuse { net, reason } => (net, Action::Block, reason),
        };
        let entry =
            Entry { subject: Subject::Network(net), action, reason, until: None, name: None };
        self.say_of(now, request, entry);
        self.free(now, store)?;
        Ok(None)
    }

    fn newcomer(&self, newcomer: crate::admission::NewcomerView) -> View<NewcomerState> {
        let net = newcomer.net;
        let records = self.gate.newcomers.records(&net);
        let profile = self.gate.newcomers.profile(&net);
        let offers = records.filter_map(|record| match record.body() {
            Body::Tie(tie) => Some(tie.parties.as_slice().iter().copied()),
            _ => None,
        });
        let mut offers: Vec<NetId> = offers.flatten().filter(|other| *other != net).collect();
        offers.sort_unstable();
        offers.dedup();
        let record = profile.map(|record| record.bytes().to_vec().into()).unwrap_or_default();
        View { record, state: NewcomerState { newcomer, offers } }
    }

    /// Adds what the operator says of something, beside whatever else was said of it: when the stronger
    /// word ends or is taken back, the weaker one holds as before.
    fn say_of(&mut self, now: Timestamp, request: RequestId, mut entry: Entry) {
        let (subject, action) = (entry.subject.clone(), entry.action);
        entry.name = self.name_kept(&entry);
        if let Err(error) = self.gate.policy.add(entry, now) {
            return self.reply(request, vec![Response::Failed(error.into())]);
        }
        if let (Subject::Network(net), Action::Block) = (&subject, action) {
            self.gate.newcomers.take(net);
        }
        self.policy_changed(now, request);
    }

    /// Returns what a network called itself that is kept out, and of which nothing else is kept.
    fn name_kept(&self, entry: &Entry) -> Option<String> {
        let (Subject::Network(net), Action::Block) = (&entry.subject, entry.action) else {
            return None;
        };
        let said = self.gate.newcomers.profile(net).and_then(|profile| match profile.body() {
            Body::Profile(profile) => Some(profile.name.in_any(&[]).1.to_owned()),
            _ => None,
        });
        let same = |known: &&Entry| known.subject == entry.subject && known.action == entry.action;
        said.or_else(|| self.gate.policy.entries().find(same)?.name.clone())
    }

    fn policy_changed(&mut self, now: Timestamp, request: RequestId) {
        self.settings.choices.policy = self.gate.policy.entries().cloned().collect();
        self.gate.look_again();
        self.gate.refused.welcome(|_| true);
        self.syncs.stir(now, None, &mut self.dice);
        self.keep(request, Response::Fine);
    }

    /// Returns what a query finds, without what was said to be kept out of sight.
    pub(super) fn shown<'a>(
        &'a self,
        now: Timestamp,
        query: &Query,
    ) -> impl Iterator<Item = Listed<'a>> + use<'a> {
        self.ledger.each(query).filter(move |listed| !self.hides_listed(now, listed))
    }

    /// Says whether the record is kept out of sight.
    pub(super) fn hides_record(&self, now: Timestamp, id: &RecordId) -> bool {
        self.ledger.summary(id).is_some_and(|summary| {
            let region = summary.home.as_ref().map(|home| &home.region);
            let (key, role) = (Some(summary.key), summary.role);
            let about = Concern::of(summary.net, &summary.kind);
            self.hides(now, &Concern { region, key, role, ..about })
        })
    }

    /// Says whether what is listed is kept out of sight.
    pub(super) fn hides_listed(&self, now: Timestamp, listed: &Listed<'_>) -> bool {
        let region = listed.home.map(|home| &home.region);
        let (key, role) = (Some(listed.key), listed.role);
        let about = Concern::of(listed.net, &listed.kind);
        self.hides(now, &Concern { region, key, role, ..about })
    }

    /// Says whether what was said of something like this keeps it out of sight.
    pub(super) fn hides(&self, now: Timestamp, about: &Concern<'_>) -> bool {
        self.gate.policy.hides(about, now)
    }

    fn explanation<S: Store>(
        &mut self,
        now: Timestamp,
        id: RecordId,
        store: &mut S,
    ) -> Result<Explanation, S::Error> {
        self.look(now);
        let net = NetId(id.0);
        let waiting = self.gate.newcomers.records(&net).count();
        // What waits is declined to others like what was refused, and is kept here all the same.
        let refused = self.gate.refused.of(&net).saturating_sub(waiting);
        let counts = (self.ledger.records_of(&net) as u64, waiting as u64, refused as u64);
        let mut entries = self.gate.policy.entries();
        let is_ruled = entries.any(|entry| entry.subject == Subject::Network(net));
        if counts != (0, 0, 0) || is_ruled {
            return Ok(self.network_explanation(now, net, counts));
        }
        // What is no record here may be a thing.
        let waiting = || self.ledger.waiting_version(ThingId(id.0));
        let past = || self.past.named(&id);
        let version = || self.ledger.named(&id).or_else(waiting).or_else(past).unwrap_or(id);
        let id = if self.ledger.knows(&id) { id } else { version() };
        if !self.ledger.contains(&id)
            && let Some(over) = self.past.get(&id)
        {
            let of = (over.kind(), over.region());
            let named = self.named(now, Some(over.net()), of, (None, None));
            return Ok(Explanation { whereabouts: Whereabouts::Past, ..named });
        }
        let steps = self.ledger.explain(&id);
        let (mut record, mut whereabouts) = (None, Whereabouts::Absent);
        if self.ledger.contains(&id) {
            let bytes = store.bytes(&id)?;
            record = bytes.and_then(|bytes| Unverified::decode(&bytes).ok());
            whereabouts = Whereabouts::Stored;
        }
        let mut record = record.map(Unverified::assume_verified);
        if let Some(newcomer) = self.gate.newcomers.find(&id) {
            (record, whereabouts) = (Some(newcomer.clone()), Whereabouts::Newcomer);
        }
        let refused = self.gate.refused.owner(&id);
        if refused.is_some() && whereabouts == Whereabouts::Absent {
            whereabouts = Whereabouts::Refused;
        }
        if self.ledger.waits(&id) {
            whereabouts = Whereabouts::Waiting;
        }
        let net = record.as_ref().map(Record::net).or(refused);
        // Of what is not here only the network is known; what holds for all that it says is told.
        let header = record.as_ref().map(Record::header);
        let kind = header.map_or(&Kind::Identity, |header| &header.kind);
        let region = header.and_then(|header| Some(&header.home.as_ref()?.region));
        let signed = (header.and(record.as_ref()).map(Record::key), header.and_then(|h| h.role));
        let mut explanation = self.named(now, net, (kind, region), signed);
        explanation.whereabouts = whereabouts;
        explanation.steps = steps;
        if let Some(record) = &record {
            let around = (&self.ledger, &self.settings.regions);
            let (fate, rulings) = self.gate.consider(record, around, now);
            (explanation.fate, explanation.rulings) = (Some(fate), rulings);
        }
        Ok(explanation)
    }

    fn network_explanation(
        &self,
        now: Timestamp,
        net: NetId,
        counts: (u64, u64, u64),
    ) -> Explanation {
        let whereabouts = match counts {
            (0, 0, 0) => Whereabouts::Absent,
            (0, 0, _) => Whereabouts::Refused,
            (0, ..) => Whereabouts::Newcomer,
            _ => Whereabouts::Stored,
        };
        let named = self.named(now, Some(net), (&Kind::Identity, None), (None, None));
        Explanation { whereabouts, counts: Some(counts), ..named }
    }

    /// Says what is known of a network by name.
    fn named(
        &self,
        now: Timestamp,
        net: Option<NetId>,
        (kind, region): (&Kind, Option<&Region>),
        (key, role): (Option<PublicKey>, Option<ThingId>),
    ) -> Explanation {
        let mut rulings = Vec::new();
        let (mut chain, mut hidden) = (Vec::new(), None);
        if let Some(net) = net {
            let concern = Concern { region, key, role, ..Concern::of(net, kind) };
            let said = self.gate.policy.ruled(&concern, now);
            hidden = said.first().filter(|e| e.action != Action::Allow).map(|e| (*e).clone());
            rulings.extend(said.into_iter().cloned().map(|entry| Ruling::Said { entry }));
            chain = self.gate.recognition.chain(&net);
            rulings.push(match self.gate.recognition.of(&net) {
                Some(known) => Ruling::Recognised { distance: known.distance, payer: known.payer },
                None => Ruling::Unknown,
            });
        }
        Explanation {
            whereabouts: Whereabouts::Absent,
            net,
            chain,
            fate: None,
            rulings,
            steps: Vec::new(),
            hidden,
            counts: None,
        }
    }
}
