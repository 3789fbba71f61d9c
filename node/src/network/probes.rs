//! How often this node asks others to try whether they reach it.
//!
//! Each such probe (AutoNAT, version 2) costs it 30 to 100 kB, so that nobody makes others dial for
//! nothing. Behind a router that drops what nobody asked for, no answer comes, and the library would ask
//! again every few seconds for ever.
//!
//! **Invariant:** a node asks for [`AT_ONCE`] probes at its start, and for one more every [`EVERY`]
//! (`a_node_that_nobody_answers_asks_a_few_times_and_then_seldom`): 6.5 kB a minute on average.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use libp2p::swarm::{NetworkBehaviour, THandlerInEvent, ToSwarm};
use tokio::time::{Instant, Sleep, sleep_until};

use super::around::{Around, Within};

/// Probes that may be asked for at once: a machine has two or three addresses with two transports each.
const AT_ONCE: u32 = 8;

/// How long it takes until one more may be.
const EVERY: Duration = Duration::from_secs(600);

/// Probes that wait for their turn, each for another address; addresses beyond are not tried in this run.
const HELD_MAX: usize = 16;

/// How many probes may be asked for.
#[derive(Debug)]
struct Allowance {
    left: u32,
    /// When there is one more, if there can be.
    more: Option<Instant>,
}

impl Allowance {
    fn new() -> Self {
        Self { left: AT_ONCE, more: None }
    }

    /// Takes one, if there is one; otherwise says when there will be.
    fn take(&mut self, now: Instant) -> Result<(), Instant> {
        while let Some(more) = self.more.filter(|more| *more <= now) {
            self.left += 1;
            self.more = (self.left < AT_ONCE).then_some(more + EVERY);
        }
        let more = *self.more.get_or_insert(now + EVERY);
        self.left = self.left.checked_sub(1).ok_or(more)?;
        Ok(())
    }
}

/// Lets a part of the swarm that speaks to connections only to ask for probes do so as often as is allowed.
pub(super) struct Sparing<B: NetworkBehaviour> {
    allowance: Allowance,
    held: VecDeque<ToSwarm<B::ToSwarm, THandlerInEvent<B>>>,
    turn: Option<Pin<Box<Sleep>>>,
}

impl<B: NetworkBehaviour> Sparing<B> {
    pub(super) fn of(asking: B) -> Within<Self, B> {
        let sparing = Self { allowance: Allowance::new(), held: VecDeque::new(), turn: None };
        Within::new(sparing, asking)
    }

    /// Says whether what waits may be asked for now; otherwise it will be looked at again.
    fn is_allowed(&mut self, cx: &mut Context<'_>) -> bool {
        loop {
            let Err(more) = self.allowance.take(Instant::now()) else { return true };
            let turn = self.turn.get_or_insert_with(|| Box::pin(sleep_until(more)));
            if turn.as_mut().poll(cx).is_pending() {
                return false;
            }
            self.turn = None;
        }
    }
}

impl<B: NetworkBehaviour> Around<B> for Sparing<B> {
    fn poll(
        &mut self,
        asking: &mut B,
        cx: &mut Context<'_>,
    ) -> Poll<ToSwarm<B::ToSwarm, THandlerInEvent<B>>> {
        loop {
            if !self.held.is_empty()
                && self.is_allowed(cx)
                && let Some(probe) = self.held.pop_front()
            {
                return Poll::Ready(probe);
            }
            match asking.poll(cx) {
                Poll::Ready(probe @ ToSwarm::NotifyHandler { .. }) => {
                    if self.held.len() < HELD_MAX {
                        self.held.push_back(probe);
                    }
                }
                other => return other,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::task::noop_waker;
    use libp2p::PeerId;
    use libp2p::core::transport::PortUse;
    use libp2p::core::upgrade::DeniedUpgrade;
    use libp2p::core::{Endpoint, Multiaddr};
    use libp2p::swarm::{
        ConnectionDenied, ConnectionId, FromSwarm, NotifyHandler, OneShotHandler,
        OneShotHandlerConfig, SubstreamProtocol, THandlerOutEvent,
    };

    use super::*;

    #[test]
    fn a_node_that_nobody_answers_asks_a_few_times_and_then_seldom() {
        let (mut allowance, begin) = (Allowance::new(), Instant::now());
        let hours = |n: u64| Duration::from_secs(n * 3600);
        let (mut now, mut asked) = (begin, 0);
        while now < begin + hours(24) {
            asked += u32::from(allowance.take(now).is_ok());
            now += Duration::from_secs(15);
        }
        assert_eq!(asked, AT_ONCE + 24 * 6 - 1);
        // After a day of rest there are as many as at the start, and no more.
        now += hours(24);
        let burst = (0..100).filter(|_| allowance.take(now).is_ok()).count();
        assert_eq!(burst, AT_ONCE as usize);
        assert!(allowance.take(now).is_err_and(|more| more > now && more <= now + EVERY));
    }

    /// Connections that are asked for something, and do nothing.
    type Idle = OneShotHandler<DeniedUpgrade, DeniedUpgrade, Infallible>;

    fn idle() -> Idle {
        Idle::new(SubstreamProtocol::new(DeniedUpgrade, ()), OneShotHandlerConfig::default())
    }

    /// Asks for a probe whenever it is looked at, and tells of something else every second time.
    struct Insistent {
        probes: usize,
        others: usize,
    }

    impl NetworkBehaviour for Insistent {
        type ConnectionHandler = Idle;
        type ToSwarm = Infallible;

        fn handle_established_inbound_connection(
            &mut self,
            _: ConnectionId,
            _: PeerId,
            _: &Multiaddr,
            _: &Multiaddr,
        ) -> Result<Idle, ConnectionDenied> {
            Ok(idle())
        }

        fn handle_established_outbound_connection(
            &mut self,
            _: ConnectionId,
            _: PeerId,
            _: &Multiaddr,
            _: Endpoint,
            _: PortUse,
        ) -> Result<Idle, ConnectionDenied> {
            Ok(idle())
        }

        fn on_swarm_event(&mut self, _: FromSwarm<'_>) {}

        fn on_connection_handler_event(
            &mut self,
            _: PeerId,
            _: ConnectionId,
            _: THandlerOutEvent<Self>,
        ) {
        }

        fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, DeniedUpgrade>> {
            let turn = self.probes > self.others;
            let next = if turn { &mut self.probes } else { &mut self.others };
            let Some(left) = next.checked_sub(1) else { return Poll::Pending };
            *next = left;
            Poll::Ready(match turn {
                true => ToSwarm::NotifyHandler {
                    peer_id: PeerId::random(),
                    handler: NotifyHandler::Any,
                    event: DeniedUpgrade,
                },
                false => ToSwarm::ExternalAddrExpired(Multiaddr::empty()),
            })
        }
    }

    #[tokio::test]
    async fn probes_wait_for_their_turn_and_nothing_else_waits_for_them() {
        let mut sparing = Sparing::of(Insistent { probes: 100, others: 100 });
        let waker = noop_waker();
        let mut cx = Context::from_waker(&waker);
        let (mut probes, mut others) = (0, 0);
        while let Poll::Ready(event) = sparing.poll(&mut cx) {
            match event {
                ToSwarm::NotifyHandler { .. } => probes += 1,
                _ => others += 1,
            }
        }
        assert_eq!((probes, others, sparing.around.held.len()), (AT_ONCE, 100, HELD_MAX));
        assert!(sparing.around.turn.is_some(), "it will be looked at again");
    }
}
