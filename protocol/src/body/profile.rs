//! `profile`: who a network is.

use serde::{Deserialize, Serialize};

use super::KnownBody;
use super::sealed::Boxes;
use super::text::{Lang, Line, List, Place, Tag, Text};
use crate::id::NodeId;

/// What sort of network it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkKind {
    /// Groups with common work.
    Network,
    /// Networks that have joined.
    Alliance,
    /// A place where others come together.
    Hub,
    /// A community group.
    Group,
    /// Work of several networks.
    Project,
    /// A group that connects others.
    Connector,
    /// Reads and has no vote.
    Observer,
}

/// How many people belong to it, roughly and on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Size {
    /// 1 to 9.
    #[serde(rename = "1-9")]
    Few,
    /// 10 to 99.
    #[serde(rename = "10-99")]
    Tens,
    /// 100 to 999.
    #[serde(rename = "100-999")]
    Hundreds,
    /// 1 000 to 9 999.
    #[serde(rename = "1k-9k")]
    Thousands,
    /// 10 000 and more.
    #[serde(rename = "10k+")]
    Many,
}

/// Where the network is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Coming together.
    Forming,
    /// At work.
    #[default]
    Active,
    /// Resting.
    Dormant,
}

/// Something that the network always offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingOffer {
    /// What, in one short name.
    pub tag: Tag,
    /// What, in words.
    pub text: Text<500>,
}

/// A page about the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What the page is: `home`, `logo`, `form`, `org-id` …
    pub rel: Tag,
    /// Its address, at most 300 bytes.
    pub url: Url,
}

/// An `https:` or `http:` address of at most 300 bytes without spaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Url(Box<str>);

impl TryFrom<String> for Url {
    type Error = UrlError;

    fn try_from(url: String) -> Result<Self, UrlError> {
        let web = url.starts_with("https://") || url.starts_with("http://");
        let plain = url.chars().all(|c| !c.is_whitespace() && !c.is_control());
        if web && plain && url.len() <= 300 { Ok(Self(url.into())) } else { Err(UrlError) }
    }
}

impl From<Url> for String {
    fn from(url: Url) -> Self {
        url.0.into()
    }
}

impl Url {
    /// Returns the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text is not an address of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a link begins with https:// or http://, has no spaces and at most 300 bytes")]
pub struct UrlError;

/// A node that the network runs and chooses to publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedNode {
    /// Which node: it receives the network's `own` records.
    pub node: NodeId,
    /// Where it listens, as multiaddresses; none when the network keeps them to itself.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub addresses: List<Address, 4>,
}

/// Where a node listens: a multiaddress in text form, 2 to 200 visible ASCII characters that begin
/// with `/`. Two hundred hold an address through a relay, which names two nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(Box<str>);

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(address: String) -> Result<Self, AddressError> {
        let visible = address.bytes().all(|b| b.is_ascii_graphic());
        let fine = visible && address.starts_with('/') && (2..=200).contains(&address.len());
        if fine { Ok(Self(address.into())) } else { Err(AddressError) }
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0.into()
    }
}

impl Address {
    /// Returns the multiaddress.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text is not an address of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a node's address begins with '/' and has at most 200 visible ASCII characters")]
pub struct AddressError;

/// Who a network is. Renewed once a year, so that the directory stays honest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What sort of network it is.
    pub kind: NetworkKind,
    /// Its name.
    pub name: Line<120>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Text<1000>>,
    /// Civic, cultural, labour, academic, faith, media, funder …
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub sectors: List<Tag, 8>,
    /// Movement fields: political-reform, civic-engagement, bridging, racial-social-justice,
    /// economic-justice, climate-environment, or others.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub fields: List<Tag, 12>,
    /// Where it works.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub places: List<Place, 12>,
    /// The languages it works in.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub languages: List<Lang, 12>,
    /// How many people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// Where it is in its life.
    #[serde(default)]
    pub status: Status,
    /// What it always offers.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub offers: List<StandingOffer, 12>,
    /// Its pages.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub links: List<Link, 8>,
    /// The X25519 key that others seal to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealing: Option<SealingKey>,
    /// The nodes it runs.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub nodes: List<PublishedNode, 8>,
    /// How to reach it, to some readers only.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub contact: Boxes,
}

/// An X25519 public key for libsodium sealed boxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealingKey(pub crate::id::PublicKey);

impl KnownBody for Profile {
    const KEYS: &'static [&'static str] = &[
        "kind",
        "name",
        "purpose",
        "sectors",
        "fields",
        "places",
        "languages",
        "size",
        "status",
        "offers",
        "links",
        "sealing",
        "nodes",
        "contact",
    ];
}
