//! What the parties of a tie agree to, from the command line.

use anyhow::Result;
use weft_protocol::body::text::{Lang, Tag};
use weft_protocol::body::tie::{Commitment, DecisionRight, Seats, Terms};
use weft_protocol::id::NetId;

use crate::draft::Pen;
use crate::exit::Failure;
use crate::input::code::tag;
use crate::input::moment::Edge;
use crate::input::text;

/// What the parties agree to.
#[derive(Debug, clap::Args)]
pub(crate) struct TermsArgs {
    /// What the parties agree to, in plain words (once for each language)
    #[arg(long, value_name = "TEXT")]
    summary: Vec<String>,
    /// What a party promises: who=us,text=… or who=NETWORK,due=2026-12-24,text=… (may be given
    /// several times)
    #[arg(long = "commitment", value_name = "PROMISE")]
    commitments: Vec<String>,
    /// Who decides what: matter=Money,rule=Both by consent (may be given several times)
    #[arg(long = "decision-right", value_name = "RIGHT")]
    decision_rights: Vec<String>,
    /// A kind of disclosure that each party owes: funding, conflict, control, rationale, report
    /// or setback (may be given several times)
    #[arg(long = "disclosure-required", value_name = "KIND", value_parser = tag)]
    disclosures: Vec<Tag>,
    /// What nobody gives up, each in a sentence (may be given several times)
    #[arg(long, value_name = "TEXT")]
    nonnegotiable: Vec<String>,
    /// Seats of each party in decisions: representatives and alternates, such as 1+1
    #[arg(long)]
    seats: Option<String>,
    /// How many days before leaving a party says so
    #[arg(long, value_name = "DAYS")]
    notice_days: Option<u16>,
    /// How many members an alliance may have
    #[arg(long, value_name = "NUMBER")]
    max_members: Option<u16>,
}

impl TermsArgs {
    /// Puts what was said above the terms of the last version of a tie in which this network speaks.
    ///
    /// # Errors
    /// When something is missing, not understood, out of bounds, or names a network that is not here.
    pub(crate) fn merged(&self, pen: &Pen<'_>, us: NetId, last: Option<&Terms>) -> Result<Terms> {
        let usual = pen.desk.language()?;
        let sentence = |words: &String| {
            let words = std::slice::from_ref(words);
            text::needed("--nonnegotiable", words, &usual)
        };
        let promise = |words: &String| commitment(pen, words, us, &usual);
        let right = |words: &String| decision_right(words, &usual);
        let promised = self.commitments.iter().map(promise).collect::<Result<Vec<_>>>()?;
        let rights = self.decision_rights.iter().map(right).collect::<Result<Vec<_>>>()?;
        let kept = self.nonnegotiable.iter().map(sentence).collect::<Result<Vec<_>>>()?;
        let owed = self.disclosures.clone();
        let summary = match (text::text("--summary", &self.summary, &usual)?, last) {
            (Some(summary), _) => summary,
            (None, Some(last)) => last.summary.clone(),
            (None, None) => text::needed("--summary", &self.summary, &usual)?,
        };
        let owed_before = last.map(|l| &l.disclosure_required);
        let kept_before = last.map(|l| &l.nonnegotiables);
        Ok(Terms {
            summary,
            text: last.and_then(|l| l.text),
            commitments: text::list("--commitment", promised, last.map(|l| &l.commitments))?,
            decision_rights: text::list(
                "--decision-right",
                rights,
                last.map(|l| &l.decision_rights),
            )?,
            seats: self.seats.as_deref().map(seats).transpose()?.or(last.and_then(|l| l.seats)),
            disclosure_required: text::list("--disclosure-required", owed, owed_before)?,
            nonnegotiables: text::list("--nonnegotiable", kept, kept_before)?,
            max_members: self.max_members.or(last.and_then(|l| l.max_members)),
            notice_days: self.notice_days.or(last.and_then(|l| l.notice_days)),
        })
    }
}

/// Takes `name=value,` from the beginning; the words at the end may have commas.
fn field<'a>(rest: &mut &'a str, name: &str) -> Option<&'a str> {
    let after = rest.strip_prefix(name)?.strip_prefix('=')?;
    let (value, more) = after.split_once(',')?;
    *rest = more;
    Some(value)
}

fn commitment(pen: &Pen<'_>, words: &str, us: NetId, usual: &Lang) -> Result<Commitment> {
    let unclear = || {
        let form = "say who=us,text=Two drivers, or who=NETWORK,due=2026-12-24,text=…";
        Failure::usage(format!("--commitment {words}"), form)
    };
    let mut rest = words;
    let who = match field(&mut rest, "who").ok_or_else(unclear)? {
        "us" => us,
        word => pen.names.network(&pen.door, word)?,
    };
    let due = field(&mut rest, "due");
    let due = due.map(|words| pen.desk.moment("--commitment due", words, Edge::End));
    let text = rest.strip_prefix("text=").ok_or_else(unclear)?.to_owned();
    let text = text::needed("--commitment", &[text], usual)?;
    Ok(Commitment { who, text, due: due.transpose()?.map(|due| due.as_secs()) })
}

fn decision_right(words: &str, usual: &Lang) -> Result<DecisionRight> {
    let unclear = || {
        let form = "say matter=Money,rule=Both by consent";
        Failure::usage(format!("--decision-right {words}"), form)
    };
    let mut rest = words;
    let matter = field(&mut rest, "matter").ok_or_else(unclear)?.to_owned();
    let rule = rest.strip_prefix("rule=").ok_or_else(unclear)?.to_owned();
    Ok(DecisionRight {
        matter: text::needed("--decision-right", &[matter], usual)?,
        rule: text::needed("--decision-right", &[rule], usual)?,
    })
}

fn seats(word: &str) -> Result<Seats> {
    let read = |word: &str| {
        let (rep, alternate) = word.split_once('+').unwrap_or((word, "0"));
        Some(Seats { rep: rep.parse().ok()?, alternate: alternate.parse().ok()? })
    };
    read(word).ok_or_else(|| Failure::usage(format!("--seats {word}"), "seats are like 1+1"))
}
