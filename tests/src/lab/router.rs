//! The box between a home and everybody: what it lets through, and what it makes of addresses.

use std::fmt::Write as _;

use super::Place;
use super::net::Net;

/// What a router makes of what passes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wall {
    /// The ordinary home router: it hides those behind it, keeps their ports where it can, and drops what
    /// nobody asked for.
    Port,
    /// The same with another port for each way, at random: nobody knows where to knock.
    Sym,
    /// The ordinary one on which the node's port leads to the first machine behind it.
    Forward,
    /// The ordinary one that says so when it takes nothing.
    Reject,
    /// It hides nobody and takes only answers: the ordinary firewall.
    Firewall,
}

/// The port at which nodes listen.
const PORT: u16 = 8471;

/// A router: its outer side is plugged in at the switch of the lab, its inner side is a switch.
#[derive(Debug)]
pub(super) struct Router {
    pub(super) place: Place,
    pub(super) inner: Net,
    /// The number of its cable at the switch of the lab.
    pub(super) cable: u8,
    /// The number of its address there.
    number: u8,
    wall: Wall,
}

impl Router {
    pub(super) fn plugged_in(number: u8, wall: Wall, outer: Net, switch: &Place) -> Self {
        let place = Place::new(Some(switch)).expect("what could be made once can be made again");
        let holder = place.holder.id();
        let card = format!(
            "ip link add h{number} type veth peer name eth0 netns {holder}; \
             ip link set h{number} master switch up"
        );
        switch.shell(&card).unwrap_or_else(|error| panic!("a router: {error}"));
        let router = Self { place, inner: Net::behind(number, wall), cable: number, number, wall };
        router.run(&router.setting_up(outer));
        router
    }

    #[track_caller]
    fn run(&self, words: &str) {
        self.place.shell(words).unwrap_or_else(|error| panic!("at a router: {words}\n{error}"));
    }

    fn setting_up(&self, outer: Net) -> String {
        let (own, inner) = (outer.v4(self.number), self.inner.v4(254));
        // Whoever is hidden from nobody has an address as if on the outer cable.
        let mut words = format!(
            "sysctl -qw net.ipv4.ip_forward=1; ip link set lo up; ip link set eth0 up; \
             sysctl -qw net.ipv4.conf.eth0.proxy_arp=1; ip addr add {own}/16 dev eth0; \
             ip link add switch type bridge; ip link set switch up; ip addr add {inner}/24 dev switch; "
        );
        write!(words, "nft -f - <<'RULES'\n{}\nRULES\n", self.rules()).expect("a text takes text");
        words
    }

    /// Returns the rules in the language of `nft`.
    fn rules(&self) -> String {
        let first = self.inner.v4(1);
        let hide = match self.wall {
            Wall::Firewall => "",
            Wall::Sym => "oifname eth0 masquerade fully-random",
            Wall::Port | Wall::Forward | Wall::Reject => "oifname eth0 masquerade",
        };
        let lead = match self.wall {
            Wall::Forward => format!(
                "iifname eth0 tcp dport {PORT} dnat to {first}\niifname eth0 udp dport {PORT} dnat to {first}"
            ),
            Wall::Port | Wall::Sym | Wall::Reject | Wall::Firewall => String::new(),
        };
        let rest = if self.wall == Wall::Reject { "reject" } else { "drop" };
        format!(
            "table ip wall {{\n\
             chain out {{ type nat hook postrouting priority 100; {hide}\n}}\n\
             chain in {{ type nat hook prerouting priority -100; {lead}\n}}\n\
             chain pass {{ type filter hook forward priority 0;\n\
             ct state established,related accept\niifname switch accept\nct status dnat accept\n{rest}\n}}\n\
             chain own {{ type filter hook input priority 0;\n\
             ct state established,related accept\niifname switch accept\n\
             meta l4proto icmp accept\n{rest}\n}}\n\
             }}"
        )
    }

    /// Returns the address behind which it hides everybody, if it hides anybody.
    pub(super) fn hides(&self) -> Option<String> {
        (self.wall != Wall::Firewall).then(|| Net::WORLD.v4(self.number))
    }

    /// Forgets what has passed it, as a router does that was without power.
    pub(super) fn restart(&self) {
        // The kernel forgets what was hidden behind a card that goes down.
        self.run("ip link set eth0 down; ip link set eth0 up");
    }

    /// Takes another address outside.
    pub(super) fn move_to(&mut self, outer: Net, number: u8) {
        let (old, new) = (outer.v4(self.number), outer.v4(number));
        self.run(&format!("ip addr del {old}/16 dev eth0; ip addr add {new}/16 dev eth0"));
        self.number = number;
        self.restart();
    }

    /// Lets no packet through that is longer than this, and tells nobody.
    pub(super) fn swallow_beyond(&self, bytes: u16) {
        self.run(&format!(
            "nft add chain ip wall narrow '{{ type filter hook forward priority -10; }}'; \
             nft add rule ip wall narrow meta length gt {bytes} drop"
        ));
    }
}
