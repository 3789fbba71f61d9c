//! `weft config`: the settings of this home.

use anyhow::Result;
use clap::Subcommand;

use crate::desk::Desk;
use crate::exit::Exit;

/// Show the settings of this home
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show the settings that are in force: the file, and above it the environment
    Show,
    /// Show everything that can be set, with its meaning and its default
    Schema,
}

/// Everything that the file may say.
const SCHEMA: &str = include_str!("config_schema.toml");

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    match args.verb {
        Verb::Show if desk.json => desk.answer(&desk.settings()?)?,
        Verb::Show => desk.line(toml::to_string(&desk.settings()?)?.trim_end())?,
        Verb::Schema => desk.line(SCHEMA.trim_end())?,
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use weft_node::config::Config;

    use super::*;

    #[test]
    fn the_schema_says_the_defaults_and_forgets_no_key() {
        let said: Config = toml::from_str(SCHEMA).unwrap();
        assert_eq!(said, Config::new("gb-bristol".parse().unwrap()));
        let keys = |text: &str| text.parse::<toml::Table>().unwrap();
        let all = keys(&toml::to_string(&said).unwrap());
        for (key, value) in keys(SCHEMA) {
            assert_eq!(all.get(&key), Some(&value));
        }
        assert_eq!(all.len(), keys(SCHEMA).len());
    }
}
