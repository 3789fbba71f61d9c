//! The command line: nouns and verbs. The comments here and in [`crate::commands`] are the help
//! texts, and completions come from the same definitions. Each line of them stands in Spanish in `words/help`.

use clap::{Parser, Subcommand};

use crate::commands;
use crate::desk::DeskArgs;

/// A node for a network of networks.
///
/// Networks keep signed statements on their own nodes: who we are, what we value, what we ask of
/// others and offer them. There is no server in the middle.
///
/// Your network signs here, on this machine; no key ever leaves it.
#[derive(Debug, Parser)]
#[command(name = "weft", version, after_help = ENDS, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) desk: DeskArgs,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Who uses which commands, and how commands end, for scripts.
const ENDS: &str = "\
To begin:            demo, init, join, up, network found, member request
Every day:           call, offer, proposal, gathering, concern, disclosure, values, tie
To act for others:   role, profile, id, key, seal, open
To run a node:       status, watch, peers, sync, region, bridge, policy, newcomer, store
To keep or to leave: export, import, record, erase, wipe

Exit codes: 0 done, 1 failed, 2 not understood, 3 not found, 4 refused,
5 kept here but no other node has it yet (only with --require-peer), 6 verification failed.";

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a home for a node
    Init(commands::init::Args),
    /// Run a node in this home
    Up(commands::up::Args),
    /// End the node that runs in this home
    Stop,
    /// Show how the node is
    Status,
    /// Say what keeps this node from its work, and what to do about it
    Doctor(commands::doctor::Args),
    /// Follow what happens at the node
    Watch(commands::watch::Args),
    /// Found a network, and see others
    Network(commands::network::Args),
    /// Ask a network to let you act in its name
    Member(commands::member::Args),
    /// Give and take mandates
    Role(commands::role::Args),
    /// Say who your network is
    Profile(commands::profile::Args),
    /// Say and compare what matters to networks
    Values(commands::values::Args),
    /// Make and end relations with other networks
    Tie(commands::tie::Args),
    /// See who is tied to whom, and where the weave is thin
    Weave(commands::weave::Args),
    /// Ask others for solidarity, and answer
    Call(commands::call::Args),
    /// Carry records from one region into another
    Bridge(commands::bridge::Args),
    /// Say who can see a record, and how it came here
    WhoCanSee(commands::who_can_see::Args),
    /// Offer what a call asks for, and see it through
    Offer(commands::offer::Args),
    /// Decide together
    Proposal(commands::proposal::Args),
    /// Meet each other, and write down what was said
    Gathering(commands::gathering::Args),
    /// Be open about money, control, reasons and results
    Disclosure(commands::disclosure::Args),
    /// Say that something is wrong, and answer that
    Concern(commands::concern::Args),
    /// Look after the keys that speak for your network
    Id(commands::id::Args),
    /// See the keys of this home, and look after their passphrases
    Key(commands::key::Args),
    /// Say whom this node lets in, and ask why something is here or not
    Policy(commands::policy::Args),
    /// See networks that nobody here knows yet, and say what becomes of them
    Newcomer(commands::newcomer::Args),
    /// Catch up with other nodes
    Sync(commands::sync::Args),
    /// Join and leave regions
    Region(commands::region::Args),
    /// Invite another node, and see what an invite says
    Invite(commands::invite::Args),
    /// Join by an invite
    Join(commands::join::Args),
    /// See and meet other nodes
    Peers(commands::peers::Args),
    /// Keep lists of organisations that have not joined
    Listing(commands::listing::Args),
    /// Verify, show and export signed records
    Record(commands::record::Args),
    /// Write all that your network ever signed to a file, to leave with or to keep
    Export(commands::export::Args),
    /// Put records from a file on this node
    Import(commands::import::Args),
    /// Seal words or a file so that only the networks that you name can read it
    Seal(commands::seal::Args),
    /// Open what was sealed to your network
    Open(commands::seal::OpenArgs),
    /// Ask every node to drop something that your network has said
    ///
    /// All its versions go. Nodes that follow the rules hide it at once, take it no more, and overwrite
    /// it after three days: until then, whoever takes a stolen key back undoes what the thief erased.
    /// What people have read or copied, nobody can take back.
    Erase(commands::erase::Args),
    /// Overwrite and remove this home: keys, records, choices and names
    ///
    /// The node must not run. What your network has signed stays where other nodes have it; to speak
    /// for it again, keep the rotation key or the guardians elsewhere.
    Wipe,
    /// Look after the records on the disk
    Store(commands::store::Args),
    /// Show the settings of this home
    Config(commands::config::Args),
    /// Write completions for your shell
    Completions(commands::completions::Args),
    /// Write the pages of the manual
    Man(commands::man::Args),
    /// Start a small federation on this machine and watch a story unfold
    Demo(commands::demo::Args),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn every_command_holds_together() {
        super::Cli::command().debug_assert();
    }

    /// Clap gives an argument of a command that is named as one of all commands the latter's value.
    #[test]
    fn no_argument_of_a_command_is_named_as_one_of_all_commands() {
        let cli = super::Cli::command();
        let global: Vec<_> = cli.get_arguments().filter(|arg| arg.is_global_set()).collect();
        assert!(global.iter().any(|arg| arg.get_id() == "node"), "{global:?}");
        let mut open: Vec<_> = cli.get_subcommands().collect();
        while let Some(command) = open.pop() {
            let twice = |arg: &&clap::Arg| global.iter().any(|all| all.get_id() == arg.get_id());
            let twice: Vec<_> = command.get_arguments().filter(twice).collect();
            assert!(twice.is_empty(), "{}: {twice:?}", command.get_name());
            open.extend(command.get_subcommands());
        }
    }
}
