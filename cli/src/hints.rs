//! What people type who know other programs: other words for our commands, and values that begin
//! like options.
//!
//! **Invariant:** nothing here changes what a command line means that is understood as it stands.

use std::ffi::OsString;

use clap::{Arg, Command};

/// Words that mean the same to people; of each line, those that a command has are offered.
const ALIKE: &[&[&str]] = &[
    &[
        "new", "declare", "found", "propose", "offer", "add", "create", "make", "post", "open",
        "set",
    ],
    &["edit", "change", "update", "modify", "set"],
    &["ballot", "vote", "cast", "elect"],
    &["list", "ls", "all", "find", "search"],
    &["show", "view", "get", "see", "info", "cat", "read", "print", "describe"],
    &["withdraw", "remove", "delete", "rm", "del", "cancel", "close", "revoke", "drop"],
    &["end", "leave", "quit", "remove", "delete", "close", "cancel"],
    &["accept", "sign", "agree", "approve", "confirm", "join"],
    &["decline", "refuse", "reject", "deny"],
    &["connect", "add", "dial", "meet"],
    &["welcome", "allow", "accept", "approve", "admit"],
    &["block", "ban", "deny"],
    &["up", "start", "run", "serve", "daemon", "node"],
    &["stop", "down", "halt", "shutdown", "quit", "exit", "kill"],
    &["init", "setup", "install", "create", "new"],
    &["status", "info", "state"],
    &["doctor", "check", "test", "diagnose", "repair"],
    &["proposal", "vote", "ballot", "decide", "poll"],
    &["gathering", "meeting", "event", "assembly", "calendar"],
    &["call", "need", "ask", "request", "post"],
    &["network", "org", "organisation", "organization", "group", "found", "register", "signup"],
    &["member", "user", "account", "login"],
    &["peers", "nodes", "peer", "connect"],
    &["export", "backup", "save"],
    &["import", "restore", "load"],
    &["config", "settings", "set", "options"],
    &["policy", "block", "allow", "mute", "ban"],
];

/// Returns the commands below this one for which people may have typed a word, the likeliest first.
pub(crate) fn alike(command: &Command, word: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let names = ALIKE.iter().filter(|group| group.contains(&word.as_str())).copied().flatten();
    let there = names.filter(|name| command.find_subcommand(name).is_some());
    let mut found: Vec<String> = Vec::new();
    for name in there {
        if !found.iter().any(|known| known == name) {
            found.push((*name).to_owned());
        }
    }
    found
}

/// Returns the words as they are meant: `help call new` asks for the help of `call new`, and a value
/// that begins with a hyphen belongs to the option before it, unless it is an option of the command,
/// which must be built.
pub(crate) fn meant(command: &Command, words: &[OsString]) -> Vec<OsString> {
    with_values(command, with_help(command, words))
}

fn with_help(command: &Command, words: &[OsString]) -> Vec<OsString> {
    let asks = |n: usize| {
        let (before, word) = (words.get(..n)?, words.get(n)?);
        (word == "help" && reached(command, before).is_some_and(Command::has_subcommands))
            .then_some(n)
    };
    let Some(at) = (1..words.len()).find_map(asks) else { return words.to_vec() };
    let mut meant = words[..at].to_vec();
    meant.extend(words[at + 1..].iter().filter(|word| !word.is_empty()).cloned());
    meant.push("--help".into());
    meant
}

/// Returns the command that these words reach, if they name nothing else.
fn reached<'a>(command: &'a Command, words: &[OsString]) -> Option<&'a Command> {
    let mut at = command;
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        let word = word.to_string_lossy();
        if let Some(arg) = option(at, &word) {
            if arg.get_action().takes_values() && !word.contains('=') {
                words.next();
            }
        } else if !word.starts_with('-') {
            at = at.find_subcommand(&*word)?;
        }
    }
    Some(at)
}

fn with_values(command: &Command, words: Vec<OsString>) -> Vec<OsString> {
    let mut at = command;
    let mut meant: Vec<OsString> = Vec::with_capacity(words.len());
    let mut words = words.into_iter().peekable();
    meant.extend(words.next());
    while let Some(word) = words.next() {
        let shown = word.to_string_lossy().into_owned();
        if shown == "--" {
            meant.push(word);
            break;
        }
        let known = |word: &str| option(at, word);
        if !shown.starts_with('-') {
            at = at.find_subcommand(&shown).unwrap_or(at);
        } else if known(&shown).is_some_and(takes_one) && !shown.contains('=') {
            let value = words.peek().map(|next| next.to_string_lossy().into_owned());
            let value = value.filter(|v| v.starts_with('-') && *v != "--" && known(v).is_none());
            if let Some(value) = value.filter(|_| shown.starts_with("--")) {
                words.next();
                meant.push(format!("{shown}={value}").into());
                continue;
            }
            // Whatever the value is, it is no command.
            meant.push(word);
            meant.extend(words.next_if(|next| !next.to_string_lossy().starts_with('-')));
            continue;
        }
        meant.push(word);
    }
    meant.extend(words);
    meant
}

/// Says whether an option takes one value each time that it is said.
fn takes_one(arg: &Arg) -> bool {
    arg.get_action().takes_values()
        && arg.get_num_args().is_none_or(|range| range.max_values() == 1)
}

/// Returns the option of a command that a word names: `--title`, `--title=…`, `-y`.
fn option<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    let name = word.split('=').next().unwrap_or_default();
    command.get_arguments().find(|arg| match name.strip_prefix("--") {
        Some(long) => {
            let aliases = arg.get_all_aliases().unwrap_or_default();
            arg.get_long() == Some(long) || aliases.contains(&long)
        }
        None => arg.get_short().is_some_and(|short| name == format!("-{short}")),
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Cli;

    fn read(words: &[&str]) -> Vec<String> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let mut command = Cli::command();
        command.build();
        meant(&command, &words).iter().map(|word| word.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_value_that_begins_with_a_hyphen_belongs_to_the_option_before_it() {
        let typed = ["weft", "call", "new", "--title", "-20% of the rent", "--until", "2d"];
        let meant = ["weft", "call", "new", "--title=-20% of the rent", "--until", "2d"];
        assert_eq!(read(&typed), meant);
        assert_eq!(read(&["weft", "call", "new", "--text", "-"])[3], "--text=-");
    }

    #[test]
    fn an_option_of_the_command_is_no_value() {
        for typed in [
            ["weft", "call", "new", "--title", "--until", "2d"],
            ["weft", "call", "new", "--title", "--json", "x"],
            ["weft", "call", "new", "--title", "-y", "x"],
            ["weft", "call", "new", "--", "--title", "-x"],
        ] {
            assert_eq!(read(&typed), typed);
        }
    }

    #[test]
    fn help_is_asked_for_in_the_ways_that_people_know() {
        assert_eq!(read(&["weft", "help"]), ["weft", "--help"]);
        assert_eq!(read(&["weft", "help", "call", "new"]), ["weft", "call", "new", "--help"]);
        assert_eq!(read(&["weft", "call", "help"]), ["weft", "call", "--help"]);
        let lang = ["weft", "--lang", "es", "help", "call"];
        assert_eq!(read(&lang), ["weft", "--lang", "es", "call", "--help"]);
        let shown = ["weft", "network", "show", "help"];
        assert_eq!(read(&shown), shown);
    }

    #[test]
    fn other_words_lead_to_our_commands() {
        let mut command = Cli::command();
        command.build();
        let of = |noun: &str, word: &str| alike(command.find_subcommand(noun).unwrap(), word);
        assert_eq!(of("values", "set"), ["declare"]);
        assert_eq!(of("proposal", "vote"), ["ballot"]);
        assert_eq!(of("call", "create"), ["new"]);
        assert_eq!(alike(&command, "start"), ["up"]);
    }

    #[test]
    fn every_line_has_one_of_our_commands() {
        let mut command = Cli::command();
        command.build();
        let nouns = [&command].into_iter().chain(command.get_subcommands());
        let nouns: Vec<&Command> = nouns.collect();
        for group in ALIKE {
            let ours = |name: &&str| nouns.iter().any(|noun| noun.find_subcommand(name).is_some());
            assert!(group.iter().any(ours), "{group:?}");
        }
    }
}
