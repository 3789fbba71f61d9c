//! The files and variables of an operator: the configuration, what was chosen while the node ran, and whom
//! it met.

use std::path::Path;

use weft_node::config::{Config, ConfigError, Overrides};
use weft_node::network::BookFile;
use weft_protocol::engine::Choices;

use crate::{text, texts};

/// Reads a text as each of the files, and its lines as variables.
pub fn tries(bytes: &[u8]) -> bool {
    let Some(text) = text(bytes) else { return false };
    let variables = text.lines().filter_map(|line| line.split_once('='));
    let said = Overrides::from_env(variables.map(|(name, value)| (name.into(), value.into())));
    let file = Path::new("config.toml");
    let config = Config::read((file, text), said.as_ref().ok().cloned());
    if let Ok(config) = &config {
        let again = toml::to_string(config).expect("what was read can be written");
        let again = Config::read((file, &again), []).expect("what was written can be read");
        assert_eq!(again, *config, "what was written is another thing");
    }
    for error in config.as_ref().err().into_iter().chain(said.as_ref().err()) {
        let words = error.to_string();
        let is_ours = matches!(error, ConfigError::Form { .. } | ConfigError::Value { .. });
        assert!(is_ours && !words.is_empty(), "{error:?}");
    }
    let book = BookFile::read(text);
    if let Ok(book) = &book {
        let again = book.text().expect("what was read can be written");
        assert_eq!(BookFile::read(&again).as_ref().ok(), Some(book));
    }
    let choices = toml::from_str::<Choices>(text);
    if let Ok(choices) = &choices {
        let again = toml::to_string(choices).expect("what was read can be written");
        assert_eq!(toml::from_str::<Choices>(&again).as_ref(), Ok(choices));
    }
    config.is_ok() || book.is_ok() || choices.is_ok()
}

/// One of each.
pub fn seeds() -> Vec<Vec<u8>> {
    let usual = Config::new("gb-bristol".parse().expect("a region"));
    let usual = toml::to_string(&usual).expect("it can be written");
    let mut seeds = texts([
        &usual,
        "region = \"us-wa\"\nregions = [\"us-or\"]\nprofile = \"low-power\"\n\n[network]\nmdns = false\n\
         listen = [\"/ip4/127.0.0.1/tcp/0\"]\nrelay = \"serve\"\n\n[log]\nlevel = \"weft_node::store=debug\"\n",
        "region = \"us-wa\"\nregions = [\"us-or\"]\n\n[[bridge]]\nname = \"water\"\nfrom = \"us-wa\"\n\
         to = \"us-or\"\nendorsements = 2\nonly = { kinds = [\"call\"], places = [\"GB\"] }\n",
        "WEFT_REGION=gb-london\nWEFT_LISTEN=/ip4/127.0.0.1/tcp/1, /ip6/::1/tcp/1\nWEFT_MDNS=no\n",
        "[[peer]]\nnode = \"12D3KooWCsPGA3N8c5yGPfyuvZVLNxgjWXfkBZqhSrTDd4tNmQQL\"\n\
         addresses = [\"/dns4/weft.example/tcp/8471\"]\nreached = true\n",
        "joined = [\"gb-london\"]\nleft = [\"us-wa\"]\n",
    ]);
    let choices = toml::to_string(&Choices::default()).expect("it can be written");
    seeds.push(choices.into_bytes());
    seeds
}
