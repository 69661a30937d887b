//! The randomness of watch links and tokens. They are as sensitive as passwords, so they come from the operating system,
//! unless a test asks for the same ones at each start.

use fastrand::Rng;

use crate::http::response::ApiError;

pub(crate) enum Randomness {
    System,
    /// Gives the same bytes at each start.
    Seeded(Rng),
}

impl Randomness {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        seed.map_or(Self::System, |seed| Self::Seeded(Rng::with_seed(seed)))
    }

    /// From where the seeded generator goes on. `None` if the bytes come from the operating system.
    pub(crate) fn seed(&self) -> Option<u64> {
        match self {
            Self::System => None,
            Self::Seeded(rng) => Some(rng.get_seed()),
        }
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], ApiError> {
        let mut bytes = [0; N];
        match self {
            Self::System => getrandom::fill(&mut bytes).map_err(|_| ApiError::no_randomness())?,
            Self::Seeded(rng) => rng.fill(&mut bytes),
        }
        Ok(bytes)
    }

    /// A random UUID (version 4).
    pub(crate) fn uuid(&mut self) -> Result<String, ApiError> {
        let mut bytes: [u8; 16] = self.bytes()?;
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_seed_gives_the_same_bytes_again() {
        let two = |seed| {
            let mut randomness = Randomness::new(seed);
            [randomness.uuid().unwrap(), randomness.uuid().unwrap()]
        };
        assert_eq!(two(Some(7)), two(Some(7)));
        assert_ne!(two(Some(7)), two(Some(8)));
        assert_ne!(two(None), two(None));
        let [first, second] = two(Some(7));
        assert_ne!(first, second);
        assert_eq!((first.len(), &first[14..15]), (36, "4"));
    }
}
