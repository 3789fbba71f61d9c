//! From what a person wants to say to a record on the node: choose who speaks, build, check, sign
//! here, post.
//!
//! **Invariant:** the node judges a draft before it is signed; what it refuses is never signed.

mod advice;
mod asked;
mod region;
mod voice;

use std::cell::Cell;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use serde_bytes::ByteBuf;
use serde_json::{Value, json};
use weft_protocol::authority::Why;
use weft_protocol::body::Body;
use weft_protocol::control::{Fate, Held, Posted, Request, Response};
use weft_protocol::id::{NetId, PublicKey, RecordId};
use weft_protocol::record::{Draft, Home, Reach, Record, SignError, Version};
use weft_protocol::region::Region;
use weft_protocol::time::Timestamp;

use crate::commands::peers;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::{self, Exit, Failure};
use crate::input::moment::Edge;
use crate::keys::KeyFile;
use crate::names::Names;
use crate::show;
use crate::unlock::Signer;
use crate::words::{Bearing, Holding, Say};

pub(crate) use voice::Voice;

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
    posting: Posting,
}

/// Whether it is only tried, and what is to come of it.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Posting {
    /// Show what would be signed, and sign nothing
    #[arg(long, help_heading = "Signing")]
    pub(crate) dry_run: bool,
    /// End with 5 unless another node has said that it has it; it is signed and kept all the same
    #[arg(long, help_heading = "Signing")]
    pub(crate) require_peer: bool,
}

impl From<Posting> for Signing {
    /// Signs with a key that the command itself chooses, in the name of the network that it names.
    fn from(posting: Posting) -> Self {
        Self { sign_as: None, sign_for: None, until: None, reach: None, posting }
    }
}

/// Makes the error of a version that would end before the one that it follows.
pub(crate) fn lives_longer(desk: &Desk, last: &Record) -> anyhow::Error {
    let until = desk.date(last.header().until);
    Failure::ending(Exit::Refused, Say::Bearing(Bearing::LivesLonger { until }))
}

fn reach(word: &str) -> Result<Reach, String> {
    Reach::named(word).ok_or_else(|| "say own, region or movement".to_owned())
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

    /// Goes on from what a network last said of itself, if that is at home where the draft is; else it is said
    /// for the first time there. Versions live in one region, and whoever has moved says it where they are now.
    ///
    /// # Errors
    /// As [`Pen::follow`].
    pub(crate) fn go_on(&self, last: Option<&Record>, draft: Draft) -> Result<Draft> {
        let region = |home: &Option<Home>| home.as_ref().map(|home| home.region.clone());
        let here = region(&draft.header.home);
        match last.filter(|last| region(&last.header().home) == here) {
            Some(last) => self.follow(last, draft),
            None => Ok(draft),
        }
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
        self.say_checked(drafts, key)
    }

    /// The same for drafts that are checked already.
    ///
    /// # Errors
    /// When the node does not take one of them, or the key does not open.
    pub(crate) fn say_checked(&self, drafts: Vec<Draft>, key: &KeyFile) -> Result<Exit> {
        if self.is_dry() {
            drafts.iter().try_for_each(|draft| self.desk.answer(&show::json::draft(draft)))?;
            let asks = |draft: &Draft| matches!(&draft.body, Body::Response(r) if r.ask.is_some());
            self.desk.note(&Say::WouldBeSigned { asks: drafts.iter().any(asks) });
            return Ok(Exit::Done);
        }
        self.put(drafts, &self.desk.unlocker.signer(key)?)
    }

    /// Asks the node whether the draft would count, and heeds its advice. What only waits for more
    /// guardians may be signed: that is how they become enough.
    ///
    /// # Errors
    /// With the node's reason, when it would not; when its date is wrong, or the advice doubts it, and
    /// the person does not mean it.
    pub(crate) fn check(&self, draft: &Draft, key: PublicKey) -> Result<()> {
        self.mind_the_clock(draft)?;
        let payload = draft.payload().map_err(|error| against_rules(draft, &error))?;
        let payload = ByteBuf::from(payload);
        let Response::Checked { void, advice } = self.door.ask(&Request::Check { payload, key })?
        else {
            return Err(door::strange());
        };
        self.obey(&advice)?;
        match void {
            Some(why) if !is_a_guardian_of(&why) => {
                Err(Failure::ending(Exit::Refused, Say::WouldNotCount { why }))
            }
            _ => self.heed(&advice),
        }
    }

    /// Says whether nothing is to be signed.
    pub(crate) fn is_dry(&self) -> bool {
        self.signing.posting.dry_run
    }

    /// Has checked drafts signed, posts them, and says what became of the last.
    ///
    /// # Errors
    /// When the node does not take one of them.
    pub(crate) fn put(&self, drafts: Vec<Draft>, signer: &Signer) -> Result<Exit> {
        let sign = |draft: Draft| signer.record(draft);
        let records = drafts.into_iter().map(sign).collect::<Result<Vec<_>>>()?;
        self.hand_in(&records, None)
    }

    /// Puts signed records on the node, and says what became of the last: that it is signed and kept, or in
    /// place of that what the command was for.
    ///
    /// # Errors
    /// When the node does not take one of them.
    pub(crate) fn hand_in(&self, records: &[Record], done: Option<&Say>) -> Result<Exit> {
        let mut posted = self.post(records)?;
        let last = posted.pop().ok_or_else(door::strange)?;
        for before in posted {
            if let Fate::Failed(refusal) = before.fate {
                return Err(door::refused(refusal));
            }
        }
        self.report(records.last().ok_or_else(door::strange)?, last, done)
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
    fn report(&self, record: &Record, posted: Posted, done: Option<&Say>) -> Result<Exit> {
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
        let own = record.header().home.as_ref().is_some_and(|home| home.reach == Reach::Own);
        // It is done: it is on the disk and goes out by itself. What stays among a network's own nodes waits
        // for nobody.
        let held = if peers > 0 { self.door.who_has(record.id()) } else { None };
        let has = held.as_ref().map_or(0, |held: &Held| held.has);
        // Handed is not had: who asks for a peer means one that has said so.
        let lacking = self.signing.posting.require_peer && !own && has == 0;
        let exit = if lacking { Exit::NoPeerYet } else { Exit::Done };
        if self.desk.json {
            let mut value = show::json::record(record);
            put_on(&mut value, "fate", json!(fate_word));
            put_on(&mut value, "peers", json!(peers));
            put_on(&mut value, "held", json!(has));
            self.desk.answer(&value)?;
            return Ok(exit);
        }
        let kind = match record.body() {
            Body::Response(answer) => self.desk.speech.answer(answer.kind).to_owned(),
            _ => self.desk.speech.kind(&record.header().kind),
        };
        let id = record.thing().to_string();
        let signed = Say::Holding(Holding::Signed { kind, id, has });
        self.desk.line(self.desk.speech.say(done.unwrap_or(&signed)))?;
        match fate {
            Fate::Waiting(what) => self.desk.note(&Say::Waiting { what }),
            Fate::Void(Why::GuardiansMissing { have, need }) => {
                self.desk.note(&Say::GuardiansSoFar { have, need });
            }
            _ => {}
        }
        if untold && own {
            self.desk.note(&Say::Holding(Holding::OwnNodesAlone));
        } else if untold {
            self.desk.note(&self.nobody_yet(record)?);
        } else if peers > 0 && has == 0 {
            self.desk
                .note(&Say::Holding(Holding::NoneHasSaid { peers, id: record.thing().short() }));
        }
        Ok(exit)
    }

    /// Says why nobody else has a record yet.
    fn nobody_yet(&self, record: &Record) -> Result<Say> {
        let status = self.door.status()?;
        let region = record.header().home.as_ref().map(|home| &home.region);
        let absent = |region: &&Region| status.peers.get(*region).is_none_or(|count| *count == 0);
        // Who is a guest may not ask who is connected, and is told the simpler half.
        let operator = self.door.is_here();
        let others = || operator && peers::nodes(&self.door).is_ok_and(|nodes| !nodes.is_empty());
        Ok(match region.filter(absent) {
            Some(region) if others() => Say::NobodyInRegion { region: region.to_string() },
            _ => Say::NoPeerYet { operator },
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
