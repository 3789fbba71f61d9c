//! `weft concern`: saying that something is wrong, and answering that.

use anyhow::Result;
use clap::Subcommand;
use weft_protocol::body::end::EndKind;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::body::role::Power;
use weft_protocol::control::{Request, Response};
use weft_protocol::record::Kind;

use crate::commands::answer;
use crate::commands::bearing;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft::Pen;
use crate::exit::Exit;
use crate::groups::{OfNetwork, WordsArgs};
use crate::names::Names;
use crate::show::openness as shown;

/// Say that something is wrong, and answer that
///
/// That a concern was raised is public, and nobody but you can take it back. What you write with
/// --text is public too: leave it out, and say it to those concerned.
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
        words: WordsArgs,
    },
    /// List concerns, the oldest first
    List {
        /// Only about this
        #[arg(long, value_name = "ID")]
        about: Option<String>,
        #[command(flatten)]
        of: OfNetwork,
    },
    /// Answer a concern about what your network has said, hosts or agreed to
    Answer {
        /// Which concern
        concern: String,
        /// Say that you will not take it up
        #[arg(long)]
        decline: bool,
        #[command(flatten)]
        words: WordsArgs,
    },
    /// Take your concern back
    Withdraw {
        /// Which concern
        concern: String,
        #[command(flatten)]
        words: WordsArgs,
    },
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Raise { about, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let about = pen.door.current(pen.names.find(&pen.door, &about, None)?)?;
            answer::to(&pen, &about, ResponseKind::Concern, &words.text)
        }
        Verb::List { about, of } => list(desk, about.as_deref(), &of),
        Verb::Answer { concern, decline, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let concern = pen.names.thing(&pen.door, &concern, &Kind::Response)?;
            bearing::concern(&concern, pen.voice(Power::Respond)?.net)?;
            let kind = if decline { ResponseKind::Decline } else { ResponseKind::Accept };
            answer::to(&pen, &concern, kind, &words.text)
        }
        Verb::Withdraw { concern, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let concern = pen.names.thing(&pen.door, &concern, &Kind::Response)?;
            answer::end(&pen, &concern, EndKind::Withdraw, Power::Respond, &words.text)
        }
    }
}

fn list(desk: &Desk, about: Option<&str>, of: &OfNetwork) -> Result<Exit> {
    let door = Door::open(desk)?;
    let names = Names::load(desk)?;
    let about = about.map(|word| door.record(names.find(&door, word, None)?)).transpose()?;
    let about = about.map(|record| record.thing());
    let net = of.find(desk, &door)?;
    let views = door.list(&Request::Concerns { about, net }, |response| match response {
        Response::Concern(view) => Some(view),
        _ => None,
    })?;
    let all = views.into_iter().map(door::viewed).collect::<Result<Vec<_>>>()?;
    shown::concerns(desk, &door, &all)
}
