//! How fast the node is, in one table: each aim, what was measured, and what this machine can do at
//! most, measured in the same run.
//!
//! `cargo bench --workspace --bench table -- [ROW …] [--records N]`
//!
//! Wall-clock time depends on what else the machine does, so nothing here fails: a missed aim is
//! printed as missed. Where the issue speaks of processes, real ones run, in release, in temporary
//! homes, on the loopback.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod gossip;
mod ingest;
mod limits;
mod region;
mod row;
#[path = "../session/mod.rs"]
mod session;
mod shapes;
mod size;
mod stage;
mod sync;
mod wire;

use std::process::ExitCode;

use row::Row;
use stage::Stage;

/// What measures the rows of one name.
type Measure = fn(&Stage) -> Vec<Row>;

/// Everything that can be measured, in the order in which it is.
const ROWS: [(&str, &str, Measure); 12] = [
    ("ingest", "records into a fresh node", ingest::ingest),
    ("post", "one call through the door", ingest::post),
    ("fresh", "a fresh node catches up", sync::fresh),
    ("differ", "two nodes that differ a little", sync::differ),
    ("million", "a million keys, in process", sync::million),
    ("line", "five nodes in a line", gossip::line),
    ("twenty", "twenty nodes and their gossip", gossip::twenty),
    ("memory", "resident memory and disk", size::memory),
    ("start", "start, and rebuild of the index", size::start),
    ("bridge", "a tenth of one region crosses into another", region::bridge),
    ("flood", "strangers flood a node", region::flood),
    ("shapes", "many records of one shape, in process", shapes::shapes),
];

/// The records of the table.
const RECORDS: usize = 100_000;

fn main() -> ExitCode {
    let (mut names, mut records) = (Vec::new(), RECORDS);
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        let number = (argument == "--records").then(|| arguments.next()?.parse().ok());
        match number {
            Some(Some(number)) if number >= stage::AUTHORS * 2 => records = number,
            None if ROWS.iter().any(|(name, ..)| *name == argument) => names.push(argument),
            _ => return usage(),
        }
    }
    wire::enter_a_network_of_our_own();
    let stage = Stage::new(records);
    println!("{records} records of about 600 bytes by {} authors", stage::AUTHORS);
    println!("wire: {}; load: {}", wire::described(), stage::load());
    println!("{}\n", stage.limits());
    println!("{}", row::heading());
    let chosen = |name: &str| names.is_empty() || names.iter().any(|chosen| chosen == name);
    for (name, _, measure) in ROWS.iter().filter(|(name, ..)| chosen(name)) {
        for row in measure(&stage) {
            println!("{}", row.line(name));
        }
    }
    println!("\nload: {}", stage::load());
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    println!("usage: table [ROW …] [--records N], N at least {}", stage::AUTHORS * 2);
    for (name, what, _) in ROWS {
        println!("  {name:<8} {what}");
    }
    ExitCode::from(2)
}
