//! What a proposal says, from the command line.

use anyhow::Result;
use weft_protocol::body::proposal::{DecisionMethod, Objections, Proposal, Rule, Voice};
use weft_protocol::body::text::{Lang, Line, List};
use weft_protocol::record::Kind;

use crate::draft::Pen;
use crate::exit::Failure;
use crate::input::fields::fields;
use crate::input::moment::Edge;
use crate::input::named::named;
use crate::input::text;
use crate::words::NEEDED;

/// What a proposal says. Lists that are given take the place of the old ones.
#[derive(Debug, clap::Args)]
pub(crate) struct ProposalArgs {
    /// The tie whose parties decide; it stays the same in every version
    #[arg(long, value_name = "TIE")]
    to: Option<String>,
    /// In one line (en="…" es="…": once for each language)
    #[arg(long, value_name = "TEXT")]
    title: Vec<String>,
    /// In full (once for each language)
    #[arg(long, value_name = "TEXT")]
    text: Vec<String>,
    /// Why (once for each language)
    #[arg(long, value_name = "TEXT")]
    rationale: Vec<String>,
    /// What can be chosen, by the method approval (may be given several times)
    #[arg(long, value_name = "TEXT")]
    option: Vec<String>,
    /// The record that is adopted with it, such as a new version of a tie
    #[arg(long, value_name = "ID")]
    effect: Option<String>,
    #[command(flatten)]
    rule: RuleArgs,
    /// Whose voice is asked for: field=climate,who=…, gathering=ID,who=… (its minutes) or who=…
    /// (any network without a vote); with required, voting waits for it (may be given several
    /// times)
    #[arg(long, value_name = "VOICE")]
    voice: Vec<String>,
}

/// By which rule it is decided.
#[derive(Debug, clap::Args)]
struct RuleArgs {
    /// consensus, consent, majority, supermajority or approval [default: consent]
    #[arg(long, value_parser = named::<DecisionMethod>)]
    method: Option<DecisionMethod>,
    /// How many of the electors must vote, in percent [default: 50]
    #[arg(long, value_name = "PERCENT")]
    quorum: Option<u8>,
    /// What a supermajority needs, in percent
    #[arg(long, value_name = "PERCENT")]
    share: Option<u8>,
    /// Whether one objection blocks, or each counts as a vote against: block or count [default:
    /// count]
    #[arg(long, value_parser = named::<Objections>)]
    objections: Option<Objections>,
    /// At which moment the parties of the tie are the electors; it stays the same in every version
    /// [default: now]
    #[arg(long, value_name = "TIME")]
    freeze: Option<String>,
    /// How many days it is talked about at least [default: 0]
    #[arg(long, value_name = "DAYS")]
    min_days: Option<u16>,
    /// When voting opens [default: now]
    #[arg(long, value_name = "TIME")]
    opens: Option<String>,
    /// When voting closes
    #[arg(long, value_name = "TIME")]
    closes: Option<String>,
}

/// Puts what was said above what the last version says.
///
/// # Errors
/// When something is missing, not understood, out of bounds, or names what is not here.
pub(crate) fn merged(
    pen: &Pen<'_>,
    args: &ProposalArgs,
    last: Option<&Proposal>,
) -> Result<Proposal> {
    let usual = pen.desk.language()?;
    let option = |words: &String| text::needed("--option", std::slice::from_ref(words), &usual);
    let options = args.option.iter().map(option).collect::<Result<Vec<_>>>()?;
    let voices = args.voice.iter().map(|words| voice(pen, words, &usual));
    let voices = voices.collect::<Result<Vec<_>>>()?;
    let meant = |word: &String| pen.door.meant(pen.names.find(&pen.door, word, None)?);
    let effect = args.effect.as_ref().map(meant);
    let to = args.to.as_ref().map(|word| pen.names.thing(&pen.door, word, &Kind::Tie));
    let to = to.transpose()?.map(|tie| tie.thing()).or(last.map(|last| last.to));
    let title = text::text("--title", &args.title, &usual)?;
    let words = text::text("--text", &args.text, &usual)?;
    let rationale = text::text("--rationale", &args.rationale, &usual)?;
    let options = text::list("--option", options, last.map(|l| &l.options))?;
    let rule = rule(pen, &args.rule, last.map(|l| &l.rule))?;
    // By any other method a ballot for an option consents, even one for the option 'no'.
    if options.is_empty() == (rule.method == DecisionMethod::Approval) {
        let why = "options go with --method approval, and it goes with nothing else";
        return Err(Failure::usage("--option", why));
    }
    Ok(Proposal {
        to: to.ok_or_else(|| missing("--to"))?,
        title: title.or(last.map(|l| l.title.clone())).ok_or_else(|| missing("--title"))?,
        text: words.or(last.map(|l| l.text.clone())).ok_or_else(|| missing("--text"))?,
        options,
        rationale: rationale.or_else(|| last.and_then(|l| l.rationale.clone())),
        effect: effect.transpose()?.or(last.and_then(|l| l.effect)),
        rule,
        voices: text::list("--voice", voices, last.map(|l| &l.voices))?,
        counted: List::default(),
    })
}

fn missing(flag: &str) -> anyhow::Error {
    Failure::usage(flag, NEEDED)
}

fn rule(pen: &Pen<'_>, args: &RuleArgs, last: Option<&Rule>) -> Result<Rule> {
    let now = pen.desk.now().as_secs();
    let read = |flag, words: &Option<String>, edge| {
        let moment = words.as_ref().map(|words| pen.desk.moment(flag, words, edge));
        anyhow::Ok(moment.transpose()?.map(|moment| moment.as_secs()))
    };
    let method = args.method.or(last.map(|l| l.method)).unwrap_or(DecisionMethod::Consent);
    let shared = method == DecisionMethod::Supermajority;
    let closes = read("--closes", &args.closes, Edge::End)?.or(last.map(|l| l.vote_until));
    let opens = read("--opens", &args.opens, Edge::Start)?.or(last.map(|l| l.vote_from));
    let freeze = read("--freeze", &args.freeze, Edge::Start)?.or(last.map(|l| l.freeze));
    let objections = args.objections.or(last.map(|l| l.objections));
    let rule = Rule {
        method,
        quorum: args.quorum.or(last.map(|l| l.quorum)).unwrap_or(50),
        share: args.share.or(last.and_then(|l| l.share).filter(|_| shared)),
        objections: objections.unwrap_or(Objections::Count),
        freeze: freeze.unwrap_or(now),
        min_days: args.min_days.or(last.map(|l| l.min_days)).unwrap_or(0),
        vote_from: opens.unwrap_or(now),
        vote_until: closes.ok_or_else(|| missing("--closes"))?,
    };
    if rule.vote_until <= rule.vote_from {
        return Err(Failure::usage("--closes", "it is not after --opens"));
    }
    if rule.quorum > 100 || rule.share.is_some_and(|share| !(1..=100).contains(&share)) {
        return Err(Failure::usage("--quorum, --share", "percent are at most 100"));
    }
    if rule.share.is_some() != shared {
        return Err(Failure::usage("--share", "a supermajority has it, and nothing else"));
    }
    Ok(rule)
}

fn voice(pen: &Pen<'_>, words: &str, usual: &Lang) -> Result<Voice> {
    let found = fields("--voice", words, &["field", "gathering", "required", "who"])?;
    let unclear = |why: &str| Failure::usage(format!("--voice {words}"), why);
    let gathering = found.get("gathering");
    let gathering = gathering.map(|id| pen.names.thing(&pen.door, id, &Kind::Gathering));
    let field = found.get("field").map(|tag| tag.parse());
    let who = found.get("who").map(|who| (*who).to_owned());
    let who: Line<200> = text::needed("--voice who", &Vec::from_iter(who), usual)?;
    Ok(Voice {
        who,
        field: field.transpose().map_err(|_| unclear("a field is a word such as climate"))?,
        gathering: gathering.transpose()?.map(|gathering| gathering.thing()),
        required: found.contains_key("required"),
    })
}
