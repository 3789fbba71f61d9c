//! Writes what every target begins with: `cargo run -p weft-fuzz --example seeds -- FOLDER`.

use std::path::PathBuf;
use std::{env, fs, io};

use weft_fuzz::TARGETS;

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::other("name a folder to write to"))?;
    for target in TARGETS {
        let place = folder.join(target.name);
        fs::create_dir_all(&place)?;
        let seeds = [(target.seeds)(), target.found()].concat();
        for (n, seed) in seeds.iter().enumerate() {
            fs::write(place.join(format!("seed-{n:04}")), seed)?;
        }
    }
    Ok(())
}
