//! What people call things: names that they have given, and the beginnings of ids.
//!
//! **Invariant:** a given name always wins over an id that begins like it, so nobody can mint an
//! id that takes a name's place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;

use anyhow::{Context, Result};
use weft_node::file::{self, Readers};
use weft_protocol::body::Body;
use weft_protocol::control::{Request, Response};
use weft_protocol::id::{ID_LETTERS, IdPrefix, NetId, PublicKey, RecordId};
use weft_protocol::record::{Kind, Record};

use crate::commands::newcomer::{Newcomer, newcomers};
use crate::desk::Desk;
use crate::door::Door;
use crate::exit::{Exit, Failure};
use crate::keys::KeyFile;
use crate::looks::{alike, are_confusable};
use crate::words::Say;

/// What a person calls things: the names in `names.toml`, and the keys that make a network theirs.
#[derive(Debug, Default)]
pub(crate) struct Names {
    given: BTreeMap<String, RecordId>,
    keys: Vec<PublicKey>,
}

/// The network for which a person's own keys speak.
pub(crate) const US: &str = "us";

impl Names {
    /// Reads the names of this home.
    ///
    /// # Errors
    /// When the file is there and cannot be understood.
    pub(crate) fn load(desk: &Desk) -> Result<Self> {
        let path = desk.home.names();
        let given = match fs::read_to_string(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            text => {
                let shown = || path.display().to_string();
                toml::from_str(&text.with_context(shown)?).with_context(shown)?
            }
        };
        let keys = desk.home.keys().all()?.iter().map(KeyFile::public).collect();
        Ok(Self { given, keys })
    }

    /// Returns what a name was given to.
    pub(crate) fn given(&self, name: &str) -> Option<RecordId> {
        self.given.get(name).copied()
    }

    /// Gives a name to an id, and keeps it.
    ///
    /// # Errors
    /// When it is no name, or the file cannot be written.
    pub(crate) fn give(&mut self, desk: &Desk, name: &str, id: RecordId) -> Result<()> {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fine = (1..=NAME_LETTERS_MAX).contains(&name.len())
            && name.chars().all(letter)
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name != US;
        if !fine {
            let why = "a name has a-z, 0-9 and '-', begins with a letter, is short and not 'us'";
            return Err(Failure::usage(name, why));
        }
        self.given.retain(|_, known| *known != id);
        self.given.insert(name.to_owned(), id);
        let text = toml::to_string(&self.given)?;
        let path = desk.home.names();
        let kept = file::replace(&path, text.as_bytes(), Readers::Owner);
        kept.with_context(|| path.display().to_string())
    }

    /// Returns the name that was given to an id.
    pub(crate) fn of(&self, id: RecordId) -> Option<&str> {
        self.given.iter().find(|(_, known)| **known == id).map(|(name, _)| name.as_str())
    }

    /// Finds the id that a word means, of this kind if one is wanted.
    ///
    /// # Errors
    /// When it means nothing, or several things.
    pub(crate) fn find(&self, door: &Door, word: &str, kind: Option<&Kind>) -> Result<RecordId> {
        if let Some(id) = self.given.get(word) {
            return Ok(*id);
        }
        if word.len() == ID_LETTERS {
            return word.parse().map_err(|e| Failure::usage(word, e));
        }
        if word.parse::<IdPrefix>().is_err() {
            let word = word.to_owned();
            return Err(Failure::ending(Exit::Usage, Say::UnknownName { word }));
        }
        let request = Request::Resolve { prefix: word.to_owned() };
        let mut found = door.list(&request, |response| match response {
            Response::Resolved { id, kind } => Some((id, kind)),
            _ => None,
        })?;
        if let (Some(wanted), Some((_, is))) = (kind, found.first())
            && found.iter().all(|(_, found)| found != wanted)
        {
            return Err(other_kind(word, is, wanted));
        }
        found.retain(|(_, found)| kind.is_none_or(|wanted| wanted == found));
        found.dedup();
        match found.as_slice() {
            [] => Err(Failure::ending(Exit::NotFound, Say::NothingNamed { word: word.to_owned() })),
            [(id, _)] => Ok(*id),
            many => {
                let candidates = many.iter().map(|(id, kind)| format!("{id}  {kind}")).collect();
                let word = word.to_owned();
                Err(Failure::ending(Exit::Usage, Say::Ambiguous { word, candidates }))
            }
        }
    }

    /// Finds a network: by a given name, as `us`, by the beginning of its id, or by the whole name that
    /// its profile gives in any language, if no other network has it.
    ///
    /// # Errors
    /// When it means nothing, or several networks.
    pub(crate) fn network(&self, door: &Door, word: &str) -> Result<NetId> {
        if self.given.contains_key(word) || word.len() == ID_LETTERS {
            return self.find(door, word, Some(&Kind::Identity)).map(NetId::from);
        }
        if word == US {
            return self.us(door);
        }
        let prefix = word.parse::<IdPrefix>().map(|_| self.find(door, word, Some(&Kind::Identity)));
        let by_id = match prefix {
            Ok(Ok(id)) => Some(NetId::from(id)),
            Ok(Err(error)) if is_ambiguous(&error) => return Err(error),
            _ => None,
        };
        let profiles = own_names(door)?;
        let mut found: BTreeSet<NetId> = by_id.into_iter().collect();
        found.extend(looking_like(&profiles, word).map(|(net, _)| net));
        let shown = |(net, name): (NetId, &str)| format!("{net}  {name}");
        match (found.pop_first(), found.is_empty()) {
            (Some(net), true) => Ok(net),
            (Some(net), false) => {
                found.insert(net);
                let named = profiles.iter().filter(|(net, _)| found.contains(net));
                let candidates = named.map(|(net, name)| shown((*net, name))).collect();
                let word = word.to_owned();
                Err(Failure::ending(Exit::Usage, Say::Ambiguous { word, candidates }))
            }
            (None, _) => {
                // Nobody but the operator may ask who waits.
                let waiting = newcomers(door).unwrap_or_default();
                if let Some(net) = newcomer(&waiting, word) {
                    let (word, net) = (word.to_owned(), net.short());
                    return Err(Failure::ending(Exit::NotFound, Say::ItIsNewcomer { word, net }));
                }
                let begins = |(_, name): &(NetId, &str)| alike(name).starts_with(&alike(word));
                let known = profiles.iter().map(|(net, name)| (*net, name.as_str()));
                let near = known.chain(waiting.iter().flat_map(names_of)).filter(begins);
                let near = near.take(NEAR_MAX).map(shown).collect();
                let (word, operator) = (word.to_owned(), door.is_here());
                Err(Failure::ending(Exit::NotFound, Say::NoNetworkCalled { word, near, operator }))
            }
        }
    }

    /// Finds the network for which the person's keys speak: as its own key, or else under a role.
    fn us(&self, door: &Door) -> Result<NetId> {
        let mut nets = BTreeMap::new();
        for key in &self.keys {
            let mandates =
                door.list(&Request::Mandates { key: *key }, |response| match response {
                    Response::Mandate(mandate) => Some(mandate),
                    _ => None,
                })?;
            for mandate in mandates.into_iter().filter(|mandate| !mandate.offered) {
                *nets.entry(mandate.net).or_insert(false) |= mandate.role.is_none();
            }
        }
        let own = nets.values().any(|own| *own);
        nets.retain(|_, is_own| *is_own || !own);
        let mut nets = nets.into_keys();
        match (nets.next(), nets.next()) {
            (Some(net), None) => Ok(net),
            (None, _) => Err(Failure::usage(US, "your keys speak for no network here")),
            _ => Err(Failure::usage(US, "your keys speak for several networks; name one")),
        }
    }

    /// Finds a thing of this kind and returns the version of it that counts.
    ///
    /// # Errors
    /// As [`Names::find`], and when the id names something of another kind.
    pub(crate) fn thing(&self, door: &Door, word: &str, kind: &Kind) -> Result<Record> {
        let record = door.current(self.find(door, word, Some(kind))?)?;
        if record.header().kind == *kind {
            Ok(record)
        } else {
            Err(other_kind(word, &record.header().kind, kind))
        }
    }
}

/// Finds the newcomer of this name, or with an id that begins like it.
fn newcomer(waiting: &[Newcomer], word: &str) -> Option<NetId> {
    let begins = |net: NetId| word.len() >= ID_BEGINS && net.to_string().starts_with(word);
    let found = waiting.iter().find(|newcomer| {
        begins(newcomer.1.newcomer.net)
            || names_of(newcomer).any(|(_, name)| are_confusable(name, word))
    });
    found.map(|(_, state)| state.newcomer.net)
}

/// Iterates over the names that a newcomer gives itself.
fn names_of((profile, state): &Newcomer) -> impl Iterator<Item = (NetId, &str)> {
    let profile = profile.as_ref().and_then(|record| match record.body() {
        Body::Profile(profile) => Some(profile),
        _ => None,
    });
    let names = profile.into_iter().flat_map(|profile| profile.name.iter());
    names.map(|(_, name)| (state.newcomer.net, name))
}

/// The fewest letters by which an id is known.
pub(crate) const ID_BEGINS: usize = 6;

fn is_ambiguous(error: &anyhow::Error) -> bool {
    let failure = error.downcast_ref::<Failure>();
    failure.is_none_or(|failure| matches!(failure.say, Say::Ambiguous { .. }))
}

fn other_kind(word: &str, is: &Kind, wanted: &Kind) -> anyhow::Error {
    let (word, is, wanted) = (word.to_owned(), is.clone(), wanted.clone());
    Failure::ending(Exit::Usage, Say::OtherKind { word, is, wanted })
}

/// Returns the names that networks give themselves, in every language.
pub(crate) fn own_names(door: &Door) -> Result<Vec<(NetId, String)>> {
    let mut names = Vec::new();
    for (record, state) in door.networks()? {
        if let Some(Body::Profile(profile)) = record.as_ref().map(Record::body) {
            names.extend(profile.name.iter().map(|(_, name)| (state.net, name.to_owned())));
        }
    }
    Ok(names)
}

/// Returns the networks of which a name is this one, or looks like it.
pub(crate) fn looking_like<'a>(
    names: &'a [(NetId, String)],
    word: &str,
) -> impl Iterator<Item = (NetId, &'a str)> {
    let fitting = names.iter().filter(move |(_, name)| are_confusable(name, word));
    fitting.map(|(net, name)| (*net, name.as_str()))
}

/// How many names are shown that begin like a word: a person looks through a few, or lists all.
const NEAR_MAX: usize = 8;

/// The longest name: it stands in columns beside others.
const NAME_LETTERS_MAX: usize = 40;
