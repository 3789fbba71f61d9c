//! Files that are written whole or not at all, for everything in this program that writes one.
//!
//! What is written stands beside its place first, is on the disk, and only then takes its name. A full
//! disk, a stick that is pulled out or a kill leaves nothing under the name, so the second try succeeds.
//!
//! **Invariant:** whoever opens a name finds what was there before, or all of what is new.
//!
//! **Invariant:** what root makes in somebody's folder is theirs: one command of root's in a home
//! never locks its owner out.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{
    DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown, lchown,
};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// How the name begins of what is not finished. A kill can leave such a file: whoever looks after a
/// folder of ours knows it for what it is and may remove it.
pub const UNFINISHED: &str = ".weft-";

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Its owner only.
    Owner,
    /// Whoever the person's own habits let (their umask).
    Anyone,
}

impl Readers {
    fn permissions(self) -> Permissions {
        Permissions::from_mode(if self == Self::Owner { 0o600 } else { 0o666 })
    }
}

/// A file that has no name yet. Dropped without [`NewFile::keep`], it is gone.
#[derive(Debug)]
pub struct NewFile {
    unfinished: NamedTempFile,
    path: PathBuf,
}

impl NewFile {
    /// Begins a file whose place is still free.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] when it is not, and whatever the file system says.
    pub fn begin(path: &Path, readers: Readers) -> io::Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        Self::beside(path.to_owned(), readers)
    }

    fn beside(path: PathBuf, readers: Readers) -> io::Result<Self> {
        let folder = folder_of(&path);
        let mut builder = Builder::new();
        builder.prefix(UNFINISHED).permissions(readers.permissions());
        let unfinished = builder.tempfile_in(folder)?;
        if let Some((user, group)) = heir(folder)? {
            bequeathed(fchown(unfinished.as_file(), Some(user), Some(group)))?;
        }
        Ok(Self { unfinished, path })
    }

    /// Puts it on the disk and gives it its name.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] when something has taken its place meanwhile, and whatever the file
    /// system says. Nothing is left then.
    pub fn keep(self) -> io::Result<()> {
        self.unfinished.as_file().sync_all()?;
        let Self { unfinished, path } = self;
        match unfinished.persist_noclobber(&path) {
            Ok(_) => {}
            // Sticks and shared folders know neither links nor renaming with care.
            Err(error) if error.error.kind() != ErrorKind::AlreadyExists && !path.exists() => {
                error.file.persist(&path).map_err(|error| error.error)?;
            }
            Err(error) => return Err(error.error),
        }
        sync_folder(folder_of(&path))
    }

    fn replace(self) -> io::Result<()> {
        self.unfinished.as_file().sync_all()?;
        let Self { unfinished, path } = self;
        unfinished.persist(&path).map_err(|error| error.error)?;
        sync_folder(folder_of(&path))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unfinished.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unfinished.flush()
    }
}

/// Writes a file that only its owner may read, where none was.
///
/// # Errors
/// As [`NewFile::begin`] and [`NewFile::keep`]; nothing is left then.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = NewFile::begin(path, Readers::Owner)?;
    file.write_all(bytes)?;
    file.keep()
}

/// Writes a file in the place of the one of this name, if there is one. What a link leads to is
/// replaced, not the link; a device or a pipe is written to.
///
/// # Errors
/// Whatever the file system says; what was there is still there then.
pub fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&real).is_ok_and(|data| !data.is_file() && !data.is_dir()) {
        return File::options().write(true).open(real)?.write_all(bytes);
    }
    let mut file = NewFile::beside(real, readers)?;
    file.write_all(bytes)?;
    file.replace()
}

/// Makes a folder that only its owner can enter, and those above it; one that is there stays as it is.
///
/// # Errors
/// Whatever the file system says.
pub fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = folder_of(path);
    make_folder(above)?;
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => return Ok(()),
        made => made?,
    }
    bequeath(path)
}

/// Opens a file to write, of which nothing is said yet: makes it, for its owner only, or takes it as
/// it is.
///
/// # Errors
/// Whatever the file system says.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).mode(0o600);
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => options.open(path),
        Ok(file) => {
            if let Some((user, group)) = heir(folder_of(path))? {
                bequeathed(fchown(&file, Some(user), Some(group)))?;
            }
            Ok(file)
        }
        Err(error) => Err(error),
    }
}

/// Gives what root has made here to whom its folder belongs; does nothing for anybody else. A link, or
/// what has a second name somewhere, stays whose it is: it could lead out of the folder.
///
/// # Errors
/// Whatever the file system says.
pub fn bequeath(path: &Path) -> io::Result<()> {
    let Some((user, group)) = heir(folder_of(path))? else { return Ok(()) };
    let data = fs::symlink_metadata(path)?;
    let has_two_names = !data.is_dir() && data.nlink() > 1;
    if data.uid() == user || data.is_symlink() || has_two_names {
        return Ok(());
    }
    bequeathed(lchown(path, Some(user), Some(group)))
}

/// The same for a folder and all that is in it.
///
/// # Errors
/// Whatever the file system says.
pub fn bequeath_all(path: &Path) -> io::Result<()> {
    if heir(folder_of(path))?.is_none() {
        return Ok(());
    }
    bequeath(path)?;
    if fs::symlink_metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            bequeath_all(&entry?.path())?;
        }
    }
    Ok(())
}

/// Makes the names in a folder durable. Some file systems have no such thing, shared folders of virtual
/// machines among them: there a name is as durable as it gets.
///
/// # Errors
/// Whatever else the file system says.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => {
            Ok(())
        }
        done => done,
    }
}

/// Returns the number of the account that this program runs as.
pub fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Removes what a kill has left in a folder of files that were not finished.
///
/// # Errors
/// When the folder cannot be read.
pub fn tidy(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        if name.starts_with(UNFINISHED.as_bytes()) && path.is_file() {
            // What cannot be removed is in nobody's way.
            fs::remove_file(path).ok();
        }
    }
    Ok(())
}

/// Returns the user and the group to whom what is made in this folder goes: those of the folder, when
/// root makes it and the folder is somebody's.
fn heir(folder: &Path) -> io::Result<Option<(u32, u32)>> {
    if me() != 0 {
        return Ok(None);
    }
    let data = fs::metadata(folder)?;
    Ok((data.uid() != 0).then(|| (data.uid(), data.gid())))
}

/// A file system that knows no owners, or maps them all to one, has nothing to be given.
fn bequeathed(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::PermissionDenied | ErrorKind::InvalidInput | ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        done => done,
    }
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(if path.has_root() { "/" } else { "." }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string();
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|e| name(e).unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_takes_no_place_that_is_taken_and_is_its_owners_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        write_new(&path, b"one").unwrap();
        assert_eq!(write_new(&path, b"two").unwrap_err().kind(), ErrorKind::AlreadyExists);
        let late = NewFile::begin(&folder.path().join("b.key"), Readers::Owner).unwrap();
        fs::write(folder.path().join("b.key"), "meanwhile").unwrap();
        assert_eq!(late.keep().unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["a.key", "b.key"]);
    }

    #[test]
    fn what_is_not_kept_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = NewFile::begin(&folder.path().join("a"), Readers::Anyone).unwrap();
        file.write_all(b"half").unwrap();
        assert!(names(folder.path())[0].starts_with(UNFINISHED));
        drop(file);
        assert!(names(folder.path()).is_empty());

        // Whoever is killed drops nothing.
        fs::write(folder.path().join(format!("{UNFINISHED}aBc")), "half").unwrap();
        fs::write(folder.path().join("whole"), "").unwrap();
        tidy(folder.path()).unwrap();
        assert_eq!(names(folder.path()), ["whole"]);
    }

    #[test]
    fn a_link_stays_one_when_what_it_leads_to_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        replace(&link, b"new", Readers::Owner).unwrap();
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        replace(Path::new("/dev/null"), b"gone", Readers::Anyone).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_file_without_a_folder_is_in_this_one() {
        assert_eq!(folder_of(Path::new("a")), Path::new("."));
        assert_eq!(folder_of(Path::new("/")), Path::new("/"));
        assert_eq!(folder_of(Path::new("a/b")), Path::new("a"));
    }
}
