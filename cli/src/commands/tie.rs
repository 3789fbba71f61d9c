//! `weft tie`: relations between networks.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Subcommand;
use weft_protocol::body::Body;
use weft_protocol::body::end::EndKind;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::body::role::Power;
use weft_protocol::body::text::{Lang, Tag};
use weft_protocol::body::tie::{Bridge, Parties, Tie, TieKind};
use weft_protocol::control::{Request, Response};
use weft_protocol::fold::disclosure as disclosed;
use weft_protocol::fold::tie::State;
use weft_protocol::id::{NetId, ThingId};
use weft_protocol::ledger::{Due, Owed, Want};
use weft_protocol::record::{Kind, Record};
use weft_protocol::region::Region;

use crate::commands::tie_terms::TermsArgs;
use crate::commands::{answer, disclosure, network};
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::draft::{DAY, Pen, Signing};
use crate::examine::waits;
use crate::exit::{self, Exit, Failure};
use crate::groups::{OfNetwork, WordsArgs};
use crate::input::code::{lang, tag};
use crate::input::moment::Edge;
use crate::input::named::{named, region};
use crate::names::Names;
use crate::show::directory::Directory;
use crate::show::openness::{self, Wanting};
use crate::show::tie as shown;
use crate::words::{Crossing, Say};

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
    /// Renew a tie that your network proposed: let it live longer, or change what is agreed
    ///
    /// What was agreed stays until every party has accepted the new terms. When none has changed, who
    /// accepted before need not again; but acceptances end after 400 days at most.
    ///
    /// For example: weft tie renew TIE --until 2028-12-31 --review 2027-12-31
    Renew {
        /// Which tie
        tie: String,
        #[command(flatten)]
        args: Box<RenewArgs>,
    },
    /// Accept a tie that your network is a party of, or its renewal
    Accept {
        /// Which tie
        tie: String,
        #[command(flatten)]
        words: WordsArgs,
    },
    /// List ties
    List {
        #[command(flatten)]
        of: OfNetwork,
        /// Also those that are over: ended, or expired
        #[arg(long)]
        all: bool,
    },
    /// Show a tie and everything that its parties agree to
    Show {
        /// Which tie
        tie: String,
    },
    /// List ties that want something: a signature, a renewal, a review, a farewell, an overdue disclosure
    Due(OfNetwork),
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
    /// When the parties look at it again
    #[arg(long, value_name = "TIME")]
    review: Option<String>,
    #[command(flatten)]
    terms: TermsArgs,
    /// What an anchor keeps together
    #[arg(long, value_parser = tag)]
    topic: Option<Tag>,
    /// Out of which region a bridge carries
    #[arg(long, value_name = "REGION", requires = "bridge_to", value_parser = region)]
    bridge_from: Option<Region>,
    /// Into which region a bridge carries
    #[arg(long, value_name = "REGION", requires = "bridge_from", value_parser = region)]
    bridge_to: Option<Region>,
    /// A language that a bridge speaks (may be given several times)
    #[arg(long, value_name = "LANGUAGE", value_parser = lang)]
    bridge_language: Vec<Lang>,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, clap::Args)]
struct RenewArgs {
    /// When the parties look at it again
    #[arg(long, value_name = "TIME")]
    review: Option<String>,
    #[command(flatten)]
    terms: TermsArgs,
    #[command(flatten)]
    signing: Signing,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::Propose(args) => propose(desk, &args),
        Verb::Renew { tie, args } => renew(desk, &tie, &args),
        Verb::Accept { tie, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let tie = pen.names.thing(&pen.door, &tie, &Kind::Tie)?;
            let tie = pen.door.offered(&tie)?.unwrap_or(tie);
            answer::to(&pen, &tie, ResponseKind::Accept, &words.text)
        }
        Verb::List { of, all } => list(desk, &of, all),
        Verb::Show { tie } => show(desk, &tie),
        Verb::Due(of) => due(desk, &of),
        Verb::End { tie, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let tie = pen.names.thing(&pen.door, &tie, &Kind::Tie)?;
            answer::end(&pen, &tie, EndKind::Leave, Power::SignTie, &words.text)
        }
    }
}

fn propose(desk: &Desk, args: &ProposeArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    if (args.kind == TieKind::Bridge) != args.bridge_from.is_some() {
        let why = "a bridge says both, and no other tie does";
        return Err(Failure::usage("--bridge-from REGION --bridge-to REGION", why));
    }
    let voice = pen.voice(Power::SignTie)?;
    let mut parties = vec![voice.net];
    for word in &args.parties {
        parties.push(pen.names.network(&pen.door, word)?);
    }
    if args.kind != TieKind::Bridge {
        say_elsewhere(&pen, &parties, voice.net)?;
    }
    let review = args.review.as_ref().map(|words| desk.moment("--review", words, Edge::End));
    let bridge = args.bridge_from.clone().zip(args.bridge_to.clone()).map(|(from, to)| {
        let languages = args.bridge_language.clone().try_into();
        let languages = languages.map_err(|e| Failure::usage("--bridge-language", e))?;
        anyhow::Ok(Bridge { from, to, languages })
    });
    let body = Tie {
        kind: args.kind,
        parties: Parties::try_from(parties).map_err(|e| Failure::usage("--with", e))?,
        terms: args.terms.merged(&pen, voice.net, None)?,
        review_on: review.transpose()?.map(|on| on.as_secs()),
        bridge: bridge.transpose()?,
        topic: args.topic.clone(),
    };
    let life = pen.life(&voice, 365 * DAY, 1096 * DAY)?;
    let mut draft = pen.draft(Body::Tie(body), &voice, life)?;
    if let (Some(into), Some(home)) = (&args.bridge_to, &mut draft.header.home)
        && pen.door.status()?.regions.contains(into)
    {
        // There it is judged, and there its other parties are.
        home.region.clone_from(into);
    }
    pen.say(draft, &voice.key)
}

/// Says which parties live in another region: there a tie is heard of only once a bridge carries it.
fn say_elsewhere(pen: &Pen<'_>, parties: &[NetId], us: NetId) -> Result<()> {
    let home = pen.desk.settings()?.region;
    let directory = Directory::load(pen.desk, &pen.door)?;
    for net in parties.iter().filter(|net| **net != us) {
        let profile = match network::known(&pen.door, *net) {
            Ok((profile, _)) => profile,
            Err(error) if exit::is_absence(&error) => None,
            Err(error) => return Err(error),
        };
        let lives =
            profile.and_then(|profile| Some(profile.header().home.as_ref()?.region.clone()));
        if let Some(region) = lives.filter(|region| *region != home) {
            let (name, region, us) = (directory.name(*net), region.to_string(), us.to_string());
            pen.desk.note(&Say::Crossing(Crossing::PartyElsewhere { name, region, us }));
        }
    }
    Ok(())
}

fn renew(desk: &Desk, word: &str, args: &RenewArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let last = pen.names.thing(&pen.door, word, &Kind::Tie)?;
    let Body::Tie(before) = last.body() else { return Err(door::strange()) };
    let voice = pen.voice(Power::SignTie)?;
    let review = args.review.as_ref().map(|words| desk.moment("--review", words, Edge::End));
    let review = review.transpose()?.map(|on| on.as_secs()).or(before.review_on);
    let terms = args.terms.merged(&pen, voice.net, Some(&before.terms))?;
    let body = Tie { terms, review_on: review, ..before.clone() };
    let life = pen.life(&voice, 365 * DAY, 1096 * DAY)?;
    let draft = pen.follow(&last, pen.draft(Body::Tie(body), &voice, life)?)?;
    pen.say(draft, &voice.key)
}

/// Returns the ties that this network is a party of, or all: those of networks that live here also
/// when their time is over.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn all(door: &Door, net: Option<NetId>) -> Result<Vec<(Record, State)>> {
    door.things(&Request::Ties { net, all: true }, |response| match response {
        Response::Tie(view) => Some(view),
        _ => None,
    })
}

fn list(desk: &Desk, of: &OfNetwork, over: bool) -> Result<Exit> {
    let door = Door::open(desk)?;
    let net = of.find(desk, &door)?;
    let mut ties = all(&door, net)?;
    ties.retain(|(_, state)| over || !matches!(state, State::Ended { .. } | State::Expired));
    shown::list(desk, &door, (&ties, over))
}

fn due(desk: &Desk, of: &OfNetwork) -> Result<Exit> {
    let door = Door::open(desk)?;
    let net = of.find(desk, &door)?;
    let mut overdue: BTreeMap<ThingId, Vec<Owed>> = BTreeMap::new();
    for owed in disclosure::owed(&door, net)? {
        if matches!(owed.state, disclosed::State::Overdue { .. }) {
            overdue.entry(owed.tie).or_default().push(owed);
        }
    }
    let mut due: BTreeMap<ThingId, Vec<Due>> = BTreeMap::new();
    for one in waits::due(&door, net)? {
        if matches!(one.want, Want::Signature | Want::TieEnds) {
            due.entry(one.about).or_default().push(one);
        }
    }
    let mut wanting = Vec::new();
    for (record, state) in all(&door, net)? {
        let owed = overdue.remove(&record.thing()).unwrap_or_default();
        let due = due.remove(&record.thing()).unwrap_or_default();
        let wants = matches!(&state, State::Active { review_due, leaving, .. }
            if *review_due || leaving.is_some());
        if wants || !owed.is_empty() || !due.is_empty() {
            wanting.push(Wanting { record, state, owed, due });
        }
    }
    openness::due(desk, &door, &wanting)
}

fn show(desk: &Desk, word: &str) -> Result<Exit> {
    let door = Door::open(desk)?;
    let tie = Names::load(desk)?.thing(&door, word, &Kind::Tie)?;
    let all = all(&door, Some(tie.net()))?;
    let one = all.into_iter().find(|(record, _)| record.thing() == tie.thing());
    shown::whole(desk, &door, &one.ok_or_else(door::strange)?)
}
