//! `weft invite`: links by which others find this node.

use anyhow::Result;
use clap::Subcommand;
use qrcodegen::{QrCode, QrCodeEcc};
use serde_json::{Value, json};
use weft_node::invite::{ADDRESSES_MAX, Invite};
use weft_node::network::{Address, Nearness, ParseAddressError, peer_text};
use weft_protocol::admission::Mode;
use weft_protocol::id::NetId;

use crate::commands::policy;
use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::{Exit, Failure};
use crate::names::Names;
use crate::words::{Closed, Joining, Say};

/// Invite another node, and see what an invite says
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a link to this node, to be handed to an operator whom you trust
    ///
    /// It says where this node is, in which region, and which of your networks vouches for who joins by it. Whoever has it
    /// learns that and nothing else. It lets nobody in, and it does not end: when they have founded their
    /// network, you let it in with: weft newcomer welcome NAME
    New {
        /// Where others reach this node, when the node does not know it itself (may be given several
        /// times)
        #[arg(long, value_name = "ADDRESS", value_parser = place)]
        address: Vec<Address>,
        /// The network that vouches for them; the one that lives here when there is only one
        #[arg(long, visible_alias = "net")]
        network: Option<String>,
        /// Show a code for a camera as well, above the link
        #[arg(long)]
        qr: bool,
    },
    /// Show what an invite says, and do nothing
    Show {
        /// The link, in quotation marks
        #[arg(required = true)]
        invite: Vec<String>,
    },
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    match args.verb {
        Verb::New { address, network, qr } => {
            let invite = fresh(desk, address, network.as_deref())?;
            if desk.json {
                desk.answer(&shape(&invite))?;
                return Ok(Exit::Done);
            }
            let (near, vouched) = (invite.nearness(), invite.net.is_some());
            desk.note(&Say::Joining(Joining::InviteMade { near, vouched }));
            let door = Door::open(desk)?;
            if door.is_here() && policy::said(&door)?.mode == Mode::Closed {
                desk.note(&Say::Closed(Closed::Invited));
            }
            let code = QrCode::encode_text(&invite.to_string(), QrCodeEcc::Low);
            if let (true, Ok(code)) = (qr, code) {
                desk.verbatim(drawn(&code))?;
            }
            // The link comes last, where it is seen whatever the height of the screen.
            desk.verbatim(&invite)?;
        }
        Verb::Show { invite } => {
            let invite = read(&invite)?;
            if desk.json {
                desk.answer(&shape(&invite))?;
                return Ok(Exit::Done);
            }
            desk.line(desk.speech.of_joining(&said(&invite)))?;
            warn(desk, &invite);
        }
    }
    Ok(Exit::Done)
}

/// Reads an invite from the words of a command line: of one that was pasted with a space or a line
/// break in it, the shell has made several.
///
/// # Errors
/// A usage failure that says what is wrong with it.
pub(crate) fn read(words: &[String]) -> Result<Invite> {
    let invite = words.join(" ").parse();
    invite.map_err(|error| Failure::ending(Exit::Usage, Say::Joining(Joining::NoInvite(error))))
}

/// Says when an invite cannot be used from everywhere.
pub(crate) fn warn(desk: &Desk, invite: &Invite) {
    let near = invite.nearness();
    if !matches!(near, Nearness::Anywhere | Nearness::Relayed) {
        desk.note(&Say::Joining(Joining::OnlyFrom(near)));
    }
}

/// Reads the address of a node that others are to reach.
pub(crate) fn place(word: &str) -> Result<Address, String> {
    let address: Result<Address, ParseAddressError> = word.parse();
    let address = address.ok().filter(Address::is_possible);
    address.ok_or_else(|| ParseAddressError.to_string())
}

fn fresh(desk: &Desk, given: Vec<Address>, network: Option<&str>) -> Result<Invite> {
    let door = Door::open(desk)?;
    let status = door.status()?;
    let net = match network {
        Some(word) => Some(Names::load(desk)?.network(&door, word)?),
        None => sole(&status.hosted),
    };
    let mut addresses = if given.is_empty() { reachable(&status.listening) } else { given };
    addresses = addresses.iter().map(Address::bare).collect();
    addresses.truncate(ADDRESSES_MAX);
    let region = status.regions.first().cloned().ok_or_else(door::strange)?;
    if addresses.is_empty() && !door.is_here() {
        return Err(Failure::failed(Say::Joining(Joining::InviteOfAnother)));
    }
    if addresses.is_empty() {
        return Err(Failure::failed(Say::Joining(Joining::NowhereToReach)));
    }
    Ok(Invite { node: status.node, region, addresses, net })
}

fn sole(nets: &[NetId]) -> Option<NetId> {
    match nets {
        [net] => Some(*net),
        _ => None,
    }
}

/// Returns where others reach the node: from anywhere first, then through a relay, then on the same
/// network; on the same cable or this machine only when there is nothing better.
fn reachable(listening: &[String]) -> Vec<Address> {
    let all = listening.iter().filter_map(|address| address.parse::<Address>().ok());
    let mut all: Vec<_> = all.filter(Address::is_possible).collect();
    // What programs on this machine call each other by comes last of what is near.
    all.sort_by_key(|address| (address.nearness(), address.is_inner()));
    let best = all.first().map(Address::nearness);
    let worth = |near: Nearness| near <= Nearness::Nearby || Some(near) == best;
    all.retain(|address| worth(address.nearness()));
    all
}

fn said(invite: &Invite) -> Joining {
    Joining::InviteSays {
        node: peer_text(invite.node),
        region: invite.region.to_string(),
        addresses: invite.addresses.iter().map(ToString::to_string).collect(),
        net: invite.net.map(|net| net.to_string()),
    }
}

fn shape(invite: &Invite) -> Value {
    let usable = match invite.nearness() {
        Nearness::Anywhere | Nearness::Relayed => "anywhere",
        Nearness::Nearby => "local network",
        Nearness::Link => "one cable",
        Nearness::Here => "this machine",
    };
    json!({
        "invite": invite.to_string(),
        "node": peer_text(invite.node),
        "region": invite.region,
        "addresses": invite.addresses,
        "network": invite.net,
        "usable": usable,
    })
}

/// Draws a code in half blocks, light on dark as terminals mostly are, with the margin of four that
/// readers want.
fn drawn(code: &QrCode) -> String {
    let size = code.size();
    let light = |x: i32, y: i32| {
        let within = (0..size).contains(&x) && (0..size).contains(&y);
        y < size + 4 && !(within && code.get_module(x, y))
    };
    let cell = |x: i32, y: i32| match (light(x, y), light(x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    let row = |y: usize| {
        let y = i32::try_from(y).unwrap_or(i32::MAX);
        (-4..size + 4).map(|x| cell(x, y - 4)).collect::<String>()
    };
    let rows = usize::try_from(size + 8).unwrap_or_default();
    (0..rows).step_by(2).map(row).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invite_names_the_best_addresses_and_no_worse_ones_beside_them() {
        for (listens, named) in [
            (
                &["/ip4/127.0.0.1/tcp/1", "/ip4/172.17.0.1/tcp/1", "/ip4/192.168.1.7/tcp/1"][..],
                &["/ip4/192.168.1.7/tcp/1", "/ip4/172.17.0.1/tcp/1"][..],
            ),
            (
                &["/ip6/::1/tcp/1", "/ip6/fe80::7/tcp/1", "/ip6/2001:db8::7/tcp/1"],
                &["/ip6/2001:db8::7/tcp/1"],
            ),
            (&["/ip6/fe80::7/tcp/1", "/ip4/127.0.0.1/tcp/1"], &["/ip6/fe80::7/tcp/1"]),
            (&["/ip4/127.0.0.1/tcp/1", "/ip4/0.0.0.0/tcp/1"], &["/ip4/127.0.0.1/tcp/1"]),
            (
                &["/ip4/10.0.0.7/tcp/1", "/ip4/192.0.2.7/udp/1/quic-v1"],
                &["/ip4/192.0.2.7/udp/1/quic-v1", "/ip4/10.0.0.7/tcp/1"],
            ),
        ] {
            let found = reachable(&listens.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), named);
        }
    }

    #[test]
    fn a_code_is_drawn_with_its_margin_and_two_rows_a_line() {
        let code = QrCode::encode_text("weft:", QrCodeEcc::Low).unwrap();
        assert_eq!(code.size(), 21);
        let text = drawn(&code);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 15);
        assert!(lines.iter().all(|line| line.chars().count() == 29));
        assert_eq!(lines[0], "█".repeat(29));
        assert!(lines[2].starts_with("████ ▄▄▄▄▄ "), "the corner that readers look for: {text}");
    }
}
