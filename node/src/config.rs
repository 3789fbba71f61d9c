//! The configuration: a file, then the environment, then the command line, each above the one
//! before.
//!
//! **Invariant:** an unknown key is refused with its name, never ignored: a misspelt limit must
//! not look as if it held.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use weft_protocol::admission::{DISTANCE_MAX, Terms};
use weft_protocol::body::text::Lang;
use weft_protocol::bridge::{Rule, RuleError};
use weft_protocol::engine::{Choices, INTERVAL, REGIONS_MAX};
use weft_protocol::id::NetId;
use weft_protocol::region::Region;

use crate::network::{Address, Relaying, Traffic};
use crate::profile::Profile;

/// The name of the configuration in a node's home.
pub const FILE: &str = "config.toml";

/// The name of the node that commands ask instead of the one in their own home.
pub const DEFAULT_NODE: &str = "default";

/// How a node is to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The region that this node's networks publish in.
    pub region: Region,
    /// Further regions that the node is in.
    #[serde(default)]
    pub regions: BTreeSet<Region>,
    /// The language of texts that name none.
    #[serde(default = "english")]
    pub language: Lang,
    /// What the node's surroundings are like; it stands above what the settings say of the same.
    #[serde(default)]
    pub profile: Profile,
    /// The networks whose `own` records live here.
    #[serde(default)]
    pub networks: BTreeSet<NetId>,
    /// Nodes somewhere else whose door commands may knock at, by name: addresses that end in `/p2p/…`.
    /// The one called [`DEFAULT_NODE`] is asked by every command that names none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub nodes: BTreeMap<String, String>,
    /// How the node meets others.
    #[serde(default)]
    pub network: NetworkSection,
    /// On which terms it takes what others say.
    #[serde(default)]
    pub admission: Terms,
    /// How much of the network it takes part in.
    #[serde(default)]
    pub traffic: TrafficSection,
    /// What the node writes to its log.
    #[serde(default)]
    pub log: LogSection,
    /// How the node keeps records.
    #[serde(default)]
    pub store: StoreSection,
    /// What the node carries from one of its regions into another. Further rules are given to the
    /// node while it runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bridge: Vec<Rule>,
}

/// How the node meets others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSection {
    /// Where to listen, as multiaddresses; port 0 takes a free one.
    pub listen: Vec<String>,
    /// Nodes to stay connected with, as multiaddresses that end in `/p2p/…`.
    pub peers: Vec<String>,
    /// Whether to look for nodes on the local network, and to be found there.
    pub mdns: bool,
    /// Whether to keep this node's addresses from the peers it meets.
    pub hide_addresses: bool,
    /// What relays are to this node: `off`, `use`, or `serve`.
    pub relay: Relaying,
}

/// How much of the network a node takes part in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrafficSection {
    /// See [`Traffic::inbound`].
    pub inbound: u32,
    /// See [`Traffic::nodes`].
    pub nodes: u32,
    /// See [`Traffic::mesh`].
    pub mesh: u8,
    /// About how many seconds pass between two comparisons with some node, when nothing happens.
    pub reconcile_seconds: u32,
}

/// What the node writes to its log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSection {
    /// How much: `error`, `warn`, `info`, `debug`, or a filter such as `weft_node::store=debug`.
    pub level: String,
    /// Whether each line is a JSON object.
    pub json: bool,
}

/// How the node keeps records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSection {
    /// The memory that the index may use for its cache, in MiB.
    pub cache_mib: u64,
}

/// Returns the language of texts that name none, where nobody has said another.
///
/// # Panics
/// Never: it is a language tag.
pub fn english() -> Lang {
    "en".parse().expect("'en' is a language tag")
}

impl Default for NetworkSection {
    fn default() -> Self {
        let listen = [
            "/ip4/0.0.0.0/tcp/8471",
            "/ip6/::/tcp/8471",
            "/ip4/0.0.0.0/udp/8471/quic-v1",
            "/ip6/::/udp/8471/quic-v1",
        ];
        Self {
            listen: listen.map(str::to_owned).to_vec(),
            peers: Vec::new(),
            mdns: true,
            hide_addresses: false,
            relay: Relaying::Use,
        }
    }
}

impl Default for TrafficSection {
    fn default() -> Self {
        let Traffic { inbound, nodes, mesh } = Traffic::default();
        let reconcile_seconds = u32::try_from(INTERVAL.as_secs()).unwrap_or(u32::MAX);
        Self { inbound, nodes, mesh, reconcile_seconds }
    }
}

impl TrafficSection {
    /// Returns what is the network's part of it.
    pub(crate) fn of_network(&self) -> Traffic {
        Traffic { inbound: self.inbound, nodes: self.nodes, mesh: self.mesh }
    }

    /// Returns the time between two comparisons, at least a second.
    pub(crate) fn interval(&self) -> Duration {
        Duration::from_secs(self.reconcile_seconds.max(1).into())
    }
}

impl Default for LogSection {
    fn default() -> Self {
        Self { level: "info".to_owned(), json: false }
    }
}

impl Default for StoreSection {
    fn default() -> Self {
        Self { cache_mib: 8 }
    }
}

/// What the environment or the command line says; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// See [`Config::region`].
    pub region: Option<Region>,
    /// See [`Config::profile`].
    pub profile: Option<Profile>,
    /// See [`NetworkSection::listen`].
    pub listen: Option<Vec<String>>,
    /// See [`NetworkSection::peers`].
    pub peers: Option<Vec<String>>,
    /// See [`NetworkSection::mdns`].
    pub mdns: Option<bool>,
    /// See [`LogSection::level`].
    pub log: Option<String>,
    /// See [`LogSection::json`].
    pub log_json: Option<bool>,
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no configuration: the home was never made, or is another.
    #[error("there is no configuration at {0}; make a home with: weft init")]
    Missing(PathBuf),
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The file says something that is not known, or in a wrong form.
    #[error("{path} is not a configuration")]
    Form {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        cause: Box<toml::de::Error>,
    },
    /// A value of the environment or the command line is of no use.
    #[error("{name} is not usable: {why}")]
    Value {
        /// Which.
        name: String,
        /// Why.
        why: String,
    },
}

impl Overrides {
    /// Reads the variables `WEFT_REGION`, `WEFT_PROFILE`, `WEFT_LISTEN`, `WEFT_PEERS` (both separated by
    /// commas), `WEFT_MDNS`, `WEFT_LOG` and `WEFT_LOG_JSON`.
    ///
    /// # Errors
    /// [`ConfigError::Value`] with the name of a variable that is of no use.
    pub fn from_env(
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let list = |text: &str| text.split(',').map(str::trim).map(str::to_owned).collect();
        let mut said = Self::default();
        for (name, value) in variables {
            let bad = |why: &dyn ToString| ConfigError::Value {
                name: name.clone(),
                why: why.to_string(),
            };
            let truth = || match value.as_str() {
                "1" | "true" | "yes" => Ok(true),
                "0" | "false" | "no" => Ok(false),
                _ => Err(bad(&"say yes or no")),
            };
            match name.as_str() {
                "WEFT_REGION" => said.region = Some(value.parse().map_err(|e| bad(&e))?),
                "WEFT_PROFILE" => said.profile = Some(value.parse().map_err(|e| bad(&e))?),
                "WEFT_LISTEN" => said.listen = Some(list(&value)),
                "WEFT_PEERS" => said.peers = Some(list(&value)),
                "WEFT_MDNS" => said.mdns = Some(truth()?),
                "WEFT_LOG" => said.log = Some(value.clone()),
                "WEFT_LOG_JSON" => said.log_json = Some(truth()?),
                _ => {}
            }
        }
        Ok(said)
    }
}

impl Config {
    /// Makes the configuration of a new node, with the defaults.
    pub fn new(region: Region) -> Self {
        Self {
            region,
            regions: BTreeSet::new(),
            language: english(),
            profile: Profile::default(),
            networks: BTreeSet::new(),
            nodes: BTreeMap::new(),
            network: NetworkSection::default(),
            admission: Terms::default(),
            traffic: TrafficSection::default(),
            log: LogSection::default(),
            store: StoreSection::default(),
            bridge: Vec::new(),
        }
    }

    /// Reads the file in this home and puts what was said elsewhere above it, the last first in
    /// rank.
    ///
    /// # Errors
    /// [`ConfigError`]; what it says names the file or the variable.
    pub fn load(
        home: &Path,
        said: impl IntoIterator<Item = Overrides>,
    ) -> Result<Self, ConfigError> {
        let path = home.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(ConfigError::Missing(path));
            }
            Err(cause) => return Err(ConfigError::Read { path, cause }),
        };
        Self::read((&path, &text), said)
    }

    /// Reads what a file says, which is named in errors, and puts what was said elsewhere above it, as
    /// [`Config::load`].
    ///
    /// # Errors
    /// [`ConfigError::Form`] and [`ConfigError::Value`].
    pub fn read(
        (path, text): (&Path, &str),
        said: impl IntoIterator<Item = Overrides>,
    ) -> Result<Self, ConfigError> {
        let form = |cause| ConfigError::Form { path: path.to_owned(), cause: Box::new(cause) };
        let mut config: Self = toml::from_str(text).map_err(form)?;
        let said: Vec<Overrides> = said.into_iter().collect();
        let profile = said.iter().filter_map(|overrides| overrides.profile).next_back();
        profile.unwrap_or(config.profile).apply(&mut config).map_err(form)?;
        said.into_iter().for_each(|overrides| config.overlay(overrides));
        config.check()?;
        Ok(config)
    }

    fn overlay(&mut self, said: Overrides) {
        fn set<T>(place: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *place = value;
            }
        }
        set(&mut self.region, said.region);
        set(&mut self.network.listen, said.listen);
        set(&mut self.network.peers, said.peers);
        set(&mut self.network.mdns, said.mdns);
        set(&mut self.log.level, said.log);
        set(&mut self.log.json, said.log_json);
    }

    fn check(&self) -> Result<(), ConfigError> {
        if !self.admission.is_usable() {
            let why = format!("a chain of ties is at most {DISTANCE_MAX} long");
            return Err(ConfigError::Value { name: "admission.distance".to_owned(), why });
        }
        if self.all_regions().len() > REGIONS_MAX {
            let why = format!("a node is in at most {REGIONS_MAX} regions");
            return Err(ConfigError::Value { name: "regions".to_owned(), why });
        }
        self.addresses("listen", &self.network.listen)?;
        self.addresses("peers", &self.network.peers)?;
        self.check_rules()
    }

    fn check_rules(&self) -> Result<(), ConfigError> {
        let (regions, mut names) = (self.all_regions(), BTreeSet::new());
        for rule in &self.bridge {
            let bad =
                |why: String| ConfigError::Value { name: format!("bridge {}", rule.name), why };
            rule.check().map_err(|error| bad(error.to_string()))?;
            if let Some(region) = [&rule.from, &rule.to].into_iter().find(|r| !regions.contains(*r))
            {
                return Err(bad(format!("this node is not in the region {region}")));
            }
            if !names.insert(&rule.name) {
                return Err(bad(RuleError::Name.to_string()));
            }
        }
        Ok(())
    }

    /// Returns all regions that the node is in.
    pub fn all_regions(&self) -> BTreeSet<Region> {
        let mut regions = self.regions.clone();
        regions.insert(self.region.clone());
        regions
    }

    /// Returns the regions that the node is in after what the operator has chosen while it ran.
    pub fn regions_after(&self, choices: &Choices) -> BTreeSet<Region> {
        let mut regions = self.all_regions();
        regions.extend(choices.joined.iter().cloned());
        regions.retain(|region| *region == self.region || !choices.left.contains(region));
        regions
    }

    /// Reads a list of addresses.
    ///
    /// # Errors
    /// [`ConfigError::Value`] for the first that is none.
    pub(crate) fn addresses(
        &self,
        name: &str,
        texts: &[String],
    ) -> Result<Vec<Address>, ConfigError> {
        let read = |text: &String| {
            text.parse().map_err(|e: crate::network::ParseAddressError| ConfigError::Value {
                name: name.to_owned(),
                why: format!("{text}: {e}"),
            })
        };
        texts.iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(text: &str) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(FILE), text).unwrap();
        home
    }

    #[test]
    fn the_command_line_outranks_the_environment_which_outranks_the_file() {
        let home = home("region = \"gb-bristol\"\n[log]\nlevel = \"warn\"\njson = true\n");
        let variables = [("WEFT_LOG", "debug"), ("WEFT_REGION", "gb-london")];
        let env = Overrides::from_env(variables.map(|(n, v)| (n.into(), v.into())).into_iter());
        let flags = Overrides { log: Some("error".into()), ..Overrides::default() };
        let config = Config::load(home.path(), [env.unwrap(), flags]).unwrap();
        assert_eq!(config.region.as_str(), "gb-london");
        assert_eq!(config.log, LogSection { level: "error".into(), json: true });
    }

    #[test]
    fn a_profile_stands_above_the_file_and_below_what_is_said() {
        let home = home("region = \"us-wa\"\nprofile = \"quiet\"\n[network]\nmdns = true\n");
        let quiet = Config::load(home.path(), []).unwrap();
        assert!(!quiet.network.mdns && quiet.network.listen.is_empty());
        let said = Overrides { mdns: Some(true), ..Overrides::default() };
        assert!(Config::load(home.path(), [said]).unwrap().network.mdns);
        let crisis = Overrides { profile: Some(Profile::Crisis), ..Overrides::default() };
        let crisis = Config::load(home.path(), [crisis]).unwrap();
        assert_eq!((crisis.profile, crisis.network.hide_addresses), (Profile::Crisis, false));
        assert_eq!(crisis.traffic.interval(), Duration::from_secs(120));
    }

    #[test]
    fn what_was_chosen_stands_above_the_file_and_the_home_above_both() {
        let region = |name: &str| name.parse::<Region>().unwrap();
        let mut config = Config::new(region("us-wa"));
        config.regions = [region("us-or"), region("us-ca")].into();
        let joined = [region("ca-bc")].into();
        let left = [region("us-or"), region("us-wa")].into();
        let chosen = Choices { joined, left, ..Choices::default() };
        let all = [region("ca-bc"), region("us-ca"), region("us-wa")];
        assert_eq!(config.regions_after(&chosen), all.into());
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_name() {
        let home = home("region = \"gb-bristol\"\nreigon = \"x\"\n");
        let error = Config::load(home.path(), []).unwrap_err();
        let ConfigError::Form { cause, .. } = error else { panic!("{error:?}") };
        assert!(cause.to_string().contains("reigon"), "{cause}");
    }

    #[test]
    fn an_address_that_is_none_is_refused_before_anything_starts() {
        let home = home("region = \"gb-bristol\"\n[network]\npeers = [\"bristol.example.org\"]\n");
        let error = Config::load(home.path(), []).unwrap_err();
        assert!(error.to_string().contains("bristol.example.org"), "{error}");
    }

    #[test]
    fn a_rule_that_leads_out_of_the_nodes_regions_is_refused() {
        let rule = "[[bridge]]\nname = \"calls\"\nfrom = \"gb-bristol\"\nto = \"us-wa\"\n";
        let text = format!("region = \"gb-bristol\"\n{rule}only.kinds = [\"call\"]\n");
        let error = Config::load(home(&text).path(), []).unwrap_err().to_string();
        assert!(error.contains("bridge calls") && error.contains("us-wa"), "{error}");
        let home = home(&format!("regions = [\"us-wa\"]\n{text}"));
        let config = Config::load(home.path(), []).unwrap();
        assert_eq!(config.bridge[0].limits, weft_protocol::bridge::Limits::default());
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut config = Config::new("us-wa".parse().unwrap());
        config.regions.insert("gb-bristol".parse().unwrap());
        let [from, to] = ["us-wa", "gb-bristol"].map(|name| name.parse().unwrap());
        config.bridge.push(Rule::new("calls".parse().unwrap(), from, to));
        let home = home(&toml::to_string(&config).unwrap());
        assert_eq!(Config::load(home.path(), []).unwrap(), config);
    }
}
