//! Addresses with host names, looked up by the machine as it is when they are dialled.
//!
//! A laptop has other name servers in every house, and the system knows them, its file of hosts, and whatever
//! else it was told: so the system is asked, at every dial.
//!
//! **Invariant:** what was learnt of a name serves one dial and no other
//! (`what_a_name_stands_for_is_asked_at_every_dial`).

use std::fmt::{self, Debug, Formatter};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::{BoxFuture, Either, FutureExt as _, MapErr, TryFutureExt as _, select_ok};
use libp2p::Multiaddr;
use libp2p::core::transport::{DialOpts, ListenerId, Transport, TransportError, TransportEvent};
use libp2p::multiaddr::Protocol;
use tokio::time::{Instant, sleep_until};

/// How many addresses of one name are tried.
const PLACES_MAX: usize = 8;

/// How long each address of a name is tried alone, before the next is tried as well (RFC 8305, section 5).
const AHEAD: Duration = Duration::from_millis(250);

/// Asks what a name stands for.
type Lookup = fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;

/// A transport to addresses with names: what it dials through the one within it has none.
pub(super) struct Named<T> {
    inner: Arc<Mutex<T>>,
    lookup: Lookup,
}

/// Why an address was not reached.
#[derive(Debug, thiserror::Error)]
pub(super) enum NameError<E> {
    /// The machine could not say what the name stands for.
    #[error("the name cannot be resolved: {0}")]
    Unknown(#[source] io::Error),
    /// No address that the name stands for was reached.
    #[error(transparent)]
    Place(E),
}

impl<T> Named<T> {
    /// Names of which the system is asked.
    pub(super) fn of_the_system(inner: T) -> Self {
        Self { inner: Arc::new(Mutex::new(inner)), lookup: ask_the_system }
    }

    fn inner(&self) -> MutexGuard<'_, T> {
        locked(&self.inner)
    }
}

fn locked<T>(inner: &Mutex<T>) -> MutexGuard<'_, T> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ask_the_system(name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
    let found = async move {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|place| place.ip()).collect())
    };
    found.boxed()
}

impl<T> Debug for Named<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Named").finish_non_exhaustive()
    }
}

/// Says of an address whether it is one of those that are meant.
type Meant = fn(&IpAddr) -> bool;

/// Returns the name that an address begins with, and which of its addresses are meant.
fn name_of(address: &Multiaddr) -> Option<(String, Meant)> {
    match address.iter().next()? {
        Protocol::Dns(name) => Some((name.into_owned(), |_| true)),
        Protocol::Dns4(name) => Some((name.into_owned(), IpAddr::is_ipv4)),
        Protocol::Dns6(name) => Some((name.into_owned(), IpAddr::is_ipv6)),
        _ => None,
    }
}

/// Orders addresses so that the families take turns, and leaves out what is there twice or too much.
fn in_turns(found: Vec<IpAddr>) -> Vec<IpAddr> {
    let first = found.first().map(IpAddr::is_ipv6);
    let (ones, others): (Vec<IpAddr>, Vec<IpAddr>) =
        found.into_iter().partition(|ip| Some(ip.is_ipv6()) == first);
    let longer = ones.len().max(others.len());
    let turns = (0..longer).flat_map(|n| [ones.get(n), others.get(n)]).flatten();
    let mut places = Vec::new();
    for place in turns {
        if places.len() < PLACES_MAX && !places.contains(place) {
            places.push(*place);
        }
    }
    places
}

type Direct<T> = MapErr<
    <T as Transport>::Dial,
    fn(<T as Transport>::Error) -> NameError<<T as Transport>::Error>,
>;
type Looked<T> =
    BoxFuture<'static, Result<<T as Transport>::Output, NameError<<T as Transport>::Error>>>;

impl<T> Transport for Named<T>
where
    T: Transport + Send + Unpin + 'static,
    T::Output: Send,
    T::Error: Send,
    T::Dial: Send,
{
    type Output = T::Output;
    type Error = NameError<T::Error>;
    type ListenerUpgrade = MapErr<T::ListenerUpgrade, fn(T::Error) -> Self::Error>;
    type Dial = Either<Direct<T>, Looked<T>>;

    fn listen_on(
        &mut self,
        id: ListenerId,
        address: Multiaddr,
    ) -> Result<(), TransportError<Self::Error>> {
        self.inner().listen_on(id, address).map_err(|error| error.map(NameError::Place))
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.inner().remove_listener(id)
    }

    fn dial(
        &mut self,
        address: Multiaddr,
        opts: DialOpts,
    ) -> Result<Self::Dial, TransportError<Self::Error>> {
        let Some((name, is_meant)) = name_of(&address) else {
            let dial = self.inner().dial(address, opts);
            let place: fn(T::Error) -> Self::Error = NameError::Place;
            return dial
                .map(|dial| Either::Left(dial.map_err(place)))
                .map_err(|error| error.map(NameError::Place));
        };
        let asked = (self.lookup)(name);
        let inner = Arc::clone(&self.inner);
        let dial = async move {
            let mut found = asked.await.map_err(NameError::Unknown)?;
            found.retain(is_meant);
            let at = |ip: IpAddr| address.replace(0, |_| Some(ip.into()));
            let places = in_turns(found).into_iter().filter_map(at);
            let tries: Vec<_> = (0..)
                .zip(places)
                .map(|(turn, place)| {
                    let inner = Arc::clone(&inner);
                    async move {
                        sleep_until(Instant::now() + AHEAD * turn).await;
                        let dial = locked(&inner).dial(place, opts);
                        dial.map_err(unfit)?.await.map_err(NameError::Place)
                    }
                    .boxed()
                })
                .collect();
            if tries.is_empty() {
                let none = "no record of the name is of an address that is meant";
                return Err(NameError::Unknown(io::Error::new(io::ErrorKind::NotFound, none)));
            }
            let (reached, _) = select_ok(tries).await?;
            Ok(reached)
        };
        Ok(Either::Right(dial.boxed()))
    }

    fn poll(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, Self::Error>> {
        let place: fn(T::Error) -> Self::Error = NameError::Place;
        let event = Pin::new(&mut *self.inner()).poll(cx);
        event.map(|event| {
            event.map_upgrade(|upgrade| upgrade.map_err(place)).map_err(NameError::Place)
        })
    }
}

/// Says that what a name stands for leads nowhere for these transports.
fn unfit<E>(error: TransportError<E>) -> NameError<E> {
    match error {
        TransportError::Other(error) => NameError::Place(error),
        TransportError::MultiaddrNotSupported(_) => {
            NameError::Unknown(io::Error::from(io::ErrorKind::Unsupported))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::ready;
    use libp2p::core::Endpoint;
    use libp2p::core::transport::PortUse;
    use libp2p::tcp;

    use super::*;

    const OPTS: DialOpts = DialOpts { role: Endpoint::Dialer, port_use: PortUse::New };

    async fn dial(lookup: Lookup, place: &str) -> Result<(), String> {
        let inner = tcp::tokio::Transport::new(tcp::Config::default());
        let mut named = Named { inner: Arc::new(Mutex::new(inner)), lookup };
        let dial = named.dial(place.parse().unwrap(), OPTS).map_err(|error| error.to_string())?;
        dial.await.map(drop).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn what_a_name_stands_for_is_asked_at_every_dial() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let lookup: Lookup = |name| {
            assert_eq!(name, "weft.example");
            let known = ASKED.fetch_add(1, Ordering::Relaxed) > 0;
            let none = io::Error::from(io::ErrorKind::NotFound);
            let here = || vec!["::1".parse().unwrap(), "127.0.0.1".parse().unwrap()];
            ready(known.then(here).ok_or(none)).boxed()
        };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let place = |kind: &str| format!("/{kind}/weft.example/tcp/{port}");
        let unknown = dial(lookup, &place("dns")).await.unwrap_err();
        assert!(unknown.starts_with("the name cannot be resolved"), "{unknown}");
        dial(lookup, &place("dns")).await.unwrap();
        dial(lookup, &place("dns4")).await.unwrap();
        assert!(dial(lookup, &place("dns6")).await.is_err(), "nobody listens there");
        assert_eq!(ASKED.load(Ordering::Relaxed), 4);
    }

    #[tokio::test]
    async fn an_address_without_a_name_asks_nobody() {
        let lookup: Lookup = |name| panic!("{name}");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        dial(lookup, &format!("/ip4/127.0.0.1/tcp/{port}")).await.unwrap();
        assert!(dial(lookup, "/dnsaddr/weft.example").await.is_err());
    }

    #[test]
    fn the_families_of_a_name_take_turns_and_no_more_than_so_many_are_tried() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let found = ["::1", "::2", "::2", "192.0.2.1", "::3", "192.0.2.2"].map(ip);
        let turns = ["::1", "192.0.2.1", "::2", "192.0.2.2", "::3"].map(ip);
        assert_eq!(in_turns(found.to_vec()), turns);
        let many = (0..100).map(|n| ip(&format!("192.0.2.{n}"))).collect();
        assert_eq!(in_turns(many).len(), PLACES_MAX);
        assert!(in_turns(Vec::new()).is_empty());
    }
}
