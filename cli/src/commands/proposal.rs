//! `weft proposal`: deciding together.

use anyhow::Result;
use clap::Subcommand;
use weft_protocol::body::Body;
use weft_protocol::body::end::EndKind;
use weft_protocol::body::proposal::Proposal;
use weft_protocol::body::response::{Choice, ResponseKind};
use weft_protocol::body::role::Power;
use weft_protocol::control::{ProposalFilter, Request, Response, View};
use weft_protocol::fold::proposal::Phase;
use weft_protocol::id::ThingId;
use weft_protocol::ledger::Ratification;
use weft_protocol::record::Kind;
use weft_protocol::time::Timestamp;

use crate::commands::answer::{self, Answer};
use crate::commands::proposal_text::{self, ProposalArgs};
use crate::desk::Desk;
use crate::door::{self, Answered, Door};
use crate::draft::{DAY, Pen, Signing};
use crate::exit::{Exit, Failure};
use crate::groups::{OfNetwork, WordsArgs};
use crate::input::named::choice;
use crate::input::text;
use crate::names::Names;
use crate::show::proposal as shown;
use crate::show::proposal::proposal_of;
use crate::words::Say;

/// Decide together
///
/// The parties of a tie vote, one ballot each. Every node works out the same result.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Put a proposal to the parties of a tie
    ///
    /// For example: weft proposal new --to TIE --title "Joint plan" --text "…" --method consent
    /// --quorum 60 --min-days 30 --voice gathering=FORUM,required,who=The north --closes 2027-02-28
    New(Box<NewArgs>),
    /// Change a proposal; what you leave out stays as it is
    ///
    /// Who decides stays the same. Ballots on the words before count no longer, and what was decided
    /// for good stays decided.
    Edit {
        /// Which proposal
        proposal: String,
        #[command(flatten)]
        args: Box<NewArgs>,
    },
    /// List proposals, the newest first
    List(ListArgs),
    /// Show a proposal, what it has come to, and the answers to it
    Show {
        /// Which proposal
        proposal: String,
    },
    /// Vote
    Ballot(BallotArgs),
    /// Show what a proposal has come to, ballot by ballot
    Result {
        /// Which proposal
        proposal: String,
    },
    /// List the ballots that count, so that the result stands once enough electors accept the list
    Close {
        /// Which proposal
        proposal: String,
        #[command(flatten)]
        signing: Signing,
    },
    /// Accept a proposal's words or, once it is closed, its list of ballots
    Accept {
        /// Which proposal
        proposal: String,
        #[command(flatten)]
        words: WordsArgs,
    },
    /// Take a proposal back, before voting closes
    Withdraw {
        /// Which proposal
        proposal: String,
        #[command(flatten)]
        words: WordsArgs,
    },
}

#[derive(Debug, clap::Args)]
struct NewArgs {
    #[command(flatten)]
    proposal: ProposalArgs,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    of: OfNetwork,
    /// Only those put to this tie
    #[arg(long, value_name = "TIE")]
    to: Option<String>,
    /// Also those that are withdrawn, or decided for good
    #[arg(long)]
    all: bool,
}

#[derive(Debug, clap::Args)]
struct BallotArgs {
    /// Which proposal
    proposal: String,
    /// consent, stand-aside, object or abstain
    #[arg(long, value_parser = choice, required_unless_present = "option")]
    choice: Option<Choice>,
    /// Approve of an option, by its number from 1 (may be given several times)
    #[arg(long, value_name = "NUMBER", conflicts_with = "choice")]
    option: Vec<u8>,
    #[command(flatten)]
    words: WordsArgs,
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::New(args) => new(desk, &args),
        Verb::Edit { proposal, args } => edit(desk, &proposal, &args),
        Verb::List(args) => list(desk, &args),
        Verb::Show { proposal } => show(desk, &proposal, true),
        Verb::Result { proposal } => show(desk, &proposal, false),
        Verb::Ballot(args) => ballot(desk, &args),
        Verb::Close { proposal, signing } => close(desk, &proposal, &signing),
        Verb::Accept { proposal, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let record = pen.names.thing(&pen.door, &proposal, &Kind::Proposal)?;
            answer::to(&pen, &record, ResponseKind::Accept, &words.text)
        }
        Verb::Withdraw { proposal, words } => {
            let pen = Pen::take(desk, &words.signing)?;
            let record = pen.names.thing(&pen.door, &proposal, &Kind::Proposal)?;
            answer::end(&pen, &record, EndKind::Withdraw, Power::Propose, &words.text)
        }
    }
}

fn new(desk: &Desk, args: &NewArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let body = proposal_text::merged(&pen, &args.proposal, None)?;
    let voice = pen.voice(Power::Propose)?;
    // A season to close it, and for those who come later to see what was decided.
    let open = Timestamp::from_secs(body.rule.vote_until).since(desk.now());
    let life = pen.life(&voice, (open + 180 * DAY).min(400 * DAY), 400 * DAY)?;
    let draft = pen.draft(Body::Proposal(body), &voice, life)?;
    pen.say(draft, &voice.key)
}

fn edit(desk: &Desk, word: &str, args: &NewArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.signing)?;
    let ((last, decision), _) = whole(desk, &pen.door, word)?;
    let body = proposal_text::merged(&pen, &args.proposal, proposal_of(&last))?;
    if !decision.state.provisional {
        return Err(Failure::failed(Say::AlreadyDecided));
    }
    let voice = pen.voice(Power::Propose)?;
    let open = Timestamp::from_secs(body.rule.vote_until).since(desk.now());
    let life = pen.life(&voice, (open + 180 * DAY).min(400 * DAY), 400 * DAY)?;
    let draft = pen.follow(&last, pen.draft(Body::Proposal(body), &voice, life)?)?;
    pen.check(&draft, voice.key.public())?;
    let ballots = decision.state.electors.values().flatten().count();
    if ballots > 0 && !pen.is_dry() {
        desk.confirm(&Say::BallotsWouldLapse { ballots })?;
    }
    pen.say_checked(vec![draft], &voice.key)
}

fn ballot(desk: &Desk, args: &BallotArgs) -> Result<Exit> {
    let pen = Pen::take(desk, &args.words.signing)?;
    let record = pen.names.thing(&pen.door, &args.proposal, &Kind::Proposal)?;
    let proposal = proposal_of(&record).ok_or_else(door::strange)?;
    let place = |number: &u8| {
        let place = number.checked_sub(1).filter(|p| usize::from(*p) < proposal.options.len());
        let why = format!("the proposal has {} options", proposal.options.len());
        place.ok_or_else(|| Failure::usage("--option", why))
    };
    let options = args.option.iter().map(place).collect::<Result<Vec<u8>>>()?;
    let choice = match &args.choice {
        Some(choice) => choice.clone(),
        None => Choice::Options(options.try_into().map_err(|e| Failure::usage("--option", e))?),
    };
    let text = text::text("--text", &args.words.text, &desk.language()?)?;
    let voice = pen.voice(Power::Vote)?;
    if choice == Choice::Object && text.is_none() {
        let why = "an objection says why, so that others can answer it: add --text";
        return Err(Failure::usage("--choice object", why));
    }
    let ballot = answer::bare(ResponseKind::Ballot);
    answer::say(&pen, &voice, &record, Answer { text, choice: Some(choice), ..ballot })
}

fn close(desk: &Desk, word: &str, signing: &Signing) -> Result<Exit> {
    let pen = Pen::take(desk, signing)?;
    let ((last, decision), _) = whole(desk, &pen.door, word)?;
    let body = proposal_of(&last).ok_or_else(door::strange)?;
    let voice = pen.voice(Power::Propose)?;
    if matches!(decision.state.phase, Phase::Deliberation | Phase::Voting) {
        let closes = desk.date(Timestamp::from_secs(body.rule.vote_until));
        return Err(Failure::failed(Say::StillVoting { closes }));
    }
    let counted: Vec<_> = decision.state.electors.values().flatten().copied().collect();
    if counted.is_empty() {
        return Err(Failure::failed(Say::NobodyVoted));
    }
    let counted = counted.try_into().map_err(|e| Failure::usage(word, e))?;
    let body = Proposal { counted, ..body.clone() };
    let rest = last.header().until.since(desk.now());
    let life = pen.life(&voice, rest, 400 * DAY)?;
    let draft = pen.follow(&last, pen.draft(Body::Proposal(body), &voice, life)?)?;
    pen.say(draft, &voice.key)
}

fn list(desk: &Desk, args: &ListArgs) -> Result<Exit> {
    let door = Door::open(desk)?;
    let net = args.of.find(desk, &door)?;
    let names = Names::load(desk)?;
    let to = args.to.as_ref().map(|word| names.thing(&door, word, &Kind::Tie)).transpose()?;
    let filter = ProposalFilter { net, to: to.map(|tie| tie.thing()), all: args.all };
    shown::list(desk, &door, (&door.things(&Request::Proposals(filter), view)?, args.all))
}

fn view(response: Response) -> Option<View<Ratification>> {
    match response {
        Response::Proposal(view) => Some(view),
        _ => None,
    }
}

fn whole(desk: &Desk, door: &Door, word: &str) -> Result<Answered<Ratification>> {
    let id = Names::load(desk)?.find(door, word, Some(&Kind::Proposal))?;
    of(door, door.record(id)?.thing())
}

/// Asks for a proposal with what it has come to, and for the answers to it.
///
/// # Errors
/// When the node does not have it.
pub(crate) fn of(door: &Door, thing: ThingId) -> Result<Answered<Ratification>> {
    door.answered(&Request::Proposal { thing }, view)
}

fn show(desk: &Desk, word: &str, words: bool) -> Result<Exit> {
    let door = Door::open(desk)?;
    let ((record, decision), answers) = whole(desk, &door, word)?;
    shown::whole(desk, &door, (&record, &decision), (&answers, words))
}
