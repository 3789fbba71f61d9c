//! The task that owns the swarm.
use super::NetworkConfig;
use super::behaviour::Parts;
use super::client::Command;
use super::event::NetworkEvent;
use libp2p::Swarm;
use tokio::sync::mpsc;

pub(super) async fn run(
    swarm: Swarm<Parts>,
    config: NetworkConfig,
    inbox: mpsc::Receiver<Command>,
    events: mpsc::Sender<NetworkEvent>,
) {
    drop((swarm, config, inbox, events));
}
