//! What lies behind an error, where the place that met it cannot see it: a file of another account is
//! in the way, or the file of a key is damaged.
//!
//! **Invariant:** it looks only when a command has failed, and changes nothing.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use weft_node::config::FILE;
use weft_node::file;

use crate::desk::Desk;
use crate::exit::Failure;
use crate::keys::Found;
use crate::names::US;
use crate::words::{Keeping, KeyFault, Leaving, Locking, Say};

/// Returns the error, or what lies behind it.
pub(crate) fn cause(desk: &Desk, error: anyhow::Error) -> anyhow::Error {
    let shut = error.downcast_ref::<Failure>().is_some_and(|failure| {
        matches!(
            failure.say,
            Say::DoorShut { .. } | Say::Locking(Locking::Faulty { fault: KeyFault::Shut(_), .. })
        )
    });
    let io = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    let mut io = io.map(io::Error::kind).chain(settings(desk.home.path()));
    let denied = io.any(|kind| kind == ErrorKind::PermissionDenied);
    match foreign(desk.home.path()) {
        Some(said) if shut || denied => Failure::failed(Say::Keeping(said)),
        _ if lacks_a_key(&error) => faulty(desk).unwrap_or(error),
        _ => error,
    }
}

/// Returns why the settings cannot be opened, if they cannot: of them a sentence was made long before.
fn settings(home: &Path) -> Option<ErrorKind> {
    fs::File::open(home.join(FILE)).err().map(|error| error.kind())
}

/// Says whether a command has failed because no key here may do it.
fn lacks_a_key(error: &anyhow::Error) -> bool {
    let Some(failure) = error.downcast_ref::<Failure>() else { return false };
    match &failure.say {
        Say::NoKeys | Say::NoMandate { .. } => true,
        Say::Leaving(said) => *said == Leaving::WhoseExport,
        Say::BadWords { what, .. } => what == US,
        _ => false,
    }
}

/// Names the first key of the home that cannot be used, if there is one.
fn faulty(desk: &Desk) -> Option<anyhow::Error> {
    let found = desk.home.keys().found().ok()?;
    found.into_iter().find_map(|found| match found {
        Found::Faulty { path, fault, .. } => {
            let path = path.display().to_string();
            Some(Failure::failed(Say::Locking(Locking::Faulty { path, fault })))
        }
        Found::Key(_) => None,
    })
}

/// Says whose the home is, or the first file in it that is not its owner's, when that is not this
/// account. Root may use everything.
pub(crate) fn foreign(home: &Path) -> Option<Keeping> {
    let me = file::me();
    let owner = fs::metadata(home).ok()?.uid();
    let shown = home.display().to_string();
    if me == 0 {
        return None;
    }
    if owner != me {
        let (owner, you) = (account(owner), account(me));
        return Some(Keeping::HomeOfAnother { home: shown, owner, you });
    }
    let (path, other) = not_of(me, home)?;
    let path = path.display().to_string();
    Some(Keeping::FileOfAnother { path, owner: account(other), home: shown, you: account(me) })
}

/// Finds something in a folder that is not of this account, and whose it is.
fn not_of(me: u32, folder: &Path) -> Option<(PathBuf, u32)> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths.into_iter().find_map(|path| {
        let data = fs::symlink_metadata(&path).ok()?;
        if data.uid() != me {
            return Some((path, data.uid()));
        }
        if data.is_dir() { not_of(me, &path) } else { None }
    })
}

/// Returns the name of an account, or its number where the machine names it nowhere that we look.
fn account(number: u32) -> String {
    let table = fs::read_to_string("/etc/passwd").unwrap_or_default();
    named(&table, number).unwrap_or_else(|| number.to_string())
}

fn named(table: &str, number: u32) -> Option<String> {
    let of = |line: &str| {
        let mut cells = line.split(':');
        let name = cells.next()?.to_owned();
        (cells.nth(1)?.parse() == Ok(number)).then_some(name)
    };
    table.lines().find_map(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_the_name_that_the_machine_gives_it() {
        let table =
            "root:x:0:0:root:/root:/bin/sh\nbroken\nweft:x:998:997::/var/lib/weft:/bin/false";
        assert_eq!(named(table, 998).as_deref(), Some("weft"));
        assert_eq!(named(table, 997), None);
    }

    #[test]
    fn what_is_all_ones_own_lies_behind_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("keys")).unwrap();
        fs::write(folder.path().join("keys/a.key"), "").unwrap();
        assert_eq!(not_of(file::me(), folder.path()), None);
        let other = file::me() + 1;
        assert!(not_of(other, folder.path()).is_some(), "it is not of {other}");
    }
}
