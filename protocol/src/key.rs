//! Secret keys, and the signatures they make.
//!
//! **Invariant:** a secret key holds a seed and nothing else; no function takes a foreign public
//! key to sign with, and no format prints the seed.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::id::{KeyHash, NodeId, PublicKey};

/// The number of bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// A key that signs records. It is overwritten when it is dropped.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// Makes a fresh key from this randomness.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self::from_seed(&seed)
    }

    /// Makes the key that belongs to this seed (RFC 8032, section 5.1.5).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Returns the seed, for writing it to a key file.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// Returns the public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs a message (RFC 8032, section 5.1.6).
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({}, secret)", self.public().short())
    }
}

impl PublicKey {
    /// Returns the hash by which an identity commits to this key before showing it.
    pub fn hash(&self) -> KeyHash {
        KeyHash(Sha256::digest(self.0).into())
    }
}

impl From<PublicKey> for NodeId {
    /// A node is named by its transport key.
    fn from(key: PublicKey) -> Self {
        Self(key.0)
    }
}
