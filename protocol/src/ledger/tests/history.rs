//! Random histories with hostile records in them.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::world::{
    DAY, START, Signer, answer, bridge_tie, call, end, event, found, key, keys, profile, region,
    revocation, role, tie,
};
use crate::body::Body;
use crate::body::carriage::{Carriage, Carried};
use crate::body::end::EndKind;
use crate::body::identity::{Identity, Keys, Reason};
use crate::body::response::ResponseKind;
use crate::body::role::{Power, Scope};
use crate::id::{NetId, RecordId, ThingId};
use crate::record::{Draft, Home, Kind, Reach, Record, Version};
use crate::time::Timestamp;

/// Chance, from a seed.
#[derive(Debug)]
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.0.next_u64() % u64::try_from(n.max(1)).unwrap()).unwrap()
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub(super) fn shuffle<T>(&mut self, of: &mut [T]) {
        for i in (1..of.len()).rev() {
            of.swap(i, self.below(i + 1));
        }
    }
}

/// The keys of all networks are among these few seeds, so that thieves, mix-ups and reuse happen.
const SEEDS: u16 = 12;

const POWERS: &[Power] = &[
    Power::Call,
    Power::Respond,
    Power::Delegate,
    Power::End,
    Power::SignTie,
    Power::Endorse,
    Power::Profile,
    Power::Bridge,
    Power::Hosting,
];

/// Records that were signed so far, in the order of signing.
#[derive(Debug)]
pub(super) struct History {
    pub(super) chance: Chance,
    pub(super) records: Vec<Record>,
    pub(super) nets: Vec<NetId>,
}

impl History {
    pub(super) fn new(seed: u64, moves: usize) -> Self {
        let mut history = Self::founded(seed);
        for _ in 0..moves {
            if let Some(record) = history.step() {
                history.records.push(record);
            }
        }
        history
    }

    /// Begins with three networks and, half of the time, a bridge.
    pub(super) fn founded(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let mut records = Vec::new();
        for n in 0..3 {
            let base = n * 100;
            // In some histories bob's signing key is alice's: a key may serve two networks.
            let signing = if n == 1 && chance.one_in(4) { 0 } else { base };
            let guardians = [base + 50, base + 51, base + 52];
            records.push(found(keys(signing, base + 1, &guardians), signing));
        }
        let nets = records.iter().map(Record::net).collect();
        let mut history = Self { chance, records, nets };
        if history.chance.one_in(2) {
            history.found_bridge();
        }
        history
    }

    /// Begins with an honest bridge: carol is at home in us-wa, alice may carry there.
    fn found_bridge(&mut self) {
        let (alice, carol) = (self.nets[0], self.nets[2]);
        let (alice, carol) = (
            Signer { net: alice, seed: 0, role: None },
            Signer { net: carol, seed: 200, role: None },
        );
        let mut draft = carol.draft(profile(), START, 80);
        draft.header.home = Some(Home { region: region("us-wa"), reach: Reach::Movement });
        let tie = alice.sign(bridge_tie(&[alice.net, carol.net]), START, 80);
        let accept = carol.sign(answer(&tie, ResponseKind::Accept, None), START, 80);
        self.records.extend([draft.sign(&key(200)).unwrap(), tie, accept]);
    }

    pub(super) fn step(&mut self) -> Option<Record> {
        match self.chance.below(25) {
            0 => self.identity(),
            1..=3 => self.role(),
            4..=6 => self.accept_role(),
            7..=8 => self.end(),
            9..=12 => self.call(),
            13..=16 => self.answer(),
            17 => self.tie(),
            18 => self.accept_tie(),
            19..=20 => self.bridge(),
            21..=23 => self.carriage(),
            _ => self.profile(),
        }
    }

    /// A date in the first ten days, rarely before the start.
    pub(super) fn date(&mut self) -> Timestamp {
        let base = if self.chance.one_in(20) { START - DAY } else { START };
        base + DAY / 24 * u32::try_from(self.chance.below(240)).unwrap()
    }

    fn days(&mut self) -> u32 {
        *self.chance.pick(&[12, 20, 40, 80])
    }

    pub(super) fn net(&mut self) -> NetId {
        *self.chance.pick(&self.nets.clone())
    }

    pub(super) fn place(&self, net: NetId) -> u16 {
        u16::try_from(self.nets.iter().position(|other| *other == net).unwrap()).unwrap() * 100
    }

    pub(super) fn of_kind(&self, kind: &Kind) -> Vec<Record> {
        self.records.iter().filter(|r| r.header().kind == *kind).cloned().collect()
    }

    pub(super) fn some(&mut self, kind: &Kind) -> Option<Record> {
        let records = self.of_kind(kind);
        (!records.is_empty()).then(|| self.chance.pick(&records).clone())
    }

    /// Seeds below 32 above the network's base, and those that roles use, are searched for a key.
    fn seed_of(&self, public: &crate::id::PublicKey) -> Option<u16> {
        let nets = (0..3_u16).flat_map(|n| (0..60_u16).map(move |k| n * 100 + k));
        nets.chain(500..500 + SEEDS).find(|seed| key(*seed).public() == *public)
    }

    /// A signer of this network: its key by any event, a role's holder, or a thief.
    pub(super) fn signer(&mut self, net: NetId) -> Signer {
        let roles = self.of_kind(&Kind::Role);
        let roles: Vec<&Record> = roles.iter().filter(|role| role.net() == net).collect();
        if !roles.is_empty() && !self.chance.one_in(3) {
            let grant = *self.chance.pick(&roles);
            let Body::Role(body) = grant.body() else { unreachable!() };
            let seed = self.seed_of(&body.holder).unwrap_or(500);
            let seed = if self.chance.one_in(12) { 501 } else { seed };
            return Signer { net, seed, role: Some(grant.thing()) };
        }
        let base = self.place(net);
        let events = self.of_kind(&Kind::Identity);
        let named: Vec<u16> = events
            .iter()
            .filter(|event| event.net() == net)
            .filter_map(|event| match event.body() {
                Body::Identity(body) => body.keys().and_then(|k| self.seed_of(&k.key)),
                _ => None,
            })
            .collect();
        let seed = if self.chance.one_in(15) { base + 1 } else { *self.chance.pick(&named) };
        Signer { net, seed, role: None }
    }

    /// Signs, in a random home, for the first version or a later one.
    pub(super) fn sign(
        &mut self,
        signer: Signer,
        body: Body,
        of: Option<&Record>,
    ) -> Option<Record> {
        let (at, days) = (self.date(), self.days());
        let mut draft = signer.draft(body, at, days);
        let name = if self.chance.one_in(8) { "us-wa" } else { "gb-bristol" };
        let reach = match self.chance.below(12) {
            0 => Reach::Own,
            1..=3 => Reach::Region,
            _ => Reach::Movement,
        };
        draft.header.home = Some(Home { region: region(name), reach });
        if let Some(of) = of {
            let rev = match self.chance.below(12) {
                0 => u16::MAX,
                1 => of.rev().saturating_add(2),
                _ => of.rev().saturating_add(1),
            };
            draft = draft.following(Version { rev, ..Version::after(of) });
        }
        draft.sign(&key(signer.seed)).ok()
    }

    fn keep(&mut self, net: NetId) -> Vec<RecordId> {
        let of_net: Vec<RecordId> =
            self.records.iter().filter(|r| r.net() == net).map(Record::id).collect();
        let n = self.chance.below(6);
        let mut keep: Vec<RecordId> = (0..n).map(|_| *self.chance.pick(&of_net)).collect();
        keep.sort_unstable();
        keep.dedup();
        keep
    }

    fn identity(&mut self) -> Option<Record> {
        let prev = self.some(&Kind::Identity)?;
        let Body::Identity(body) = prev.body() else { return None };
        let named = body.keys().cloned();
        let (net, base) = (prev.net(), self.place(prev.net()));
        let guardians = [base + 50, base + 51, base + 52];
        // The rotation key of the event at `rev` is the seed `base + 1 + rev` or, in a fork, 20
        // above.
        let fork = if self.chance.one_in(3) { 20 } else { 0 };
        let next = base + 2 + prev.rev() + fork;
        let signing = base + 30 + u16::try_from(self.chance.below(4)).unwrap();
        let rotation = named
            .as_ref()
            .and_then(|k| (base..base + 60).find(|s| super::world::hash(*s) == k.next));
        let rotation = rotation.unwrap_or(base + 1);
        let guardian = *self.chance.pick(&guardians);
        let at = self.date();
        let (body, seed) = match self.chance.below(11) {
            0..=2 => (Identity::Rotate(keys(signing, next, &guardians)), rotation),
            3..=4 => (Identity::Recover(keys(base + 30, base + 18, &guardians)), guardian),
            5..=7 => {
                let reason = *self.chance.pick(&[Reason::Compromised, Reason::Lost]);
                let seed = *self.chance.pick(&[base, base + 30, base + 31]);
                let mut keep = self.keep(net);
                if reason != Reason::Compromised {
                    keep.clear();
                }
                let by = if self.chance.one_in(3) { guardian } else { rotation };
                (revocation(seed, reason, at, &keep), by)
            }
            8..=9 => {
                let others = keys(0, 0, &[base + 50, base + 51, base + 53]);
                let guard = Keys { key: named.as_ref()?.key, next: named?.next, ..others };
                (Identity::Guard(guard), guardian)
            }
            _ if self.chance.one_in(4) => (Identity::Close, rotation),
            _ => (Identity::Rotate(keys(rotation, next, &guardians)), base),
        };
        Some(event(&prev, body, at, seed))
    }

    pub(super) fn role(&mut self) -> Option<Record> {
        let net = self.net();
        let signer = self.signer(net);
        let holder = 500 + u16::try_from(self.chance.below(usize::from(SEEDS))).unwrap();
        let mut powers: Vec<Power> =
            POWERS.iter().filter(|_| self.chance.one_in(2)).copied().collect();
        powers.sort_unstable();
        let scope = self.chance.one_in(6).then(|| Scope::Region(region("us-wa")));
        let from = self.date();
        let of = if self.chance.one_in(3) { self.some(&Kind::Role) } else { None };
        self.sign(signer, role(holder, &powers, scope, from), of.as_ref())
    }

    pub(super) fn accept_role(&mut self) -> Option<Record> {
        let grant = self.some(&Kind::Role)?;
        let Body::Role(body) = grant.body() else { return None };
        let seed = self.seed_of(&body.holder)?;
        let signer = Signer { net: grant.net(), seed, role: Some(grant.thing()) };
        let (at, home) = (self.date(), grant.header().home.clone()?);
        let life = grant.header().until.since(at);
        let body = answer(&grant, ResponseKind::Accept, None);
        let draft = Draft::new(body, signer.net, (home.region, home.reach), (at, life));
        draft.under(grant.thing()).sign(&key(seed)).ok()
    }

    pub(super) fn end(&mut self) -> Option<Record> {
        let target = self.chance.pick(&self.records.clone()).clone();
        let other = self.chance.pick(&self.records.clone()).clone();
        let net = if self.chance.one_in(4) { self.net() } else { target.net() };
        let signer = self.signer(net);
        let version = self.chance.one_in(4).then(|| target.id());
        let kind = *self.chance.pick(&[EndKind::Withdraw, EndKind::Erase, EndKind::Leave]);
        let targets: Vec<(ThingId, Option<RecordId>)> =
            [(target.thing(), version), (other.thing(), None)]
                .into_iter()
                .take(1 + self.chance.below(2))
                .collect();
        let mut body = end(&targets, kind);
        if self.chance.one_in(3) {
            body.key_reason = Some(Reason::Compromised);
            body.keep = self.keep(net).try_into().unwrap();
        }
        if let Body::Response(response) = target.body()
            && !self.chance.one_in(4)
        {
            let mut ended = body.targets.to_vec();
            ended[0].about = Some(response.to.thing);
            body.targets = ended.try_into().unwrap();
        }
        let home = target.header().home.clone().filter(|home| home.reach != Reach::Own);
        let (at, days) = (self.date(), self.days());
        let mut draft = signer.draft(Body::End(body), at, days);
        if let Some(home) = home {
            draft.header.home = Some(home);
        }
        draft.sign(&key(signer.seed)).ok()
    }

    fn call(&mut self) -> Option<Record> {
        let net = self.net();
        let signer = self.signer(net);
        let title = *self.chance.pick(&["beds", "food", "hands"]);
        let of = if self.chance.one_in(2) { self.some(&Kind::Call) } else { None };
        self.sign(signer, call(title, &[3]), of.as_ref())
    }

    fn answer(&mut self) -> Option<Record> {
        use ResponseKind::{Accept, Concern, Confirm, Deliver, Endorse, Offer};
        let kinds = [Offer, Endorse, Concern, Accept, Deliver, Confirm];
        let kind = *self.chance.pick(&kinds);
        let to = match kind {
            Accept | Deliver | Confirm => self.some(&Kind::Response)?,
            _ => self.some(&Kind::Call)?,
        };
        let net = self.net();
        let signer = self.signer(net);
        self.sign(signer, answer(&to, kind, Some(2)), None)
    }

    fn tie(&mut self) -> Option<Record> {
        let net = self.net();
        let signer = self.signer(net);
        let other = *self.nets.iter().find(|other| **other != net)?;
        let of = if self.chance.one_in(2) { self.some(&Kind::Tie) } else { None };
        self.sign(signer, tie(&[net, other]), of.as_ref())
    }

    pub(super) fn accept_tie(&mut self) -> Option<Record> {
        let to = self.some(&Kind::Tie)?;
        let net = self.net();
        let signer = self.signer(net);
        self.sign(signer, answer(&to, ResponseKind::Accept, None), None)
    }

    /// A tie between the two regions, mostly accepted at once by the other side.
    fn bridge(&mut self) -> Option<Record> {
        let net = self.net();
        let signer = self.signer(net);
        let other = *self.nets.iter().find(|other| **other != net)?;
        let tie = self.sign(signer, bridge_tie(&[net, other]), None)?;
        if !self.chance.one_in(3) {
            let signer = self.signer(other);
            let (at, home) = (self.date(), tie.header().home.clone()?);
            let body = answer(&tie, ResponseKind::Accept, None);
            let mut draft = signer.draft(body, at, 40);
            draft.header.home = Some(home);
            self.records.extend(draft.sign(&key(signer.seed)).ok());
        }
        Some(tie)
    }

    /// A carriage of anything, by anyone, rarely of another network's things or by a wrong tie.
    fn carriage(&mut self) -> Option<Record> {
        let ties = self.of_kind(&Kind::Tie);
        let fits = |tie: &&Record| matches!(tie.body(), Body::Tie(t) if t.bridge.is_some());
        let bridges: Vec<Record> = ties.iter().filter(fits).cloned().collect();
        let from = if bridges.is_empty() || self.chance.one_in(10) { ties } else { bridges };
        if from.is_empty() {
            return None;
        }
        let tie = self.chance.pick(&from).clone();
        let net = if self.chance.one_in(6) { self.net() } else { tie.net() };
        let signer = if self.chance.one_in(2) {
            Signer { net, seed: self.place(net), role: None }
        } else {
            self.signer(net)
        };
        let mut things: Vec<Carried> = Vec::new();
        for _ in 0..1 + self.chance.below(4) {
            let of = self.chance.pick(&self.records.clone()).clone();
            let net = if self.chance.one_in(12) { self.net() } else { of.net() };
            things.push(Carried { net, thing: of.thing() });
        }
        things.sort_unstable();
        things.dedup();
        let (from, into) = match self.chance.below(6) {
            0 => ("us-wa", "us-wa"),
            1..=2 => ("us-wa", "gb-bristol"),
            _ => ("gb-bristol", "us-wa"),
        };
        let body = Body::Carriage(Carriage {
            things: things.try_into().unwrap(),
            from: region(from),
            via: Vec::new().try_into().unwrap(),
            tie: tie.thing(),
            rule: "calls".parse().unwrap(),
        });
        let (at, days) = (self.date(), self.days());
        let mut draft = signer.draft(body, at, days);
        draft.header.home = Some(Home { region: region(into), reach: Reach::Region });
        draft.sign(&key(signer.seed)).ok()
    }

    pub(super) fn profile(&mut self) -> Option<Record> {
        let net = self.net();
        let signer = self.signer(net);
        let of = if self.chance.one_in(2) { self.some(&Kind::Profile) } else { None };
        self.sign(signer, profile(), of.as_ref())
    }
}
