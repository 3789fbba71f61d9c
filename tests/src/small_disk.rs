//! A small disk of the test's own: a file system in memory, in a mount namespace of its own, with a
//! home on it.
//!
//! **Invariant:** nothing outside the namespace changes, and it goes with its value.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::process::{Process, Progress};
use crate::sandbox::Sandbox;

/// How long making it may take: many times what it needs alone.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a file takes at least: the unit in which such a disk gives room.
pub const PAGE_BYTES: u64 = 4096;

/// The disk. Dropping it ends it, when its last program has ended.
#[derive(Debug)]
pub struct SmallDisk(Process);

impl SmallDisk {
    /// Makes one of this size; none where the system does not let its users make namespaces.
    pub fn new(kibibytes: u64) -> Option<Self> {
        let mount = format!(
            "mount -t tmpfs -o size={kibibytes}k,mode=0755 small /mnt && echo up && exec tail -f /dev/null"
        );
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "/bin/sh", "-c", &mount]);
        let there = Command::new("unshare").arg("--version").output();
        there.ok().filter(|output| output.status.success())?;
        let mut process = Process::start(command, &Arc::<Progress>::default());
        (process.next_line(PATIENCE)? == "up").then_some(Self(process))
    }

    /// Makes an empty home on this disk, with these words before every command.
    pub fn sandbox(&self) -> Sandbox {
        let enter = "nsenter --user --mount --preserve-credentials --wdns=/mnt --target";
        let process = self.0.id();
        Sandbox::after(&format!(
            "if [ -z \"$ON_DISK\" ]; then\n  export ON_DISK=1 HOME=/mnt WEFT_HOME=/mnt/home\n  \
             exec {enter} {process} \"$0\" \"$@\"\nfi"
        ))
    }

    /// Returns where a file of the disk is, from outside.
    pub fn path(&self, name: &str) -> PathBuf {
        ["/proc", &self.0.id().to_string(), "root", "mnt", name].iter().collect()
    }

    /// Fills it until so many pages are left.
    ///
    /// # Panics
    ///
    /// When the filler cannot be written for another reason than a full disk.
    pub fn fill(&self, pages_left: u64) {
        let mut filler = File::create(self.path("filler")).expect("the filler can be made");
        let page = vec![0xff; usize::try_from(PAGE_BYTES).expect("a page is small")];
        let mut length = 0;
        loop {
            match filler.write(&page) {
                Ok(written) => length += written as u64,
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => panic!("the filler cannot be written: {error}"),
            }
        }
        let left = length.saturating_sub(pages_left * PAGE_BYTES);
        filler.set_len(left).expect("the filler can be cut");
    }

    /// Lets it take no writes from now on, as a medium that was mounted to be read.
    ///
    /// # Panics
    ///
    /// When that cannot be.
    pub fn take_no_writes(&self) {
        let mut command = Command::new("nsenter");
        command.args(["--user", "--mount", "--preserve-credentials", "--target"]);
        command.arg(self.0.id().to_string()).args(["mount", "-o", "remount,ro", "/mnt"]);
        let done = command.status().expect("nsenter is where unshare is");
        assert!(done.success(), "the disk should take no writes: {done}");
    }

    /// Makes room again.
    ///
    /// # Panics
    ///
    /// When there is no filler.
    pub fn make_room(&self) {
        fs::remove_file(self.path("filler")).expect("the filler is there");
    }

    /// Returns the files in a folder of the disk with their lengths, in order.
    ///
    /// # Panics
    ///
    /// When it cannot be read.
    pub fn files(&self, folder: &str) -> Vec<(String, u64)> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry.expect("the folder can be read");
            let name = entry.file_name().to_string_lossy().into_owned();
            files.push((name, entry.metadata().map_or(0, |data| data.len())));
        }
        files.sort();
        files
    }
}
