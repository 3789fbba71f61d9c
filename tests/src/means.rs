//! What a test needs of the machine beyond a user's account: namespaces, second accounts, tools.
//!
//! **Invariant:** where everything must hold ([`is_strict`]), nothing that a test needs may be missing: no test passes by not having run.

use std::process::Command;

use crate::lab::is_strict;

/// Says whether a test must pass over what it was going to show, because the machine lacks this.
///
/// # Panics
///
/// Where everything must hold.
pub fn lacking(what: &str, is_there: bool) -> bool {
    assert!(
        is_there || !is_strict(),
        "this machine lacks {what}, which tests/run installs or needs"
    );
    !is_there
}

/// Says whether this program is installed, whatever it makes of being asked for its version.
pub fn is_installed(name: &str) -> bool {
    Command::new(name).arg("--version").output().is_ok()
}

/// Says whether this program is installed and runs.
pub fn has_program(name: &str) -> bool {
    Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
}
