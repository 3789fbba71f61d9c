//! `weft newcomer`: networks to which no chain of ties leads yet.

use std::collections::BTreeSet;

use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use weft_protocol::admission::{NewcomerRoom, Subject};
use weft_protocol::body::Body;
use weft_protocol::control::{NewcomerState, NewcomerTask, Request, Response};
use weft_protocol::id::NetId;
use weft_protocol::record::Record;

use super::policy;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::{Exit, Failure};
use crate::looks::are_confusable;
use crate::names::{Names, looking_like, own_names};
use crate::show::directory::{Directory, name_in};
use crate::show::json as shapes;
use crate::show::when::relative;
use crate::words::{Joining, Ruled, Say, Word};

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
    /// List the newcomers, the newest first
    List,
    /// Let a newcomer in, and those to whom its ties lead
    Welcome {
        /// Its name or its id, as 'weft newcomer list' shows it
        network: String,
        /// Why, for those who run this node after you
        #[arg(long, default_value = "welcomed")]
        reason: String,
    },
    /// Keep a newcomer out
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
        Verb::Welcome { network, reason } => {
            let net = find(desk, &door, &network)?;
            decide(desk, &door, net, NewcomerTask::Welcome { net, reason })?;
            policy::say_if_kept_out(desk, &door, &Subject::Network(net))?;
            Ok(Exit::Done)
        }
        Verb::Refuse { network, reason } => {
            let net = find(desk, &door, &network)?;
            decide(desk, &door, net, NewcomerTask::Refuse { net, reason })
        }
    }
}

/// Lets a newcomer in, or keeps it out, and says what became of what was kept of it.
fn decide(desk: &Desk, door: &Door, net: NetId, task: NewcomerTask) -> Result<Exit> {
    let known = newcomers(door)?;
    let newcomer = known.iter().find(|(_, state)| state.newcomer.net == net);
    let records = newcomer.map_or(0, |(_, state)| state.newcomer.records as u64);
    let profile = newcomer.and_then(|(profile, _)| profile.as_ref());
    let languages = desk.languages();
    let name = match profile.and_then(|profile| name_in(profile.body(), &languages)) {
        Some(name) => format!("{name} ({})", net.short()),
        None => Directory::load(desk, door)?.name(net),
    };
    let is_welcome = matches!(task, NewcomerTask::Welcome { .. });
    door.ask(&Request::Newcomers(task))?;
    if desk.json {
        desk.answer(&json!({ "net": net, "records": records }))?;
    } else if is_welcome {
        desk.note(&Say::Ruled(Ruled::Welcomed { name, records }));
    } else {
        desk.note(&Say::Ruled(Ruled::Refused { name, records }));
    }
    Ok(Exit::Done)
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
    let begins = |net: NetId| word.len() >= 6 && net.to_string().starts_with(word);
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
        [] => Names::load(desk)?.network(door, word),
        many => {
            let candidates = many.iter().map(ToString::to_string).collect();
            let word = word.to_owned();
            Err(Failure::ending(Exit::Usage, Say::Ambiguous { word, candidates }))
        }
    }
}

fn list(desk: &Desk, door: &Door) -> Result<Exit> {
    let newcomers = newcomers(door)?;
    let shape = |(record, state): &Newcomer| {
        let profile = record.as_ref().map(shapes::record);
        json!({ "newcomer": state.newcomer, "offers": state.offers, "profile": profile })
    };
    if !desk.wants_table(&newcomers, shape)? {
        return Ok(Exit::Done);
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
    Ok(Exit::Done)
}
