//! Writes the published vectors anew: `cargo run -p weft-tests --example vectors`.

use weft_tests::vectors;

fn main() -> std::io::Result<()> {
    std::fs::create_dir_all(vectors::folder())?;
    for (path, text) in vectors::texts() {
        std::fs::write(path, text)?;
    }
    Ok(())
}
