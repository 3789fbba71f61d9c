//! Which of this machine's addresses lead to it now.
//!
//! The system tells when an address comes or goes. But one of IPv4 stays with a card whose cable is out, and
//! what others have seen of this machine from outside stays known; so the system is asked whenever somebody
//! wants to know.
//!
//! **Invariant:** what the system does not tell hides nothing.

use std::collections::BTreeMap;
use std::net::IpAddr;

use libp2p::multiaddr::{Multiaddr, Protocol};

use super::name::Address;

/// The addresses of this machine's cards, each with whether one that has it is up.
struct Cards(BTreeMap<IpAddr, bool>);

/// Returns those of the node's addresses that lead to it now.
pub(crate) fn leading_here(addresses: &[String]) -> Vec<String> {
    let cards = Cards::now();
    let leads = |text: &&String| match text.parse::<Address>() {
        Ok(address) => cards.lead_here(&address.place()),
        Err(_) => true,
    };
    addresses.iter().filter(leads).cloned().collect()
}

impl Cards {
    /// Asks the system.
    fn now() -> Self {
        let mut cards = BTreeMap::new();
        for card in if_addrs::get_if_addrs().unwrap_or_default() {
            *cards.entry(card.ip()).or_default() |= card.is_oper_up();
        }
        Self(cards)
    }

    /// Says whether an address can lead to this machine as its cards are: an own one by the card that has it, one
    /// of a relay or a router by any card at all.
    fn lead_here(&self, address: &Multiaddr) -> bool {
        let ip: IpAddr = match address.iter().next() {
            Some(Protocol::Ip4(ip)) => ip.into(),
            Some(Protocol::Ip6(ip)) => ip.into(),
            _ => return self.is_online(),
        };
        let own = || self.0.get(&ip).copied();
        ip.is_loopback() || own().unwrap_or_else(|| self.is_online())
    }

    /// Says whether anything beyond this machine can be reached.
    fn is_online(&self) -> bool {
        self.0.is_empty() || self.0.iter().any(|(ip, up)| *up && !ip.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_here_as_long_as_the_card_that_has_it_is_up() {
        let cards = |all: &[(&str, bool)]| {
            Cards(all.iter().map(|(ip, up)| (ip.parse().unwrap(), *up)).collect())
        };
        let lead = |cards: &Cards, wanted: &[(&str, bool)]| {
            for (place, leads) in wanted {
                let leads_now = cards.lead_here(&place.parse().unwrap());
                assert_eq!(leads_now, *leads, "{place}");
            }
        };
        let (wired, wireless, here) = ("192.0.2.7", "2001:db8::7", "127.0.0.1");
        lead(
            &cards(&[(wired, false), (wireless, true), (here, true)]),
            &[
                ("/ip4/192.0.2.7/tcp/1", false),
                ("/ip6/2001:db8::7/udp/1/quic-v1", true),
                ("/ip4/127.0.0.1/tcp/1", true),
                // What others see of it, and by which names, comes in by the card that is up.
                ("/ip4/198.51.100.9/tcp/1", true),
                ("/dns4/weft.example.org/tcp/1", true),
            ],
        );
        lead(
            &cards(&[(wired, false), (here, true)]),
            &[
                ("/ip4/198.51.100.9/tcp/1", false),
                ("/dns4/weft.example.org/tcp/1", false),
                ("/ip4/127.0.0.1/tcp/1", true),
            ],
        );
        // A system that hides its cards is taken to be online.
        lead(&cards(&[]), &[("/ip4/192.0.2.7/tcp/1", true)]);
    }
}
