//! Whether the other side of each connection is still there.
//!
//! A machine that loses its power, its address or its sleep says nothing, and the kernel goes on sending to
//! it for a quarter of an hour. Here either side asks when it has been quiet (libp2p's ping), and who does not
//! answer is taken for gone.
//!
//! **Invariant:** a connection over which nothing comes back is told of as silent within fifteen seconds;
//! only one whose answers have been slow before has longer
//! (`who_answers_slowly_is_given_longer_and_nobody_for_ever`).
//!
//! **Invariant:** of the two sides one asks and the other hears it, so that being connected costs each some
//! 3 kB a minute.

use std::collections::{BTreeSet, VecDeque};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use libp2p::core::transport::PortUse;
use libp2p::core::upgrade::ReadyUpgrade;
use libp2p::core::{Endpoint, Multiaddr};
use libp2p::swarm::handler::{
    ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
    NetworkBehaviour, NotifyHandler, Stream, StreamProtocol, StreamUpgradeError, SubstreamProtocol,
    THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
};
use libp2p::{PeerId, ping};
use tokio::time::{Instant, Sleep, sleep_until};

use super::target::Jitter;

/// How long a connection is quiet before its other side is asked.
const EVERY: Duration = Duration::from_secs(5);

/// By how much the two sides differ, before jitter: then the one that asks is heard by the other in time.
const APART: Duration = Duration::from_secs(1);

/// How long an answer may take at least: a packet that is lost is sent three more times in it.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it may take when there is reason to think that nobody is there.
const PATIENCE_IN_DOUBT: Duration = Duration::from_secs(3);

/// How long the first may take, on a line of which nothing is known.
const PATIENCE_FIRST: Duration = Duration::from_secs(10);

/// How long it may take at most.
const PATIENCE_MAX: Duration = Duration::from_secs(20);

/// The bytes of a question, which come back as they are (libp2p specification, "ping").
const QUESTION: usize = 32;

/// How long the answers of a connection take, as TCP reckons it (RFC 6298).
#[derive(Debug, Default, Clone, Copy)]
struct Pace {
    usual: Option<Duration>,
    spread: Duration,
}

impl Pace {
    fn learn(&mut self, took: Duration) {
        let Some(usual) = self.usual else {
            (self.usual, self.spread) = (Some(took), took / 2);
            return;
        };
        self.spread = (self.spread * 3 + usual.abs_diff(took)) / 4;
        self.usual = Some((usual * 7 + took) / 8);
    }

    /// Returns how long to wait for the next.
    fn patience(&self, in_doubt: bool) -> Duration {
        let Some(usual) = self.usual else { return PATIENCE_FIRST };
        let least = if in_doubt { PATIENCE_IN_DOUBT } else { PATIENCE };
        ((usual + self.spread * 4) * 2).clamp(least, PATIENCE_MAX)
    }
}

/// Nothing comes back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Silence;

/// A connection over which nothing comes back.
#[derive(Debug)]
pub(super) struct Silent(pub(super) ConnectionId);

/// Asks whoever is quiet.
#[derive(Debug)]
pub(super) struct Pulse {
    jitter: Jitter,
    connections: BTreeSet<(PeerId, ConnectionId)>,
    events: VecDeque<ToSwarm<Silent, Ask>>,
}

/// Ask now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask;

impl Pulse {
    /// Makes it with a seed that other nodes do not share.
    pub(super) fn new(seed: u64) -> Self {
        Self { jitter: Jitter(seed), connections: BTreeSet::new(), events: VecDeque::new() }
    }

    /// Asks now on every connection of whom this names.
    pub(super) fn ask(&mut self, of: impl Fn(PeerId) -> bool) {
        let asked = self.connections.iter().filter(|(peer, _)| of(*peer));
        self.events.extend(asked.map(|(peer_id, connection)| ToSwarm::NotifyHandler {
            peer_id: *peer_id,
            handler: NotifyHandler::One(*connection),
            event: Ask,
        }));
    }

    fn vein(&mut self) -> Vein {
        Vein {
            every: EVERY + self.jitter.spread(APART),
            clock: Box::pin(sleep_until(Instant::now())),
            pace: Pace::default(),
            asking: Asking::No(None),
            answering: None,
            asked: 0,
            in_doubt: false,
        }
    }
}

impl NetworkBehaviour for Pulse {
    type ConnectionHandler = Vein;
    type ToSwarm = Silent;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.vein())
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(self.vein())
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(made) => {
                self.connections.insert((made.peer_id, made.connection_id));
            }
            FromSwarm::ConnectionClosed(closed) => {
                self.connections.remove(&(closed.peer_id, closed.connection_id));
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        connection: ConnectionId,
        Silence: THandlerOutEvent<Self>,
    ) {
        self.events.push_back(ToSwarm::GenerateEvent(Silent(connection)));
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        self.events.pop_front().map_or(Poll::Pending, Poll::Ready)
    }
}

/// A stream on which a question was answered.
type Answered = io::Result<(Stream, Duration)>;

/// How asking stands.
enum Asking {
    /// It is not its turn; perhaps with the stream of the last time.
    No(Option<Stream>),
    /// A stream is being opened.
    Opening,
    /// The answer is awaited, on the stream of the last time or on a new one.
    Awaiting { answer: BoxFuture<'static, Answered>, again: bool },
    /// Asking has failed, which shows when its time is over.
    Failed,
    /// The other side does not speak of this, or is gone.
    Never,
}

/// What a connection wants of the swarm.
type Wanted = ConnectionHandlerEvent<ReadyUpgrade<StreamProtocol>, (), Silence>;

/// One connection. Its parts are asked one after the other and end with it.
pub(super) struct Vein {
    every: Duration,
    /// When to ask; while asking, when to give up.
    clock: Pin<Box<Sleep>>,
    pace: Pace,
    asking: Asking,
    /// The stream on which the other side asks.
    answering: Option<BoxFuture<'static, io::Result<Stream>>>,
    /// Tells one question from the next.
    asked: u8,
    /// Whether there is reason to think that nobody is there.
    in_doubt: bool,
}

impl Vein {
    /// The other side was heard: it need not be asked for a while.
    fn rest(&mut self) {
        self.clock.as_mut().reset(Instant::now() + self.every);
    }

    /// Begins to ask: on the stream of the last time, or on one that is yet to be opened.
    fn begin(&mut self, stream: Option<Stream>) -> Option<Wanted> {
        self.clock.as_mut().reset(Instant::now() + self.pace.patience(self.in_doubt));
        self.in_doubt = false;
        match stream {
            Some(stream) => self.put(stream, true),
            None => return Some(self.open()),
        }
        None
    }

    fn open(&mut self) -> Wanted {
        self.asking = Asking::Opening;
        let protocol = SubstreamProtocol::new(ReadyUpgrade::new(ping::PROTOCOL_NAME), ());
        ConnectionHandlerEvent::OutboundSubstreamRequest { protocol }
    }

    /// Puts the question.
    fn put(&mut self, stream: Stream, again: bool) {
        self.asked = self.asked.wrapping_add(1);
        let answer = question(stream, [self.asked; QUESTION]).boxed();
        self.asking = Asking::Awaiting { answer, again };
    }

    /// Looks for the answer.
    fn hear(&mut self, cx: &mut Context<'_>) -> Option<Wanted> {
        let Asking::Awaiting { answer, again } = &mut self.asking else { return None };
        let Poll::Ready(answered) = answer.poll_unpin(cx) else { return None };
        let again = *again;
        match answered {
            Ok((stream, took)) => {
                self.pace.learn(took);
                self.asking = Asking::No(Some(stream));
                self.rest();
                None
            }
            // Whoever keeps a stream for one question has closed it.
            Err(_) if again => Some(self.open()),
            Err(_) => {
                self.asking = Asking::Failed;
                None
            }
        }
    }

    /// Answers what the other side asks.
    fn answer(&mut self, cx: &mut Context<'_>) {
        while let Some(answering) = &mut self.answering {
            let Poll::Ready(answered) = answering.poll_unpin(cx) else { return };
            self.answering = answered.ok().map(|stream| answer(stream).boxed());
            if self.answering.is_some() && matches!(self.asking, Asking::No(_)) {
                self.rest();
            }
        }
    }
}

impl ConnectionHandler for Vein {
    type FromBehaviour = Ask;
    type ToBehaviour = Silence;
    type InboundProtocol = ReadyUpgrade<StreamProtocol>;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ();

    fn listen_protocol(&self) -> SubstreamProtocol<Self::InboundProtocol> {
        SubstreamProtocol::new(ReadyUpgrade::new(ping::PROTOCOL_NAME), ())
    }

    fn on_behaviour_event(&mut self, Ask: Ask) {
        if matches!(self.asking, Asking::No(_)) {
            self.in_doubt = true;
            self.clock.as_mut().reset(Instant::now());
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Wanted> {
        self.answer(cx);
        if let Some(wanted) = self.hear(cx) {
            return Poll::Ready(wanted);
        }
        while !matches!(self.asking, Asking::Never) && self.clock.as_mut().poll(cx).is_ready() {
            match std::mem::replace(&mut self.asking, Asking::Never) {
                Asking::No(stream) => {
                    let wanted = self.begin(stream).or_else(|| self.hear(cx));
                    if let Some(wanted) = wanted {
                        return Poll::Ready(wanted);
                    }
                }
                Asking::Opening | Asking::Awaiting { .. } | Asking::Failed | Asking::Never => {
                    return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(Silence));
                }
            }
        }
        Poll::Pending
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<'_, Self::InboundProtocol, Self::OutboundProtocol>,
    ) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: mut stream,
                ..
            }) => {
                stream.ignore_for_keep_alive();
                self.answering = Some(answer(stream).boxed());
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: mut stream,
                ..
            }) => {
                stream.ignore_for_keep_alive();
                if matches!(self.asking, Asking::Opening) {
                    self.put(stream, false);
                }
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { error, .. }) => {
                // A member's program speaks of nothing but its errand, and is left alone.
                let speaks = !matches!(error, StreamUpgradeError::NegotiationFailed);
                self.asking = if speaks { Asking::Failed } else { Asking::Never };
            }
            _ => {}
        }
    }
}

/// Asks on a stream, and returns it when what was asked has come back.
async fn question(mut stream: Stream, asked: [u8; QUESTION]) -> Answered {
    let mut answered = [0; QUESTION];
    let began = Instant::now();
    stream.write_all(&asked).await?;
    stream.flush().await?;
    stream.read_exact(&mut answered).await?;
    let same = asked == answered;
    same.then(|| (stream, began.elapsed())).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Waits for a question on a stream, and returns the stream when it is answered.
async fn answer(mut stream: Stream) -> io::Result<Stream> {
    let mut asked = [0; QUESTION];
    stream.read_exact(&mut asked).await?;
    stream.write_all(&asked).await?;
    stream.flush().await?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_slowly_is_given_longer_and_nobody_for_ever() {
        let millis = Duration::from_millis;
        let mut pace = Pace::default();
        assert_eq!(pace.patience(false), PATIENCE_FIRST);
        (0..20).for_each(|_| pace.learn(millis(60)));
        assert_eq!(pace.patience(true), PATIENCE_IN_DOUBT);
        assert_eq!(
            pace.patience(false),
            PATIENCE,
            "asked, and answered or not, within fifteen seconds"
        );
        assert!(EVERY + APART * 3 / 2 + PATIENCE < Duration::from_secs(15));
        // A line of 404 ms of whose packets three in ten are lost.
        for took in [404, 1200, 404, 2800, 404, 404, 1200, 404, 2800, 1200] {
            pace.learn(millis(took));
        }
        let patience = pace.patience(false);
        assert!(patience > PATIENCE && patience < PATIENCE_MAX, "{patience:?}");
        (0..20).for_each(|n| pace.learn(Duration::from_secs(n)));
        assert_eq!(pace.patience(false), PATIENCE_MAX);
    }
}
