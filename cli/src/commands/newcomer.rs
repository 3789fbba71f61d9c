//! `weft newcomer`: networks to which no chain of ties leads yet.

use std::collections::BTreeSet;

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use weft_protocol::admission::{Action, NewcomerRoom, Subject};
use weft_protocol::body::Body;
use weft_protocol::control::{
    KnockView, NewcomerState, NewcomerTask, PolicyTask, Request, Response,
};
use weft_protocol::id::NetId;
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use super::{keeping_out, policy};
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::{Exit, Failure};
use crate::looks::are_confusable;
use crate::names::{looking_like, own_names};
use crate::show::directory::{Directory, name_in};
use crate::show::json as shapes;
use crate::show::when::relative;
use crate::words::{Closed, Joining, Ruled, Say, WELCOMED, Word};

/// See networks that nobody here knows yet, and say what becomes of them
///
/// A little of what they say is kept until you welcome them, you tie yourself to them, or newer ones
/// take their place.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the newcomers, the newest first, and those that were refused
    ///
    /// At a closed node also the nodes that came and were not let in.
    List,
    /// Let a network in, a refused one too, and those to whom its ties lead
    Welcome {
        /// Its name or its id, as 'weft newcomer list' shows it
        network: String,
        /// Why, for those who run this node after you
        #[arg(long, default_value = WELCOMED, hide_default_value = true)]
        reason: String,
    },
    /// Keep a network out: nothing of it is taken until it is welcomed
    Refuse {
        /// Its name or its id, as 'weft newcomer list' shows it
        network: String,
        /// Why, for those who run this node after you
        #[arg(long)]
        reason: String,
    },
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    let door = Door::open(desk)?;
    match args.verb {
        Verb::List => list(desk, &door),
        Verb::Welcome { network, reason } => welcome(desk, &door, &network, reason),
        Verb::Refuse { network, reason } => refuse(desk, &door, &network, reason),
    }
}

/// Lets a newcomer in, or one that was kept out, and says what became of what was kept of it.
fn welcome(desk: &Desk, door: &Door, word: &str, reason: String) -> Result<Exit> {
    let net = find(desk, door, word)?;
    let (name, records) = waits(desk, door, net)?;
    let out = keeping_out::all(door)?.into_iter().find(|(other, _)| *other == net);
    if out.is_some() {
        let (subject, action) = (Subject::Network(net), Action::Block);
        door.ask(&Request::Policy(PolicyTask::Remove { subject, action }))?;
    }
    door.ask(&Request::Newcomers(NewcomerTask::Welcome { net, reason }))?;
    let muted = policy::kept_out(desk, door, &Subject::Network(net))?;
    say(
        desk,
        (net, records),
        &match (muted, out) {
            (Some(muted), _) => Say::Joining(muted),
            (None, Some((_, entry))) => {
                Say::Ruled(Ruled::WelcomedBack { name, reason: entry.reason })
            }
            (None, None) => Say::Ruled(Ruled::Welcomed { name, records }),
        },
    )
}

/// Keeps a newcomer out, or, when a person agrees, one that is known here.
fn refuse(desk: &Desk, door: &Door, word: &str, reason: String) -> Result<Exit> {
    let net = find(desk, door, word)?;
    keeping_out::agreed(desk, door, net)?;
    let (name, records) = waits(desk, door, net)?;
    door.ask(&Request::Newcomers(NewcomerTask::Refuse { net, reason }))?;
    say(desk, (net, records), &Say::Ruled(Ruled::Refused { name, records }))
}

fn say(desk: &Desk, (net, records): (NetId, u64), said: &Say) -> Result<Exit> {
    if desk.json {
        desk.answer(&json!({ "net": net, "records": records }))?;
    } else {
        desk.note(said);
    }
    Ok(Exit::Done)
}

/// Returns what a network is called, and how many records of it wait.
fn waits(desk: &Desk, door: &Door, net: NetId) -> Result<(String, u64)> {
    let known = newcomers(door)?;
    let newcomer = known.iter().find(|(_, state)| state.newcomer.net == net);
    let records = newcomer.map_or(0, |(_, state)| state.newcomer.records as u64);
    let directory = keeping_out::directory(desk, door, &keeping_out::all(door)?)?;
    let profile = newcomer.and_then(|(profile, _)| profile.as_ref());
    let name = profile.and_then(|profile| name_in(profile.body(), &desk.languages()));
    Ok((name.map_or_else(|| directory.name(net), |name| directory.beside(net, &name)), records))
}

/// A newcomer, with its profile if it has one.
pub(crate) type Newcomer = (Option<Record>, NewcomerState);

/// Returns the newcomers, the newest first.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn newcomers(door: &Door) -> Result<Vec<Newcomer>> {
    let views = door.list(&Request::Newcomers(NewcomerTask::List), |response| match response {
        Response::Newcomer(view) => Some(view),
        _ => None,
    })?;
    views.into_iter().map(door::perhaps).collect()
}

/// Finds a newcomer by the beginning of its id or by the name in its profile, or else any network that
/// is known by this word.
///
/// # Errors
/// When there is none of that name, or there are several.
pub(crate) fn find(desk: &Desk, door: &Door, word: &str) -> Result<NetId> {
    if let Ok(net) = word.parse() {
        return Ok(net);
    }
    let begins = |net: NetId| policy::begins(net, word);
    let is_called = |record: &Record| match record.body() {
        Body::Profile(profile) => profile.name.iter().any(|(_, name)| are_confusable(name, word)),
        _ => false,
    };
    let all = newcomers(door)?.into_iter();
    let found = all.filter(|(profile, state)| {
        begins(state.newcomer.net) || profile.as_ref().is_some_and(is_called)
    });
    let mut found: BTreeSet<NetId> = found.map(|(_, state)| state.newcomer.net).collect();
    // Who is known here by a name that looks like it may be the one that is meant.
    if !found.is_empty() && !found.iter().any(|net| begins(*net)) {
        found.extend(looking_like(&own_names(door)?, word).map(|(net, _)| net));
    }
    match Vec::from_iter(found).as_slice() {
        [net] => Ok(*net),
        [] => policy::network(desk, door, word),
        many => {
            let candidates = many.iter().map(ToString::to_string).collect();
            let word = word.to_owned();
            Err(Failure::ending(Exit::Usage, Say::Ambiguous { word, candidates }))
        }
    }
}

fn list(desk: &Desk, door: &Door) -> Result<Exit> {
    let listed = list_newcomers(desk, door)?;
    list_knocks(desk, door)?;
    Ok(listed)
}

/// Lists the nodes that came to this one while it was closed, and says how one is let in.
fn list_knocks(desk: &Desk, door: &Door) -> Result<()> {
    let knocks = door.status()?.knocks;
    if desk.json || knocks.is_empty() {
        return Ok(());
    }
    desk.line(format!("\n{}", desk.speech.of_closed(&Closed::TheyCame)))?;
    for KnockView { name, times, last, .. } in knocks {
        let last = relative(last, desk.now(), desk.speech);
        desk.line(desk.speech.of_closed(&Closed::Came { node: name, times, last }))?;
    }
    desk.note(&Say::Closed(Closed::LetOneIn));
    Ok(())
}

fn list_newcomers(desk: &Desk, door: &Door) -> Result<Exit> {
    let newcomers = newcomers(door)?;
    let shape = |(record, state): &Newcomer| {
        let profile = record.as_ref().map(shapes::record);
        json!({ "newcomer": state.newcomer, "offers": state.offers, "profile": profile })
    };
    if !desk.wants_table(&newcomers, shape)? {
        return list_kept_out(desk, door);
    }
    let directory = Directory::load(desk, door)?;
    let languages = desk.languages();
    let headings = [Word::Id, Word::Name, Word::Since, Word::Records, Word::OffersTie];
    let rows = newcomers.iter().map(|(record, state)| {
        let name = record.as_ref().and_then(|record| name_in(record.body(), &languages));
        let net = state.newcomer.net;
        let name = name.map(|name| directory.bare(net, name));
        let name = name.unwrap_or_else(|| directory.name(net));
        let offers: Vec<String> = state.offers.iter().map(|net| directory.name(*net)).collect();
        [
            state.newcomer.net.short(),
            name,
            relative(state.newcomer.since, desk.now(), desk.speech),
            state.newcomer.records.to_string(),
            offers.join(", "),
        ]
    });
    desk.table(headings, rows)?;
    let NewcomerRoom { taken, places } = door.status()?.newcomers;
    desk.note(&Say::Joining(Joining::NewcomerRoom { taken, places }));
    desk.note(&Say::Joining(Joining::LetIn));
    list_kept_out(desk, door)
}

/// Lists whom somebody has kept out, and says how that is undone.
fn list_kept_out(desk: &Desk, door: &Door) -> Result<Exit> {
    let all = keeping_out::all(door)?;
    if desk.json || all.is_empty() {
        return Ok(Exit::Done);
    }
    let directory = keeping_out::directory(desk, door, &all)?;
    desk.line(format!("\n{}", desk.speech.of_joining(&Joining::KeptOut)))?;
    let rows = all.iter().map(|(net, entry)| {
        let until = entry.until.map(Timestamp::from_secs);
        let until = until.map(|until| relative(until, desk.now(), desk.speech));
        [net.short(), directory.own_name(*net), entry.reason.clone(), until.unwrap_or_default()]
    });
    desk.table([Word::Id, Word::Name, Word::Reason, Word::Ends], rows)?;
    desk.note(&Say::Joining(Joining::LetInAgain));
    Ok(Exit::Done)
}
