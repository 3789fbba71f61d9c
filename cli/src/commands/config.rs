//! `weft config`: the settings of this home.

use anyhow::Result;
use clap::Subcommand;
use serde_json::Value;
use weft_node::home::ChoicesFile;
use weft_protocol::engine::Choices;

use crate::desk::Desk;
use crate::exit::Exit;
use crate::show::json as shapes;
use crate::words::Joining;

/// Show the settings of this home
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show the settings that are in force: the file, above it the environment, and what was chosen while
    /// the node ran
    Show,
    /// Show everything that can be set, with its meaning and its default
    Schema,
}

/// Everything that the file may say.
const SCHEMA: &str = include_str!("config_schema.toml");

/// Does one of the verbs.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    match args.verb {
        Verb::Show => show(desk)?,
        Verb::Schema => desk.verbatim(SCHEMA.trim_end())?,
    }
    Ok(Exit::Done)
}

/// Shows the settings, and beside them what was chosen while the node ran: of both it is made what holds.
fn show(desk: &Desk) -> Result<()> {
    let settings = desk.settings()?;
    let choices = ChoicesFile::of(desk.home.node()).load()?;
    if desk.json {
        let mut value = shapes::plain(&settings);
        if let (Value::Object(map), true) = (&mut value, choices != Choices::default()) {
            map.insert("choices".to_owned(), shapes::plain(&choices));
        }
        return desk.answer(&value);
    }
    desk.verbatim(toml::to_string(&settings)?.trim_end())?;
    if choices != Choices::default() {
        desk.line(format!("\n# {}", desk.speech.of_joining(&Joining::ChosenToo)))?;
        for line in toml::to_string(&choices)?.trim_end().lines() {
            desk.verbatim(format!("# {line}").trim_end())?;
        }
    }
    Ok(())
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
