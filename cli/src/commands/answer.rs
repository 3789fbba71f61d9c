//! Answers to records, which several nouns have: endorsing, offering, accepting, thanking.

use std::time::Duration;

use anyhow::Result;
use weft_protocol::body::Body;
use weft_protocol::body::end::{End, EndKind, Target};
use weft_protocol::body::minutes::Minutes;
use weft_protocol::body::response::{self, Choice, Reference, ResponseKind};
use weft_protocol::body::role::Power;
use weft_protocol::body::sealed::Boxes;
use weft_protocol::body::text::{List, Text};
use weft_protocol::control::{RecordFilter, Request, Response};
use weft_protocol::id::{NetId, ThingId};
use weft_protocol::record::{Draft, Kind, Reach, Record};
use weft_protocol::time::Timestamp;

use crate::commands::{affair, resting};
use crate::draft::{DAY, Life, Pen, Voice};
use crate::exit::{self, Exit};
use crate::input::text;
use crate::show::directory;
use crate::words::{Leaving, Say};

/// An answer before it is known to what.
#[derive(Debug)]
pub(crate) struct Answer {
    /// What sort of answer.
    pub(crate) kind: ResponseKind,
    /// In words.
    pub(crate) text: Option<Text<2000>>,
    /// In words that only some can read.
    pub(crate) sealed: Boxes,
    /// To which of a call's asks, by its place in the list.
    pub(crate) ask: Option<u8>,
    /// How much.
    pub(crate) amount: Option<u32>,
    /// How an elector votes.
    pub(crate) choice: Option<Choice>,
    /// What a meeting said and decided.
    pub(crate) minutes: Option<Box<Minutes>>,
}

/// Returns an answer that says no more than its kind.
pub(crate) fn bare(kind: ResponseKind) -> Answer {
    let sealed = Boxes::default();
    Answer { kind, text: None, sealed, ask: None, amount: None, choice: None, minutes: None }
}

/// Answers a record with what was said on the command line.
///
/// # Errors
/// As [`Pen::say`].
pub(crate) fn to(
    pen: &Pen<'_>,
    record: &Record,
    kind: ResponseKind,
    words: &[String],
) -> Result<Exit> {
    let voice = pen.voice(power(kind, record))?;
    let text = text::text("--text", words, &pen.desk.language()?)?;
    say(pen, &voice, record, Answer { text, ..bare(kind) })
}

/// Signs an answer to a record and posts it.
///
/// # Errors
/// As [`Pen::say`].
pub(crate) fn say(pen: &Pen<'_>, voice: &Voice, to: &Record, answer: Answer) -> Result<Exit> {
    pen.say(draft(pen, voice, to, answer)?, &voice.key)
}

/// Builds an answer to a record.
///
/// # Errors
/// As [`Pen::draft`].
pub(crate) fn draft(pen: &Pen<'_>, voice: &Voice, to: &Record, answer: Answer) -> Result<Draft> {
    let Answer { kind, text, sealed, ask, amount, choice, minutes } = answer;
    let to_it = Reference { thing: to.thing(), seen: to.id() };
    let evidence = List::default();
    let body = response::Response {
        kind,
        to: to_it,
        text,
        ask,
        amount,
        choice,
        evidence,
        sealed,
        minutes,
    };
    // An answer lapses with what it answers; a season more leaves room for an extension.
    let rest = to.header().until.since(pen.desk.now());
    let mut life = pen.life(voice, (rest + 90 * DAY).min(400 * DAY), 400 * DAY)?;
    let at = after_last(pen, voice.net, to, life.now)?;
    life = Life { now: at, length: life.length.saturating_sub(at.since(life.now)) };
    let draft = pen.draft(Body::Response(body), voice, life)?;
    // Who decides, hosts or is a party may be at home elsewhere, and is heard only there.
    Ok(if is_heard_there(to) { pen.beside(to, draft) } else { draft })
}

/// Returns the second after this network's last answer to a thing, if that is of this second or later:
/// of two in one second the lower id would count, whichever was meant to.
fn after_last(pen: &Pen<'_>, net: NetId, to: &Record, now: Timestamp) -> Result<Timestamp> {
    let filter = RecordFilter {
        net: Some(net),
        kind: Some(Kind::Response),
        since: Some(now),
        ..RecordFilter::default()
    };
    let recent = pen.door.things(&Request::Records(filter), |response| match response {
        Response::Record(view) => Some(view),
        _ => None,
    })?;
    let same = recent.iter().map(|(record, _)| record).filter(
        |record| matches!(record.body(), Body::Response(answer) if answer.to.thing == to.thing()),
    );
    let last = same.map(|record| record.header().at).max();
    Ok(last.map_or(now, |last| last + Duration::from_secs(1)))
}

/// Says whether answers to a record count only where it lives.
fn is_heard_there(to: &Record) -> bool {
    match to.body() {
        Body::Proposal(_) | Body::Gathering(_) | Body::Tie(_) => true,
        Body::Response(answer) => {
            matches!(answer.kind, ResponseKind::Concern | ResponseKind::Minutes)
        }
        _ => false,
    }
}

/// Returns the power that an answer needs.
pub(crate) fn power(kind: ResponseKind, to: &Record) -> Power {
    match (kind, to.body()) {
        (ResponseKind::Endorse, _) => Power::Endorse,
        (ResponseKind::Ballot, _) => Power::Vote,
        (ResponseKind::Minutes, _) => Power::Minutes,
        (ResponseKind::Accept | ResponseKind::Decline, Body::Tie(_)) => Power::SignTie,
        _ => Power::Respond,
    }
}

/// Ends a thing.
///
/// # Errors
/// As [`Pen::say`].
pub(crate) fn end(
    pen: &Pen<'_>,
    record: &Record,
    kind: EndKind,
    power: Power,
    words: &[String],
) -> Result<Exit> {
    let voice = pen.voice(power)?;
    let what = directory::title(pen.desk, &pen.door, record.thing())?;
    let end = End {
        kind,
        targets: vec![Target { thing: record.thing(), version: None, about: root(pen, record)? }]
            .try_into()?,
        text: text::text("--text", words, &pen.desk.language()?)?,
        key_reason: None,
        keep: List::default(),
    };
    let life = pen.life(&voice, 1127 * DAY, 1127 * DAY)?;
    let mut draft = pen.beside(record, pen.draft(Body::End(end), &voice, life)?);
    // Ends are support, and reach others wherever a version of it does; else nobody is to hear of it.
    let least = widest(pen, record)?;
    draft.header.home.iter_mut().for_each(|home| home.reach = home.reach.max(least));
    pen.check(&draft, voice.key.public())?;
    resting::ask(pen, record, kind)?;
    let exit = pen.say_checked(vec![draft], &voice.key)?;
    say_ended(pen, (kind, record), what);
    Ok(exit)
}

/// Says of what has just been ended what it was.
pub(crate) fn say_ended(pen: &Pen<'_>, (kind, record): (EndKind, &Record), what: String) {
    if pen.is_dry() || pen.desk.json {
        return;
    }
    let speech = pen.desk.speech;
    let of = match record.body() {
        Body::Response(answer) => speech.answer(answer.kind).to_owned(),
        _ => speech.kind(&record.header().kind),
    };
    pen.desk.note(&Say::Leaving(Leaving::Ended { kind, of, what }));
}

/// Returns how far the end of a thing must travel: at least as far as any of its versions did. Where one
/// of them is not here any more, it may have gone to others.
fn widest(pen: &Pen<'_>, record: &Record) -> Result<Reach> {
    let (mut widest, mut version) = (Reach::Own, record.clone());
    loop {
        let reach = version.header().home.as_ref().map(|home| home.reach);
        widest = widest.max(reach.unwrap_or(Reach::Region).min(Reach::Region));
        let Some(before) = version.header().version.prev.first() else { return Ok(widest) };
        version = match pen.door.record(*before) {
            Ok(before) => before,
            Err(error) if exit::is_absence(&error) => return Ok(Reach::Region),
            Err(error) => return Err(error),
        };
    }
}

/// Returns the thing at the root of what a record answers, when it is an answer: named in an end, it
/// brings the end wherever the answer came.
fn root(pen: &Pen<'_>, record: &Record) -> Result<Option<ThingId>> {
    let mut about = None;
    let mut answer = record.clone();
    for _ in 0..affair::DEPTH_MAX {
        let Body::Response(response) = answer.body() else { break };
        about = Some(response.to.thing);
        answer = match pen.door.current(response.to.thing.into()) {
            Ok(answered) => answered,
            // What is not here cannot be followed further; its own name is the best there is.
            Err(error) if exit::is_absence(&error) => break,
            Err(error) => return Err(error),
        };
    }
    Ok(about)
}
