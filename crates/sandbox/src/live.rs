//! Visitors that come and go by themselves, as `--live` asks for.

use fastrand::Rng;
use serde_json::{Map, Value};

use crate::clock::{UtcOffset, rfc3339};
use crate::store::Store;

/// The time between two changes.
const PAUSE_MS: std::ops::Range<u64> = 300..2_500;
/// About this share of the visitors is online.
const ONLINE_PERCENT: usize = 40;

pub(crate) struct Live {
    rng: Rng,
    /// When the next change is due, as elapsed real time.
    next_ms: u64,
}

impl Live {
    /// The same seed gives the same changes.
    pub(crate) fn new(seed: u64, elapsed_ms: u64) -> Self {
        Self { rng: Rng::with_seed(seed), next_ms: elapsed_ms }
    }

    pub(crate) fn next_ms(&self) -> u64 {
        self.next_ms
    }

    /// Makes the next change, if it is due. Returns whether it was.
    pub(crate) fn do_due(&mut self, store: &mut Store, elapsed_ms: u64, now_ms: i64) -> bool {
        if elapsed_ms < self.next_ms {
            return false;
        }
        self.next_ms = elapsed_ms + self.rng.u64(PAUSE_MS);
        self.change(store, now_ms);
        true
    }

    /// A visitor comes, goes, opens another page, or begins or stops to wait for a call.
    fn change(&mut self, store: &mut Store, now_ms: i64) {
        let visitors = &store.visitors;
        let wants_more = visitors.online_count() * 100 < visitors.count() * ONLINE_PERCENT;
        let Some(visitor) = visitors.added_since(self.rng.u64(1..=visitors.added_count().max(1))) else {
            return;
        };
        let short_id = visitor.short_id().to_owned();
        // A visitor in a session stays, and one with a real page does what its page does.
        if store.sessions.ongoing_of(&short_id).is_some() || store.customer_pages.has_visitor(&short_id) {
            return;
        }
        let mut changes = Map::new();
        let mut set = |name: &str, value: Value| drop(changes.insert(name.to_owned(), value));
        match (visitor.is_online(), self.rng.u8(..4)) {
            (false, _) if wants_more => {
                set("is_online", true.into());
                set("last_url", self.page().into());
            }
            (false, _) => return,
            (true, 0) if !wants_more => {
                set("is_online", false.into());
                set("is_waiting_for_call", false.into());
            }
            (true, 1) => set("is_waiting_for_call", (!visitor.flag("is_waiting_for_call")).into()),
            (true, _) => set("last_url", self.page().into()),
        }
        set("last_seen_at", rfc3339(now_ms, UtcOffset::Zero).into());
        store.visitors.upsert(&short_id, changes, now_ms);
    }

    fn page(&mut self) -> String {
        format!("https://shop.example.com/orders/{}", self.rng.u32(1000..9999))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{DAY, HOUR, SECOND};
    use crate::sample_data;

    const NOW: i64 = 1_700_000_000_000;

    fn store_after(changes: i64, seed: u64) -> Store {
        let mut store = sample_data::generate(1, 50, 120, NOW);
        let mut live = Live::new(seed, 0);
        for number in 0..changes {
            let due_ms = live.next_ms();
            assert!(!live.do_due(&mut store, due_ms.saturating_sub(1), NOW) || due_ms == 0);
            assert!(live.do_due(&mut store, live.next_ms(), NOW + number * SECOND));
        }
        store
    }

    fn texts(store: &Store) -> Vec<String> {
        store.visitors.all().map(|visitor| visitor.json().to_owned()).collect()
    }

    #[test]
    fn about_the_same_number_of_visitors_stays_online() {
        let changes = HOUR / SECOND;
        let mut store = store_after(changes, 3);
        assert!((15..=25).contains(&store.visitors.online_count()), "{}", store.visitors.online_count());
        let before = sample_data::generate(1, 50, 120, NOW);
        let changed = texts(&store).iter().zip(texts(&before)).filter(|(after, before)| *after != before).count();
        assert!(changed > 30, "{changed}");
        assert!(store.visitors.count_seen_since(NOW + HOUR - DAY) > store.visitors.online_count());
        // The visitors in a session are still online.
        let mut in_session = store.visitors.all().filter(|visitor| visitor.flag("is_in_session")).peekable();
        assert!(in_session.peek().is_some() && in_session.all(|visitor| visitor.is_online()));
    }

    #[test]
    fn the_same_seed_gives_the_same_changes() {
        assert_eq!(texts(&store_after(200, 3)), texts(&store_after(200, 3)));
        assert_ne!(texts(&store_after(200, 3)), texts(&store_after(200, 4)));
    }
}
