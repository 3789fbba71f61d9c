//! One file for each noun: its arguments, whose comments are the help text, and what it does.

pub(crate) mod affair;
pub(crate) mod answer;
pub(crate) mod bridge;
pub(crate) mod bridge_rule;
pub(crate) mod call;
pub(crate) mod call_reach;
pub(crate) mod call_text;
pub(crate) mod completions;
pub(crate) mod concern;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod disclosure;
pub(crate) mod doctor;
pub(crate) mod doctor_start;
pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod first;
pub(crate) mod gathering;
pub(crate) mod gathering_calendar;
pub(crate) mod gathering_minutes;
pub(crate) mod gathering_text;
pub(crate) mod id;
pub(crate) mod id_guard;
pub(crate) mod id_kit;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod invite;
pub(crate) mod join;
pub(crate) mod keep;
pub(crate) mod keeping_out;
pub(crate) mod key;
pub(crate) mod listing;
pub(crate) mod man;
pub(crate) mod member;
pub(crate) mod network;
pub(crate) mod newcomer;
pub(crate) mod offer;
pub(crate) mod peers;
pub(crate) mod policy;
pub(crate) mod profile;
pub(crate) mod proposal;
pub(crate) mod proposal_text;
pub(crate) mod record;
pub(crate) mod region;
pub(crate) mod resting;
pub(crate) mod role;
pub(crate) mod seal;
pub(crate) mod status;
pub(crate) mod stop;
pub(crate) mod store;
pub(crate) mod sync;
pub(crate) mod tie;
pub(crate) mod tie_terms;
pub(crate) mod up;
pub(crate) mod values;
pub(crate) mod values_map;
pub(crate) mod watch;
pub(crate) mod weave;
pub(crate) mod weave_overlaps;
pub(crate) mod who_can_see;
pub(crate) mod wipe;

use anyhow::Result;

use crate::args::{Cli, Command};
use crate::behind;
use crate::desk::Desk;
use crate::exit::Exit;
use crate::words::Speech;

/// Does what the command line says, and says so in this language.
///
/// # Errors
/// A [`Failure`](crate::exit::Failure) with its exit code, or any other error with exit code 1.
pub(crate) fn run(cli: Cli, speech: Speech) -> Result<Exit> {
    let desk = Desk::new(cli.desk, speech);
    let Some(command) = cli.command else { return first::run(&desk) };
    done(&desk, command).map_err(|error| behind::cause(&desk, error))
}

fn done(desk: &Desk, command: Command) -> Result<Exit> {
    match command {
        Command::Init(args) => init::run(desk, args),
        Command::Up(args) => up::run(desk, args),
        Command::Stop => stop::run(desk),
        Command::Status => status::run(desk),
        Command::Doctor(args) => doctor::run(desk, &args),
        Command::Watch(args) => watch::run(desk, &args),
        Command::Network(args) => network::run(desk, args),
        Command::Member(args) => member::run(desk, args),
        Command::Role(args) => role::run(desk, args),
        Command::Profile(args) => profile::run(desk, args),
        Command::Values(args) => values::run(desk, args),
        Command::Weave(args) => weave::run(desk, args),
        Command::Tie(args) => tie::run(desk, args),
        Command::Call(args) => call::run(desk, args),
        Command::Bridge(args) => bridge::run(desk, args),
        Command::WhoCanSee(args) => who_can_see::run(desk, &args),
        Command::Offer(args) => offer::run(desk, args),
        Command::Proposal(args) => proposal::run(desk, args),
        Command::Gathering(args) => gathering::run(desk, args),
        Command::Disclosure(args) => disclosure::run(desk, args),
        Command::Concern(args) => concern::run(desk, args),
        Command::Id(args) => id::run(desk, args),
        Command::Key(args) => key::run(desk, args),
        Command::Policy(args) => policy::run(desk, args),
        Command::Newcomer(args) => newcomer::run(desk, args),
        Command::Sync(args) => sync::run(desk, &args),
        Command::Region(args) => region::run(desk, args),
        Command::Invite(args) => invite::run(desk, args),
        Command::Join(args) => join::run(desk, &args),
        Command::Peers(args) => peers::run(desk, args),
        Command::Record(args) => record::run(desk, args),
        Command::Export(args) => export::run(desk, &args),
        Command::Import(args) => import::run(desk, &args),
        Command::Erase(args) => erase::run(desk, &args),
        Command::Seal(args) => seal::seal(desk, &args),
        Command::Open(args) => seal::open(desk, &args),
        Command::Listing(args) => listing::run(desk, args),
        Command::Wipe => wipe::run(desk),
        Command::Store(args) => store::run(desk, &args),
        Command::Config(args) => config::run(desk, &args),
        Command::Completions(args) => completions::run(desk, &args),
        Command::Man(args) => man::run(desk, &args),
        Command::Demo(args) => demo::run(desk, &args),
    }
}
