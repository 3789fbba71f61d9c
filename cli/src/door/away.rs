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
use weft_protocol::key::SecretKey;
use zeroize::Zeroizing;

use super::{PATIENCE, gone, refused, strange};
use crate::desk::Desk;
use crate::exit::Failure;
use crate::keys::{self, KeyFile};
use crate::words::Say;

/// A node somewhere else.
pub(crate) struct Away {
    runtime: Runtime,
    visit: Visit,
    key: SecretKey,
    /// A conversation between two questions.
    spare: RefCell<Option<Framed<PeerStream>>>,
}

impl fmt::Debug for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Away({:?})", self.visit)
    }
}

impl Away {
    /// Connects to the node, and opens the key that is to open its door.
    ///
    /// # Errors
    /// When there is no key, it does not open, or the node does not answer.
    pub(crate) fn visit(desk: &Desk, address: &Address) -> Result<Self> {
        let file = key(desk)?;
        let key = file.unlock(&desk.passphrase(&file.name())?)?;
        let mut seed = Zeroizing::new([0; 32]);
        keys::random(seed.as_mut())?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .context("the system gives no threads")?;
        let visit = runtime.block_on(Visit::begin(address, &seed)).map_err(far)?;
        let away = Self { runtime, visit, key, spare: RefCell::default() };
        let proved = away.prove()?;
        away.spare.replace(Some(proved));
        Ok(away)
    }

    /// Takes up a conversation: the one that is spare, or a new one.
    pub(super) fn line(&self) -> Result<Line<'_>> {
        let spare = self.spare.take();
        let frames = spare.map_or_else(|| self.prove(), Ok)?;
        Ok(Line { away: self, frames: Some(frames) })
    }

    /// Begins a conversation by proving who we are.
    fn prove(&self) -> Result<Framed<PeerStream>> {
        let stream = self.runtime.block_on(self.visit.open()).map_err(far)?;
        let mut frames = Framed::new(stream);
        self.send(&mut frames, &Request::Knock { revision: REVISION })?;
        let Response::Challenge { nonce } = self.receive(&mut frames, true)?.ok_or_else(gone)?
        else {
            return Err(strange());
        };
        let (client, node) = (self.visit.own(), self.visit.node());
        let nonce = nonce[..].try_into().map_err(|_| strange())?;
        let signature = Challenge { node, client, nonce }.answer(&self.key).to_vec().into();
        self.send(&mut frames, &Request::Prove { key: self.key.public(), signature })?;
        match self.receive(&mut frames, true)?.ok_or_else(gone)? {
            Response::Hello { .. } => Ok(frames),
            _ => Err(strange()),
        }
    }

    fn send(&self, frames: &mut Framed<PeerStream>, request: &Request) -> Result<()> {
        let bytes = control::encode(request)?;
        self.runtime.block_on(frames.send(bytes.into())).map_err(|_| gone())
    }

    fn receive(&self, frames: &mut Framed<PeerStream>, soon: bool) -> Result<Option<Response>> {
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
    frames: Option<Framed<PeerStream>>,
}

impl Line<'_> {
    pub(super) fn send(&mut self, request: &Request) -> Result<()> {
        let frames = self.frames.as_mut().ok_or_else(gone)?;
        self.away.send(frames, request)
    }

    pub(super) fn receive(&mut self) -> Result<Option<Response>> {
        let frames = self.frames.as_mut().ok_or_else(gone)?;
        self.away.receive(frames, false)
    }

    /// Keeps the conversation for the next question: this one is answered to its end.
    pub(super) fn keep(mut self) {
        self.away.spare.replace(self.frames.take());
    }
}

/// Chooses the key that opens the door: the one that was named, the first of a role, or any.
fn key(desk: &Desk) -> Result<KeyFile> {
    let ring = desk.home.keys();
    if let Some(name) = desk.node_key() {
        return ring.named(name);
    }
    let keys = ring.all()?;
    let role = keys.iter().find(|key| key.name().starts_with("role-"));
    let network = keys.iter().find(|key| key.name() == "network");
    role.or(network).or(keys.first()).cloned().ok_or_else(|| Failure::failed(Say::NoKeys))
}

fn far(why: impl fmt::Display) -> anyhow::Error {
    Failure::failed(Say::NodeFar { why: why.to_string() })
}
