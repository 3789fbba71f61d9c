//! Offers for people: to which call, of how much, and how far they have come.

use anyhow::Result;
use serde_json::{Value, json};
use weft_protocol::body::response::ResponseKind;
use weft_protocol::control::AnswerState;
use weft_protocol::fold::call::State;
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
use crate::words::{Empty, Say, Word};

/// An offer, with the call that it answers and all that came of that.
type Offered<'a> = (&'a Record, &'a AnswerState, Shares<'a>);

/// Shows the offers to some calls, one a line: those of one network or of all, and those too that no
/// longer count when `all` are wanted.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn list(
    desk: &Desk,
    door: &Door,
    calls: &[Answered<State>],
    (net, all): (Option<NetId>, bool),
) -> Result<Exit> {
    let shown: Vec<Offered<'_>> = calls.iter().flat_map(offers).collect();
    let wanted = |(offer, state, shares): &Offered<'_>| {
        let counts = state.current && state.void.is_none() && !shares.is_to_oneself(offer);
        net.is_none_or(|net| offer.net() == net) && (all || counts)
    };
    let shown: Vec<Offered<'_>> = shown.into_iter().filter(wanted).collect();
    if !desk.wants_list(&shown, shape, &Say::Empty(Empty::Offers))? {
        return Ok(Exit::Done);
    }
    let directory = Directory::load(desk, door)?;
    let headings = [Word::Id, Word::Offer, Word::By, Word::OfCall, Word::State, Word::When];
    let (languages, now) = (desk.languages(), desk.now());
    let rows = shown.iter().map(|(offer, state, shares)| {
        let title = call_of(shares.call).map(|call| call.title.in_any(&languages).1.to_owned());
        [
            offer.thing().short(),
            amount(*shares, offer).unwrap_or_default(),
            directory.name(offer.net()),
            format!("{} ({})", title.unwrap_or_default(), shares.call.thing().short()),
            desk.speech.word(standing(offer, state, *shares)).to_owned(),
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
        Progress::Open => Word::Open,
        Progress::Declined => Word::Declined,
        Progress::Accepted => Word::Accepted,
        Progress::Delivered => Word::Delivered,
        Progress::Confirmed => Word::Confirmed,
    }
}

fn shape((offer, state, shares): &Offered<'_>) -> Value {
    let mut value = shapes::answer(state);
    if let Value::Object(map) = &mut value {
        map.insert("call".to_owned(), shapes::plain(&shares.call.thing()));
        map.insert("amount".to_owned(), json!(shares.amount(offer)));
        map.insert("phase".to_owned(), shapes::plain(&shares.progress(offer)));
    }
    shapes::with_state(offer, value)
}
