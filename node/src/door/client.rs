//! One conversation at a door: a request, its answer, the next request.
//!
//! **Invariant:** what is the operator's alone is refused to a guest before anything is done.
//!
//! **Invariant:** a client that does not read holds up nobody: an answer's next part is made only
//! when the one before was written.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{broadcast, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::bytes::{Bytes, BytesMut};
use weft_protocol::control::{
    self, Breakage, ConfigChange, Failure, PeerView, Request, Response, StoreTask, TrialView,
    WatchFilter,
};
use weft_protocol::engine::Event;
use weft_protocol::id::PublicKey;
use weft_protocol::time::Timestamp;

use super::Porter;
use super::crowd::Pass;
use super::guests::Pace;
use crate::driver::{Message, Told};
use crate::frame::Framed;
use crate::network::{
    Address, Direction, Entries, ParseAddressError, leading_here, parse_peer, peer_text,
};
use crate::tally::Refused;

/// The client has gone, or sent what is no request.
pub(super) struct Gone;

/// A client, from its first request to its last.
pub(super) struct Client<S> {
    pub(super) frames: Framed<S>,
    pub(super) pass: Pass,
    pub(super) porter: Porter,
    /// Who it is; none for the operator.
    pub(super) guest: Option<Guest>,
}

/// A client from anywhere.
pub(super) struct Guest {
    /// The key that it has proved to hold.
    pub(super) key: PublicKey,
    /// How long it may let the node wait.
    pub(super) patience: Duration,
    /// How fast it is answered.
    pub(super) pace: Pace,
    /// What it may do here, as far as it watches.
    pub(super) standing: Standing,
}

/// What the engine has said lately that somebody may do here. An event is the engine's once, and not once
/// more for each who watches.
#[derive(Debug, Default)]
pub(super) struct Standing {
    known: Option<control::Guest>,
    asked: Option<Instant>,
}

impl Standing {
    /// How long what was said holds: whose role has ended hears nothing any more a second later.
    const HOLDS: Duration = Duration::from_secs(1);

    /// Says whether the engine is to be asked again, and takes it that it is.
    fn is_due(&mut self, now: Instant) -> bool {
        let holds = self.asked.is_some_and(|asked| now < asked + Self::HOLDS);
        if !holds {
            self.asked = Some(now);
        }
        !holds
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// Answers until the client goes.
    pub(super) async fn run(&mut self) -> Result<(), Gone> {
        while let Some(bytes) = self.next().await? {
            let stops = match control::decode::<Request>(&bytes) {
                Ok(request) => self.admit(request).await?,
                Err(error) => {
                    self.porter.tally.count(Refused::DoorRequest);
                    let why = crate::disk::plain(&error);
                    self.fail(Failure::BadRequest(why)).await?;
                    false
                }
            };
            if stops {
                self.porter.stop.cancel();
            }
        }
        Ok(())
    }

    /// Receives the next message. A frame that is none ends the conversation: nobody knows where
    /// the next would begin.
    async fn next(&mut self) -> Result<Option<BytesMut>, Gone> {
        self.pass.idles();
        let received = match self.patience() {
            None => self.frames.recv().await,
            Some(patience) => timeout(patience, self.frames.recv()).await.map_err(|_| Gone)?,
        };
        self.pass.works();
        match received {
            Ok(bytes) => Ok(bytes),
            Err(error) => {
                self.porter.tally.count(Refused::DoorFrame);
                self.fail(Failure::BadRequest(error.to_string())).await?;
                Err(Gone)
            }
        }
    }

    async fn say(&mut self, response: &Response) -> Result<(), Gone> {
        self.write(vec![frame(response)?]).await
    }

    /// Says everything, and writes it together: an answer of many parts costs few system calls.
    async fn say_all(&mut self, responses: Vec<Response>) -> Result<(), Gone> {
        let frames = responses.into_iter().map(|response| frame(&self.complete(response)));
        self.write(frames.collect::<Result<_, _>>()?).await
    }

    /// Writes frames. Until the client has read them the node waits for it, and not it for the node.
    async fn write(&mut self, frames: Vec<Bytes>) -> Result<(), Gone> {
        self.pass.idles();
        let patience = self.patience();
        let writing = async {
            for frame in frames {
                self.frames.feed(frame).await.map_err(|_| Gone)?;
            }
            self.frames.flush().await.map_err(|_| Gone)
        };
        let written = match patience {
            None => writing.await,
            Some(patience) => timeout(patience, writing).await.map_err(|_| Gone)?,
        };
        self.pass.works();
        written
    }

    async fn fail(&mut self, failure: Failure) -> Result<(), Gone> {
        self.say(&Response::Failed(failure)).await
    }

    /// Answers a request if it is for this client, in its turn; says whether the node is to stop.
    async fn admit(&mut self, request: Request) -> Result<bool, Gone> {
        if let Some(guest) = &mut self.guest {
            sleep_until(guest.pace.turn(Instant::now())).await;
            if let Err(failure) = control::may_ask(&request) {
                self.porter.tally.count(Refused::GuestRequest);
                self.fail(failure).await?;
                return Ok(false);
            }
        }
        let stops = request == Request::Stop;
        self.answer(request).await?;
        Ok(stops)
    }

    fn patience(&self) -> Option<Duration> {
        self.guest.as_ref().map(|guest| guest.patience)
    }

    async fn answer(&mut self, request: Request) -> Result<(), Gone> {
        match request {
            Request::Stop => self.say(&Response::Fine).await,
            Request::Watch(filter) => self.watch(filter).await,
            Request::Peers => self.peers().await,
            Request::Connect { address } => self.connect(&address).await,
            Request::Trials => self.trials().await,
            Request::Forget { peer } => self.forget(peer).await,
            Request::Configure(ConfigChange::Meet { address }) => self.keep(address).await,
            Request::Store(task) => self.store(task).await,
            Request::BelieveClock => self.believe_clock().await,
            other => self.ask(other).await,
        }
    }

    /// Passes a question to the engine and its answer to the client.
    async fn ask(&mut self, request: Request) -> Result<(), Gone> {
        let key = self.guest.as_ref().map(|guest| guest.key);
        let mut asked = self.porter.ask(request, key).await.ok_or(Gone)?;
        while let Some((responses, last)) = asked.next().await {
            self.say_all(responses).await?;
            if last {
                return Ok(());
            }
            self.porter.driver.send(Message::More(asked.name)).await.map_err(|_| Gone)?;
        }
        self.fail(Failure::Busy).await
    }

    /// Adds what only the body knows.
    fn complete(&self, response: Response) -> Response {
        match response {
            Response::Status(mut status) => {
                // A guest is not told where else the node can be reached.
                if self.guest.is_none() {
                    let now = self.porter.listening.borrow();
                    status.listening = leading_here(&now.at);
                    status.missed.clone_from(&now.missed);
                    status.knocks.clone_from(&now.knocks);
                } else {
                    // Nor whom it has no more room for.
                    status.stock.fullest.clear();
                }
                self.porter.tally.add_to(&mut status.counters);
                status.profile = self.porter.profile.to_string();
                status.doubt = self.porter.clock.doubt();
                Response::Status(status)
            }
            other => other,
        }
    }

    async fn watch(&mut self, filter: WatchFilter) -> Result<(), Gone> {
        let Ok(_place) = self.porter.watchers.clone().try_acquire_owned() else {
            return self.fail(Failure::Busy).await;
        };
        let mut events = self.porter.events.subscribe();
        // The client may now do what it wants to see happen.
        self.say(&Response::Fine).await?;
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                // A client that watches says nothing more; what comes is its end.
                _ = self.frames.recv() => return Ok(()),
            };
            match event {
                Ok(told) if wanted(&filter, &told.event) => match self.may_hear(&told).await? {
                    Some(true) => self.say(&Response::Event(told.event)).await?,
                    Some(false) => {}
                    None => return self.fail(control::stranger()).await,
                },
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    let why = Breakage::Missed { events: missed };
                    return self.fail(Failure::Broken(why)).await;
                }
                Err(broadcast::error::RecvError::Closed) => return self.say(&Response::End).await,
            }
        }
    }

    /// Says whether this client is told of an event; none when it may do nothing here any more.
    async fn may_hear(&mut self, told: &Told) -> Result<Option<bool>, Gone> {
        let Some(guest) = &mut self.guest else { return Ok(Some(true)) };
        if guest.standing.is_due(Instant::now()) {
            let (answer, answered) = oneshot::channel();
            let message = Message::Standing(guest.key, answer);
            self.porter.driver.send(message).await.map_err(|_| Gone)?;
            guest.standing.known = answered.await.map_err(|_| Gone)?;
        }
        let may = |known: &control::Guest| known.hears(&told.event, told.home);
        Ok(guest.standing.known.as_ref().map(may))
    }

    async fn peers(&mut self) -> Result<(), Gone> {
        for peer in self.porter.network.peers().await {
            let view = PeerView {
                name: peer_text(peer.node),
                node: peer.node,
                named: peer.named,
                outbound: peer.direction == Direction::Outbound,
                regions: peer.regions,
                elsewhere: peer.elsewhere,
            };
            self.say(&Response::Peer(view)).await?;
        }
        self.say(&Response::End).await
    }

    async fn connect(&mut self, address: &str) -> Result<(), Gone> {
        match place(address) {
            Ok(address) => {
                self.porter.network.dial(vec![address]).await;
                self.say(&Response::Fine).await
            }
            Err(failure) => self.fail(failure).await,
        }
    }

    /// Stays connected with a node, now and after the next start.
    async fn keep(&mut self, address: String) -> Result<(), Gone> {
        match place(&address) {
            Ok(place) => self.porter.network.keep(place).await,
            Err(failure) => return self.fail(failure).await,
        }
        self.ask(Request::Configure(ConfigChange::Meet { address })).await
    }

    async fn forget(&mut self, peer: String) -> Result<(), Gone> {
        let entries = match (parse_peer(&peer), peer.parse::<Address>()) {
            (Some(node), _) => Entries::Of(node),
            (None, Ok(address)) => Entries::At(address),
            (None, Err(error)) => return self.fail(Failure::BadRequest(error.to_string())).await,
        };
        if !self.porter.network.forget(entries).await {
            return self.fail(Failure::NotFound).await;
        }
        self.ask(Request::Configure(ConfigChange::Part { peer })).await
    }

    async fn trials(&mut self) -> Result<(), Gone> {
        let (now, clock) = (Instant::now(), self.porter.clock.now());
        let ago = |then: Instant| {
            let millis = now.saturating_duration_since(then).as_millis();
            let millis = u64::try_from(millis).unwrap_or(u64::MAX);
            Timestamp::from_millis(clock.as_millis().saturating_sub(millis))
        };
        for trial in self.porter.network.trials().await {
            let view = TrialView {
                name: trial.node.map(peer_text),
                addresses: trial.addresses.iter().map(ToString::to_string).collect(),
                fault: trial.fault,
                since: ago(trial.since),
                last: ago(trial.last),
                wanted: trial.wanted,
            };
            self.say(&Response::Trial(view)).await?;
        }
        self.say(&Response::End).await
    }

    /// Takes the operator's word for the clock of the machine.
    async fn believe_clock(&mut self) -> Result<(), Gone> {
        let clock = self.porter.clock.clone();
        match tokio::task::spawn_blocking(move || clock.believe()).await {
            Ok(Ok(())) => self.say(&Response::Fine).await,
            Ok(Err(back)) => self.fail(Failure::Refused(back.into())).await,
            Err(_) => self.fail(Failure::Broken(Breakage::Ended)).await,
        }
    }

    async fn store(&mut self, task: StoreTask) -> Result<(), Gone> {
        let (answer, stats) = oneshot::channel();
        self.porter.driver.send(Message::Disk(answer)).await.map_err(|_| Gone)?;
        let stats = stats.await.map_err(|_| Gone)?;
        let upkeep = self.porter.upkeep.clone();
        let done = tokio::task::spawn_blocking(move || upkeep.run(task, &stats)).await;
        match done {
            Ok(Ok(report)) => self.say(&Response::Store(report)).await,
            Ok(Err(failure)) => self.fail(failure).await,
            Err(_) => self.fail(Failure::Broken(Breakage::Ended)).await,
        }
    }
}

/// Reads where a node is to be dialled.
fn place(text: &str) -> Result<Address, Failure> {
    let address: Result<Address, ParseAddressError> = text.parse();
    let possible = address.ok().filter(Address::is_possible);
    possible.ok_or_else(|| Failure::BadRequest(ParseAddressError.to_string()))
}

fn frame(response: &Response) -> Result<Bytes, Gone> {
    control::encode(response).map(Bytes::from).map_err(|_| Gone)
}

fn wanted(filter: &WatchFilter, event: &Event) -> bool {
    let Some(wanted) = &filter.kind else { return true };
    match event {
        Event::Stored { kind, .. } | Event::Judged { kind, .. } => kind == wanted,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m16_a_storm_of_events_asks_the_engine_once_a_second_for_each_who_watches() {
        let start = Instant::now();
        let mut standing = Standing::default();
        let mut due = |millis| standing.is_due(start + Duration::from_millis(millis));
        assert_eq!((0..1000).filter(|millis| due(*millis)).count(), 1);
        assert!(due(1000) && !due(1999) && due(5000));
    }
}
