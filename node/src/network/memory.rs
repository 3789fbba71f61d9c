//! How much memory this process may take before it takes no more connections.
//!
//! **Invariant:** of what the machine has and what the process may have of it, the less counts: a service that
//! is ended at its limit has taken no more connections before.

use std::fs;
use std::path::{Path, PathBuf};

use libp2p::memory_connection_limits::Behaviour;

/// The part of its memory beyond which a process takes no more connections.
const PART_MAX: f64 = 0.9;

/// The same in hundredths.
const HUNDREDTHS_MAX: u64 = 90;

/// Where Linux says in which control group this process is.
const OWN_GROUP: &str = "/proc/self/cgroup";

/// Where the control groups are.
const GROUPS: &str = "/sys/fs/cgroup";

/// Limits the memory of this process, where the system says how much there is. A hardened service sees
/// nothing of the machine but itself (`ProcSubset=pid`), and its limit is that of its control group.
pub(super) fn limit() -> Behaviour {
    let machine = Behaviour::with_max_percentage(PART_MAX);
    let seen = Some(machine.max_allowed_bytes()).filter(|bytes| *bytes > 0);
    let own = fs::read_to_string(OWN_GROUP).ok();
    let group = own.and_then(|own| limit_of(&own, Path::new(GROUPS)));
    let group = group.map(|bytes| usize::try_from(bytes / 100 * HUNDREDTHS_MAX));
    let group = group.map(|bytes| bytes.unwrap_or(usize::MAX));
    match (seen, group) {
        (_, Some(group)) if seen.is_none_or(|seen| group < seen) => {
            Behaviour::with_max_bytes(group)
        }
        (Some(_), _) => machine,
        (None, _) => Behaviour::with_max_bytes(usize::MAX),
    }
}

/// Returns the least of the limits on the way to a control group, in bytes: what may not be exceeded, and
/// that beyond which the system slows the process down. `own` is what the system says of its groups.
fn limit_of(own: &str, groups: &Path) -> Option<u64> {
    let of_line = |line: &str| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next()?, parts.next()?);
        // The second version of control groups has one tree for all, the first one for memory.
        let (root, names) = match controllers {
            "" => (groups.to_owned(), ["memory.max", "memory.high"].as_slice()),
            all if all.split(',').any(|name| name == "memory") => {
                (groups.join("memory"), ["memory.limit_in_bytes"].as_slice())
            }
            _ => return None,
        };
        let inside = PathBuf::from(path.trim_start_matches('/'));
        let ways = inside.ancestors().map(|part| root.join(part));
        let limits =
            ways.flat_map(|way| names.iter().filter_map(move |name| number(&way.join(name))));
        limits.min()
    };
    own.lines().filter_map(of_line).min()
}

/// Reads a limit; one that is not set is written as a word.
fn number(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m15_the_limit_of_the_control_group_counts_and_the_least_on_the_way_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let set = |path: &str, limit: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, limit).unwrap();
        };
        let own = "0::/system.slice/weft.service\n";
        assert_eq!(limit_of(own, folder.path()), None, "nothing is limited");
        set("system.slice/weft.service/memory.max", "536870912\n");
        set("system.slice/weft.service/memory.high", "max\n");
        assert_eq!(limit_of(own, folder.path()), Some(512 << 20));
        set("system.slice/weft.service/memory.high", "402653184\n");
        assert_eq!(limit_of(own, folder.path()), Some(384 << 20), "there the system slows it down");
        set("system.slice/memory.max", "134217728\n");
        assert_eq!(limit_of(own, folder.path()), Some(128 << 20), "the groups above hold too");
        assert_eq!(limit_of("0::/\n", folder.path()), None);
        set("memory.max", "268435456");
        assert_eq!(limit_of("0::/\n", folder.path()), Some(256 << 20), "as in a container");
        set("memory/docker/7/memory.limit_in_bytes", "67108864");
        let first = "11:memory:/docker/7\n10:cpu,cpuacct:/docker/7\n";
        assert_eq!(limit_of(first, folder.path()), Some(64 << 20));
    }
}
