//! The door of a node that is somewhere else: reached through the transport, opened by a member's key.
//!
//! **Invariant:** the key stays here; the node sees what it signed, which is good for this once.

use std::cell::RefCell;
use std::fmt;

use anyhow::{Context, Result};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use weft_node::frame::Framed;
use weft_node::network::{Address, PeerStream, Visit};
use weft_protocol::control::{self, Challenge, REVISION, Request, Response};
use zeroize::Zeroizing;

use super::{PATIENCE, gone, refused, strange};
use crate::desk::Desk;
use crate::exit::Failure;
use crate::keys::{self, KeyFile};
use crate::show::waiting::Waiting;
use crate::unlock::Signer;
use crate::words::{Locking, Say, Starting};

/// How many keys are tried at a door: a person has a few roles, and the node counts what fails.
const KEYS_TRIED_MAX: usize = 8;

/// A node somewhere else.
pub(crate) struct Away {
    path: Path,
    key: Signer,
    /// A conversation between two questions.
    spare: RefCell<Option<Frames>>,
}

/// A conversation.
type Frames = Framed<PeerStream>;

impl fmt::Debug for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Away({:?})", self.path.visit)
    }
}

impl Away {
    /// Connects to the node, and opens its door with the key that was named, or else with the first
    /// that may speak there.
    ///
    /// # Errors
    /// When there is no key, none opens the door, or the node does not answer.
    pub(crate) fn visit(desk: &Desk, address: &Address) -> Result<Self> {
        let path = Path::to(desk, address)?;
        let keys = keys(desk)?;
        if let [only] = keys.as_slice() {
            let key = unlocked(desk, only)?;
            let frames = path.prove(&key)?;
            return Ok(Self { path, key, spare: RefCell::new(Some(frames)) });
        }
        let (mut shut, mut ajar) = (None, None);
        for file in keys.iter().take(KEYS_TRIED_MAX) {
            let opened = unlocked(desk, file).and_then(|key| Ok((path.enter(&key)?, key)));
            match opened {
                Ok(((frames, true), key)) => {
                    return Ok(Self { path, key, spare: RefCell::new(Some(frames)) });
                }
                // It opens the door for accepting an offered role, and for nothing else.
                Ok(((frames, false), key)) => ajar = ajar.or(Some((frames, key))),
                Err(error) if is_of_the_key(&error) => shut = shut.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        if let Some((frames, key)) = ajar {
            return Ok(Self { path, key, spare: RefCell::new(Some(frames)) });
        }
        Err(shut.map_or_else(|| Failure::failed(Say::NoKeys), |error| none_opens(error, &keys)))
    }

    /// Takes up a conversation: the one that is spare, or a new one.
    pub(super) fn line(&self) -> Result<Line<'_>> {
        let spare = self.spare.take();
        let frames = spare.map_or_else(|| self.path.prove(&self.key), Ok)?;
        Ok(Line { away: self, frames: Some(frames) })
    }
}

/// Opens a key.
fn unlocked(desk: &Desk, file: &KeyFile) -> Result<Signer> {
    let signer = desk.unlocker.signer(file)?;
    if matches!(signer, Signer::Here(_)) {
        desk.unlocker.hint(file);
    }
    Ok(signer)
}

/// Says whether another key may fare better: this one was refused, or has another passphrase.
fn is_of_the_key(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Failure>().is_some_and(|failure| {
        matches!(failure.say, Say::Refused { .. } | Say::Locking(Locking::WrongPassphrase(_)))
    })
}

/// Says that no key has opened the door.
fn none_opens(error: anyhow::Error, keys: &[KeyFile]) -> anyhow::Error {
    let Some(Failure { exit, say: Say::Refused { .. } }) = error.downcast_ref() else {
        return error;
    };
    let keys = keys.iter().map(KeyFile::name).collect::<Vec<_>>().join(", ");
    Failure::ending(*exit, Say::NoKeyOpens { keys })
}

/// How the node is reached.
struct Path {
    runtime: Runtime,
    visit: Visit,
    /// What a person is told whom it lets wait.
    asking: String,
}

impl Path {
    fn to(desk: &Desk, address: &Address) -> Result<Self> {
        let asking = desk.speech.of_starting(&Starting::Asking);
        let _waiting = Waiting::begin(asking.clone());
        let mut seed = Zeroizing::new([0; 32]);
        keys::random(seed.as_mut())?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .context("the system gives no threads")?;
        let visit = runtime.block_on(Visit::begin(address, &seed)).map_err(far)?;
        Ok(Self { runtime, visit, asking })
    }

    /// Begins a conversation, and returns whether this key may speak there for a network.
    fn enter(&self, key: &Signer) -> Result<(Frames, bool)> {
        let mut frames = self.prove(key)?;
        self.send(&mut frames, &Request::Mandates { key: key.public() })?;
        let mut speaks = false;
        loop {
            match self.receive(&mut frames, true)?.ok_or_else(gone)? {
                Response::Mandate(mandate) => speaks |= !mandate.offered,
                Response::End => return Ok((frames, speaks)),
                _ => return Err(strange()),
            }
        }
    }

    /// Begins a conversation by proving who we are.
    fn prove(&self, key: &Signer) -> Result<Frames> {
        let _waiting = Waiting::begin(self.asking.clone());
        let stream = self.runtime.block_on(self.visit.open()).map_err(far)?;
        let mut frames = Framed::new(stream);
        self.send(&mut frames, &Request::Knock { revision: REVISION })?;
        let Response::Challenge { nonce } = self.receive(&mut frames, true)?.ok_or_else(gone)?
        else {
            return Err(strange());
        };
        let (client, node) = (self.visit.own(), self.visit.node());
        let nonce = nonce[..].try_into().map_err(|_| strange())?;
        let signature = key.sign(&Challenge { node, client, nonce }.text())?.to_vec().into();
        self.send(&mut frames, &Request::Prove { key: key.public(), signature })?;
        match self.receive(&mut frames, true)?.ok_or_else(gone)? {
            Response::Hello { .. } => Ok(frames),
            _ => Err(strange()),
        }
    }

    fn send(&self, frames: &mut Frames, request: &Request) -> Result<()> {
        let bytes = control::encode(request)?;
        self.runtime.block_on(frames.send(bytes.into())).map_err(|_| gone())
    }

    fn receive(&self, frames: &mut Frames, soon: bool) -> Result<Option<Response>> {
        let received = self.runtime.block_on(async {
            if soon { timeout(PATIENCE, frames.recv()).await } else { Ok(frames.recv().await) }
        });
        let received = received.map_err(|_| Failure::failed(Say::NodeHangs))?;
        let Some(bytes) = received.map_err(|_| gone())? else { return Ok(None) };
        match control::decode(&bytes).map_err(|_| strange())? {
            Response::Failed(refusal) => Err(refused(refusal)),
            response => Ok(Some(response)),
        }
    }
}

/// One conversation with a node somewhere else.
pub(super) struct Line<'a> {
    away: &'a Away,
    frames: Option<Frames>,
}

impl Line<'_> {
    pub(super) fn send(&mut self, request: &Request) -> Result<()> {
        let frames = self.frames.as_mut().ok_or_else(gone)?;
        self.away.path.send(frames, request)
    }

    pub(super) fn receive(&mut self) -> Result<Option<Response>> {
        let frames = self.frames.as_mut().ok_or_else(gone)?;
        self.away.path.receive(frames, false)
    }

    /// Keeps the conversation for the next question: this one is answered to its end.
    pub(super) fn keep(mut self) {
        self.away.spare.replace(self.frames.take());
    }
}

/// Returns the keys that may open the door, in the order in which they are tried: the one that was
/// named, or else those of roles, then the network's, then any other.
fn keys(desk: &Desk) -> Result<Vec<KeyFile>> {
    let ring = desk.home.keys();
    if let Some(name) = desk.node_key() {
        return Ok(vec![ring.named(name)?]);
    }
    let mut keys = ring.all()?;
    keys.sort_by_key(|key| rank(&key.name()));
    if keys.is_empty() { Err(Failure::failed(Say::NoKeys)) } else { Ok(keys) }
}

/// Returns the place of a key in that order.
fn rank(name: &str) -> u8 {
    match name {
        name if name.starts_with("role-") => 0,
        "network" => 1,
        _ => 2,
    }
}

fn far(why: impl fmt::Display) -> anyhow::Error {
    Failure::failed(Say::NodeFar { why: why.to_string() })
}
