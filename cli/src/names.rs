//! What people call things: names that they have given, and the beginnings of ids.
//!
//! **Invariant:** a given name always wins over an id that begins like it, so nobody can mint an
//! id that takes a name's place.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use anyhow::{Context, Result};
use weft_node::home::write_private;
use weft_protocol::control::{Request, Response};
use weft_protocol::id::{ID_LETTERS, IdPrefix, NetId, RecordId};
use weft_protocol::record::{Kind, Record};

use crate::desk::Desk;
use crate::door::Door;
use crate::exit::{Exit, Failure};
use crate::words::Say;

/// The names in `names.toml`.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<String, RecordId>);

impl Names {
    /// Reads the names of this home.
    ///
    /// # Errors
    /// When the file is there and cannot be understood.
    pub(crate) fn load(desk: &Desk) -> Result<Self> {
        let path = desk.home.names();
        match fs::read_to_string(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            text => {
                let shown = || path.display().to_string();
                let text = text.with_context(shown)?;
                Ok(Self(toml::from_str::<BTreeMap<_, _>>(&text).with_context(shown)?))
            }
        }
    }

    /// Gives a name to an id, and keeps it.
    ///
    /// # Errors
    /// When it is no name, or the file cannot be written.
    pub(crate) fn give(&mut self, desk: &Desk, name: &str, id: RecordId) -> Result<()> {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fine = (1..=NAME_LETTERS_MAX).contains(&name.len())
            && name.chars().all(letter)
            && name.starts_with(|c: char| c.is_ascii_lowercase());
        if !fine {
            let why = "a name has a-z, 0-9 and '-', begins with a letter and is short";
            return Err(Failure::usage(name, why));
        }
        self.0.retain(|_, known| *known != id);
        self.0.insert(name.to_owned(), id);
        let text = toml::to_string(&self.0)?;
        Ok(write_private(&desk.home.names(), text.as_bytes())?)
    }

    /// Returns the name that was given to an id.
    pub(crate) fn of(&self, id: RecordId) -> Option<&str> {
        self.0.iter().find(|(_, known)| **known == id).map(|(name, _)| name.as_str())
    }

    /// Finds the id that a word means, of this kind if one is wanted.
    ///
    /// # Errors
    /// When it means nothing, or several things.
    pub(crate) fn find(&self, door: &Door, word: &str, kind: Option<&Kind>) -> Result<RecordId> {
        if let Some(id) = self.0.get(word) {
            return Ok(*id);
        }
        if word.len() == ID_LETTERS {
            return word.parse().map_err(|e| Failure::usage(word, e));
        }
        word.parse::<IdPrefix>().map_err(|e| Failure::usage(word, e))?;
        let request = Request::Resolve { prefix: word.to_owned() };
        let mut found = door.list(&request, |response| match response {
            Response::Resolved { id, kind } => Some((id, kind)),
            _ => None,
        })?;
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

    /// Finds a network.
    ///
    /// # Errors
    /// As [`Names::find`].
    pub(crate) fn network(&self, door: &Door, word: &str) -> Result<NetId> {
        self.find(door, word, Some(&Kind::Identity)).map(NetId::from)
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
            let is = record.header().kind.to_string();
            Err(Failure::usage(word, format!("it names a {is}, not a {kind}")))
        }
    }
}

/// The longest name: it stands in columns beside others.
const NAME_LETTERS_MAX: usize = 40;
