//! Names of regions.
//!
//! **Invariant:** a region's name is 2 to 32 characters of `a-z`, `0-9` and `-`, and neither
//! begins nor ends with `-`, so it is safe in a topic, a file name and a shell.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A named cluster of nodes that share everything by default, such as `us-wa` or `gb-bristol`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Arc<str>);

/// A text is not the name of a region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a region's name has 2 to 32 of a-z, 0-9 and '-', such as gb-bristol")]
pub struct ParseRegionError;

impl Region {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Region {
    type Error = ParseRegionError;

    fn try_from(name: String) -> Result<Self, ParseRegionError> {
        let letters = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        let edges = name.starts_with('-') || name.ends_with('-');
        if letters && !edges && (2..=32).contains(&name.len()) {
            Ok(Self(name.into()))
        } else {
            Err(ParseRegionError)
        }
    }
}

impl FromStr for Region {
    type Err = ParseRegionError;

    fn from_str(name: &str) -> Result<Self, ParseRegionError> {
        name.to_owned().try_into()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.as_str().to_owned()
    }
}

impl Borrow<str> for Region {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
