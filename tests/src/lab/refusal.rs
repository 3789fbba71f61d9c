//! A system that refuses a kind of socket, as kernels without IPv6 and tight sandboxes do.
//!
//! **Invariant:** only the programs that are started inside [`refusing`] are refused anything.

use std::thread;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

/// A kind of socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// IPv6: the kernel was built or booted without it (`EAFNOSUPPORT`).
    V6,
    /// Netlink, by which a system lists its addresses (`EACCES`, as Android says it).
    Netlink,
}

impl Refused {
    /// The numbers of the family and of the error, which are the same on every Linux.
    const fn numbers(self) -> (u64, u32) {
        match self {
            Self::V6 => (10, 97),
            Self::Netlink => (16, 13),
        }
    }
}

/// Does what starts programs in a place where such a socket is refused to them.
///
/// # Panics
///
/// When the system cannot refuse it.
pub fn refusing<T: Send>(refused: Refused, act: impl FnOnce() -> T + Send) -> T {
    let filter = filter(refused);
    thread::scope(|scope| {
        // The thread is refused it for good, and so are its children; then the thread ends.
        let acting = scope.spawn(|| {
            apply_filter(&filter).expect("a thread may refuse itself what it likes");
            act()
        });
        acting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn filter(refused: Refused) -> BpfProgram {
    let (family, error) = refused.numbers();
    let socket = i64::from(socket_call());
    let of_family = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, family);
    let rule = of_family.and_then(|condition| SeccompRule::new(vec![condition]));
    let rules = [(socket, vec![rule.expect("one condition is a rule")])].into();
    let target = std::env::consts::ARCH.try_into().expect("a processor that is known");
    let filter =
        SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(error), target);
    filter.and_then(TryInto::try_into).expect("one rule is a program")
}

/// The number by which `socket` is called.
fn socket_call() -> i32 {
    match std::env::consts::ARCH {
        "x86_64" => 41,
        _ => 198,
    }
}
