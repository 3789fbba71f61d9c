//! A test of what the log says, and does not say.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

use super::super::{PeerStream, Protocol, peer_text};
use super::*;

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Meets, gossips, streams, fails to dial, parts: all that has an address somewhere.
async fn a_day() {
    let (alice, mut bob) = pair().await;
    let nobody: Address = "/ip4/127.0.0.1/tcp/1".parse().unwrap();
    alice.client.dial(vec![nobody.clone(), nobody.with_node(bob.node())]).await;
    alice.publish(b"good morning").await;
    bob.receive(b"good morning", GossipVerdict::Reject).await;
    let _stream: PeerStream =
        alice.client.open_stream(bob.node(), Protocol::Sync).await.expect("bob is connected");
    tracing::info!(?nobody, "an address that somebody logs by mistake");
    alice.client.shutdown().await;
    bob.disconnected(alice.node()).await;
    bob.client.shutdown().await;
}

fn log(filter: Targets) -> String {
    let page = Page::default();
    let writer = page.clone();
    let lines =
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    let subscriber = tracing_subscriber::registry().with(filter).with(lines);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tracing::subscriber::with_default(subscriber, || runtime.block_on(a_day()));
    let bytes = page.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn no_line_at_any_level_holds_an_address() {
    let all = Targets::new().with_default(LevelFilter::TRACE);
    assert!(log(all).contains("127.0.0.1"), "where the libraries speak too, there are addresses");
    let lines = log(Targets::new().with_target("weft", LevelFilter::TRACE));
    for place in ["127.0.0.1", "/ip4", "/tcp"] {
        let line = lines.lines().find(|line| line.contains(place));
        assert_eq!(line, None, "this line holds an address");
    }
    assert!(lines.contains(&peer_text(NodeId::from(
        weft_protocol::key::SecretKey::from_seed(&[2; 32]).public()
    ))));
}
