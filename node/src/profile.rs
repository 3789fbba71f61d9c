//! Profiles: named sets of changes to the settings, for those who would rather say what they need than
//! find eight settings.
//!
//! **Invariant:** [`CHANGES`] is the one table of what each profile changes: it is what is applied, and
//! what the operator's handbook shows. A profile stands above `config.toml` and below the environment
//! and the command line.

use std::fmt;
use std::fmt::Write as _;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::config::Config;

/// What a node's surroundings are like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// As the settings say.
    #[default]
    Ordinary,
    /// Draws no attention: announces nothing, listens nowhere, and only goes to others.
    Quiet,
    /// On a battery, a small computer or a line that is paid by the megabyte.
    LowPower,
    /// The Internet is cut or watched, or the network is flooded: found by neighbours, tied to more
    /// nodes and sooner up to date, and with little room for strangers.
    Crisis,
}

/// One setting, and what it is under each profile that changes it, as the settings would say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Its section and name, with a dot between them.
    pub setting: &'static str,
    /// What it is when nobody says anything.
    pub ordinary: &'static str,
    /// Under [`Profile::Quiet`].
    pub quiet: Option<&'static str>,
    /// Under [`Profile::LowPower`].
    pub low_power: Option<&'static str>,
    /// Under [`Profile::Crisis`].
    pub crisis: Option<&'static str>,
}

/// What the profiles change.
pub const CHANGES: &[Change] = &[
    Change {
        setting: "network.listen",
        ordinary: "on port 8471",
        quiet: Some("[]"),
        low_power: None,
        crisis: None,
    },
    Change {
        setting: "network.mdns",
        ordinary: "true",
        quiet: Some("false"),
        low_power: None,
        // Neighbours are still there when the Internet is not.
        crisis: Some("true"),
    },
    Change {
        setting: "network.hide_addresses",
        ordinary: "false",
        quiet: Some("true"),
        low_power: None,
        crisis: None,
    },
    Change {
        // Off, the node also neither asks others where it is seen (AutoNAT) nor lets them find a
        // direct way to it (DCUtR).
        setting: "network.relay",
        ordinary: "\"use\"",
        quiet: Some("\"off\""),
        low_power: Some("\"use\""),
        crisis: Some("\"use\""),
    },
    Change {
        setting: "traffic.inbound",
        ordinary: "256",
        quiet: None,
        low_power: Some("32"),
        crisis: Some("128"),
    },
    Change {
        setting: "traffic.nodes",
        ordinary: "16",
        quiet: Some("6"),
        low_power: Some("6"),
        crisis: Some("24"),
    },
    Change {
        setting: "traffic.mesh",
        ordinary: "4",
        quiet: None,
        low_power: Some("2"),
        crisis: Some("6"),
    },
    Change {
        setting: "traffic.reconcile_seconds",
        ordinary: "600",
        quiet: None,
        low_power: Some("1800"),
        crisis: Some("120"),
    },
    Change {
        setting: "admission.newcomers.networks",
        ordinary: "256",
        quiet: Some("64"),
        low_power: Some("64"),
        crisis: Some("32"),
    },
];

impl Profile {
    /// Every profile that changes something.
    pub const ALL: [Self; 3] = [Self::Quiet, Self::LowPower, Self::Crisis];

    /// Returns its name in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Quiet => "quiet",
            Self::LowPower => "low-power",
            Self::Crisis => "crisis",
        }
    }

    /// Iterates over the settings that it changes, and what they are then.
    pub fn changes(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        CHANGES.iter().filter_map(move |change| {
            let value = match self {
                Self::Ordinary => None,
                Self::Quiet => change.quiet,
                Self::LowPower => change.low_power,
                Self::Crisis => change.crisis,
            };
            Some((change.setting, value?))
        })
    }

    /// Changes the settings.
    ///
    /// # Errors
    /// When a value does not fit its setting, which a test of every profile rules out.
    pub(crate) fn apply(self, config: &mut Config) -> Result<(), toml::de::Error> {
        if self == Self::Ordinary {
            return Ok(());
        }
        let mut said = String::new();
        for (setting, value) in self.changes() {
            // Writing to a string does not fail.
            writeln!(said, "{setting} = {value}").ok();
        }
        let bad = |e: toml::ser::Error| serde::de::Error::custom(e);
        let mut table = toml::Table::try_from(&*config).map_err(bad)?;
        lay(&mut table, toml::from_str(&said)?);
        table.insert("profile".to_owned(), self.name().into());
        *config = table.try_into()?;
        Ok(())
    }

    /// Returns the table of the operator's handbook.
    pub fn table() -> String {
        let mut table = String::from("| setting | ordinary |");
        for profile in Self::ALL {
            write!(table, " {profile} |").ok();
        }
        table.push_str("\n|---|---|---|---|---|\n");
        for change in CHANGES {
            write!(table, "| `{}` | {} |", change.setting, change.ordinary).ok();
            for value in [change.quiet, change.low_power, change.crisis] {
                write!(table, " {} |", value.unwrap_or("as set")).ok();
            }
            table.push('\n');
        }
        table
    }
}

/// Lays a table over another, section by section.
fn lay(below: &mut toml::Table, above: toml::Table) {
    for (name, value) in above {
        match (below.get_mut(&name), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay(below, above),
            (_, value) => drop(below.insert(name, value)),
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text names no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a profile is ordinary, quiet, low-power or crisis")]
pub struct ParseProfileError;

impl FromStr for Profile {
    type Err = ParseProfileError;

    fn from_str(text: &str) -> Result<Self, ParseProfileError> {
        let mut all = Self::ALL.into_iter().chain([Self::Ordinary]);
        all.find(|profile| profile.name() == text).ok_or(ParseProfileError)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::network::Relaying;

    fn config() -> Config {
        Config::new("us-wa".parse().unwrap())
    }

    /// Lists every setting by its section and name.
    fn settings(config: &Config) -> BTreeMap<String, String> {
        fn list(path: &str, value: toml::Value, all: &mut BTreeMap<String, String>) {
            match value {
                toml::Value::Table(table) => {
                    for (name, value) in table {
                        list(&format!("{path}.{name}"), value, all);
                    }
                }
                value => drop(all.insert(path[1..].to_owned(), value.to_string())),
            }
        }
        let mut all = BTreeMap::new();
        list("", toml::Value::try_from(config).unwrap(), &mut all);
        all
    }

    #[test]
    fn every_profile_changes_what_the_table_says_and_nothing_else() {
        for profile in Profile::ALL {
            let mut changed = config();
            changed.store.cache_mib = 77;
            let mut expected = settings(&changed);
            for (setting, value) in profile.changes() {
                let before = expected.insert(setting.to_owned(), value.to_owned());
                assert!(before.is_some(), "{setting} is no setting");
            }
            expected.insert("profile".to_owned(), format!("\"{profile}\""));
            profile.apply(&mut changed).unwrap();
            assert_eq!(settings(&changed), expected);
        }
    }

    #[test]
    fn the_table_tells_the_defaults() {
        let usual = settings(&config());
        for change in CHANGES.iter().filter(|change| change.setting != "network.listen") {
            assert_eq!(usual[change.setting], change.ordinary, "{}", change.setting);
        }
    }

    #[test]
    fn the_operators_handbook_has_the_table() {
        let handbook = include_str!("../../deploy/README.md");
        assert!(handbook.contains(&Profile::table()), "it should say:\n{}", Profile::table());
    }

    #[test]
    fn quiet_is_quiet() {
        let mut quiet = config();
        Profile::Quiet.apply(&mut quiet).unwrap();
        let network = quiet.network;
        assert!(network.listen.is_empty() && !network.mdns && network.hide_addresses);
        assert_eq!(network.relay, Relaying::Off);
    }

    #[test]
    fn a_name_reads_back() {
        for profile in Profile::ALL.into_iter().chain([Profile::Ordinary]) {
            assert_eq!(profile.name().parse(), Ok(profile));
        }
        assert_eq!("loud".parse::<Profile>(), Err(ParseProfileError));
    }
}
