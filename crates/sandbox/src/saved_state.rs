//! The state as JSON: everything but the request log and the webhooks that were sent. The clock is saved as its
//! offset, so that the same state gives the same bytes at any time.

use std::io::{self, Write};
use std::path::Path;

use crate::app_state::AppState;
use crate::control::check_visitor_types;
use crate::faults::Faults;
use crate::randomness::Randomness;
use crate::store::{SAVED_VERSION, SavedState, Store};

impl AppState {
    pub(crate) fn saved(&self) -> Result<Vec<u8>, String> {
        let mut saved = self.store.saved();
        saved.clock.offset_ms = self.clock.advanced_ms();
        saved.links_seed = self.randomness.seed();
        saved.faults = self.faults.saved();
        saved.deletions = self.deletions.clone();
        saved.webhook_retries = self.webhook_retries;
        serde_json::to_vec(&saved).map_err(|error| error.to_string())
    }

    /// Replaces the state. Changes nothing if it fails: the error is a sentence that names the path of what is wrong.
    pub(crate) fn load(&mut self, json: &[u8]) -> Result<(), String> {
        // The deserializer would accept an empty list for an object whose members all have defaults.
        if json.trim_ascii_start().first() != Some(&b'{') {
            return Err("the state is not a JSON object".to_owned());
        }
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let mut saved: SavedState =
            serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
                match error.path().to_string().as_str() {
                    "." => error.inner().to_string(),
                    path => format!("{path}: {}", error.inner()),
                }
            })?;
        deserializer.end().map_err(|error| error.to_string())?;
        if saved.version != SAVED_VERSION {
            return Err(format!("version is {}, not {SAVED_VERSION}", saved.version));
        }
        let (offset_ms, links_seed) = (saved.clock.offset_ms, saved.links_seed);
        let faults = Faults::load(std::mem::take(&mut saved.faults), self.seed())?;
        let (deletions, webhook_retries) = (std::mem::take(&mut saved.deletions), saved.webhook_retries);
        deletions.check()?;
        webhook_retries.check().map_err(|error| format!("webhook_retries.{error}"))?;
        let store = Store::load(saved, check_visitor_types, self.clock.elapsed_ms())?;
        self.clock.set_advanced_ms(offset_ms).map_err(|error| format!("clock.offset_ms: {error}"))?;
        (self.store, self.faults, self.deletions) = (store, faults, deletions);
        self.webhook_retries = webhook_retries;
        // Links that cannot be guessed stay so.
        if self.randomness.seed().is_some() && links_seed.is_some() {
            self.randomness = Randomness::new(links_seed);
        }
        Ok(())
    }

    /// Writes the state to the file of `--state`. A reader never sees a part of it, even if the program is killed.
    pub(crate) fn save(&self) -> io::Result<()> {
        match self.state_file() {
            Some(path) => replace_file(path, &self.saved().map_err(io::Error::other)?).map_err(|error| {
                io::Error::new(error.kind(), format!("cannot write the state to {}: {error}", path.display()))
            }),
            None => Ok(()),
        }
    }
}

fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // The target of a symbolic link is replaced, not the link.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    // Makes the new name durable, where folders can be opened.
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}
