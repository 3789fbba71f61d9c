//! `weft id guard`: a guardian says who guards the network from now on.

use anyhow::Result;
use weft_protocol::body::identity::{Identity, Keys};

use crate::commands::id::Log;
use crate::commands::network::GuardianArgs;
use crate::desk::Desk;
use crate::draft::{Pen, Posting, Signing};
use crate::exit::{Exit, Failure};
use crate::words::{Leaving, Say};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which network
    network: String,
    #[command(flatten)]
    guardians: GuardianArgs,
    /// A guardian signs: with this key, its name or its file [default: the one called guardian]
    #[arg(long, value_name = "KEY")]
    guardian_key: Option<String>,
    #[command(flatten)]
    posting: Posting,
}

/// Signs a guardian's consent.
pub(crate) fn run(desk: &Desk, args: &Args) -> Result<Exit> {
    let signing = Signing::from(args.posting);
    let pen = Pen::take(desk, &signing)?;
    let net = pen.names.network(&pen.door, &args.network)?;
    let log = Log::read(&pen.door, net)?;
    if log.keys.need == 0 {
        return Err(Failure::ending(Exit::Refused, Say::NoGuardians));
    }
    let named = if args.guardians.is_empty() { log.keys.clone() } else { args.guardians.keys()? };
    let keys = Keys { key: log.keys.key, next: log.keys.next, ..named };
    let file = desk.home.keys().named(args.guardian_key.as_deref().unwrap_or("guardian"))?;
    let (guardians, need) = (keys.guardians.len(), keys.need);
    let exit = pen.say(log.follow(desk, Identity::Guard(keys)), &file)?;
    if !pen.is_dry() && Log::read(&pen.door, net)?.len() > log.len() {
        let said = Leaving::Guarded { net: net.to_string(), guardians, need };
        desk.note(&Say::Leaving(said));
    }
    Ok(exit)
}
