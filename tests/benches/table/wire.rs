//! How many bytes go over the wire: what the loopback counts, headers and acknowledgements of TCP
//! among them, in a network namespace of its own where the system allows one.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Set in the program that runs in a namespace of its own.
const OWN: &str = "WEFT_TABLE_IN_OWN_NETWORK";

/// Goes on in a network namespace of its own, where nobody else's packets are counted. Where the
/// system does not allow that, goes on where it is.
pub(crate) fn enter_a_network_of_our_own() {
    let shell = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--net", "sh", "-c", script]);
        command
    };
    let ready = || shell("ip link set lo up").status().is_ok_and(|status| status.success());
    let Ok(program) = std::env::current_exe() else { return };
    if std::env::var_os(OWN).is_none() && ready() {
        let mut command = shell("ip link set lo up && exec \"$0\" \"$@\"");
        command.arg(program).args(std::env::args_os().skip(1)).env(OWN, "1");
        // It returns only when it could not begin; then this program measures where it is.
        drop(command.exec());
    }
}

/// Says what the bytes are those of.
pub(crate) fn described() -> &'static str {
    if std::env::var_os(OWN).is_some() {
        "the loopback of a network namespace of its own, TCP's headers included"
    } else {
        "the machine's loopback, everybody's traffic included"
    }
}

/// Returns how many bytes the loopback has carried.
pub(crate) fn bytes() -> u64 {
    let interfaces = fs::read_to_string("/proc/net/dev").unwrap_or_default();
    let loopback = interfaces.lines().find_map(|line| line.trim().strip_prefix("lo:"));
    let received = loopback.and_then(|counts| counts.split_whitespace().next()?.parse().ok());
    received.unwrap_or(0)
}
