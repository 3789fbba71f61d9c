//! Putting a node together, and taking it apart in order.
//!
//! **Invariant:** the home's lock is held from before the store is opened until after it is closed.

use std::collections::BTreeSet;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use getrandom::SysRng;
use rand_chacha::ChaCha20Rng;
use rand_core::{SeedableRng, TryRng};
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use weft_protocol::admission::Mode;
use weft_protocol::control::Missed;
use weft_protocol::engine::{BridgeSettings, Choices, Engine, KEEPING_MAX, RequestId, Settings};
use weft_protocol::id::{NodeId, PublicKey};
use weft_protocol::ledger::PoolBounds;
use weft_protocol::record::{Record, Unverified};
use weft_protocol::region::Region;

use crate::config::{Config, ConfigError};
use crate::disk::{DiskError, DiskStore};
use crate::door::{self, Porter};
use crate::driver::{self, Driver, Ears, Hands, Listening, Message, Tag};
use crate::home::{ChoicesFile, Home, HomeError};
use crate::network::{self, Address, NetworkConfig, SpawnError};
use crate::store::{HomeLock, LockError, OpenError, Options, ReadError, Reader, Replay};
use crate::tally::Tally;
use crate::upkeep::Upkeep;
use crate::verify::{StartError, Verified, VerifyPool};

/// How long a node waits for the addresses that it was told by name before it says that it is ready
/// without them; the system has given them already.
const NAMED_WAIT: Duration = Duration::from_secs(3);

/// The same where it listens at whatever addresses the machine has, which may be none.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// How long no further address has come when all have: the system lists them in one go.
const SETTLED: Duration = Duration::from_millis(20);

/// How many records are decoded and judged at a time at the start. Two such batches are in memory
/// with all that they say, some 10 MiB each; with fewer, less of what one network says is judged
/// together.
const RESTORE_BATCH: usize = 4096;

/// A node runs.
#[derive(Debug, Clone)]
pub struct Ready {
    /// Which node.
    pub node: NodeId,
    /// Where it listens, each with its name.
    pub listening: Vec<String>,
    /// Where it was told to listen and does not.
    pub missed: Vec<Missed>,
    /// Where its door is.
    pub door: PathBuf,
    /// How many records it holds.
    pub records: usize,
}

/// A node could not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The home is in use, or cannot be.
    #[error("the home cannot be used")]
    Lock(#[from] LockError),
    /// The home lacks something.
    #[error("the home cannot be used")]
    Home(#[from] HomeError),
    /// The configuration is of no use.
    #[error("the configuration cannot be used")]
    Config(#[from] ConfigError),
    /// The store cannot be opened.
    #[error("the store cannot be opened")]
    Open(#[from] OpenError),
    /// The store cannot be read.
    #[error("the store failed; check the disk, then run: weft store verify")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The workers cannot start.
    #[error("the workers cannot start")]
    Workers(#[from] StartError),
    /// The network cannot start.
    #[error("the network cannot start")]
    Network(#[from] SpawnError),
    /// The door cannot be opened.
    #[error("the door {path} cannot be opened; a shorter path of the home may help")]
    Door {
        /// Where it was to be.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The operating system gives no thread or no randomness.
    #[error("the operating system refused a thread or randomness")]
    System(#[source] io::Error),
}

impl From<DiskError> for RunError {
    fn from(error: DiskError) -> Self {
        Self::Store(Box::new(error))
    }
}

/// Runs a node in this home until `stop` is cancelled, by the caller or at the door. `ready` is
/// called once, when the door is open and the node listens.
///
/// Dropping the future leaves the node's threads to end by themselves; cancelling is the way.
///
/// # Errors
/// [`RunError`], when the node cannot start, or its disk fails while it runs.
pub async fn run(
    home: Home,
    config: Config,
    ready: impl FnOnce(Ready),
    stop: CancellationToken,
) -> Result<(), RunError> {
    let _lock = HomeLock::acquire(home.path())?;
    let key = home.key()?;
    let node = NodeId::from(key.public());
    let mut options = Options::new(&home.store());
    options.cache_bytes = config.store.cache_mib << 20;
    let (mut store, disk) = DiskStore::open(options.clone())?;
    let bridge = home.bridge_key(&mut ChaCha20Rng::from_seed(random()?))?;
    let file = ChoicesFile::of(&home);
    let settings = settings(&config, (node, Some(bridge.public())), file.load()?, random()?);
    let (regions, peers) = (settings.regions.clone(), settings.choices.peers.clone());
    let mut engine = Engine::new(settings, driver::now());
    let records = restore(&mut engine, &mut store)?;
    let (pool, verified) = workers(store.reader())?;
    let network_config = network_config(&home, &config, (regions, peers))?;
    let everywhere = |address: &&Address| address.is_everywhere();
    let all = network_config.listen.len();
    let places = (all - network_config.listen.iter().filter(everywhere).count(), all);
    let (network, events) = network::spawn(network_config, &key.seed())?;
    drop(key);

    let (messages, inbox) = mpsc::channel(driver::MESSAGES_WAITING_MAX);
    let (told, _) = broadcast::channel(driver::EVENTS_WAITING_MAX);
    let (listening, addresses) = watch::channel(Listening::default());
    let (guests, arrivals) = mpsc::channel(door::guests::ARRIVALS_WAITING_MAX);
    let (choices, chosen) = mpsc::channel(KEEPING_MAX);
    tokio::spawn(write_choices(file, chosen, messages.clone()));
    let tally = Tally::default();
    let porter = Porter {
        driver: messages.clone(),
        network: network.clone(),
        events: told.clone(),
        listening: addresses.clone(),
        upkeep: Upkeep { reader: store.reader(), options },
        profile: config.profile,
        watchers: Arc::new(Semaphore::new(door::WATCHERS_MAX)),
        tally: tally.clone(),
        stop: stop.clone(),
    };
    let hands = Hands {
        network: network.clone(),
        pool,
        writer: store.writer(),
        choices,
        messages,
        events: told,
        guests,
        listening,
        tally,
        bridge,
        runtime: tokio::runtime::Handle::current(),
    };
    let ears = Ears { network: events, messages: inbox, verified, disk, stop: stop.clone() };
    let driver = spawn_driver(Driver::new(engine, store, hands), ears)?;

    let path = home.door();
    let socket = door::bind(&path)
        .map_err(|cause| RunError::Door { path: path.clone(), cause })
        .inspect_err(|_| stop.cancel())?;
    // It ends with the driver, which holds the other end of its arrivals.
    tokio::spawn(door::guests::serve(arrivals, porter.clone()));
    let serving = tokio::spawn(door::serve(socket, porter));
    let Listening { at: listening, missed } = listens(addresses, places).await;
    ready(Ready { node, listening, missed, door: path, records });

    // The driver ends when it is told to, or when the disk fails.
    let ended = driver.await;
    stop.cancel();
    // An error says that the door has panicked, which its log says.
    serving.await.ok();
    network.shutdown().await;
    ended.unwrap_or_else(|_| Err(RunError::System(io::Error::other("the driver has panicked"))))
}

/// Returns what an engine of this home is told, of which this key signs what the node carries; none
/// where nothing is carried.
pub(crate) fn settings(
    config: &Config,
    (node, bridge): (NodeId, Option<PublicKey>),
    choices: Choices,
    seed: [u8; 32],
) -> Settings {
    Settings {
        node,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        home: config.region.clone(),
        regions: config.regions_after(&choices),
        hosted: config.networks.clone(),
        choices,
        terms: config.admission.clone(),
        pool: PoolBounds::default(),
        bridge: BridgeSettings { key: bridge, rules: config.bridge.clone() },
        interval: config.traffic.interval(),
        seed,
    }
}

fn random<const N: usize>() -> Result<[u8; N], RunError> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes).map_err(|e| RunError::System(io::Error::other(e)))?;
    Ok(bytes)
}

/// What the network is to do. A closed node is found only by those who know where it is: it says so to
/// nobody on its local network, and no address to those it meets.
fn network_config(
    home: &Home,
    config: &Config,
    (regions, peers): (BTreeSet<Region>, BTreeSet<String>),
) -> Result<NetworkConfig, RunError> {
    let closed = config.admission.mode == Mode::Closed;
    let mut bootstrap = config.addresses("peers", &config.network.peers)?;
    bootstrap.extend(peers.iter().filter_map(|address| address.parse::<Address>().ok()));
    Ok(NetworkConfig {
        listen: config.addresses("listen", &config.network.listen)?,
        bootstrap,
        regions,
        mdns: config.network.mdns && !closed,
        hide_addresses: config.network.hide_addresses || closed,
        relaying: config.network.relay,
        peers_file: Some(home.peers()),
        traffic: config.traffic.of_network(),
        jitter_seed: u64::from_be_bytes(random()?),
    })
}

fn workers(reader: Reader) -> Result<(VerifyPool<Tag>, mpsc::Receiver<Verified<Tag>>), RunError> {
    // A store that cannot be read says of every record that it is new, and the engine knows better.
    Ok(VerifyPool::start(move |id, bytes| {
        reader.bytes(id).is_ok_and(|stored| stored.is_some_and(|stored| *stored == *bytes))
    })?)
}

/// Gives the engine what the journal holds: one thread reads and decodes while the engine takes in
/// what was read before. Signatures are not verified again: the journal's check items say that these
/// are the bytes that were.
fn restore(engine: &mut Engine, store: &mut DiskStore) -> Result<usize, RunError> {
    let now = driver::now();
    let reader = store.reader();
    // One batch waits while another is taken in: more would only take memory.
    let (sender, batches) = sync_channel(0);
    thread::scope(|scope| {
        let reading = scope.spawn(move || read(&reader, &sender));
        let mut count = 0;
        for records in batches {
            count += records.len();
            let staged = engine.restore(now, &records, store).map_err(RunError::from)?;
            if let Some(batch) = staged {
                store.writer().persist(crate::store::Seq(batch.0));
            }
        }
        let panicked = || ReadError::from(io::Error::other("reading the journal has panicked"));
        let read = reading.join().unwrap_or_else(|_| Err(panicked()));
        read.map_err(DiskError::from)?;
        Ok(count)
    })
}

/// Reads and decodes all records of the journal, until nobody wants more.
fn read(reader: &Reader, batches: &SyncSender<Vec<Record>>) -> Result<(), ReadError> {
    let mut batch = Vec::with_capacity(RESTORE_BATCH);
    reader.replay(|step| {
        if let Replay::Record(bytes) = step {
            batch.extend(Unverified::decode(bytes).map(Unverified::assume_verified));
        }
        if batch.len() < RESTORE_BATCH {
            return ControlFlow::Continue(());
        }
        match batches.send(std::mem::replace(&mut batch, Vec::with_capacity(RESTORE_BATCH))) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    // An error says that the engine's store has failed, which it says itself.
    batches.send(batch).ok();
    Ok(())
}

/// Writes down what is chosen, one after the other: the file says all of it each time.
async fn write_choices(
    file: ChoicesFile,
    mut chosen: mpsc::Receiver<(RequestId, Box<Choices>)>,
    driver: mpsc::Sender<Message>,
) {
    while let Some((request, choices)) = chosen.recv().await {
        let file = file.clone();
        let written = tokio::task::spawn_blocking(move || file.save(&choices)).await;
        let failure = match written {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(crate::disk::plain(&error)),
            Err(_) => Some("the task ended early".to_owned()),
        };
        if driver.send(Message::Kept(request, failure)).await.is_err() {
            return;
        }
    }
}

/// Starts the driver on a thread and a small runtime of its own, and returns how it ends.
fn spawn_driver(
    driver: Driver,
    ears: Ears,
) -> Result<oneshot::Receiver<Result<(), RunError>>, RunError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(RunError::System)?;
    let (end, ended) = oneshot::channel();
    thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || {
            let result = runtime.block_on(driver.run(ears)).map_err(RunError::from);
            // An error says that nobody waits any more.
            end.send(result).ok();
        })
        .map_err(RunError::System)?;
    Ok(ended)
}

/// Waits until the node has said where it listens, or long enough: of the addresses that were named,
/// all but those it could not have; of those that the machine has, until no more come.
async fn listens(mut told: watch::Receiver<Listening>, (named, all): (usize, usize)) -> Listening {
    let everywhere = all > named;
    let patience = if named > 0 { NAMED_WAIT } else { FIRST_WAIT };
    let enough = |now: &Listening| match all {
        0 => true,
        _ => !now.at.is_empty() && now.at.len() + now.missed.len() >= named,
    };
    // Neither running out of time nor a driver that has ended changes what is known.
    timeout(patience, told.wait_for(enough)).await.map(drop).ok();
    while everywhere && matches!(timeout(SETTLED, told.changed()).await, Ok(Ok(()))) {}
    told.borrow().clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_node_does_not_say_where_it_is() {
        let home = Home::new("/nowhere");
        let mut config = Config::new("gb-bristol".parse().unwrap());
        let announces = |config: &Config| {
            let network = network_config(&home, config, Default::default()).unwrap();
            (network.mdns, !network.hide_addresses)
        };
        assert_eq!(announces(&config), (true, true));
        config.admission.mode = Mode::Closed;
        assert_eq!(announces(&config), (false, false));
    }
}
