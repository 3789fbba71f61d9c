//! The door of a node that is somewhere else: reached through the transport, opened by a member's key.
//!
//! **Invariant:** the key stays here; the node sees what it signed, which is good for this once.
//!
//! **Invariant:** a node learns of one key of the person, that of a role; see [`Shown`].

use std::cell::RefCell;
use std::fmt;

use anyhow::{Context, Result};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use weft_node::frame::Framed;
use weft_node::network::{Address, OpenStreamError, PeerStream, Visit, VisitError};
use weft_protocol::control::{self, Challenge, REVISION, Request, Response};
use zeroize::Zeroizing;

use super::shown::Shown;
use super::{PATIENCE, gone, refused, strange};
use crate::desk::Desk;
use crate::exit::Failure;
use crate::keys::{self, KeyFile};
use crate::show::waiting::Waiting;
use crate::unlock::Signer;
use crate::words::{Say, Starting};

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
    /// Connects to the node, and opens its door with the one key that is shown there.
    ///
    /// # Errors
    /// When there is no such key, it does not open the door, or the node does not answer.
    pub(crate) fn visit(desk: &Desk, address: &Address) -> Result<Self> {
        let shown = Shown::choose(desk, address)?;
        let path = Path::to(desk, address)?;
        let key = unlocked(desk, &shown.key)?;
        let frames = path.prove(&key)?;
        shown.remember(desk)?;
        Ok(Self { path, key, spare: RefCell::new(Some(frames)) })
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
    let signer = desk.unlocker.show(file)?;
    if matches!(signer, Signer::Here(_)) {
        desk.unlocker.hint(file);
    }
    Ok(signer)
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

    /// Begins a conversation by proving who we are.
    fn prove(&self, key: &Signer) -> Result<Frames> {
        let _waiting = Waiting::begin(self.asking.clone());
        let stream = self.runtime.block_on(self.visit.open()).map_err(|error| unheard(&error))?;
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

/// The node was not reached, and nobody was asked anything.
fn far(error: VisitError) -> anyhow::Error {
    match error {
        VisitError::Unreachable(fault) => Failure::failed(Say::NodeFar { fault }),
        VisitError::Nameless | VisitError::Start(_) => error.into(),
    }
}

/// The node was reached, and does not go on talking.
fn unheard(error: &OpenStreamError) -> anyhow::Error {
    match error {
        OpenStreamError::Timeout => Failure::failed(Say::NodeHangs),
        OpenStreamError::Unsupported(_) => strange(),
        OpenStreamError::NotConnected | OpenStreamError::Broken(_) | OpenStreamError::Shutdown => {
            gone()
        }
    }
}
