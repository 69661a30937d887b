//! Deletions of all visitors, which may take effect some time after the response.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::clock::MINUTE;
use crate::store::Store;

/// They are saved with the state.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Deletions {
    /// How long a deletion takes, by the sandbox's clock.
    pub(crate) delay_ms: i64,
    pending: VecDeque<PendingDeletion>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PendingDeletion {
    /// As milliseconds since 1970.
    due_ms: i64,
    /// Visitors that were added later are kept.
    added_count: u64,
}

/// The longest deletion.
pub(crate) const MAX_DELAY_MS: i64 = 60 * MINUTE;

impl Deletions {
    /// Checks saved deletions. The error is a sentence that names the path of what is wrong.
    pub(crate) fn check(&self) -> Result<(), String> {
        if !(0..=MAX_DELAY_MS).contains(&self.delay_ms) {
            return Err(format!("deletions.delay_ms is {}, not from 0 to {MAX_DELAY_MS}", self.delay_ms));
        }
        if !self.pending.iter().is_sorted_by_key(|deletion| deletion.due_ms) {
            return Err("deletions.pending is not sorted by due_ms".to_owned());
        }
        Ok(())
    }

    /// Deletes all offline visitors, now or after the delay. Returns whether there are any now.
    ///
    /// assumed: the service says only that a deletion "might take a few minutes to complete". Here it deletes, at its end,
    /// the visitors that existed at its start and are offline at its end.
    pub(crate) fn delete_all(&mut self, store: &mut Store, now_ms: i64) -> bool {
        let deletion = PendingDeletion { due_ms: now_ms + self.delay_ms, added_count: store.visitors.added_count() };
        if self.delay_ms == 0 {
            return deletion.apply(store);
        }
        // At most one for each millisecond of the delay.
        if self.pending.back().is_some_and(|last| last.due_ms == deletion.due_ms) {
            self.pending.pop_back();
        }
        self.pending.push_back(deletion);
        store.visitors.by_last_seen().any(|visitor| store.is_deletable(visitor))
    }

    /// Returns whether it deleted any visitors.
    pub(crate) fn apply_due(&mut self, store: &mut Store, now_ms: i64) -> bool {
        let mut deleted = false;
        while self.pending.front().is_some_and(|deletion| deletion.due_ms <= now_ms)
            && let Some(deletion) = self.pending.pop_front()
        {
            deleted |= deletion.apply(store);
        }
        deleted
    }

    /// When the next deletion takes effect.
    pub(crate) fn next_due_ms(&self) -> Option<i64> {
        self.pending.front().map(|deletion| deletion.due_ms)
    }
}

impl PendingDeletion {
    /// Returns whether it deleted any visitors.
    fn apply(&self, store: &mut Store) -> bool {
        let existed = store.visitors.by_last_seen().filter(|visitor| visitor.order() <= self.added_count);
        let deleted = existed.filter(|visitor| store.is_deletable(visitor));
        let ids: Vec<String> = deleted.map(|visitor| visitor.short_id().to_owned()).collect();
        for id in &ids {
            store.remove_visitor(id);
        }
        !ids.is_empty()
    }
}
