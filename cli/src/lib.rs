//! `weft`: one program for all. `weft up` runs a node; every other command is a client at its door.
//!
//! **Invariant:** no command opens the store of a node that runs; members sign here, and no key
//! ever goes through the door.
//!
//! **Invariant:** what is public here is the program, and what it makes of bytes that others wrote, which
//! `tests/fuzz` tries with bytes that nobody meant.
//!
//! Start reading at `args`, then any file of `commands`.

mod agent;
mod args;
mod behind;
mod bundle;
mod commands;
mod desk;
mod door;
mod draft;
mod examine;
mod exit;
mod groups;
mod hints;
mod home;
mod input;
mod keyfile;
mod keys;
mod log;
mod looks;
mod names;
mod out;
mod pair;
mod passphrase;
pub mod sealed;
mod show;
mod understand;
mod unlock;
mod words;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::exit::Exit;

pub use crate::commands::gathering_calendar::{escaped, put};
pub use crate::input::table::Table;

/// Does what the words of a command line say, and turns what comes of it into an exit code.
///
/// A reader that stops reading (`weft call list | head`) is not our failure: the program then ends
/// well and silently, as other tools do.
pub fn run(words: &[OsString]) -> ExitCode {
    let speech = desk::speech(words);
    let cli = match understand::understand(words, speech) {
        Ok(cli) => cli,
        Err(exit) => return exit.into(),
    };
    let exit = match commands::run(cli, speech) {
        Ok(exit) => exit,
        Err(error) if exit::is_broken_pipe(&error) => Exit::Done,
        Err(error) => {
            let (exit, sentence) = exit::explain(&error, speech);
            desk::complain(&sentence);
            exit
        }
    };
    exit.into()
}
