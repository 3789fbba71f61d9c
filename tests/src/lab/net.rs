//! The addresses of one switch.

use super::router::Wall;

/// The addresses that hosts on one switch have: the first 24 bits of IPv4, the first 64 of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Net {
    v4: [u8; 3],
    v6: u16,
}

impl Net {
    /// A local network that no router connects with others.
    pub(super) const ALONE: Self = Self { v4: [10, 77, 0], v6: 0xfd77 };
    /// The Internet: what programs take for public, and here is on one cable.
    pub(super) const WORLD: Self = Self { v4: [9, 77, 0], v6: 0x2a77 };

    /// The network behind a router of this number.
    pub(super) fn behind(number: u8, wall: Wall) -> Self {
        match wall {
            // Who hides nobody gives everybody an address of the Internet, which all others are told of.
            Wall::Firewall => Self { v4: [9, 77, number], v6: 0x2a77 },
            _ => Self { v4: [192, 168, number], v6: 0xfd77 },
        }
    }

    /// Returns how many bits of an address of IPv4 everybody has who is on the same cable, or looks so.
    pub(super) fn bits(self) -> u8 {
        if self == Self::WORLD { 16 } else { 24 }
    }

    pub(super) fn v4(self, number: u8) -> String {
        let [a, b, c] = self.v4;
        format!("{a}.{b}.{c}.{number}")
    }

    pub(super) fn v6(self, number: u8) -> String {
        format!("{:x}::{number}", self.v6)
    }
}
