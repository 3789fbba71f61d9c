//! What is answered at the door.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::listing::Item;
use super::{Engine, RequestId, Store};
use crate::admission::Concern;
use crate::advice::{self, Absence, Advice};
use crate::body::role::Power;
use crate::control::{
    CallFilter, ClockView, Failure, Mandate, NodeStatus, REVISION, RecordFilter, Request, Response,
    ThingView,
};
use crate::fold::role;
use crate::id::{IdPrefix, NetId, PublicKey, RecordId, ThingId};
use crate::ledger::{Listed, Pages, Place, Query, Resolved, RoleView, Summary};
use crate::record::{Draft, Kind};
use crate::time::Timestamp;
use crate::weave::Thread;

/// Of how many the status says how full their room is: what a person reads.
const FULLEST_MAX: usize = 5;

/// The most candidates that an ambiguous prefix names: what a person reads.
const CANDIDATES_MAX: usize = 10;

/// The most records in one list: more than a ledger holds.
pub(super) const RECORDS_MAX: usize = 1 << 22;

impl Engine {
    /// Answers a question.
    pub(super) fn answer<S: Store>(
        &mut self,
        now: Timestamp,
        request: RequestId,
        asked: Request,
        store: &mut S,
    ) -> Result<(), S::Error> {
        let items = match asked {
            Request::Hello { revision } => {
                self.count("other-revisions", u64::from(revision != REVISION));
                return self.say(request, self.hello(revision));
            }
            Request::Status => return self.say(request, Response::Status(self.status(now))),
            Request::Check { payload, key } => {
                return self.say(request, self.check(now, &payload, key));
            }
            Request::Thing { thing } => {
                let answer = self.thing(&thing, store)?;
                return self.say(request, answer);
            }
            Request::Record { id } => {
                let answer = self.record(id, store)?;
                return self.say(request, answer);
            }
            Request::Network { net } => {
                let answer = self.network_view(&net, store)?;
                return self.say(request, answer.unwrap_or(NOT_FOUND));
            }
            Request::Configure(change) => {
                self.configure(now, request, &change);
                return Ok(());
            }
            Request::SyncNow => return self.sync_now(now, request),
            Request::Held { id } => return self.who_has(now, (request, id), store),
            Request::Ways { .. }
            | Request::Reach { .. }
            | Request::Bridge(_)
            | Request::Regions(_)
            | Request::Policy(_)
            | Request::Newcomers(_) => match self.steer(now, (request, asked), store)? {
                Some(items) => items,
                None => return Ok(()),
            },
            Request::Post { .. }
            | Request::Watch(_)
            | Request::Peers
            | Request::Connect { .. }
            | Request::Trials
            | Request::Forget { .. }
            | Request::Store(_)
            | Request::BelieveClock
            | Request::Stop
            | Request::Knock { .. }
            | Request::Prove { .. } => {
                let why = "this is for the node's door, not for its engine".to_owned();
                return self.say(request, Response::Failed(Failure::BadRequest(why)));
            }
            asked => {
                let thing = named(&asked);
                match self.list(now, asked, store)? {
                    Some(items) => items,
                    None => {
                        let answer = thing.map_or(NOT_FOUND, |thing| self.absent(thing));
                        return self.say(request, answer);
                    }
                }
            }
        };
        if self.listings.begin(request, items) {
            self.more(now, request, store)
        } else {
            self.say(request, Response::Failed(Failure::Busy))
        }
    }

    /// Returns what is listed in answer; none when there is no such thing.
    fn list<S: Store>(
        &self,
        now: Timestamp,
        asked: Request,
        store: &mut S,
    ) -> Result<Option<VecDeque<Item>>, S::Error> {
        Ok(Some(match asked {
            Request::SyncStatus => {
                self.syncs.views().into_iter().map(|v| said(Response::Sync(v))).collect()
            }
            Request::Resolve { prefix } => self.resolve(&prefix),
            Request::Mandates { key } => {
                self.mandates(now, &key).into_iter().map(|m| said(Response::Mandate(m))).collect()
            }
            Request::Networks => self.networks(now),
            Request::Roles { net } => self.roles(now, net),
            Request::Values { net, all } => {
                self.declarations(now, (Kind::Values, net), all, Item::Values)
            }
            Request::Ties { net, all } => self.ties(now, net, all),
            Request::Calls(filter) => self.calls(now, &filter, store)?,
            Request::Call { thing } => {
                let here = self.ledger.call(&thing, now).map(|_| Item::Call(thing));
                return Ok(self.found(here, thing));
            }
            Request::Records(filter) => self.records(filter),
            Request::Due { net } => {
                let nets = net.map_or_else(|| self.settings.homes().collect(), |net| vec![net]);
                let due = nets.iter().flat_map(|net| self.ledger.due(net, now));
                due.map(|due| said(Response::Due(due))).collect()
            }
            Request::Weave => {
                let pattern = self.ledger.pattern(self.gate.classes.shared(), now);
                let hidden = |net: &NetId| self.hides(now, &Concern::of(*net, &Kind::Profile));
                let seen = |thread: &Thread| match thread {
                    Thread::Network { net, .. } => !hidden(net),
                    Thread::Tie { a, b, .. } => !hidden(a) && !hidden(b),
                };
                let threads = pattern.threads().filter(seen);
                threads.map(|thread| said(Response::Thread(thread))).collect()
            }
            asked => return self.deliberations(now, &asked, store),
        }))
    }

    /// Answers what is asked of ways, bridges and who is let in; returns what is to be listed.
    fn steer<S: Store>(
        &mut self,
        now: Timestamp,
        (request, asked): (RequestId, Request),
        store: &mut S,
    ) -> Result<Option<VecDeque<Item>>, S::Error> {
        self.look(now);
        let answer = match asked {
            Request::Ways { thing } => Response::Ways(self.ways(&thing)),
            Request::Reach { thing } => self.reach(now, &thing).map_or(NOT_FOUND, Response::Reach),
            Request::Bridge(task) => {
                let items = self.bridge_task(now, request, task, store)?;
                return Ok(items.map(|items| items.into_iter().map(said).collect()));
            }
            Request::Regions(task) => return self.region_task(now, request, task),
            Request::Newcomers(task) => return self.newcomers(now, (request, task), store),
            Request::Policy(task) => {
                self.policy(now, (request, task), store)?;
                return Ok(None);
            }
            _ => NOT_FOUND,
        };
        self.say(request, answer)?;
        Ok(None)
    }

    pub(super) fn say<E>(&mut self, request: RequestId, response: Response) -> Result<(), E> {
        self.reply(request, vec![response]);
        Ok(())
    }

    fn hello(&self, revision: u16) -> Response {
        if revision != REVISION {
            return Response::Failed(Failure::Revision { revision: REVISION });
        }
        let home = std::iter::once(&self.settings.home);
        let others = self.settings.regions.iter().filter(|r| **r != self.settings.home);
        let regions = home.chain(others).cloned().collect();
        Response::Hello { revision, node: self.settings.node, regions }
    }

    fn status(&self, now: Timestamp) -> Box<NodeStatus> {
        let statistics = self.ledger.statistics();
        let mut records: BTreeMap<String, u64> =
            [("valid", statistics.valid), ("held", statistics.held), ("void", statistics.void)]
                .map(|(name, n)| (name.to_owned(), n as u64))
                .into();
        records.insert("all".to_owned(), statistics.stored as u64);
        let regions = self.settings.regions.iter();
        Box::new(NodeStatus {
            node: self.settings.node,
            version: self.settings.version.clone(),
            profile: String::new(),
            since: self.since,
            now,
            regions: match self.hello(REVISION) {
                Response::Hello { regions, .. } => regions,
                _ => Vec::new(),
            },
            hosted: self.settings.homes().collect(),
            listening: Vec::new(),
            missed: Vec::new(),
            knocks: Vec::new(),
            peers: regions.map(|r| (r.clone(), self.syncs.count(r))).collect(),
            records,
            waiting: statistics.pooled as u64,
            early: statistics.early as u64,
            clock: ClockView::of(self.syncs.clocks()),
            doubt: None,
            stock: self.gate.stock.fullness(FULLEST_MAX),
            newcomers: self.gate.newcomers.room(),
            networks: statistics.networks as u64,
            read_only: self.durable.refusing().map(str::to_owned),
            counters: self.counters.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect(),
        })
    }

    fn check(&self, now: Timestamp, payload: &[u8], key: PublicKey) -> Response {
        let draft = match Draft::decode(payload) {
            Ok(draft) => draft,
            Err(error) => return Response::Failed(Failure::BadRequest(error.to_string())),
        };
        if let Some(why) = self.durable.refusing() {
            return Response::Failed(Failure::ReadOnly(why.to_owned()));
        }
        let void = self.ledger.judge_draft(&draft.header, &draft.body, key, now).err();
        let mut advice = advice::before_signing(&self.ledger, &draft, now);
        for said in &mut advice {
            // The ledger forgets what is over; its name may still be known.
            if let Advice::Gone { thing, why: why @ Absence::Missing } = said {
                *why = match self.gone.failure(&(*thing).into()) {
                    Some(Failure::Over { .. }) => Absence::Expired,
                    Some(_) => Absence::Erased,
                    None => Absence::Missing,
                };
            }
        }
        Response::Checked { void, advice }
    }

    fn thing<S: Store>(&self, thing: &ThingId, store: &mut S) -> Result<Response, S::Error> {
        let versions = self.ledger.thing(thing);
        let Some(first) = versions.first() else {
            return Ok(self.past_thing(*thing, store)?.unwrap_or_else(|| self.absent(*thing)));
        };
        let head = |v: &&Summary| matches!(v.place, Place::Current | Place::Forked);
        let current = match first.place {
            Place::Current => store.bytes(&first.id)?,
            _ => None,
        };
        // What is not accepted or not current is still what a next version follows.
        let heads: Vec<_> = versions.iter().filter(head).map(|v| v.id).collect();
        let heads = if heads.is_empty() { vec![first.id] } else { heads };
        let newer = |v: &&Summary| v.place == Place::Unaccepted && v.rev > first.rev;
        let offered = versions.iter().filter(newer).max_by_key(|v| (v.rev, Reverse(v.id)));
        Ok(Response::Thing(ThingView {
            kind: first.kind.clone(),
            net: first.net,
            current: current.map(|bytes| bytes.to_vec().into()).unwrap_or_default(),
            heads,
            rev: offered.map_or(first.rev, |offered| offered.rev),
            offered: offered.map(|offered| offered.id),
        }))
    }

    fn resolve(&self, prefix: &str) -> VecDeque<Item> {
        let Ok(prefix) = prefix.parse::<IdPrefix>() else { return VecDeque::new() };
        let found = match self.ledger.resolve(&prefix, CANDIDATES_MAX) {
            Resolved::None => Vec::new(),
            Resolved::One(id) => vec![id],
            Resolved::Many(ids) => ids,
        };
        // What was erased has a name still: who asks for it is told so.
        let kind = |id: &RecordId| {
            let named = self.ledger.named(id).unwrap_or(*id);
            self.ledger.kind_of(&named).or_else(|| self.ledger.kind_of_thing(&ThingId(id.0)))
        };
        let here: BTreeMap<RecordId, Kind> =
            found.into_iter().filter_map(|id| Some((id, kind(&id)?))).collect();
        // What is over has one for its author, and for others while it is remembered.
        let over = self.past.resolve(&prefix).chain(self.gone.resolve(&prefix));
        let over: BTreeMap<RecordId, Kind> =
            over.filter(|(id, _)| !here.contains_key(id)).collect();
        here.into_iter()
            .chain(over.into_iter().take(CANDIDATES_MAX))
            .map(|(id, kind)| said(Response::Resolved { id, kind }))
            .collect()
    }

    fn mandates(&self, now: Timestamp, key: &PublicKey) -> Vec<Mandate> {
        let mut mandates = Vec::new();
        for net in self.ledger.networks() {
            let keys = self.ledger.identity(&net).and_then(|identity| identity.keys);
            if keys.is_some_and(|keys| keys.key == *key) {
                mandates.push(Mandate {
                    net,
                    role: None,
                    version: None,
                    powers: Power::ALL.to_vec(),
                    until: None,
                    offered: false,
                });
            }
            let held = self.ledger.roles(&net, now).into_iter().filter(|r| r.body.holder == *key);
            mandates.extend(held.filter_map(|role| self.mandate(net, &role)));
        }
        mandates
    }

    fn mandate(&self, net: NetId, role: &RoleView) -> Option<Mandate> {
        let offered = match role.state {
            role::State::Offered => true,
            role::State::Accepted { .. } | role::State::Active { .. } => false,
            role::State::Expired | role::State::Resigned { .. } | role::State::Withdrawn { .. } => {
                return None;
            }
        };
        Some(Mandate {
            net,
            role: Some(role.thing),
            version: Some(role.version),
            powers: role.body.powers.to_vec(),
            until: self.ledger.summary(&role.version).map(|summary| summary.until),
            offered,
        })
    }

    fn networks(&self, now: Timestamp) -> VecDeque<Item> {
        let shown = |net: &NetId| !self.hides(now, &Concern::of(*net, &Kind::Profile));
        self.ledger.networks().filter(shown).map(Item::Network).collect()
    }

    fn roles(&self, now: Timestamp, net: Option<NetId>) -> VecDeque<Item> {
        let nets = match net {
            Some(net) => vec![net],
            None => self.ledger.networks().collect(),
        };
        let roles = nets.iter().flat_map(|net| self.ledger.roles(net, now));
        let roles = roles.filter(|role| !self.hides_record(now, &role.version));
        let here = roles.map(|role| Item::Role(Box::new(role)));
        here.chain(self.over(&Kind::Role, net).map(Item::Past)).collect()
    }

    fn ties(&self, now: Timestamp, net: Option<NetId>, all: bool) -> VecDeque<Item> {
        let past = self.over(&Kind::Tie, net).filter(|_| all).map(Item::Past);
        if let Some(net) = net {
            let ties = self.ledger.ties_of(&net).into_iter();
            let seen = |tie: &ThingId| {
                let shown = self.ledger.tie(tie, now);
                shown.is_some_and(|(id, _)| !self.hides_record(now, &id))
            };
            return ties.filter(seen).map(Item::Tie).chain(past).collect();
        }
        let query = Query { kind: Some(Kind::Tie), ..Query::default() };
        distinct(self.shown(now, &query)).map(Item::Tie).chain(past).collect()
    }

    fn calls<S: Store>(
        &self,
        now: Timestamp,
        filter: &CallFilter,
        store: &mut S,
    ) -> Result<VecDeque<Item>, S::Error> {
        let query = Query { kind: Some(Kind::Call), net: filter.net, ..Query::default() };
        let limit = filter.limit.min(CallFilter::LIMIT_MAX) as usize;
        let mut items = VecDeque::new();
        let seen = |listed: &Listed<'_>| filter.all || !self.hides_listed(now, listed);
        for thing in distinct(self.ledger.each(&query).filter(seen)) {
            if items.len() >= limit {
                break;
            }
            if self.is_wanted(now, &thing, filter, store)? {
                items.push_back(Item::Call(thing));
            }
        }
        if filter.all {
            let room = limit.saturating_sub(items.len());
            items.extend(self.past_calls(filter, store)?.into_iter().take(room));
        }
        Ok(items)
    }

    /// Shows a record that is here or over, and how it was judged.
    fn record<S: Store>(&self, id: RecordId, store: &mut S) -> Result<Response, S::Error> {
        let named = self.ledger.named(&id).or_else(|| self.past.named(&id)).unwrap_or(id);
        let answer = match self.record_view(&named, true, store)? {
            None => self.past_record(&named, store)?,
            answer => answer,
        };
        Ok(answer.unwrap_or_else(|| {
            let thing = self.ledger.summary(&id).map_or(ThingId(id.0), |record| record.thing);
            self.absent(thing)
        }))
    }

    /// Returns the failure of who asks for a thing that is not here.
    fn absent(&self, thing: ThingId) -> Response {
        if self.ledger.thing(&thing).iter().any(|v| v.place == Place::Erased) {
            return Response::Failed(Failure::Erased);
        }
        self.gone.failure(&thing.into()).map_or(NOT_FOUND, Response::Failed)
    }

    /// Returns a thing that is here, or over, with the answers to it; none when it is neither.
    pub(super) fn found(&self, here: Option<Item>, thing: ThingId) -> Option<VecDeque<Item>> {
        let found = here.or_else(|| self.past.last(thing).map(Item::Past));
        found.map(|item| self.with_answers(item, thing))
    }

    /// A thing, the answers to it, and the answers to those: accepted, delivered, confirmed. What
    /// networks that live here have answered, and is over, comes first.
    fn with_answers(&self, item: Item, thing: ThingId) -> VecDeque<Item> {
        let to = |thing| Query { kind: Some(Kind::Response), to: Some(thing), ..Query::default() };
        // Nothing is answered before it is said, whatever the clocks of two machines say, and however much is
        // said within the second that a date counts.
        let mut answers: BTreeSet<(Timestamp, usize, RecordId)> = BTreeSet::new();
        // Each thing is asked for once, however many versions of it, or ways to it, there are.
        let mut asked = BTreeMap::from([(thing, Timestamp::ZERO)]);
        let mut known = BTreeSet::from([thing]);
        for step in 0..4 {
            let mut next: BTreeMap<ThingId, Timestamp> = BTreeMap::new();
            for (thing, said) in asked {
                for answer in self.ledger.list(&to(thing), RECORDS_MAX) {
                    let at = answer.at.max(said);
                    answers.insert((at, step, answer.id));
                    let first = next.entry(answer.thing).or_insert(at);
                    *first = at.min(*first);
                }
            }
            next.retain(|thing, _| known.insert(*thing));
            asked = next;
        }
        let past = self.past.answers(Some(thing), None).into_iter();
        let answers = past.chain(answers.into_iter().map(|(.., id)| id)).map(Item::Answer);
        std::iter::once(item).chain(answers).collect()
    }

    fn records(&self, filter: RecordFilter) -> VecDeque<Item> {
        let RecordFilter { net, kind, key, region, since, valid, hidden, after, limit } = filter;
        if hidden {
            return self.hidden(net).map(Item::Hidden).collect();
        }
        let limit = limit.map_or(RECORDS_MAX, |limit| limit as usize);
        let after = after.and_then(|id| self.dated(id));
        let pages = Pages { kind, net, key, region, since, valid, after };
        self.page(&pages, limit).into_iter().map(Item::Record).collect()
    }

    fn sync_now<E>(&mut self, now: Timestamp, request: RequestId) -> Result<(), E> {
        let peers = self.syncs.now(now);
        if peers.is_empty() {
            return self.say(request, Response::End);
        }
        if !self.listings.await_syncs(request, peers) {
            return self.say(request, Response::Failed(Failure::Busy));
        }
        Ok(())
    }
}

/// Returns the thing that is asked for with the answers to it.
fn named(asked: &Request) -> Option<ThingId> {
    match asked {
        Request::Call { thing } | Request::Proposal { thing } | Request::Gathering { thing } => {
            Some(*thing)
        }
        _ => None,
    }
}

pub(super) const NOT_FOUND: Response = Response::Failed(Failure::NotFound);

pub(super) fn said(response: Response) -> Item {
    Item::Said(Box::new(response))
}

/// The things of these records, each once, in the order in which they come first.
pub(super) fn distinct<'a>(
    list: impl Iterator<Item = Listed<'a>>,
) -> impl Iterator<Item = ThingId> {
    let mut seen = BTreeSet::new();
    list.map(|listed| listed.thing).filter(move |thing| seen.insert(*thing))
}
