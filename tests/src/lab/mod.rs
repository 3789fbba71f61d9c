//! A network of the test's own: hosts on a switch, in network namespaces in which they see each other and
//! nothing else.
//!
//! **Invariant:** nothing outside the namespaces changes, and they go with their values.
//!
//! **Invariant:** where the system lets no test make a network, a test says so and ends; where everything
//! must be tested ([`is_strict`]), it fails.

mod host;
mod net;
mod refusal;
mod router;

use std::cell::Cell;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::process::{Process, Progress};

pub use host::{Host, Stack};
pub use refusal::{Refused, refusing};
pub use router::Wall;

use net::Net;
use router::Router;

/// How long one step of making it may take: many times what it needs alone.
const PATIENCE: Duration = Duration::from_secs(20);

/// The switch: a bridge to which every host's card is plugged.
const SWITCH: &str = "ip link add switch type bridge && ip link set switch up && ip link set lo up";

/// The network. Dropping it ends it, when its last program has ended.
#[derive(Debug)]
pub struct Lab {
    place: Place,
    hosts: Cell<u8>,
}

impl Lab {
    /// Makes one with a switch and no hosts; none where the system lets no test make networks.
    ///
    /// # Panics
    ///
    /// When there is none and [`is_strict`].
    pub fn new() -> Option<Self> {
        let place = Place::new(None).filter(|place| place.shell(SWITCH).is_ok());
        assert!(
            place.is_some() || !is_strict(),
            "a test should be able to make a network of its own; it needs iproute2, util-linux and the \
             right to make network namespaces"
        );
        place.map(|place| Self { place, hosts: Cell::new(0) })
    }

    /// Adds a host of this name, plugged in, with the addresses of its stack: the first has 10.77.0.1 and
    /// fd77::1.
    ///
    /// # Panics
    ///
    /// When it cannot be made, with what the system said.
    pub fn host(&self, name: &str, stack: Stack) -> Host {
        Host::plugged_in(name, (Net::ALONE, self.next()), stack, &self.place)
    }

    /// Adds a server: a host of both stacks whose addresses are of the Internet, with nothing before it.
    ///
    /// # Panics
    ///
    /// When it cannot be made, with what the system said.
    pub fn server(&self, name: &str) -> Host {
        Host::plugged_in(name, (Net::WORLD, self.next()), Stack::Dual, &self.place)
    }

    /// Adds a home: a host with a private address of IPv4, which is to be put behind a router.
    pub fn home<'a>(&'a self, name: &'a str) -> Home<'a> {
        Home { lab: self, name }
    }

    fn next(&self) -> u8 {
        let number = self.hosts.get() + 1;
        self.hosts.set(number);
        number
    }

    /// Cuts the line of a host, or of the router that it is behind: its card stays up and notices nothing, and
    /// what is sent goes nowhere.
    ///
    /// # Panics
    ///
    /// When it cannot be cut, with what the system said.
    #[track_caller]
    pub fn cut(&self, host: &Host) {
        self.cable(host, "nomaster");
    }

    /// Mends a line that was cut.
    ///
    /// # Panics
    ///
    /// When it cannot be mended, with what the system said.
    #[track_caller]
    pub fn mend(&self, host: &Host) {
        self.cable(host, "master switch");
    }

    #[track_caller]
    fn cable(&self, host: &Host, words: &str) {
        let done = self.place.shell(&format!("ip link set h{} {words}", host.line()));
        done.unwrap_or_else(|error| panic!("{words}: {error}"));
    }
}

/// A home that is yet to be put behind a router.
#[derive(Debug)]
pub struct Home<'a> {
    lab: &'a Lab,
    name: &'a str,
}

impl Home<'_> {
    /// Puts it behind a router of its own, whose outer address is of the Internet.
    ///
    /// # Panics
    ///
    /// When the system lets nobody make rules for packets (nftables), with what it said.
    pub fn behind(self, wall: Wall) -> Host {
        let router = Router::plugged_in(self.lab.next(), wall, Net::WORLD, &self.lab.place);
        Host::behind(self.name, router)
    }
}

/// Says whether what cannot be tested fails: in CI, and where `WEFT_TESTS_STRICT` says so.
pub fn is_strict() -> bool {
    ["CI", "WEFT_TESTS_STRICT"].iter().any(|name| {
        std::env::var(name).is_ok_and(|value| !value.is_empty() && value != "0" && value != "false")
    })
}

/// Namespaces, and the process that holds them.
#[derive(Debug)]
struct Place {
    holder: Process,
    /// Whether it lies in a user namespace, as whoever is not root needs it.
    mapped: bool,
}

impl Place {
    /// Makes namespaces of a network and of mounts, inside another place's user namespace if one is given.
    fn new(inside: Option<&Self>) -> Option<Self> {
        let hold = ["--net", "--mount", "/bin/sh", "-c", "echo up; exec tail -f /dev/null"];
        let start = |mut command: Command, mapped: bool| {
            command.args(hold);
            let mut holder = Process::try_start(command, &Arc::<Progress>::default())?;
            (holder.next_line(PATIENCE)? == "up").then_some(Self { holder, mapped })
        };
        if let Some(inside) = inside {
            let mut command = Command::new("nsenter");
            command.args(inside.entrance()).arg("unshare");
            return start(command, inside.mapped);
        }
        // As root first: only there other accounts exist.
        start(Command::new("unshare"), false).or_else(|| {
            let mut command = Command::new("unshare");
            command.arg("--map-root-user");
            start(command, true)
        })
    }

    /// Returns the arguments of `nsenter` that lead into it.
    fn entrance(&self) -> Vec<String> {
        let mut words = vec![format!("--target={}", self.holder.id())];
        words.extend(["--net", "--mount"].map(str::to_owned));
        if self.mapped {
            words.extend(["--user", "--preserve-credentials"].map(str::to_owned));
        }
        words
    }

    /// Runs shell words inside, as its root.
    fn shell(&self, words: &str) -> Result<String, String> {
        let mut command = Command::new("nsenter");
        command.args(self.entrance()).args(["/bin/sh", "-e", "-c", words]);
        let output = command.output().map_err(|error| error.to_string())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match output.status.success() {
            true => Ok(text(&output.stdout)),
            false => Err(text(&output.stderr)),
        }
    }
}
