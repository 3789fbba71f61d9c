//! `weft invite`: links by which others find this node.

use anyhow::Result;
use clap::Subcommand;
use qrcodegen::{QrCode, QrCodeEcc};
use serde_json::{Value, json};
use weft_node::invite::{ADDRESSES_MAX, Invite};
use weft_node::network::{Address, Nearness, peer_text};
use weft_protocol::control::NodeStatus;
use weft_protocol::id::NetId;

use crate::desk::Desk;
use crate::door::{self, Door};
use crate::exit::{Exit, Failure};
use crate::names::Names;
use crate::words::Say;

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
    /// It says where this node is, in which region, and which of your networks vouches. Whoever has it
    /// learns that and nothing else. It lets nobody in who could not come anyway, and it does not end.
    New {
        /// Where others reach this node, when the node does not know it itself (may be given several
        /// times)
        #[arg(long, value_name = "ADDRESS")]
        address: Vec<Address>,
        /// The network that vouches; the one that lives here when there is only one
        #[arg(long, visible_alias = "net")]
        network: Option<String>,
    },
    /// Show what an invite says, and do nothing
    Show {
        /// The link
        invite: Invite,
    },
}

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    let invite = match args.verb {
        Verb::New { address, network } => fresh(desk, address, network.as_deref())?,
        Verb::Show { invite } => {
            if !desk.json {
                desk.line(desk.speech.say(&said(&invite)))?;
                return Ok(Exit::Done);
            }
            invite
        }
    };
    if desk.json {
        desk.answer(&shape(&invite))?;
        return Ok(Exit::Done);
    }
    desk.line(&invite)?;
    if let Ok(code) = QrCode::encode_text(&invite.to_string(), QrCodeEcc::Low) {
        desk.line(drawn(&code))?;
    }
    desk.note(&Say::InviteMade);
    Ok(Exit::Done)
}

fn fresh(desk: &Desk, given: Vec<Address>, network: Option<&str>) -> Result<Invite> {
    let door = Door::open(desk)?;
    let status = door.status()?;
    let net = match network {
        Some(word) => Some(Names::load(desk)?.network(&door, word)?),
        None => sole(&status.hosted),
    };
    let mut addresses = if given.is_empty() { reachable(&status) } else { given };
    addresses = addresses.iter().map(Address::bare).collect();
    addresses.truncate(ADDRESSES_MAX);
    let region = status.regions.first().cloned().ok_or_else(door::strange)?;
    if addresses.is_empty() {
        return Err(Failure::failed(Say::NowhereToReach));
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
/// network, and on this machine only when there is nothing else.
fn reachable(status: &NodeStatus) -> Vec<Address> {
    let all = status.listening.iter().filter_map(|address| address.parse::<Address>().ok());
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(Address::nearness);
    let far = all.iter().any(|address| address.nearness() != Nearness::Here);
    all.retain(|address| !far || address.nearness() != Nearness::Here);
    all
}

fn said(invite: &Invite) -> Say {
    Say::InviteSays {
        node: peer_text(invite.node),
        region: invite.region.to_string(),
        addresses: invite.addresses.iter().map(ToString::to_string).collect(),
        net: invite.net.map(|net| net.to_string()),
    }
}

fn shape(invite: &Invite) -> Value {
    json!({
        "invite": invite.to_string(),
        "node": peer_text(invite.node),
        "region": invite.region,
        "addresses": invite.addresses,
        "network": invite.net,
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
