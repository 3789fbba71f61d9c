//! `weft tie`: relations between networks.

use anyhow::Result;
use clap::Subcommand;
use serde_json::Value;
use weft_protocol::body::Body;
use weft_protocol::body::end::EndKind;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::body::role::Power;
use weft_protocol::body::text::{Lang, List, Tag};
use weft_protocol::body::tie::{Bridge, Parties, Seats, Terms, Tie, TieKind};
use weft_protocol::control::{Request, Response};
use weft_protocol::fold::tie::State;
use weft_protocol::record::{Kind, Record};
use weft_protocol::region::Region;

use crate::commands::answer::{self, WordsArgs};
use crate::commands::profile::word;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft::{DAY, Pen, Signing};
use crate::exit::{Exit, Failure};
use crate::input::moment::{Edge, moment};
use crate::input::named::named;
use crate::input::text;
use crate::names::Names;
use crate::show::columns::columns;
use crate::show::directory::Directory;
use crate::show::json;
use crate::show::when::relative;
use crate::words::{Say, Word};

/// Make and end relations with other networks
///
/// A tie counts when every party has signed it. Until then it is shown as claimed by one side.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Propose a tie; your network is the first party
    ///
    /// For example: weft tie propose --kind member-of --with coffee-union
    /// --summary "We join as a full member, with one seat"
    Propose(Box<ProposeArgs>),
    /// Accept a tie that your network is a party of
    Accept {
        /// Which tie
        tie: String,
        #[command(flatten)]
        words: WordsArgs,
    },
    /// List ties
    List {
        /// Only with this network
        #[arg(long)]
        network: Option<String>,
    },
    /// Leave a tie
    End {
        /// Which tie
        tie: String,
        #[command(flatten)]
        words: WordsArgs,
    },
}

#[derive(Debug, clap::Args)]
struct ProposeArgs {
    /// member-of, agreement, project, bridge, anchor, fiscal-host or successor
    #[arg(long, value_parser = named::<TieKind>)]
    kind: TieKind,
    /// Another party (may be given several times)
    #[arg(long = "with", value_name = "NETWORK", required = true)]
    parties: Vec<String>,
    /// What the parties agree to, in plain words (once for each language)
    #[arg(long, value_name = "TEXT", required = true)]
    summary: Vec<String>,
    /// What nobody gives up, each in a sentence (may be given several times)
    #[arg(long, value_name = "TEXT")]
    nonnegotiable: Vec<String>,
    /// When the parties look at it again
    #[arg(long, value_name = "TIME")]
    review: Option<String>,
    /// Seats of each party in decisions: representatives and alternates, such as 1+1
    #[arg(long)]
    seats: Option<String>,
    /// How many days before leaving a party says so
    #[arg(long, value_name = "DAYS")]
    notice_days: Option<u16>,
    /// How many members an alliance may have
    #[arg(long, value_name = "NUMBER")]
    max_members: Option<u16>,
    /// What an anchor keeps together
    #[arg(long)]
    topic: Option<Tag>,
    /// Out of which region a bridge carries
    #[arg(long, value_name = "REGION", requires = "bridge_to")]
    bridge_from: Option<Region>,
    /// Into which region a bridge carries
    #[arg(long, value_name = "REGION", requires = "bridge_from")]
    bridge_to: Option<Region>,
    /// A language that a bridge speaks (may be given several times)
    #[arg(long, value_name = "LANGUAGE")]
    bridge_language: Vec<Lang>,
    #[command(flatten)]
    signing: Signing,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Propose(args) => propose(desk, &args),
        Verb::Accept { tie, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let tie = pen.names.thing(&pen.door, &tie, &Kind::Tie)?;
            answer::to(&pen, &tie, ResponseKind::Accept, &words.text)
        }
        Verb::List { network } => list(desk, network.as_deref()),
        Verb::End { tie, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let tie = pen.names.thing(&pen.door, &tie, &Kind::Tie)?;
            answer::end(&pen, &tie, EndKind::Leave, Power::SignTie, &words.text)
        }
    }
}

fn propose(desk: &Desk, args: &ProposeArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let voice = pen.voice(Power::SignTie)?;
    let mut parties = vec![voice.net];
    for word in &args.parties {
        parties.push(pen.names.network(&pen.door, word)?);
    }
    let review = args.review.as_ref().map(|words| {
        moment(words, desk.now(), &desk.zone(), Edge::End)
            .map_err(|e| Failure::usage(format!("--review {words}"), e))
    });
    let bridge = args.bridge_from.clone().zip(args.bridge_to.clone()).map(|(from, to)| {
        let languages = args.bridge_language.clone().try_into();
        let languages = languages.map_err(|e| Failure::usage("--bridge-language", e))?;
        anyhow::Ok(Bridge { from, to, languages })
    });
    let body = Tie {
        kind: args.kind,
        parties: Parties::try_from(parties).map_err(|e| Failure::usage("--with", e))?,
        terms: terms(desk, args)?,
        review_on: review.transpose()?.map(|on| on.as_secs()),
        bridge: bridge.transpose()?,
        topic: args.topic.clone(),
    };
    let life = pen.life(&voice, 365 * DAY, 1096 * DAY)?;
    let draft = pen.draft(Body::Tie(body), &voice, life)?;
    pen.say(draft, &voice.key)
}

fn terms(desk: &Desk, args: &ProposeArgs) -> Result<Terms> {
    let usual = desk.settings()?.language;
    let sentence = |words: &String| {
        let words = std::slice::from_ref(words);
        text::needed("--nonnegotiable", words, &usual)
    };
    let kept = args.nonnegotiable.iter().map(sentence).collect::<Result<Vec<_>>>()?;
    Ok(Terms {
        summary: text::needed("--summary", &args.summary, &usual)?,
        text: None,
        commitments: List::default(),
        decision_rights: List::default(),
        seats: args.seats.as_deref().map(seats).transpose()?,
        disclosure_required: List::default(),
        nonnegotiables: kept.try_into().map_err(|e| Failure::usage("--nonnegotiable", e))?,
        max_members: args.max_members,
        notice_days: args.notice_days,
    })
}

fn seats(word: &str) -> Result<Seats> {
    let read = |word: &str| {
        let (rep, alternate) = word.split_once('+').unwrap_or((word, "0"));
        Some(Seats { rep: rep.parse().ok()?, alternate: alternate.parse().ok()? })
    };
    read(word).ok_or_else(|| Failure::usage(format!("--seats {word}"), "seats are like 1+1"))
}

fn list(desk: &Desk, network: Option<&str>) -> Result<Exit> {
    let door = Door::open(desk)?;
    let names = Names::load(desk)?;
    let net = network.map(|word| names.network(&door, word)).transpose()?;
    let views = door.list(&Request::Ties { net }, |response| match response {
        Response::Tie(view) => Some(view),
        _ => None,
    })?;
    let ties = views.into_iter().map(door::viewed).collect::<Result<Vec<(Record, State)>>>()?;
    if desk.json {
        let shape = |(record, state): &(Record, State)| -> Value {
            json::with_state(record, json::tie(state))
        };
        desk.answer(&ties.iter().map(shape).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if ties.is_empty() {
        desk.note(&Say::NothingThere);
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, &door)?;
    let headings = [Word::Id, Word::Kind, Word::Parties, Word::State, Word::Text, Word::Ends]
        .map(|word| desk.speech.word(word).to_owned());
    let (languages, now) = (desk.languages(), desk.now());
    let rows = ties.iter().filter_map(|(record, state)| {
        let Body::Tie(tie) = record.body() else { return None };
        let parties = tie.parties.as_slice().iter().map(|net| directory.name(*net));
        Some([
            record.thing().short(),
            word(&tie.kind),
            parties.collect::<Vec<_>>().join(", "),
            standing(desk, &directory, state),
            tie.terms.summary.in_any(&languages).1.to_owned(),
            relative(record.header().until, now, desk.speech),
        ])
    });
    desk.line(columns(headings, rows))?;
    Ok(Exit::Done)
}

fn standing(desk: &Desk, directory: &Directory, state: &State) -> String {
    let word = |word: Word| desk.speech.word(word).to_owned();
    match state {
        State::Claimed { missing } => {
            let names: Vec<String> = missing.iter().map(|net| directory.name(*net)).collect();
            format!("{}, {} {}", word(Word::Claimed), word(Word::Missing), names.join(", "))
        }
        State::Active { review_due: true, .. } => {
            format!("{}, {}", word(Word::Active), word(Word::ReviewDue))
        }
        State::Active { .. } => word(Word::Active),
        State::Ended { .. } => word(Word::Ended),
        State::Expired => word(Word::Expired),
        State::Broken { .. } => word(Word::Broken),
    }
}
