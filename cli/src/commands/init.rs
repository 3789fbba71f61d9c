//! `weft init`: makes a home.

use anyhow::{Context, Result};
use serde_json::json;
use weft_node::config::{DEFAULT_NODE, NetworkSection};
use weft_node::network::{Address, peer_text};
use weft_protocol::admission::Mode;
use weft_protocol::body::text::Lang;
use weft_protocol::id::NetId;
use weft_protocol::region::Region;

use crate::commands::invite::place;
use crate::commands::up::address;
use crate::desk::Desk;
use crate::exit::{Exit, Failure};
use crate::home::Content;
use crate::input::code::lang;
use crate::input::named::region;
use crate::keys;
use crate::words::{Joining, Say};

/// Make a home for a node
///
/// It holds the settings (config.toml), the node's own key, your keys and the records. Only you
/// can enter it.
///
/// A member without a node of their own names the node that their network runs with --node; from then
/// on every command asks there.
///
/// For example: weft init --region gb-bristol
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The region that your network publishes in, such as gb-bristol or us-wa
    #[arg(long, value_parser = region)]
    region: Region,
    /// Where the node listens, such as /ip4/0.0.0.0/tcp/8471 (may be given several times)
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    listen: Vec<String>,
    /// A node to stay connected with: its address, ending in /p2p/… (may be given several times)
    #[arg(long, value_name = "ADDRESS", value_parser = peer)]
    peer: Vec<String>,
    /// The language of what you write, unless you say otherwise [default: that of this system]
    #[arg(long, value_name = "LANGUAGE", value_parser = lang)]
    language: Option<Lang>,
    /// A network that you trust: it is let in, and those tied to it (may be given several times)
    #[arg(long, value_name = "NETWORK")]
    trust: Vec<NetId>,
    /// Who is let in: open, federation or closed
    #[arg(long, value_name = "MODE", default_value = "federation")]
    mode: Mode,
    /// Whether somebody has invited us.
    #[arg(skip)]
    invited: bool,
}

impl Args {
    /// Says what an invite says: the region, whom to stay connected with, and who vouches.
    pub(crate) fn invited(region: Region, peer: Vec<String>, vouches: Option<NetId>) -> Self {
        let (listen, trust) = (Vec::new(), Vec::from_iter(vouches));
        Self { region, listen, peer, language: None, trust, mode: Mode::default(), invited: true }
    }

    /// Says where the node listens.
    pub(crate) fn at(self, listen: Vec<String>) -> Self {
        Self { listen, ..self }
    }
}

/// Reads the address of a node to stay connected with.
fn peer(word: &str) -> Result<String, String> {
    place(word).map(|_| word.to_owned())
}

/// Makes the home, its settings and the node's key.
pub(crate) fn run(desk: &Desk, args: Args) -> Result<Exit> {
    let path = desk.home.shown();
    match desk.home.content()? {
        Content::Nothing | Content::Begun => {}
        Content::Home => return Err(Failure::failed(Say::HomeExists { path })),
        Content::Other => return Err(Failure::failed(Say::NotOurFolder { path })),
    }
    if desk.home.path().exists() {
        desk.home.tidy().context(path.clone())?;
    }
    let key = keys::fresh()?;
    let language = args.language.clone().unwrap_or_else(|| desk.mother_tongue());
    let mut settings = settings(&args, &language);
    let away_node = desk.node_away()?;
    if let Some(address) = &away_node {
        settings.push_str(&away(address));
    }
    let node = peer_text(desk.home.node().create(&settings, &key)?);
    desk.home.close().context(path.clone())?;
    let region = args.region.to_string();
    if desk.json {
        desk.answer(&json!({ "home": path, "region": region, "node": node }))?;
    } else if away_node.is_some() {
        desk.line(desk.speech.say(&Say::MemberHomeMade { path, region }))?;
    } else if args.invited {
        let net = args.trust.first().map(ToString::to_string);
        desk.line(desk.speech.of_joining(&Joining::HomeMade { path, region, node, net }))?;
    } else {
        desk.line(desk.speech.say(&Say::HomeMade { path, region, node }))?;
    }
    Ok(Exit::Done)
}

/// Returns the settings as people will read them.
fn settings(args: &Args, language: &Lang) -> String {
    let usual = NetworkSection::default().listen;
    let listen = list(if args.listen.is_empty() { &usual } else { &args.listen });
    format!(
        "# The settings of this node. Change them with any editor, then restart the node.\n\
         # `weft config show` tells what is understood, `weft config schema` what can be said.\n\
         \n\
         # The region that your network publishes in.\n\
         region = \"{region}\"\n\
         \n\
         # More regions that this node is in; only for those who bridge.\n\
         regions = []\n\
         \n\
         # The language of what you write, unless you say otherwise.\n\
         language = \"{language}\"\n\
         \n\
         [admission]\n\
         # Who is let in. \"open\": newcomers too, a few records an hour. \"federation\": those to whom a\n\
         # chain of ties leads; newcomers wait in a list until you welcome them. \"closed\": those you name,\n\
         # and no other node is spoken with.\n\
         mode = \"{mode}\"\n\
         # Networks from which such chains start, beside those that live here.\n\
         seeds = {seeds}\n\
         \n\
         [network]\n\
         # Where the node listens. Port 0 takes a free one.\n\
         listen = {listen}\n\
         # Nodes to stay connected with: their addresses, each ending in /p2p/ and a name.\n\
         peers = {peers}\n\
         # Whether to look for nodes on the local network, and to be found there.\n\
         mdns = true\n\
         \n\
         [log]\n\
         # How much is written: error, warn, info or debug.\n\
         level = \"info\"\n",
        region = args.region,
        mode = args.mode,
        seeds = list(&args.trust.iter().map(ToString::to_string).collect::<Vec<_>>()),
        peers = list(&args.peer),
    )
}

/// Returns what the settings say of a node that is somewhere else.
fn away(address: &Address) -> String {
    format!(
        "\n\
         # Commands ask this node instead of one that runs here, unless --node says otherwise.\n\
         [nodes]\n\
         {DEFAULT_NODE} = \"{address}\"\n"
    )
}

fn list(items: &[String]) -> String {
    toml::Value::from(items.to_vec()).to_string()
}

#[cfg(test)]
mod tests {
    use weft_node::config::Config;

    use super::*;
    use weft_node::config::english;

    #[test]
    fn the_settings_are_the_usual_ones_unless_something_was_asked_for() {
        let region: Region = "gb-bristol".parse().unwrap();
        let args = Args::invited(region.clone(), Vec::new(), None);
        assert_eq!(
            toml::from_str::<Config>(&settings(&args, &english())).unwrap(),
            Config::new(region)
        );
    }

    #[test]
    fn the_settings_say_what_was_asked_for() {
        let args = Args {
            region: "gb-bristol".parse().unwrap(),
            listen: vec!["/ip4/127.0.0.1/tcp/0".to_owned()],
            peer: Vec::new(),
            language: None,
            trust: vec![NetId([7; 32])],
            mode: Mode::Closed,
            invited: false,
        };
        let config: Config = toml::from_str(&settings(&args, &"es".parse().unwrap())).unwrap();
        assert_eq!(config.region.as_str(), "gb-bristol");
        assert_eq!(config.language.as_str(), "es");
        assert_eq!(config.admission.mode, Mode::Closed);
        assert_eq!(config.admission.seeds, [NetId([7; 32])].into());
        assert_eq!(config.network.listen, ["/ip4/127.0.0.1/tcp/0"]);
    }
}
