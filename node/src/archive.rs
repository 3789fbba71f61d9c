//! What a home holds, asked without its node: on a medium that takes no writes, or while none runs.
//!
//! The same engine answers that answers at the door, in the process of whoever asks.
//!
//! **Invariant:** nothing is written and nothing is sent, and no node runs in the home meanwhile.

use std::sync::Arc;

use weft_protocol::control::{Failure, Refusal, Request, Response};
use weft_protocol::engine::{Effect, Engine, Hidden, Input, MemoryStore, RequestId, Seq, Store};
use weft_protocol::id::RecordId;
use weft_protocol::ledger::Tombstone;
use weft_protocol::record::Record;
use weft_protocol::time::Timestamp;

use crate::clock::Clock;
use crate::config::Config;
use crate::home::{ChoicesFile, Home, HomeError};
use crate::run::settings;
use crate::store::{HomeLock, LockError, OpenError, Options, ReadError, Shelf};
use crate::stored::{FormatError, stored};

/// How many records are judged at a time: what they say takes some 10 MiB of memory.
const BATCH: usize = 4096;

/// The records of a home, to be asked.
#[derive(Debug)]
pub struct Archive {
    engine: Engine,
    records: Kept,
    clock: Clock,
    asked: u64,
    _lock: Option<HomeLock>,
}

/// What a home holds cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A node runs in the home, or it cannot be looked at.
    #[error("the home cannot be read")]
    Lock(#[from] LockError),
    /// The home lacks something.
    #[error("the home cannot be read")]
    Home(#[from] HomeError),
    /// The journal cannot be read.
    #[error("the records cannot be read")]
    Open(#[from] OpenError),
    /// What is stored is of another format.
    #[error("the records cannot be read")]
    Format(#[from] FormatError),
    /// A record cannot be read.
    #[error("the records cannot be read")]
    Read(#[from] ReadError),
}

impl Archive {
    /// Reads what is in a home.
    ///
    /// # Errors
    /// [`ArchiveError`]: a node runs there, or something cannot be read.
    pub fn open(home: &Home, config: &Config) -> Result<Self, ArchiveError> {
        let lock = HomeLock::look(home.path())?;
        let choices = ChoicesFile::of(home).load()?;
        // Nobody is met, so nothing is carried and nothing is chosen by lot.
        let node = home.key()?.public().into();
        let clock = Clock::begin(home.clock());
        let settings = settings(config, (node, None), choices, [0; 32]);
        let mut engine = Engine::new(settings, clock.now());
        // Nothing is there to be erased in a store that is empty.
        let mut nothing = MemoryStore::default();
        let mut batch = Vec::with_capacity(BATCH);
        let mut take = |batch: &mut Vec<Record>| {
            let Ok(()) = engine.restore(clock.now(), batch, &mut nothing);
            batch.clear();
        };
        let mut format = Ok(());
        let shelf = Shelf::open(&Options::new(&home.store()), |bytes| {
            match stored(bytes) {
                Ok(record) => batch.push(record),
                Err(error) => format = Err(error),
            }
            if batch.len() >= BATCH {
                take(&mut batch);
            }
        })?;
        format?;
        take(&mut batch);
        let Ok(_) = engine.restored(clock.now(), &mut nothing);
        Ok(Self { engine, records: Kept(shelf), clock, asked: 0, _lock: lock })
    }

    /// Asks a question, and returns the whole answer.
    ///
    /// # Errors
    /// [`ReadError`], when the disk cannot be read.
    pub fn ask(&mut self, question: Request) -> Result<Vec<Response>, ReadError> {
        if !is_reading(&question) {
            return Ok(vec![Response::Failed(Failure::Refused(Refusal::NeedsNode))]);
        }
        self.asked += 1;
        let request = RequestId(self.asked);
        let mut input = Input::Asked { request, asked: question };
        let mut answer = Vec::new();
        loop {
            let mut is_whole = true;
            for effect in self.engine.handle(self.clock.now(), input, &mut self.records)? {
                if let Effect::Reply { responses, last, .. } = effect {
                    answer.extend(responses);
                    is_whole = last;
                }
            }
            if is_whole {
                return Ok(answer);
            }
            input = Input::More(request);
        }
    }
}

/// Says whether a question is about records and changes nothing.
fn is_reading(question: &Request) -> bool {
    matches!(
        question,
        Request::Resolve { .. }
            | Request::Mandates { .. }
            | Request::Record { .. }
            | Request::Records(_)
            | Request::Thing { .. }
            | Request::Networks
            | Request::Network { .. }
            | Request::Roles { .. }
    )
}

/// Records that are read only: what an engine would change stays as it is.
#[derive(Debug)]
struct Kept(Shelf);

impl Store for Kept {
    type Error = ReadError;

    fn bytes(&mut self, id: &RecordId) -> Result<Option<Arc<[u8]>>, ReadError> {
        self.0.bytes(id)
    }

    fn stage(&mut self, _: &Record) -> Result<(), ReadError> {
        Ok(())
    }

    fn stage_hide(&mut self, _: &Tombstone, _: Timestamp) -> Result<(), ReadError> {
        Ok(())
    }

    fn hidden(&mut self, _: &RecordId) -> Result<Option<Hidden>, ReadError> {
        Ok(None)
    }

    fn all_hidden(&mut self) -> Vec<RecordId> {
        Vec::new()
    }

    fn stage_forget(&mut self, _: &RecordId) -> Result<(), ReadError> {
        Ok(())
    }

    fn stage_erase(&mut self, _: &Tombstone) -> Result<(), ReadError> {
        Ok(())
    }

    fn stage_lift(&mut self, _: &RecordId) -> Result<(), ReadError> {
        Ok(())
    }

    fn seal(&mut self) -> Seq {
        Seq::default()
    }
}
