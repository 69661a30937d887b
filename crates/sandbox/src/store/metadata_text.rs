//! The metadata of a session.

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::Metadata;

/// An object as JSON text, which takes a tenth of the memory. `None` if it is empty.
#[derive(Default)]
pub(crate) struct MetadataText(Option<Box<RawValue>>);

impl MetadataText {
    pub(crate) fn new(metadata: &Metadata) -> Self {
        if metadata.is_empty() { Self(None) } else { Self::of(metadata) }
    }

    /// `object` has sorted members.
    pub(crate) fn of(object: &impl Serialize) -> Self {
        Self(to_raw_value(object).ok())
    }

    pub(super) fn object(&self) -> Metadata {
        self.0.as_ref().and_then(|text| serde_json::from_str(text.get()).ok()).unwrap_or_default()
    }
}

impl Serialize for MetadataText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(text) => text.serialize(serializer),
            None => Metadata::new().serialize(serializer),
        }
    }
}
