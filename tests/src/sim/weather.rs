//! What the network does to what is sent.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// How a simulated network and its machines behave.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// The shortest and the longest way over a link.
    pub latency: (Duration, Duration),
    /// Of a thousand things sent, how many are lost on the way. A lost gossip message is gone; a
    /// lost part of a stream is sent again, late, and the third loss in a row breaks the
    /// connection.
    pub loss: u32,
    /// Of a thousand gossip messages, how many arrive twice.
    pub doubles: u32,
    /// How long a disk takes to make a batch durable, at most.
    pub disk: Duration,
    /// About how often something goes wrong: a crash, a partition, a broken connection. Never,
    /// when absent.
    pub mishaps: Option<Duration>,
}

/// How long a sender waits before it sends a lost part again.
const AGAIN: Duration = Duration::from_millis(200);

impl Weather {
    /// Nothing is lost, and nothing takes long.
    pub const CALM: Self = Self {
        latency: (Duration::from_millis(5), Duration::from_millis(40)),
        loss: 0,
        doubles: 0,
        disk: Duration::from_millis(10),
        mishaps: None,
    };

    /// Three of ten are lost, and every few seconds something breaks.
    pub const STORM: Self = Self {
        latency: (Duration::from_millis(10), Duration::from_millis(400)),
        loss: 300,
        doubles: 50,
        disk: Duration::from_millis(80),
        mishaps: Some(Duration::from_secs(4)),
    };
}

/// The seeded dice of a simulation.
#[derive(Debug)]
pub(super) struct Dice(pub(super) ChaCha8Rng);

impl Dice {
    /// Returns a number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a small number");
        usize::try_from(self.0.next_u64() % end).expect("below a small number")
    }

    /// Says yes so many times in a thousand.
    pub(super) fn chance(&mut self, permille: u32) -> bool {
        self.0.next_u32() % 1000 < permille
    }

    /// Returns a time between two.
    pub(super) fn between(&mut self, (least, most): (Duration, Duration)) -> Duration {
        let span = u64::try_from((most.saturating_sub(least)).as_millis()).expect("short");
        least + Duration::from_millis(self.0.next_u64() % (span + 1))
    }

    /// Returns how long something takes over a link; `None` when it does not arrive.
    pub(super) fn way(&mut self, weather: &Weather) -> Option<Duration> {
        let way = self.between(weather.latency);
        (!self.chance(weather.loss)).then_some(way)
    }

    /// Returns how long a part of a stream takes, however often it is lost; `None` when the
    /// connection breaks over it.
    pub(super) fn stubborn_way(&mut self, weather: &Weather) -> Option<Duration> {
        (0..3).find_map(|n| self.way(weather).map(|way| way + AGAIN * n))
    }

    /// Returns bytes.
    pub(super) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}
