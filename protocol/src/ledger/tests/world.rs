//! Shorthand for signing records in tests.

use std::time::Duration;

use crate::body::Body;
use crate::body::call::{Ask, Call, CallKind, Risk, Urgency};
use crate::body::end::{End, EndKind, Target};
use crate::body::identity::{Identity, Keys, Reason, Revocation};
use crate::body::profile::{NetworkKind, Profile, Status};
use crate::body::response::{Reference, Response, ResponseKind};
use crate::body::role::{Power, Role, RoleKind, Scope};
use crate::body::text::{List, Text};
use crate::body::tie::{Bridge, Parties, Terms, Tie, TieKind};
use crate::id::{KeyHash, NetId, RecordId, ThingId};
use crate::key::SecretKey;
use crate::ledger::{Ledger, Outcome, PoolBounds};
use crate::record::{Draft, Reach, Record, Version};
use crate::region::Region;
use crate::time::Timestamp;

/// Stories are told in days.
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// The day on which all stories begin.
pub(crate) const START: Timestamp = Timestamp::from_secs(1_800_000_000);

pub(crate) fn day(n: u64) -> Timestamp {
    START + DAY * u32::try_from(n).unwrap()
}

pub(crate) fn key(seed: u16) -> SecretKey {
    let mut bytes = [7; 32];
    bytes[..2].copy_from_slice(&seed.to_be_bytes());
    SecretKey::from_seed(&bytes)
}

pub(crate) fn hash(seed: u16) -> KeyHash {
    key(seed).public().hash()
}

pub(crate) fn region(name: &str) -> Region {
    name.parse().unwrap()
}

/// Names the signing key, the rotation key, and guardians of whom two are needed.
pub(crate) fn keys(signing: u16, next: u16, guardians: &[u16]) -> Keys {
    let mut hashes: Vec<KeyHash> = guardians.iter().map(|g| hash(*g)).collect();
    hashes.sort_unstable();
    let need = u8::try_from(guardians.len().min(2)).unwrap();
    let (key, next) = (key(signing).public(), hash(next));
    Keys { key, next, guardians: hashes.try_into().unwrap(), need }
}

pub(crate) fn found(keys: Keys, signing: u16) -> Record {
    Draft::inception(Body::Identity(Identity::Inception(keys)), START).sign(&key(signing)).unwrap()
}

/// Signs an event after another one.
pub(crate) fn event(prev: &Record, body: Identity, at: Timestamp, seed: u16) -> Record {
    Draft::event(Body::Identity(body), prev.net(), Version::after(prev), at)
        .sign(&key(seed))
        .unwrap()
}

pub(crate) fn revocation(
    seed: u16,
    reason: Reason,
    since: Timestamp,
    keep: &[RecordId],
) -> Identity {
    let keep = keep.to_vec().try_into().unwrap();
    Identity::Revoke(Revocation { key: key(seed).public(), reason, since, keep })
}

/// A signer: a network, a key, and the role it acts under.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signer {
    pub(crate) net: NetId,
    pub(crate) seed: u16,
    pub(crate) role: Option<ThingId>,
}

impl Signer {
    pub(crate) fn draft(&self, body: Body, at: Timestamp, days: u32) -> Draft {
        let home = (region("gb-bristol"), Reach::Movement);
        let draft = Draft::new(body, self.net, home, (at, DAY * days));
        match self.role {
            Some(role) => draft.under(role),
            None => draft,
        }
    }

    pub(crate) fn sign(&self, body: Body, at: Timestamp, days: u32) -> Record {
        self.draft(body, at, days).sign(&key(self.seed)).unwrap()
    }

    pub(crate) fn sign_version(&self, of: &Record, body: Body, at: Timestamp, days: u32) -> Record {
        self.draft(body, at, days).following(Version::after(of)).sign(&key(self.seed)).unwrap()
    }
}

pub(crate) fn call(title: &str, amounts: &[u32]) -> Body {
    let ask = |amount: &u32| Ask {
        tag: "beds".parse().unwrap(),
        text: None,
        amount: Some(*amount),
        unit: None,
    };
    Body::Call(Call {
        kind: CallKind::Need,
        mode: None,
        title: Text::new("en", title).unwrap(),
        text: None,
        asks: amounts.iter().map(ask).collect::<Vec<_>>().try_into().unwrap(),
        fields: Vec::new().try_into().unwrap(),
        places: Vec::new().try_into().unwrap(),
        values: Vec::new().try_into().unwrap(),
        when: None,
        urgency: Urgency::Days,
        risk: Risk::None,
        demand_to: None,
        part_of: None,
        contact: List::default(),
    })
}

pub(crate) fn role(holder: u16, powers: &[Power], scope: Option<Scope>, from: Timestamp) -> Body {
    Body::Role(Role {
        holder: key(holder).public(),
        label: "rep 1".parse().unwrap(),
        kind: RoleKind::Rep,
        powers: powers.to_vec().try_into().unwrap(),
        scope,
        from: from.as_secs(),
    })
}

pub(crate) fn answer(to: &Record, kind: ResponseKind, amount: Option<u32>) -> Body {
    Body::Response(Response {
        kind,
        to: Reference { thing: to.thing(), seen: to.id() },
        text: None,
        ask: None,
        amount,
        choice: None,
        evidence: Vec::new().try_into().unwrap(),
        sealed: List::default(),
        minutes: None,
    })
}

pub(crate) fn end(targets: &[(ThingId, Option<RecordId>)], kind: EndKind) -> End {
    let target = |(thing, version): &(ThingId, Option<RecordId>)| Target {
        thing: *thing,
        version: *version,
        about: None,
    };
    End {
        kind,
        targets: targets.iter().map(target).collect::<Vec<_>>().try_into().unwrap(),
        text: None,
        key_reason: None,
        keep: Vec::new().try_into().unwrap(),
    }
}

pub(crate) fn tie(parties: &[NetId]) -> Body {
    Body::Tie(Tie {
        kind: TieKind::Agreement,
        parties: Parties::try_from(parties.to_vec()).unwrap(),
        terms: Terms {
            summary: Text::new("en", "We help each other.").unwrap(),
            text: None,
            commitments: Vec::new().try_into().unwrap(),
            decision_rights: Vec::new().try_into().unwrap(),
            seats: None,
            disclosure_required: Vec::new().try_into().unwrap(),
            nonnegotiables: Vec::new().try_into().unwrap(),
            max_members: None,
            notice_days: None,
        },
        review_on: None,
        bridge: None,
        topic: None,
    })
}

pub(crate) fn profile() -> Body {
    Body::Profile(Profile {
        kind: NetworkKind::Group,
        name: Text::new("en", "A group").unwrap(),
        purpose: None,
        sectors: Vec::new().try_into().unwrap(),
        fields: Vec::new().try_into().unwrap(),
        places: Vec::new().try_into().unwrap(),
        languages: Vec::new().try_into().unwrap(),
        size: None,
        status: Status::Active,
        offers: Vec::new().try_into().unwrap(),
        links: Vec::new().try_into().unwrap(),
        sealing: None,
        nodes: Vec::new().try_into().unwrap(),
        contact: List::default(),
    })
}

/// A tie by which the first holds the second's money.
pub(crate) fn fiscal_host(host: NetId, hosted: NetId) -> Body {
    let Body::Tie(mut body) = tie(&[host, hosted]) else { unreachable!() };
    body.kind = TieKind::FiscalHost;
    Body::Tie(body)
}

/// A tie by which the first carries between gb-bristol and us-wa.
pub(crate) fn bridge_tie(parties: &[NetId]) -> Body {
    let Body::Tie(mut body) = tie(parties) else { unreachable!() };
    body.kind = TieKind::Bridge;
    let languages = Vec::new().try_into().unwrap();
    body.bridge = Some(Bridge { from: region("gb-bristol"), to: region("us-wa"), languages });
    Body::Tie(body)
}

/// A ledger with what a story needs: networks that were founded at the start.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) now: Timestamp,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { ledger: Ledger::new(PoolBounds::default()), now: day(1) }
    }

    pub(crate) fn put(&mut self, record: &Record) -> Outcome {
        self.ledger.insert(record, self.now)
    }

    /// Founds a network whose keys are the seeds `n`, `n + 1` (rotation) and `n + 2` to `n + 4`
    /// (guardians).
    pub(crate) fn found(&mut self, n: u16) -> (Signer, Record) {
        let inception = found(keys(n, n + 1, &[n + 2, n + 3, n + 4]), n);
        self.put(&inception);
        (Signer { net: inception.net(), seed: n, role: None }, inception)
    }

    /// Grants a role to the holder, who accepts it.
    pub(crate) fn appoint(&mut self, granter: &Signer, holder: u16, powers: &[Power]) -> Signer {
        let grant = granter.sign(role(holder, powers, None, START), day(0), 300);
        let signer = Signer { net: granter.net, seed: holder, role: Some(grant.thing()) };
        let accept = signer.sign(answer(&grant, ResponseKind::Accept, None), day(0), 300);
        self.put(&grant);
        self.put(&accept);
        signer
    }

    pub(crate) fn is_valid(&self, record: &Record) -> bool {
        self.ledger.standing(&record.id()).is_some_and(|standing| standing.is_valid())
    }
}
