//! What the operating system says, which says it in English, or as the machine was set up.
//!
//! An error of the system comes with its number behind it, `(os error 2)`, whatever is said before: what
//! is common is worded here, and what is not stays as it is.

use std::io::{self, ErrorKind};

use super::Speech;

/// How the number of an error begins.
const NUMBER: &str = "(os error ";

impl Speech {
    /// Returns what the system said, or an error that ends in that, in words of this language.
    pub(crate) fn system(self, said: &str) -> String {
        worded(self, said).unwrap_or_else(|| said.to_owned())
    }
}

fn worded(speech: Speech, said: &str) -> Option<String> {
    let (before, number) = said.rsplit_once(NUMBER)?;
    let (number, after) = number.split_once(')')?;
    let kind = io::Error::from_raw_os_error(number.parse().ok()?).kind();
    let (english, spanish) =
        KNOWN.iter().find(|(known, ..)| *known == kind).map(|(_, e, s)| (e, s))?;
    let words = if speech == Speech::English { english } else { spanish };
    // What failed stands before what the system calls it, and a colon between them.
    let what = before.rsplit_once(": ").map(|(what, _)| format!("{what}: ")).unwrap_or_default();
    Some(format!("{what}{words}{after}"))
}

/// What people meet.
const KNOWN: &[(ErrorKind, &str, &str)] = &[
    (ErrorKind::NotFound, "there is no such file or folder", "no hay tal archivo ni carpeta"),
    (ErrorKind::PermissionDenied, "that is not allowed to you", "no tiene permiso"),
    (ErrorKind::AlreadyExists, "it exists already", "ya existe"),
    (ErrorKind::NotADirectory, "that is no folder", "eso no es una carpeta"),
    (ErrorKind::IsADirectory, "that is a folder", "eso es una carpeta"),
    (ErrorKind::StorageFull, "no space is left there", "no queda sitio"),
    (
        ErrorKind::QuotaExceeded,
        "your share of the disk is used up",
        "su cupo del disco se ha agotado",
    ),
    (ErrorKind::FileTooLarge, "the file would be too large", "el archivo sería demasiado grande"),
    (ErrorKind::ReadOnlyFilesystem, "nothing can be written there", "allí no se puede escribir"),
    (ErrorKind::AddrInUse, "another program has that port", "otro programa tiene ese puerto"),
    (
        ErrorKind::AddrNotAvailable,
        "this machine has no such address",
        "esta máquina no tiene esa dirección",
    ),
    (ErrorKind::ConnectionRefused, "nobody listens there", "allí no escucha nadie"),
    (ErrorKind::TimedOut, "nobody answers", "no contesta nadie"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_worded_and_what_is_not_known_stays() {
        let said = "letters.txt: No such file or directory (os error 2).";
        assert_eq!(Speech::English.system(said), "letters.txt: there is no such file or folder.");
        assert_eq!(Speech::Spanish.system(said), "letters.txt: no hay tal archivo ni carpeta.");
        let bare = "Permission denied (os error 13)";
        assert_eq!(Speech::Spanish.system(bare), "no tiene permiso");
        for other in ["the store cannot be opened", "Level 2 halted (os error 51)", "(os error x)"]
        {
            assert_eq!(Speech::Spanish.system(other), other);
        }
    }
}
