//! What a proposal says, from the command line.

use anyhow::Result;
use weft_protocol::body::proposal::{DecisionMethod, Objections, Proposal, Rule, Voice};
use weft_protocol::body::text::{Lang, List, Text};
use weft_protocol::record::Kind;

use crate::draft::Pen;
use crate::exit::Failure;
use crate::input::fields::fields;
use crate::input::moment::Edge;
use crate::input::named::named;
use crate::input::text;

/// What a proposal says.
#[derive(Debug, clap::Args)]
pub(crate) struct ProposalArgs {
    /// The tie whose parties decide
    #[arg(long, value_name = "TIE")]
    to: String,
    /// In one line (en="…" es="…": once for each language)
    #[arg(long, value_name = "TEXT", required = true)]
    title: Vec<String>,
    /// In full (once for each language)
    #[arg(long, value_name = "TEXT", required = true)]
    text: Vec<String>,
    /// Why (once for each language)
    #[arg(long, value_name = "TEXT")]
    rationale: Vec<String>,
    /// What can be chosen (may be given several times)
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
    /// consensus, consent, majority, supermajority or approval
    #[arg(long, value_parser = named::<DecisionMethod>, default_value = "consent")]
    method: DecisionMethod,
    /// How many of the electors must vote, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 50)]
    quorum: u8,
    /// What a supermajority needs, in percent
    #[arg(long, value_name = "PERCENT")]
    share: Option<u8>,
    /// Whether one objection blocks, or each counts as a vote against: block or count
    #[arg(long, value_parser = named::<Objections>, default_value = "count")]
    objections: Objections,
    /// At which moment the parties of the tie are the electors [default: now]
    #[arg(long, value_name = "TIME")]
    freeze: Option<String>,
    /// How many days it is talked about at least
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    min_days: u16,
    /// When voting opens [default: now]
    #[arg(long, value_name = "TIME")]
    opens: Option<String>,
    /// When voting closes
    #[arg(long, value_name = "TIME")]
    closes: String,
}

/// Reads a proposal.
///
/// # Errors
/// When something is not understood, out of bounds, or names what is not here.
pub(crate) fn read(pen: &Pen<'_>, args: &ProposalArgs) -> Result<Proposal> {
    let usual = pen.desk.settings()?.language;
    let option = |words: &String| text::needed("--option", std::slice::from_ref(words), &usual);
    let options = args.option.iter().map(option).collect::<Result<Vec<_>>>()?;
    let voices = args.voice.iter().map(|words| voice(pen, words, &usual));
    let voices = voices.collect::<Result<Vec<_>>>()?;
    let over = |flag: &'static str| move |e| Failure::usage(flag, e);
    let effect = args.effect.as_ref().map(|word| pen.names.find(&pen.door, word, None));
    Ok(Proposal {
        to: pen.names.thing(&pen.door, &args.to, &Kind::Tie)?.thing(),
        title: text::needed("--title", &args.title, &usual)?,
        text: text::needed("--text", &args.text, &usual)?,
        options: options.try_into().map_err(over("--option"))?,
        rationale: text::text("--rationale", &args.rationale, &usual)?,
        effect: effect.transpose()?,
        rule: rule(pen, &args.rule)?,
        voices: voices.try_into().map_err(over("--voice"))?,
        counted: List::default(),
    })
}

fn rule(pen: &Pen<'_>, args: &RuleArgs) -> Result<Rule> {
    let now = pen.desk.now().as_secs();
    let read = |flag, words: &Option<String>| {
        let moment = words.as_ref().map(|words| pen.desk.moment(flag, words, Edge::Start));
        anyhow::Ok(moment.transpose()?.map_or(now, |moment| moment.as_secs()))
    };
    let rule = Rule {
        method: args.method,
        quorum: args.quorum,
        share: args.share,
        objections: args.objections,
        freeze: read("--freeze", &args.freeze)?,
        min_days: args.min_days,
        vote_from: read("--opens", &args.opens)?,
        vote_until: pen.desk.moment("--closes", &args.closes, Edge::End)?.as_secs(),
    };
    if rule.vote_until <= rule.vote_from {
        return Err(Failure::usage("--closes", "it is not after --opens"));
    }
    if rule.quorum > 100 || rule.share.is_some_and(|share| !(1..=100).contains(&share)) {
        return Err(Failure::usage("--quorum, --share", "percent are at most 100"));
    }
    if rule.share.is_some() != (rule.method == DecisionMethod::Supermajority) {
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
    let who: Text<200> = text::needed("--voice who", &Vec::from_iter(who), usual)?;
    Ok(Voice {
        who,
        field: field.transpose().map_err(|_| unclear("a field is a word such as climate"))?,
        gathering: gathering.transpose()?.map(|gathering| gathering.thing()),
        required: found.contains_key("required"),
    })
}
