//! The program as it was built, before any story is told with it.
//!
//! **Invariant:** what is tested is what the sources say today; see [`Sandbox::new`].

use weft_tests::sandbox::Sandbox;

#[test]
fn the_program_says_its_version_in_an_empty_home() {
    let sandbox = Sandbox::new();
    let said = sandbox.weft(["--version"]).run();
    assert_eq!(said.success().stdout, concat!("weft ", env!("CARGO_PKG_VERSION"), "\n"));
    assert!(!sandbox.home().exists(), "asking for the version should not make a home");
}
