//! `weft disclosure`: openness.

use anyhow::Result;
use clap::Subcommand;
use weft_protocol::body::Body;
use weft_protocol::body::call::Span;
use weft_protocol::body::disclosure::{Control, Disclosure, DisclosureKind, Figure, Source};
use weft_protocol::body::response::Reference;
use weft_protocol::body::role::Power;
use weft_protocol::body::text::{Lang, List, Tag};
use weft_protocol::control::{Request, Response};
use weft_protocol::id::NetId;
use weft_protocol::ledger::Owed;
use weft_protocol::record::Kind;

use crate::desk::Desk;
use crate::door::Door;
use crate::draft::{DAY, Pen, Signing};
use crate::exit::{Exit, Failure};
use crate::groups::OfNetwork;
use crate::input::fields::fields;
use crate::input::moment::Edge;
use crate::input::named::named;
use crate::input::text;
use crate::names::Names;
use crate::show::openness as shown;

/// Be open: where money comes from, who controls whom, why, and what came of it
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Disclose something
    ///
    /// For example: weft disclosure new --kind funding --text "Our year" --start 2026-01-01
    /// --end 2026-12-31 --source "form=dues,share=60,from=Members, in sum"
    New(Box<NewArgs>),
    /// List disclosures
    List {
        #[command(flatten)]
        of: OfNetwork,
        /// Also those that were replaced, and those of your own that are over
        #[arg(long)]
        all: bool,
    },
    /// Show all that a disclosure says
    Show {
        /// Which disclosure
        disclosure: String,
    },
    /// List what networks owe by their ties, and what is overdue
    Due(OfNetwork),
}

#[derive(Debug, clap::Args)]
struct NewArgs {
    /// funding, conflict, control, rationale, report or setback
    #[arg(long, value_parser = named::<DisclosureKind>)]
    kind: DisclosureKind,
    /// In words (en="…" es="…": once for each language)
    #[arg(long, value_name = "TEXT", required = true)]
    text: Vec<String>,
    /// When the time begins that it is for
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// When that time ends
    #[arg(long, value_name = "TIME", requires = "start")]
    end: Option<String>,
    /// The record that it is about
    #[arg(long, value_name = "ID")]
    about: Option<String>,
    /// A source of support: form=grant,amount=1200,currency=USD,share=40,from=… (may be given
    /// several times). Name individual donors only in sum
    #[arg(long, value_name = "SOURCE")]
    source: Vec<String>,
    /// A network under the same control: how=same-board,other=NETWORK (may be given several times)
    #[arg(long, value_name = "CONTROL")]
    control: Vec<String>,
    /// A figure: value=40,unit=people,name=… (may be given several times)
    #[arg(long, value_name = "FIGURE")]
    figure: Vec<String>,
    #[command(flatten)]
    signing: Signing,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::New(args) => new(desk, &args),
        Verb::List { of, all } => {
            let door = Door::open(desk)?;
            let net = of.find(desk, &door)?;
            let asked = Request::Disclosures { net, all };
            let found = door.things(&asked, |response| match response {
                Response::Disclosure(view) => Some(view),
                _ => None,
            })?;
            shown::disclosures(desk, &door, (&found, all))
        }
        Verb::Show { disclosure } => {
            let door = Door::open(desk)?;
            let record = Names::load(desk)?.thing(&door, &disclosure, &Kind::Disclosure)?;
            shown::disclosure(desk, &door, &record)
        }
        Verb::Due(of) => {
            let door = Door::open(desk)?;
            let net = of.find(desk, &door)?;
            shown::owed(desk, &door, &owed(&door, net)?)
        }
    }
}

/// Returns what this network, or each, owes in openness.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn owed(door: &Door, net: Option<NetId>) -> Result<Vec<Owed>> {
    door.list(&Request::Owed { net }, |response| match response {
        Response::Owed(owed) => Some(owed),
        _ => None,
    })
}

fn new(desk: &Desk, args: &NewArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let usual = desk.language()?;
    let about = args.about.as_ref().map(|word| pen.names.find(&pen.door, word, None));
    let about = about.transpose()?.map(|id| pen.door.record(id)).transpose()?;
    let sources = args.source.iter().map(|words| source(words, &usual));
    let sources = sources.collect::<Result<Vec<_>>>()?;
    let percent: u32 = sources.iter().filter_map(|source| source.share).map(u32::from).sum();
    if percent > 100 {
        let why = format!("the shares together are {percent} %, and all of it is 100");
        return Err(Failure::usage("--source", why));
    }
    let figures = args.figure.iter().map(|words| figure(words, &usual));
    let controls = args.control.iter().map(|words| control(&pen, words));
    let over = |flag: &'static str| move |e| Failure::usage(flag, e);
    let body = Disclosure {
        kind: args.kind,
        text: text::needed("--text", &args.text, &usual)?,
        period: period(desk, args)?,
        about: about.map(|record| Reference { thing: record.thing(), seen: record.id() }),
        sources: sources.try_into().map_err(over("--source"))?,
        control: controls.collect::<Result<Vec<_>>>()?.try_into().map_err(over("--control"))?,
        figures: figures.collect::<Result<Vec<_>>>()?.try_into().map_err(over("--figure"))?,
        files: List::default(),
    };
    let voice = pen.voice(Power::Disclose)?;
    let life = pen.life(&voice, 500 * DAY, 800 * DAY)?;
    let draft = pen.draft(Body::Disclosure(body), &voice, life)?;
    pen.say(draft, &voice.key)
}

fn period(desk: &Desk, args: &NewArgs) -> Result<Option<Span>> {
    let Some(start) = &args.start else { return Ok(None) };
    let start = desk.moment("--start", start, Edge::Start)?.as_secs();
    let end = args.end.as_ref().map(|words| desk.moment("--end", words, Edge::End)).transpose()?;
    let end = end.map(|end| end.as_secs());
    if end.is_some_and(|end| end < start) {
        return Err(Failure::usage("--end", "it is before the start"));
    }
    Ok(Some(Span { start, end }))
}

/// Reads what a field holds, if it is there.
fn read<T: std::str::FromStr>(words: &str, name: &str, value: Option<&&str>) -> Result<Option<T>> {
    let unclear = |_| Failure::usage(words, format!("'{name}' makes no sense"));
    value.map(|value| value.parse::<T>().map_err(unclear)).transpose()
}

fn source(words: &str, usual: &Lang) -> Result<Source> {
    let names = ["form", "currency", "amount", "share", "from"];
    let found = fields("--source", words, &names)?;
    let from = Vec::from_iter(found.get("from").map(|from| (*from).to_owned()));
    let form: Option<Tag> = read(words, "form", found.get("form"))?;
    let share: Option<u8> = read(words, "share", found.get("share"))?;
    if share.is_some_and(|share| share > 100) {
        return Err(Failure::usage(words, "percent are at most 100"));
    }
    Ok(Source {
        source: text::needed("--source from", &from, usual)?,
        form: form.ok_or_else(|| Failure::usage(words, "say form=dues, grant, in-kind …"))?,
        currency: read(words, "currency", found.get("currency"))?,
        amount: read(words, "amount", found.get("amount"))?,
        share,
        purpose: None,
    })
}

fn figure(words: &str, usual: &Lang) -> Result<Figure> {
    let found = fields("--figure", words, &["value", "unit", "name"])?;
    let name = Vec::from_iter(found.get("name").map(|name| (*name).to_owned()));
    let value: Option<i64> = read(words, "value", found.get("value"))?;
    Ok(Figure {
        name: text::needed("--figure name", &name, usual)?,
        value: value.ok_or_else(|| Failure::usage(words, "say value=40"))?,
        unit: read(words, "unit", found.get("unit"))?,
    })
}

fn control(pen: &Pen<'_>, words: &str) -> Result<Control> {
    let found = fields("--control", words, &["how", "other"])?;
    let how: Option<Tag> = read(words, "how", found.get("how"))?;
    let other = found.get("other").copied().unwrap_or_default();
    Ok(Control {
        other: pen.names.network(&pen.door, other)?,
        how: how.ok_or_else(|| Failure::usage(words, "say how=same-board"))?,
    })
}
