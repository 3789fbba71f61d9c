//! `weft concern`: saying that something is wrong, and answering that.

use std::collections::BTreeSet;

use anyhow::Result;
use clap::Subcommand;
use weft_protocol::body::Body;
use weft_protocol::body::end::EndKind;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::body::role::Power;
use weft_protocol::body::sealed::Boxes;
use weft_protocol::control::{Request, Response};
use weft_protocol::fold::concern::State;
use weft_protocol::id::{NetId, ThingId};
use weft_protocol::ledger::Raised;
use weft_protocol::record::{Kind, Record};

use crate::commands::answer::{self, Answer};
use crate::commands::gathering_minutes;
use crate::commands::seal;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft::{Pen, Signing};
use crate::exit::{self, Exit, Failure};
use crate::groups::{OfNetwork, WordsArgs};
use crate::input::text;
use crate::names::Names;
use crate::show::concern as shown;
use crate::words::{Say, Session};

/// Say that something is wrong, and answer that
///
/// That a concern was raised is public, and nobody but you can take it back. What you write with
/// --text only those can read who can answer it, and you: its author, its hosts, its parties.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Raise a concern about anything: a proposal, a gathering, a tie, a call
    Raise {
        /// About what
        about: String,
        #[command(flatten)]
        airing: Airing,
    },
    /// List concerns, the oldest first
    List {
        /// Only about this
        #[arg(long, value_name = "ID")]
        about: Option<String>,
        /// Open what was sealed to your network
        #[arg(long)]
        open: bool,
        /// Also those of your own that are over
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        of: OfNetwork,
    },
    /// Show a concern and the answer to it, and what they say if you may read it
    Show {
        /// Which concern
        concern: String,
    },
    /// Answer a concern about what your network has said, hosts or agreed to
    Answer {
        /// Which concern
        concern: String,
        /// Say that you will not take it up
        #[arg(long)]
        decline: bool,
        #[command(flatten)]
        airing: Airing,
    },
    /// Take your concern back
    Withdraw {
        /// Which concern
        concern: String,
        #[command(flatten)]
        words: WordsArgs,
    },
}

/// What is said of a concern, and to whom.
#[derive(Debug, clap::Args)]
pub(crate) struct Airing {
    /// In words, which only those can read whom it concerns (en="…" es="…": once for each language)
    #[arg(long, value_name = "TEXT")]
    text: Vec<String>,
    /// Let everybody read the words
    #[arg(long)]
    public: bool,
    #[command(flatten)]
    pub(crate) signing: Signing,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Raise { about, airing } => {
            let pen = Pen::take(desk, &airing.signing)?;
            let about = pen.door.current(pen.names.find(&pen.door, &about, None)?)?;
            raise(&pen, &about, &airing)
        }
        Verb::List { about, open, all, of } => list(desk, about.as_deref(), (open, all), &of),
        Verb::Show { concern } => show(desk, &concern),
        Verb::Answer { concern, decline, airing } => {
            let pen = Pen::take(desk, &airing.signing)?;
            let concern = pen.names.thing(&pen.door, &concern, &Kind::Response)?;
            let kind = if decline { ResponseKind::Decline } else { ResponseKind::Accept };
            let mut readers = BTreeSet::from([concern.net()]);
            match pen.door.current(about(&concern)?.into()) {
                Ok(about) => {
                    readers.extend(concerned(&pen.door, &about)?);
                }
                // Without what it is about, who raised it is all that is known.
                Err(error) if exit::is_absence(&error) => {}
                Err(error) => return Err(error),
            }
            air(&pen, &concern, (kind, readers), &airing)
        }
        Verb::Withdraw { concern, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let concern = pen.names.thing(&pen.door, &concern, &Kind::Response)?;
            answer::end(&pen, &concern, EndKind::Withdraw, Power::Respond, &words.text)
        }
    }
}

/// Raises a concern about a record.
///
/// # Errors
/// As [`Pen::say`], when there are no words, and when nobody whom it concerns could read them.
pub(crate) fn raise(pen: &Pen<'_>, about: &Record, airing: &Airing) -> Result<Exit> {
    text::needed::<2000, false>("--text", &airing.text, &pen.desk.language()?)?;
    let minutes = match about.body() {
        Body::Gathering(_) => gathering_minutes::of(&pen.door, Some(about.thing()))?,
        _ => Vec::new(),
    };
    if !minutes.is_empty() {
        let minutes = minutes.iter().map(|(record, _)| record.thing().short()).collect();
        pen.desk.note(&Say::Session(Session::AboutMinutes { minutes }));
    }
    air(pen, about, (ResponseKind::Concern, concerned(&pen.door, about)?), airing)
}

fn air(
    pen: &Pen<'_>,
    to: &Record,
    (kind, readers): (ResponseKind, BTreeSet<NetId>),
    airing: &Airing,
) -> Result<Exit> {
    let voice = pen.voice(answer::power(kind, to))?;
    let words = text::text("--text", &airing.text, &pen.desk.language()?)?;
    let (text, sealed) = match words {
        Some(words) if !airing.public => {
            (None, seal::to_networks(pen, &words, &readers, voice.net)?)
        }
        words => (words, Boxes::default()),
    };
    answer::say(pen, &voice, to, Answer { text, sealed, ..answer::bare(kind) })
}

/// Returns who may answer a concern about a record: its author, its hosts, its parties.
/// Of minutes also those who host what met.
fn concerned(door: &Door, about: &Record) -> Result<BTreeSet<NetId>> {
    let mut concerned = BTreeSet::from([about.net()]);
    match about.body() {
        Body::Tie(tie) => concerned.extend(tie.parties.as_slice()),
        Body::Gathering(gathering) => concerned.extend(gathering.hosts.iter()),
        Body::Response(answer) if answer.kind == ResponseKind::Minutes => {
            match door.current(answer.to.thing.into()) {
                Ok(gathering) => concerned.extend(self::concerned(door, &gathering)?),
                Err(error) if exit::is_absence(&error) => {}
                Err(error) => return Err(error),
            }
        }
        _ => {}
    }
    Ok(concerned)
}

/// Returns what a concern is about.
fn about(concern: &Record) -> Result<ThingId> {
    match concern.body() {
        Body::Response(body) => Ok(body.to.thing),
        _ => Err(door::strange()),
    }
}

fn raised(
    door: &Door,
    (about, net): (Option<ThingId>, Option<NetId>),
    all: bool,
) -> Result<Vec<(Record, Raised)>> {
    door.things(&Request::Concerns { about, net, all }, |response| match response {
        Response::Concern(view) => Some(view),
        _ => None,
    })
}

fn list(
    desk: &Desk,
    about: Option<&str>,
    (open, all): (bool, bool),
    of: &OfNetwork,
) -> Result<Exit> {
    let door = Door::open(desk)?;
    let names = Names::load(desk)?;
    let about = about.map(|word| door.record(names.find(&door, word, None)?)).transpose()?;
    let about = about.map(|record| record.thing());
    let net = of.find(desk, &door)?;
    shown::list(desk, &door, (&raised(&door, (about, net), all)?, all), open)
}

fn show(desk: &Desk, word: &str) -> Result<Exit> {
    let door = Door::open(desk)?;
    let concern = Names::load(desk)?.thing(&door, word, &Kind::Response)?;
    let all = raised(&door, (Some(about(&concern)?), None), true)?;
    let one = all.into_iter().find(|(record, _)| record.thing() == concern.thing());
    let one = one.ok_or_else(|| Failure::ending(Exit::NotFound, Say::NotHere))?;
    let answer = match one.1.state {
        State::Answered(word) => Some(door.record(word.id)?),
        _ => None,
    };
    shown::whole(desk, &door, &one, answer.as_ref())
}
