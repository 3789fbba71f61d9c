//! Offers for people: to which call, of how much, and how far they have come.

use anyhow::Result;
use serde_json::{Value, json};
use weft_protocol::authority::Why;
use weft_protocol::body::response::ResponseKind;
use weft_protocol::control::AnswerState;
use weft_protocol::fold::call::{Phase, State};
use weft_protocol::id::NetId;
use weft_protocol::record::Record;

use crate::desk::Desk;
use crate::door::{Answered, Door};
use crate::exit::Exit;
use crate::show::call::{amount, call_of};
use crate::show::directory::Directory;
use crate::show::json as shapes;
use crate::show::shares::{Progress, Shares, response};
use crate::show::when::relative;
use crate::words::{Listed, Say, Word};

/// An offer, with the call that it answers and all that came of that.
type Offered<'a> = (&'a Record, &'a AnswerState, Shares<'a>);

/// One line of the list.
enum Line<'a> {
    /// An offer whose call is here.
    Offered(Offered<'a>),
    /// An offer whose call is gone.
    Left(&'a Record),
}

impl Line<'_> {
    fn offer(&self) -> &Record {
        match self {
            Self::Offered((offer, ..)) | Self::Left(offer) => offer,
        }
    }
}

/// Shows the offers to some calls, one a line, and those whose calls are gone: those of one network or of
/// all, and those too that no longer count when `all` are wanted.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn list(
    desk: &Desk,
    door: &Door,
    (calls, left): (&[Answered<State>], &[Record]),
    (net, all): (Option<NetId>, bool),
) -> Result<Exit> {
    let wanted = |(offer, state, shares): &Offered<'_>| {
        let counts = state.current && state.void.is_none() && !shares.is_to_oneself(offer);
        net.is_none_or(|net| offer.net() == net) && (all || counts)
    };
    let here = calls.iter().flat_map(offers).filter(wanted).map(Line::Offered);
    let lines: Vec<Line<'_>> = here.chain(left.iter().map(Line::Left)).collect();
    if !desk.wants_past((&lines, all), shape, Listed::Offers)? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let headings = [Word::Id, Word::Offer, Word::By, Word::OfCall, Word::State, Word::When];
    let (languages, now) = (desk.languages(), desk.now());
    let rows = lines.iter().map(|line| {
        let offer = line.offer();
        let (amount, call, state) = match line {
            Line::Offered((_, state, shares)) => {
                let title = call_of(shares.call).map(|call| call.title.in_any(&languages).1);
                let (title, id) = (title.unwrap_or_default(), shares.call.thing().short());
                (amount(*shares, offer), format!("{title} ({id})"), standing(offer, state, *shares))
            }
            Line::Left(_) => {
                let said = response(offer);
                // Of what, only the call had said.
                let amount = said.and_then(|said| said.amount);
                let amount = amount.map(|amount| desk.speech.say(&Say::OfWhatWasAsked { amount }));
                let call = said.map(|said| said.to.thing.short());
                (amount, call.unwrap_or_default(), Word::Expired)
            }
        };
        [
            offer.thing().short(),
            amount.unwrap_or_default(),
            directory.name(offer.net()),
            call,
            desk.speech.word(state).to_owned(),
            relative(offer.header().at, now, desk.speech),
        ]
    });
    desk.table(headings, rows)
}

fn offers(((call, state), answers): &Answered<State>) -> impl Iterator<Item = Offered<'_>> {
    let shares = Shares { call, state, answers };
    let is_offer =
        |record: &Record| response(record).is_some_and(|answer| answer.kind == ResponseKind::Offer);
    let offers = answers.iter().filter(move |(record, _)| is_offer(record));
    offers.map(move |(offer, state)| (offer, state, shares))
}

fn standing(offer: &Record, state: &AnswerState, shares: Shares<'_>) -> Word {
    if state.void.is_some() || shares.is_to_oneself(offer) {
        return Word::NotCounted;
    }
    if !state.current {
        return Word::Replaced;
    }
    match shares.progress(offer) {
        Progress::Open if shares.state.phase == Phase::Withdrawn => Word::Replaced,
        Progress::Open if shares.state.phase == Phase::Expired => Word::Expired,
        Progress::Open => Word::Open,
        Progress::Declined => Word::Declined,
        Progress::Accepted => Word::Accepted,
        Progress::Delivered => Word::Delivered,
        Progress::Confirmed => Word::Confirmed,
    }
}

fn shape(line: &Line<'_>) -> Value {
    let (offer, mut value, [call, amount, phase]) = match line {
        Line::Offered((offer, state, shares)) => {
            let (call, amount) = (shares.call.thing(), shares.amount(offer));
            let phase = match (shares.progress(offer), shares.state.phase) {
                (Progress::Open, Phase::Expired) => json!("expired"),
                (progress, _) => shapes::plain(&progress),
            };
            let more = [shapes::plain(&call), json!(amount), phase];
            (offer, shapes::answer(state), more)
        }
        Line::Left(offer) => {
            let state = AnswerState { current: false, void: Some(Why::Expired) };
            let said = response(offer);
            let call = json!(said.map(|said| shapes::plain(&said.to.thing)));
            let amount = json!(said.and_then(|said| said.amount));
            (offer, shapes::answer(&state), [call, amount, json!("expired")])
        }
    };
    if let Value::Object(map) = &mut value {
        map.insert("call".to_owned(), call);
        map.insert("amount".to_owned(), amount);
        map.insert("phase".to_owned(), phase);
    }
    shapes::with_state(offer, value)
}
