//! One machine of the lab.

use std::path::Path;
use std::process::Command;

use super::Place;
use super::net::Net;
use super::router::Router;
use crate::sandbox::Sandbox;

/// Which versions of the Internet Protocol a machine speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    /// Both, as most machines do.
    Dual,
    /// IPv4, with IPv6 turned off by the system's settings.
    V4,
    /// IPv6, with nothing of IPv4 but the loopback.
    V6,
}

/// A machine with one network card. Where it is behind no router, nobody has plugged one in.
#[derive(Debug)]
pub struct Host {
    name: String,
    /// The number of its cable, and of its first address.
    cable: u8,
    number: u8,
    net: Net,
    stack: Stack,
    place: Place,
    router: Option<Router>,
}

impl Host {
    pub(super) fn plugged_in(
        name: &str,
        (net, number): (Net, u8),
        stack: Stack,
        switch: &Place,
    ) -> Self {
        let place = Place::new(Some(switch)).expect("what could be made once can be made again");
        let (name, router) = (name.to_owned(), None);
        let host = Self { name, cable: number, number, net, stack, place, router };
        let holder = host.place.holder.id();
        let card = format!(
            "ip link add h{number} type veth peer name eth0 netns {holder}; \
             ip link set h{number} master switch up"
        );
        switch.shell(&card).unwrap_or_else(|error| panic!("a host: {error}"));
        host.run(&host.setting_up());
        host
    }

    /// The first machine behind a router.
    pub(super) fn behind(name: &str, router: Router) -> Self {
        let at = (router.inner, 1);
        let host = Self::plugged_in(name, at, Stack::V4, &router.place);
        Self { router: Some(router), ..host }
    }

    /// Returns the number of its line at the switch of the lab.
    pub(super) fn line(&self) -> u8 {
        self.router.as_ref().map_or(self.cable, |router| router.cable)
    }

    /// Gives it, or the router that it is behind, another address of the same network.
    ///
    /// # Panics
    ///
    /// When it cannot be given, with what the system said.
    pub fn moves_to(&mut self, number: u8) {
        if let Some(router) = &mut self.router {
            return router.move_to(Net::WORLD, number);
        }
        let bits = self.net.bits();
        let (old, new) = (self.net.v4(self.number), self.net.v4(number));
        self.run(&format!("ip addr del {old}/{bits} dev eth0; ip addr add {new}/{bits} dev eth0"));
        // The way to everybody went with the address, or was that of no address.
        self.run(&format!("{} || true", self.way()));
        self.number = number;
    }

    /// Forgets every connection that it had and its router knew of, as machines do that were without power.
    pub fn loses_power(&self) {
        self.run("ss -HKta > /dev/null");
        self.router.iter().for_each(Router::restart);
    }

    /// Lets its router let no packet through that is longer than this, either way, and tell nobody.
    ///
    /// # Panics
    ///
    /// When it is behind none.
    pub fn swallows_beyond(&self, bytes: u16) {
        let router = self.router.as_ref().expect("a router is what swallows");
        router.swallow_beyond(bytes);
    }

    /// Words that bring its cards up, with its addresses and a way to everywhere.
    fn setting_up(&self) -> String {
        let (v4, v6) = (self.net.v4(self.number), self.net.v6(self.number));
        // An address of IPv6 counts at once: nobody else has it, and nobody waits to see that.
        let v6 = format!(
            "ip addr add {v6}/64 dev eth0 nodad; ip -6 route add default via {} dev eth0",
            self.net.v6(255)
        );
        let v4 = format!("ip addr add {v4}/{} dev eth0; {}", self.net.bits(), self.way());
        let off =
            "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1";
        let still = "sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.eth0.accept_dad=0";
        // A cable carries packets: what the system sends in one piece is parted before it, so that a path
        // takes it for as long as it is.
        let up = "ip link set lo up; ip link set eth0 gso_max_segs 1; ip link set eth0 up";
        match self.stack {
            Stack::Dual => format!("{still}; {up}; {v4}; {v6}"),
            Stack::V4 => format!("{off}; {up}; {v4}"),
            Stack::V6 => format!("{still}; {up}; {v6}"),
        }
    }

    /// Words that say where everybody else is.
    fn way(&self) -> String {
        format!("ip route add default via {} dev eth0", self.net.v4(254))
    }

    /// Runs shell words on it, as its root, and returns what they printed.
    ///
    /// # Panics
    ///
    /// When they fail, with what they said.
    #[track_caller]
    pub fn run(&self, words: &str) -> String {
        self.place.shell(words).unwrap_or_else(|error| panic!("on {}: {words}\n{error}", self.name))
    }

    /// Takes every file of the system's settings away: no name servers, no list of hosts, no accounts.
    pub fn forget_settings(&self) {
        self.run("mount -t tmpfs none /etc");
    }

    /// Returns the addresses by which the others reach it, IPv4 first.
    pub fn addresses(&self) -> Vec<String> {
        let (v4, v6) = (self.net.v4(self.number), self.net.v6(self.number));
        match self.stack {
            Stack::Dual => vec![v4, v6],
            Stack::V4 => vec![v4],
            Stack::V6 => vec![v6],
        }
    }

    /// Returns the address of IPv4 under which everybody else sees it.
    pub fn outside(&self) -> String {
        self.router.as_ref().and_then(Router::hides).unwrap_or_else(|| self.net.v4(self.number))
    }

    /// Says whether it has accounts of other people; as a user who is not root one can make none.
    pub fn has_accounts(&self) -> bool {
        !self.place.mapped
    }

    /// Prepares shell words for a person who sits at it, in a folder of theirs, with the programs of its
    /// `bin` before those of the system.
    pub fn at(&self, folder: &Path, words: &str) -> Command {
        let folder = folder.display();
        let mut command = Command::new("/usr/bin/nsenter");
        command.args(self.place.entrance()).args(["/bin/sh", "-c"]);
        command.arg(format!("cd '{folder}' && {words}"));
        let path = format!("{folder}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        command.env_clear().env("HOME", folder.to_string()).env("PATH", path);
        command.env("TERM", "xterm").env("TZ", "UTC").env("LANG", "C");
        command
    }

    /// Makes an empty home for a person who sits at it.
    pub fn sandbox(&self) -> Sandbox {
        self.sandbox_after("")
    }

    /// The same for a person whose shell has run these words there before every command.
    pub fn sandbox_after(&self, words: &str) -> Sandbox {
        let enter = self.place.entrance().join(" ");
        // Entering leads to the root folder; people stay where they are.
        Sandbox::after(&format!(
            "if [ -z \"$AT_HOST\" ]; then export AT_HOST=1\n\
             exec nsenter {enter} /bin/sh -c 'cd \"$0\" && exec \"$@\"' \"$PWD\" \"$0\" \"$@\"; fi\n\
             {words}"
        ))
    }
}
