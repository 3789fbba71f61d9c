//! A pasted invite, whatever mails and chats made of it.

use weft_node::invite::{ADDRESSES_MAX, INVITE_BYTES_MAX, Invite};
use weft_node::network::{Address, Nearness};
use weft_protocol::id::{NetId, NodeId};

use crate::{text, texts};

/// Reads a text as an invite, and as an address.
pub fn tries(bytes: &[u8]) -> bool {
    let Some(text) = text(bytes) else { return false };
    if let Ok(address) = text.parse::<Address>() {
        assert_eq!(address.to_string().parse(), Ok(address.clone()), "an address reads back");
        assert!(!format!("{address:?}").contains("/tcp/"), "what is for a log names no place");
        assert_eq!(address.bare().node(), None);
    }
    let Ok(invite) = text.parse::<Invite>() else { return false };
    assert!((1..=ADDRESSES_MAX).contains(&invite.addresses.len()));
    let link = invite.to_string();
    assert!(
        link.len() <= INVITE_BYTES_MAX,
        "an invite fits a code on a screen: {} bytes",
        link.len()
    );
    assert_eq!(link.parse(), Ok(invite.clone()), "an invite reads back");
    assert!(invite.places().all(|place| place.node() == Some(invite.node)));
    assert!(invite.nearness() <= Nearness::Here);
    true
}

/// Invites as they are written, and as they come out of mails and chats.
pub fn seeds() -> Vec<Vec<u8>> {
    let addresses = [
        "/dns4/weft.example/tcp/8471",
        "/ip6/2001:db8::7/udp/8471/quic-v1",
        "/ip4/192.0.2.7/tcp/8471/p2p/12D3KooWCsPGA3N8c5yGPfyuvZVLNxgjWXfkBZqhSrTDd4tNmQQL/p2p-circuit",
    ];
    let all = addresses.map(|address| address.parse::<Address>().expect("an address")).to_vec();
    let region = "gb-bristol".parse().expect("a region");
    let invite =
        Invite { node: NodeId([3; 32]), region, addresses: all, net: Some(NetId([9; 32])) };
    let link = invite.to_string();
    let bare =
        Invite { net: None, addresses: invite.addresses[..1].to_vec(), ..invite }.to_string();
    let (early, late) = link.split_at(60);
    let changed = [
        format!("weft join '{link}'"),
        format!("[{link}]({link})"),
        link.replace('&', "&amp;"),
        link.replace('/', "%2F").replace(':', "%3a").replace('%', "%25"),
        format!("{}=\n{}", early.replace('=', "=3D"), late.replace('=', "=3D")),
        format!("{link}&utm_source=mail&key=x"),
    ];
    let mut seeds = texts(addresses);
    seeds.extend([link, bare].into_iter().chain(changed).map(String::into_bytes));
    seeds
}
