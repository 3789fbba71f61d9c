//! What is found at a node: one list, for `weft doctor`, for `weft status` and for whoever asks next.
//!
//! **Invariant:** whatever says how the node is says it from this list, so that nothing says that all is well
//! while something else knows better.

pub(crate) mod company;
mod home;
mod networks;
pub(crate) mod waits;

use std::time::Duration;

use anyhow::Result;
use weft_protocol::admission::StockView;
use weft_protocol::control::{ClockView, Doubt, NodeStatus};
use weft_protocol::ledger::CLOCK_SKEW;
use weft_protocol::sync::CLOCKS_APART_MAX;
use weft_protocol::time::{Offset, Timestamp};

use crate::desk::Desk;
use crate::door::Door;
use crate::show::directory::Directory;
use crate::words::{Finding, by_reason};

/// Looks the node over, and returns what was found: what is wrong before what is worth knowing.
///
/// A guest is told what may be asked from afar.
///
/// # Errors
/// When the node does not answer what it is asked.
pub(crate) fn examine(desk: &Desk, door: &Door, status: &NodeStatus) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    found.extend(status.read_only.clone().map(|why| Finding::ReadOnly { why }));
    found.extend(clock(desk, door, status));
    if door.is_here() {
        found.extend(company::look(desk, door, status)?);
    }
    found.extend(home::keys(desk)?);
    found.extend(networks::look(desk, door, status)?);
    found.extend(waits::look(desk, door, status)?);
    found.extend(full(desk, door, status)?);
    if status.early > 0 {
        found.push(Finding::Early { count: status.early });
    }
    if door.is_here() {
        found.extend(company::strangers(door, status)?);
        found.extend(company::knocked(status));
        found.extend(company::kept_out(desk, door)?);
        found.extend(home::store(door)?);
        found.extend(by_reason(&status.missed, true).into_iter().map(Finding::Starting));
        found.extend(status.listening.is_empty().then_some(Finding::Unreachable));
    }
    found.retain(|finding| door.is_here() || !finding.is_operators());
    found.sort_by_key(|finding| !finding.is_wrong());
    Ok(found)
}

/// Says of whom no more is stored.
fn full(desk: &Desk, door: &Door, status: &NodeStatus) -> Result<Vec<Finding>> {
    let mut directory = Directory::given(desk)?;
    let mut found = Vec::new();
    for StockView { net, behind, held, .. } in status.stock.fullest.iter().filter(|view| view.full)
    {
        if let Some(net) = net {
            directory.learn(desk, door, *net)?;
        }
        let whose = net.map(|net| directory.name(net));
        found.push(Finding::Full { whose, behind: *behind, records: held.records });
    }
    Ok(found)
}

/// The clock of this machine, when it is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrongClock {
    /// By how much it is ahead.
    pub(crate) ahead: Offset,
    /// By how many nodes it is wrong: all those that are too far on the same side.
    pub(crate) against: u32,
    /// How many have said what their clocks show.
    pub(crate) nodes: u32,
}

impl WrongClock {
    /// Compares this machine's clock with that of the node, and the node's with those of others.
    pub(crate) fn of(now: Timestamp, status: &NodeStatus) -> Option<Self> {
        let here = Offset::between(now, status.now);
        let told = status.clock.filter(ClockView::is_wrong);
        let ahead = told.map_or(here, |clock| here + clock.ahead);
        // A node that nobody contradicts speaks for itself.
        let (against, nodes) = told.map_or((1, 1), |clock| (clock.against, clock.nodes));
        (ahead.size() > CLOCKS_APART_MAX).then_some(Self { ahead, against, nodes })
    }

    /// Returns for how long others hold back what is signed by it now.
    pub(crate) fn held_back(&self) -> Option<Duration> {
        let held = self.ahead.size().checked_sub(CLOCK_SKEW).filter(|_| self.ahead.is_ahead());
        held.filter(|held| !held.is_zero())
    }
}

/// Says whether it is the clock of this node, or of this machine, that is wrong.
fn clock(desk: &Desk, door: &Door, status: &NodeStatus) -> Option<Finding> {
    if let Some(Doubt { shown, now }) = status.doubt {
        return Some(Finding::DoubtedClock { shown, now });
    }
    if status.clock.is_some_and(|clock| clock.is_wrong()) {
        return WrongClock::of(status.now, status).map(Finding::OwnClock);
    }
    let wrong = WrongClock::of(desk.now(), status).filter(|_| !door.is_here());
    wrong.map(|wrong| Finding::FarClock { ahead: wrong.ahead })
}
