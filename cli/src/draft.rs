//! From what a person wants to say to a record on the node: choose who speaks, build, check, sign
//! here, post.
//!
//! **Invariant:** the node judges a draft before it is signed; what it refuses is never signed.

mod asked;
mod region;

use std::cell::Cell;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use serde_bytes::ByteBuf;
use serde_json::{Value, json};
use weft_protocol::authority::Why;
use weft_protocol::body::Body;
use weft_protocol::body::role::{Power, Role};
use weft_protocol::control::{Fate, Mandate, Posted, Request, Response};
use weft_protocol::fold::role::State;
use weft_protocol::id::{NetId, PublicKey, RecordId, ThingId};
use weft_protocol::record::{Draft, Reach, Record, SignError, Version};
use weft_protocol::region::Region;
use weft_protocol::time::Timestamp;

use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::{self, Exit, Failure};
use crate::input::moment::Edge;
use crate::keys::KeyFile;
use crate::names::Names;
use crate::show;
use crate::show::directory::Directory;
use crate::show::when::relative;
use crate::unlock::Signer;
use crate::words::Say;

/// How to sign.
#[derive(Debug, Args)]
pub(crate) struct Signing {
    /// Sign with this key: its name, such as network or role-rep-2, or the path of its file
    #[arg(long = "as", value_name = "KEY", help_heading = "Signing")]
    sign_as: Option<String>,
    /// Speak for this network, when the key may speak for several
    #[arg(long = "for", value_name = "NETWORK", help_heading = "Signing")]
    sign_for: Option<String>,
    /// Until when it counts: 14d, 2w, 2026-12-24
    #[arg(long, value_name = "TIME", help_heading = "Signing")]
    until: Option<String>,
    /// How far it may travel: own, region or movement [default: movement]
    #[arg(long, value_parser = reach, help_heading = "Signing")]
    reach: Option<Reach>,
    #[command(flatten)]
    rehearsal: Rehearsal,
}

/// Whether it is only tried.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Rehearsal {
    /// Show what would be signed, and sign nothing
    #[arg(long, help_heading = "Signing")]
    pub(crate) dry_run: bool,
}

impl From<Rehearsal> for Signing {
    /// Signs with a key that the command itself chooses, in the name of the network that it names.
    fn from(rehearsal: Rehearsal) -> Self {
        Self { sign_as: None, sign_for: None, until: None, reach: None, rehearsal }
    }
}

fn reach(word: &str) -> Result<Reach, String> {
    Reach::named(word).ok_or_else(|| "say own, region or movement".to_owned())
}

/// Who speaks: a key, the network in whose name, and the role that lets it.
#[derive(Debug, Clone)]
pub(crate) struct Voice {
    /// The key.
    pub(crate) key: KeyFile,
    /// The network.
    pub(crate) net: NetId,
    /// The role; none for the network's own key.
    pub(crate) role: Option<ThingId>,
    /// Whether it may say where the network lives.
    pub(crate) hosts: bool,
    until: Option<Timestamp>,
}

impl Voice {
    /// Makes the voice of a role's holder, until the role ends.
    pub(crate) fn of_role(key: KeyFile, role: &Record) -> Self {
        let until = Some(role.header().until);
        let hosts = matches!(role.body(), Body::Role(r) if r.powers.contains(&Power::Hosting));
        Self { key, net: role.net(), role: Some(role.thing()), hosts, until }
    }
}

/// A person about to say something: where they sit, the node, and how they want to sign.
#[derive(Debug)]
pub(crate) struct Pen<'a> {
    /// Where they sit.
    pub(crate) desk: &'a Desk,
    /// The node.
    pub(crate) door: Door,
    /// What they call things.
    pub(crate) names: Names,
    signing: &'a Signing,
    /// Whether the person was asked about the clock: once is enough for one command.
    minded: Cell<bool>,
}

impl<'a> Pen<'a> {
    /// Sits down.
    ///
    /// # Errors
    /// When no node runs here.
    pub(crate) fn take(desk: &'a Desk, signing: &'a Signing) -> Result<Self> {
        let (door, names) = (Door::open(desk)?, Names::load(desk)?);
        Ok(Self { desk, door, names, signing, minded: Cell::new(false) })
    }

    /// Chooses who speaks: the key that was named, or else the one that may, the network's own
    /// before any role's.
    ///
    /// # Errors
    /// When no key here has the power, or several networks could be meant.
    pub(crate) fn voice(&self, power: Power) -> Result<Voice> {
        let keys = match &self.signing.sign_as {
            Some(name) => vec![self.desk.home.keys().named(name)?],
            None => self.desk.home.keys().all()?,
        };
        if keys.is_empty() {
            return Err(Failure::failed(Say::NoKeys));
        }
        let net = self.signing.sign_for.as_ref().map(|word| self.names.network(&self.door, word));
        let net = net.transpose()?;
        let mut voices = Vec::new();
        for key in &keys {
            for mandate in self.mandates(key.public())? {
                let able = mandate.role.is_none() || mandate.powers.contains(&power);
                if able && !mandate.offered && net.is_none_or(|net| net == mandate.net) {
                    let Mandate { net, role, until, powers, .. } = mandate;
                    let hosts = role.is_none() || powers.contains(&Power::Hosting);
                    voices.push(Voice { key: key.clone(), net, role, hosts, until });
                }
            }
        }
        voices.sort_by_key(|voice| (voice.role.is_some(), !voice.hosts));
        match voices.first() {
            Some(first) if voices.iter().all(|voice| voice.net == first.net) => Ok(first.clone()),
            Some(_) => Err(Failure::usage("--for NETWORK", "your keys speak for several networks")),
            None => self.past_voice(&keys, power),
        }
    }

    /// Says whether the person has said until when it counts.
    pub(crate) fn says_until(&self) -> bool {
        self.signing.until.is_some()
    }

    /// Says whether the person may mean this key: they named it, or named none.
    ///
    /// # Errors
    /// When there is no key of the name that they gave.
    pub(crate) fn may_mean(&self, key: &KeyFile) -> Result<bool> {
        let named = self.signing.sign_as.as_ref().map(|name| self.desk.home.keys().named(name));
        Ok(named.transpose()?.is_none_or(|named| named.public() == key.public()))
    }

    fn mandates(&self, key: PublicKey) -> Result<Vec<Mandate>> {
        self.door.list(&Request::Mandates { key }, |response| match response {
            Response::Mandate(mandate) => Some(mandate),
            _ => None,
        })
    }

    /// Returns a voice that no longer counts, or does not yet, so that the node says why not.
    fn past_voice(&self, keys: &[KeyFile], power: Power) -> Result<Voice> {
        let roles = self.door.things(&Request::Roles { net: None }, |response| match response {
            Response::Role(view) => Some(view),
            _ => None,
        })?;
        let mut ended = None;
        for (record, state) in roles {
            if matches!(state.state, State::Active { .. }) {
                // It counts, and lacks the power.
                continue;
            }
            let Body::Role(Role { holder, label, .. }) = record.body() else { continue };
            if let Some(key) = keys.iter().find(|key| key.public() == *holder) {
                if state.state == State::Expired {
                    ended =
                        ended.max(Some((record.header().until, label.to_string(), record.net())));
                    continue;
                }
                return Ok(Voice::of_role(key.clone(), &record));
            }
        }
        if let Some((until, label, net)) = ended {
            let network = Directory::load(self.desk, &self.door)?.name(net);
            let ended = relative(until, self.desk.now(), self.desk.speech);
            return Err(Failure::ending(Exit::Refused, Say::RoleEnded { label, ended, network }));
        }
        if let (Some(net), Some(key)) = (self.disputed()?, keys.first()) {
            return Ok(Voice { key: key.clone(), net, role: None, hosts: true, until: None });
        }
        let keys = keys.iter().map(KeyFile::name).collect::<Vec<_>>().join(", ");
        Err(Failure::ending(Exit::Refused, Say::NoMandate { keys, power: power.to_string() }))
    }

    /// Returns a network that lives on the node and for which nobody can speak.
    fn disputed(&self) -> Result<Option<NetId>> {
        let status = self.door.status()?;
        let states = self.door.networks()?.into_iter().map(|(_, state)| state);
        let mut ours = states.filter(|state| status.hosted.contains(&state.net));
        Ok(ours.find(|state| state.disputed.is_some()).map(|state| state.net))
    }

    /// Returns the moment that `--until` says, or `usual` from now; never later than `most` from
    /// now, nor than the role of the voice.
    ///
    /// # Errors
    /// When `--until` is no time.
    pub(crate) fn life(&self, voice: &Voice, usual: Duration, most: Duration) -> Result<Life> {
        // Clocks differ a little, and a record from the future waits.
        let now = Timestamp::from_secs(self.desk.now().as_secs());
        let asked = match &self.signing.until {
            Some(words) => self.desk.moment("--until", words, Edge::End)?,
            None => (now + usual).min(now + most),
        };
        if self.signing.until.is_some() && asked > now + most {
            let days = most.as_secs() / DAY.as_secs();
            let why = format!("this may live at most {days} days");
            return Err(Failure::usage("--until", why));
        }
        if asked <= now {
            return Err(Failure::usage("--until", "that is over already"));
        }
        let end = voice.until.map_or(asked, |role| role.min(asked));
        // Whoever has said until when, or whose role ends soon, is to know before it is signed.
        if end < asked && (self.says_until() || end < now + SOON) {
            self.desk.note(&Say::CutToRole { until: self.desk.date(end) });
        }
        Ok(Life { now, length: end.since(now) })
    }

    /// Builds the first version of a thing.
    ///
    /// # Errors
    /// When there are no settings here.
    pub(crate) fn draft(&self, body: Body, voice: &Voice, life: Life) -> Result<Draft> {
        let draft = self.own_draft(body, voice.net, life)?;
        Ok(match voice.role {
            Some(role) => draft.under(role),
            None => draft,
        })
    }

    /// Builds the first version of a thing that the network's own key signs.
    ///
    /// # Errors
    /// When there are no settings here.
    pub(crate) fn own_draft(&self, body: Body, net: NetId, life: Life) -> Result<Draft> {
        let reach = self.signing.reach.unwrap_or(Reach::Movement);
        let home = (region::ours(self.desk, &self.door)?, reach);
        Ok(Draft::new(body, net, home, (life.now, life.length)))
    }

    /// Gives a draft the home of the record that it follows, answers or ends; how far it travels from there may
    /// be said otherwise.
    pub(crate) fn beside(&self, record: &Record, mut draft: Draft) -> Draft {
        draft.header.home.clone_from(&record.header().home);
        if let (Some(reach), Some(home)) = (self.signing.reach, draft.header.home.as_mut()) {
            home.reach = reach;
        }
        draft
    }

    /// Says whether the node has certainly not kept a record that it was given.
    pub(crate) fn has_lost(&self, error: &anyhow::Error, id: RecordId) -> bool {
        !exit::is_uncertain(error) && self.door.record(id).is_err_and(|e| exit::is_absence(&e))
    }

    /// Builds the version of a thing that follows this one.
    ///
    /// # Errors
    /// As [`Pen::draft`], and when the node no longer has the thing.
    pub(crate) fn follow(&self, last: &Record, draft: Draft) -> Result<Draft> {
        let thing = last.thing();
        let Response::Thing(view) = self.door.ask(&Request::Thing { thing })? else {
            return Err(door::strange());
        };
        let mut prev = if view.heads.is_empty() { vec![last.id()] } else { view.heads };
        prev.sort_unstable();
        let rev = view.rev.max(last.rev()).checked_add(1).context("it has too many versions")?;
        let nonce = last.header().version.nonce;
        let mut draft = draft.following(Version { nonce, rev, prev });
        if self.signing.until.is_none() {
            // A version that ended before the one it replaces would bring that one back.
            draft.header.until = draft.header.until.max(last.header().until);
        }
        Ok(self.beside(last, draft))
    }

    /// Has the draft checked, signs it, posts it, and says what became of it.
    ///
    /// # Errors
    /// When the node or the person refuses it, or the key does not open.
    pub(crate) fn say(&self, draft: Draft, key: &KeyFile) -> Result<Exit> {
        self.say_all(vec![draft], key)
    }

    /// The same for drafts that say one thing together: all are checked before the first is
    /// signed, and the last one is reported when the node has taken them all.
    ///
    /// # Errors
    /// As [`Pen::say`].
    pub(crate) fn say_all(&self, drafts: Vec<Draft>, key: &KeyFile) -> Result<Exit> {
        drafts.iter().try_for_each(|draft| self.warn_of_contacts(draft))?;
        drafts.iter().try_for_each(|draft| self.check(draft, key.public()))?;
        if self.is_dry() {
            drafts.iter().try_for_each(|draft| self.desk.answer(&show::json::draft(draft)))?;
            let asks = |draft: &Draft| matches!(&draft.body, Body::Response(r) if r.ask.is_some());
            self.desk.note(&Say::WouldBeSigned { asks: drafts.iter().any(asks) });
            return Ok(Exit::Done);
        }
        self.put(drafts, &self.desk.unlocker.signer(key)?)
    }

    /// Asks the node whether the draft would count. What only waits for more guardians may be
    /// signed: that is how they become enough.
    ///
    /// # Errors
    /// With the node's reason, when it would not; when its date is wrong and not meant.
    pub(crate) fn check(&self, draft: &Draft, key: PublicKey) -> Result<()> {
        self.mind_the_clock(draft)?;
        let payload = draft.payload().map_err(|error| against_rules(draft, &error))?;
        let payload = ByteBuf::from(payload);
        match self.door.ask(&Request::Check { payload, key }) {
            Ok(_) => Ok(()),
            Err(error) => match error.downcast_ref::<Failure>() {
                Some(Failure { say: Say::WouldNotCount { why }, .. }) if is_a_guardian_of(why) => {
                    Ok(())
                }
                _ => Err(error),
            },
        }
    }

    /// Says whether nothing is to be signed.
    pub(crate) fn is_dry(&self) -> bool {
        self.signing.rehearsal.dry_run
    }

    /// Has checked drafts signed, posts them, and says what became of the last.
    ///
    /// # Errors
    /// When the node does not take one of them.
    pub(crate) fn put(&self, drafts: Vec<Draft>, signer: &Signer) -> Result<Exit> {
        let sign = |draft: Draft| signer.record(draft);
        let records = drafts.into_iter().map(sign).collect::<Result<Vec<_>>>()?;
        self.hand_in(&records)
    }

    /// Puts signed records on the node, and says what became of the last.
    ///
    /// # Errors
    /// When the node does not take one of them.
    pub(crate) fn hand_in(&self, records: &[Record]) -> Result<Exit> {
        let mut posted = self.post(records)?;
        let last = posted.pop().ok_or_else(door::strange)?;
        for before in posted {
            if let Fate::Failed(refusal) = before.fate {
                return Err(door::refused(refusal));
            }
        }
        self.report(records.last().ok_or_else(door::strange)?, last)
    }

    /// Puts records on the node.
    ///
    /// # Errors
    /// When the node takes one of them not at all.
    fn post(&self, records: &[Record]) -> Result<Vec<Posted>> {
        let bytes: Vec<u8> = records.iter().flat_map(|r| r.bytes().iter().copied()).collect();
        post(&self.door, bytes, records.len())
    }

    /// Says what became of a record, and returns the exit code for it.
    ///
    /// # Errors
    /// When it was not taken, or does not count.
    fn report(&self, record: &Record, posted: Posted) -> Result<Exit> {
        let Posted { fate, peers, .. } = posted;
        let fate_word = match &fate {
            Fate::Stored => "stored",
            Fate::Known => "known",
            Fate::Past => "past",
            Fate::Waiting(_) => "waiting",
            Fate::Void(why) if is_a_guardian_of(why) => "waiting",
            Fate::Void(why) => {
                let why = why.clone();
                return Err(Failure::ending(Exit::Refused, Say::Void { why }));
            }
            Fate::Failed(refusal) => return Err(door::refused(refusal.clone())),
        };
        // Of what was here before, nobody counts to whom it was told.
        let untold = peers == 0 && fate != Fate::Known;
        let exit = if untold { Exit::NoPeerYet } else { Exit::Done };
        if self.desk.json {
            let mut value = show::json::record(record);
            put_on(&mut value, "fate", json!(fate_word));
            put_on(&mut value, "peers", json!(peers));
            self.desk.answer(&value)?;
            return Ok(exit);
        }
        let kind = match record.body() {
            Body::Response(answer) => self.desk.speech.answer(answer.kind).to_owned(),
            _ => self.desk.speech.kind(&record.header().kind),
        };
        let id = record.thing().to_string();
        self.desk.line(self.desk.speech.say(&Say::Signed { kind, id, peers }))?;
        match fate {
            Fate::Waiting(what) => self.desk.note(&Say::Waiting { what }),
            Fate::Void(Why::GuardiansMissing { have, need }) => {
                self.desk.note(&Say::GuardiansSoFar { have, need });
            }
            _ => {}
        }
        if untold {
            self.desk.note(&self.nobody_yet(record)?);
        }
        Ok(exit)
    }

    /// Says why nobody else has a record yet.
    fn nobody_yet(&self, record: &Record) -> Result<Say> {
        let status = self.door.status()?;
        let region = record.header().home.as_ref().map(|home| &home.region);
        let absent = |region: &&Region| status.peers.get(*region).is_none_or(|count| *count == 0);
        // Who is a guest may not ask who is connected, and is told the simpler half.
        let others = || self.door.list(&Request::Peers, Some).unwrap_or_default();
        Ok(match region.filter(absent) {
            Some(region) if !others().is_empty() => {
                Say::NobodyInRegion { region: region.to_string() }
            }
            _ => Say::NoPeerYet,
        })
    }
}

/// When a record begins, and for how long it counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Life {
    /// When it begins.
    pub(crate) now: Timestamp,
    /// For how long it counts.
    pub(crate) length: Duration,
}

/// How near the end of a role is told unasked: what lives so short is hardly what was meant.
const SOON: Duration = Duration::from_secs(7 * 86_400);

/// One day.
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// Puts a sequence of this many records on the node, and returns what became of each.
///
/// # Errors
/// When the node takes none of them.
pub(crate) fn post(door: &Door, records: Vec<u8>, count: usize) -> Result<Vec<Posted>> {
    let request = Request::Post { records: ByteBuf::from(records) };
    door.some(&request, count, |response| match response {
        Response::Posted(posted) => Some(posted),
        _ => None,
    })
}

/// Makes the error of a statement that every node would refuse for its form.
fn against_rules(draft: &Draft, error: &SignError) -> anyhow::Error {
    // The innermost cause says what is wrong; those around it say where it was found.
    let causes = anyhow::Chain::new(error);
    let kind = &draft.header.kind;
    let why = causes.last().map(|cause| format!("{kind}: {cause}")).unwrap_or_default();
    Failure::ending(Exit::Refused, Say::AgainstRules { why })
}

/// Says whether a record only waits for more guardians to say the same.
fn is_a_guardian_of(why: &Why) -> bool {
    matches!(why, Why::GuardiansMissing { .. })
}

fn put_on(value: &mut Value, key: &str, item: Value) {
    if let Value::Object(map) = value {
        map.insert(key.to_owned(), item);
    }
}
