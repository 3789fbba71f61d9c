//! Arguments that several commands have, each said once.

use anyhow::Result;
use weft_protocol::id::NetId;

use crate::desk::Desk;
use crate::door::Door;
use crate::draft::Signing;
use crate::names::Names;

/// Whose.
#[derive(Debug, clap::Args)]
pub(crate) struct OfNetwork {
    /// Only of this network: its name, 'us', or the beginning of its id
    #[arg(long, visible_alias = "net")]
    network: Option<String>,
}

impl OfNetwork {
    /// Returns the network that is meant; none when all are.
    ///
    /// # Errors
    /// When there is none of that name.
    pub(crate) fn find(&self, desk: &Desk, door: &Door) -> Result<Option<NetId>> {
        let names = Names::load(desk)?;
        self.network.as_ref().map(|word| names.network(door, word)).transpose()
    }
}

/// What a statement may say in words, and how it is signed.
#[derive(Debug, clap::Args)]
pub(crate) struct WordsArgs {
    /// In words (en="…" es="…": once for each language)
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    #[command(flatten)]
    pub(crate) signing: Signing,
}
