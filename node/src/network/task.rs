//! The task that owns the swarm: commands in, events out, and nothing slow between.
//!
//! **Invariant:** every branch of the loop ends at once; what takes time (opening a stream, writing
//! the peer book) is spawned.
//! **Invariant:** a node's gossip and streams come after its `Connected`, and its `Disconnected` comes
//! once for each `Connected`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use libp2p::Swarm;
use libp2p::multiaddr::Multiaddr;
use libp2p::swarm::ConnectionId;
use libp2p::swarm::dial_opts::DialOpts;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use weft_protocol::id::NodeId;
use weft_protocol::region::Region;

use super::NetworkConfig;
use super::behaviour::Parts;
use super::book::PeerBook;
use super::book_file::Scribe;
use super::client::Command;
use super::company::Company;
use super::event::{Direction, NetworkEvent};
use super::gossip::RegionFilter;
use super::listen::Listeners;
use super::name::{peer_id, peer_text};
use super::outbox::Outbox;
use super::outside::Outside;
use super::reach::Reach;
use super::strangers::Strangers;
use super::streams::Places;
use super::target::{Dial, TargetId};
use super::trouble::fault;
use super::unheard::Unheard;

/// How long closing the connections may take; a peer that does not answer learns it by itself.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The connections with one node.
#[derive(Debug)]
pub(super) struct Link {
    /// Who made it; we, if we made one of several.
    pub(super) direction: Direction,
    /// Whether we made one by our own choice, and not to answer one that was made to us.
    pub(super) chosen: bool,
    /// Where it leads; of several, that of our own choice.
    pub(super) place: Multiaddr,
    /// The regions that the node has named, once it has; its word.
    pub(super) named: BTreeSet<Region>,
    /// Shared with every gossip message of this node that awaits its verdict, to count them.
    pub(super) unjudged: Arc<()>,
}

/// Everything the task owns.
pub(super) struct Task {
    pub(super) swarm: Swarm<Parts>,
    pub(super) filter: RegionFilter,
    pub(super) company: Company,
    /// Who has come and is not of the company.
    pub(super) strangers: Strangers,
    pub(super) book: PeerBook,
    pub(super) dials: HashMap<ConnectionId, TargetId>,
    pub(super) links: BTreeMap<NodeId, Link>,
    pub(super) outbox: Outbox,
    /// How many streams each node holds open.
    pub(super) places: Places,
    /// Who is connected and was not heard yet.
    pub(super) unheard: Unheard,
    /// When the next dial is due; kept up by [`plan`](Self::plan).
    next_dial: Option<Instant>,
    scribe: Scribe,
    /// Where it listens.
    pub(super) listeners: Listeners,
    /// How others reach this node.
    pub(super) reach: Reach,
    pub(super) outside: Outside,
}

impl Task {
    /// Prepares the task: it remembers, and it knows whom to dial first.
    pub(super) fn new(
        own: NodeId,
        config: NetworkConfig,
        (swarm, filter, company, listeners): (Swarm<Parts>, RegionFilter, Company, Listeners),
        events: mpsc::Sender<NetworkEvent>,
    ) -> Self {
        let now = Instant::now();
        let wanted = usize::try_from(config.traffic.nodes).unwrap_or(usize::MAX);
        let mut book = PeerBook::new(own, wanted, config.jitter_seed);
        for address in config.bootstrap {
            book.configure(address, now);
        }
        let scribe = Scribe::new(config.peers_file);
        book.remember(scribe.read(), now);
        book.admit(config.closed.then(BTreeSet::new));
        company.set(book.company());
        let mut task = Self {
            swarm,
            filter,
            company,
            strangers: Strangers::default(),
            book,
            dials: HashMap::new(),
            links: BTreeMap::new(),
            outbox: Outbox::new(events),
            places: Places::default(),
            unheard: Unheard::default(),
            next_dial: Some(now),
            scribe,
            listeners,
            outside: Outside::default(),
            reach: Reach::new(config.relaying, !config.listen.is_empty()),
        };
        for region in &config.regions {
            task.enter(region);
        }
        task.tell_missed();
        task
    }

    /// Runs until it is told to shut down, or until nobody is left to tell it or to hear it.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Command>) {
        let asked = loop {
            let (next_dial, write) = (self.next_dial, self.scribe.due());
            let (seek, retry) = (self.reach.due(), self.listeners.due());
            let (unheard, strangers) = (self.unheard.due(), self.strangers.due());
            tokio::select! {
                sent = self.outbox.send_one(), if self.outbox.waits() => {
                    if sent.is_err() { break None }
                }
                command = inbox.recv() => match command {
                    Some(Command::Shutdown(reply)) => break Some(reply),
                    Some(command) => self.obey(command),
                    None => break None,
                },
                event = self.swarm.select_next_some(), if self.outbox.has_room() => self.hear(event),
                () = at(next_dial) => self.dial_due(),
                () = at(seek) => self.reach.seek(&mut self.swarm),
                () = at(retry) => self.listen_again(),
                () = at(unheard) => self.leave_unheard(),
                () = at(strangers) => self.leave_strangers(),
                () = at(write) => self.scribe.write(&mut self.book, Instant::now()),
            }
        };
        self.close().await;
        if let Some(reply) = asked {
            // Who asked may have gone; nothing is left to be told.
            reply.send(()).ok();
        }
    }

    /// Asks again for the places that could not be had.
    fn listen_again(&mut self) {
        if self.listeners.retry(&mut self.swarm) {
            self.tell_missed();
        }
    }

    /// Lets those go who were not heard in time; they are dialled again as others are.
    fn leave_unheard(&mut self) {
        for node in self.unheard.take_due(Instant::now()) {
            tracing::debug!(peer = %peer_text(node), "names no region and is met anew");
            self.swarm.disconnect_peer_id(peer_id(node)).ok();
        }
    }

    /// Lets those go who are not of the company and are not at the door.
    fn leave_strangers(&mut self) {
        let places = self.places.clone();
        for connection in self.strangers.overdue(Instant::now(), |node| places.holds(node)) {
            self.swarm.close_connection(connection);
        }
    }

    /// Tells which places of the configuration could not be had.
    pub(super) fn tell_missed(&mut self) {
        let places = self.listeners.missed();
        self.outbox.keep(NetworkEvent::Missed { places });
    }

    /// Makes the dials that are due.
    fn dial_due(&mut self) {
        let now = Instant::now();
        for dial in self.book.due(now, self.links.len()) {
            match dial.node {
                Some(node) if self.links.contains_key(&node) => self.book.met(node, None, now),
                _ => self.dial(dial, now),
            }
        }
        self.plan();
    }

    /// Dials from a port of its own: when two nodes dial each other from the ports they listen on, the
    /// two attempts become one connection of which each believes to be the dialler, and both fail.
    fn dial(&mut self, dial: Dial, now: Instant) {
        let places: Vec<Multiaddr> =
            dial.addresses.iter().map(super::name::Address::place).collect();
        let options = match (dial.node, places.first()) {
            (Some(node), Some(_)) => DialOpts::peer_id(peer_id(node))
                .addresses(places.clone())
                .allocate_new_port()
                .build(),
            (None, Some(place)) => {
                DialOpts::unknown_peer_id().address(place.clone()).allocate_new_port().build()
            }
            (_, None) => return,
        };
        let connection = options.connection_id();
        self.swarm.behaviour_mut().dialling.0.own(connection, places.iter());
        if dial.told {
            self.company.seek(connection);
        }
        // The error names the address, so it stays out of the log; the book keeps what it means.
        match self.swarm.dial(options) {
            Ok(()) => drop(self.dials.insert(connection, dial.target)),
            Err(error) => self.book.failed(dial.target, fault(&error), now),
        }
    }

    /// Sets the times of the next dial and the next write, after anything that may have changed them.
    pub(super) fn plan(&mut self) {
        self.next_dial = self.book.deadline(self.links.len());
        self.scribe.notice(&self.book, Instant::now());
    }

    /// Writes the peer book and closes every connection.
    async fn close(mut self) {
        let written = self.scribe.finish(&mut self.book);
        for node in self.links.keys() {
            self.swarm.disconnect_peer_id(peer_id(*node)).ok();
        }
        let closed = async {
            while self.swarm.connected_peers().next().is_some() {
                self.swarm.select_next_some().await;
            }
        };
        // Out of time, the connections close by being dropped.
        let (_, ()) = tokio::join!(timeout(CLOSE_TIMEOUT, closed), written);
    }
}

/// Waits for a moment, or for ever.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => pending().await,
    }
}
