//! Generates the initial data. The same seed gives the same data, except for dates, which are relative to the start.

mod people;

use fastrand::Rng;
use serde::Serialize;

use crate::clock::{DAY, HOUR, MINUTE, SECOND, UtcOffset, rfc3339};
use crate::store::{DocumentedAttributes, EndedBy, MetadataText, Session, State, Store};
use people::{CITIES, City, DEVICES, EXTERNAL_AGENTS, NAMES, USERS};

/// The age of the oldest session.
const HISTORY_MS: i64 = 45 * DAY;
/// The number of four-digit codes.
const LOOKUP_CODES: u16 = 10_000;

pub(crate) fn generate(seed: u64, visitors: usize, sessions: usize, now_ms: i64) -> Store {
    let mut rng = Rng::with_seed(seed);
    let mut store = Store::default();
    // While it is empty, so that no request has to count all of it.
    store.usage(now_ms);
    for (name, email) in USERS {
        store.agents.find_or_add_user(email, Some(name));
    }
    for (external_id, name) in EXTERNAL_AGENTS {
        store.agents.find_or_add_external(external_id, name);
    }
    let ids = add_visitors(&mut store, &mut rng, visitors, now_ms);
    add_sessions(&mut store, &mut rng, &ids, sessions, now_ms);
    store
}

fn add_visitors(store: &mut Store, rng: &mut Rng, count: usize, now_ms: i64) -> Vec<String> {
    let mut lookup_codes = LookupCodes::shuffled(rng);
    let mut ids = Vec::with_capacity(count);
    for number in 0..count {
        let short_id = loop {
            let id: String =
                (0..10).map(|_| char::from(b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789"[rng.usize(..32)])).collect();
            if store.visitors.get(&id).is_none() {
                break id;
            }
        };
        add_visitor(store, rng, number, &short_id, lookup_codes.next_for(number), now_ms);
        ids.push(short_id);
    }
    store.visitors.index_added();
    ids
}

fn add_visitor(
    store: &mut Store,
    rng: &mut Rng,
    number: usize,
    short_id: &str,
    lookup_code: Option<String>,
    now_ms: i64,
) {
    // The first visitors have different names. Later visitors repeat names, but not e-mail addresses.
    let (name, email_user) = NAMES[if number < NAMES.len() { number } else { rng.usize(..NAMES.len()) }];
    let email_suffix = if number < NAMES.len() { String::new() } else { format!(".{number}") };
    let email = format!("{email_user}{email_suffix}@example.com");
    let utc_offset = if number % 3 == 1 { UtcOffset::OneHour } else { UtcOffset::Zero };

    let is_online = number % 5 < 2;
    let last_seen_ms = if is_online { now_ms - rng.i64(0..MINUTE) } else { now_ms - rng.i64(HOUR..30 * DAY) };
    let added_ms = last_seen_ms - rng.i64(HOUR..300 * DAY);
    let has_name = number % 7 != 5;
    let City { name: city, country, country_name } = &CITIES[rng.usize(..CITIES.len())];
    let has_location = number % 6 != 4;
    let (device_type, device_name, browser_name) = DEVICES[rng.usize(..DEVICES.len())];
    let tags: &[&str] = match number % 4 {
        0 => &["client"],
        1 => &["client", "vip"],
        2 => &["trial"],
        _ => &[],
    };
    let unique_id = (number % 3 != 2).then(|| format!("user{}", number + 100));
    let nickname = (number % 4 == 1).then(|| format!("Nick {email_user}"));
    let integration = (number % 4 == 2).then(|| format!("acmechat:{}", number + 1000));
    let last_url =
        (number % 5 != 3).then(|| format!("https://shop.example.com/orders/{}?tab=café", rng.u32(1000..9999)));
    let ip_address =
        if number % 9 == 8 { format!("2001:db8::{number:x}") } else { format!("198.51.100.{}", number % 250 + 1) };
    let identities = [name, &email];
    let watch_link = store.visitors.next_watch_link();

    store.visitors.add_unindexed(&DocumentedAttributes {
        unique_id: unique_id.as_deref(),
        lookup_code: lookup_code.as_deref(),
        identities: has_name.then_some(&identities),
        tags,
        email: has_name.then_some(&email),
        name: has_name.then_some(name),
        nickname: nickname.as_deref(),
        last_seen_at: &rfc3339(last_seen_ms, utc_offset),
        browser_name,
        device_name,
        call_name: (number % 10 == 1).then_some(name),
        integration: integration.as_deref(),
        last_url: last_url.as_deref(),
        device_type,
        ip_address: &ip_address,
        is_online,
        is_supported: number % 13 != 12,
        is_waiting_for_call: number % 10 == 1,
        js_configuration: number % 4 < 2,
        location_city: has_location.then_some(city),
        location_country: has_location.then_some(country),
        location_country_name: has_location.then_some(country_name),
        ..DocumentedAttributes::new(short_id, &watch_link, &rfc3339(added_ms, utc_offset))
    });
}

/// Unique four-digit codes. Even a small set has codes with a leading zero.
struct LookupCodes {
    low: Vec<u16>,
    high: Vec<u16>,
}

impl LookupCodes {
    fn shuffled(rng: &mut Rng) -> Self {
        let mut low: Vec<u16> = (0..1000).collect();
        let mut high: Vec<u16> = (1000..LOOKUP_CODES).collect();
        rng.shuffle(&mut low);
        rng.shuffle(&mut high);
        Self { low, high }
    }

    /// Returns `None` for some visitors, and for all visitors after the codes are used up.
    fn next_for(&mut self, number: usize) -> Option<String> {
        if number % 11 == 5 {
            return None;
        }
        let code = if number % 8 == 3 {
            self.low.pop().or_else(|| self.high.pop())
        } else {
            self.high.pop().or_else(|| self.low.pop())
        };
        code.map(|code| format!("{code:04}"))
    }
}

/// One of this many sessions is under way at the start.
const SESSIONS_PER_ONGOING: usize = 40;
/// How long ago the sessions under way started, at most.
const ONGOING_MS: i64 = 40 * MINUTE;

/// Adds past sessions, evenly distributed, and some that are under way.
fn add_sessions(store: &mut Store, rng: &mut Rng, visitors: &[String], count: usize, now_ms: i64) {
    let mut online: Vec<&String> = visitors.iter().filter(|id| is_online(store, id)).collect();
    let ongoing = (count / SESSIONS_PER_ONGOING).min(online.len());
    let step_ms = HISTORY_MS / count.max(1) as i64;
    let mut last_started_ms = now_ms - HISTORY_MS;
    for number in 0..count - ongoing {
        let visitor_id = match visitors {
            [] => "GONE",
            visitors => &visitors[rng.usize(..visitors.len())],
        };
        let jitter_ms = rng.i64(0..(step_ms / 2).max(1));
        let started_ms = now_ms - HISTORY_MS + number as i64 * step_ms + jitter_ms - MINUTE;
        let went_live = number % 9 != 4;
        let length_ms = if went_live { rng.i64(5 * SECOND..40 * MINUTE) } else { 0 };
        let ended_ms = (started_ms + length_ms).min(now_ms - SECOND);
        let by = match number % 8 {
            _ if !went_live => EndedBy::Declined,
            0..4 => EndedBy::Agent,
            4 | 5 => EndedBy::Visitor,
            6 => EndedBy::Closing,
            _ => EndedBy::Api,
        };
        let state = State::Ended { at_ms: ended_ms, by };
        let mut session = sample_session(rng, visitor_id, number, started_ms, state, went_live);
        session.updated_ms = ended_ms;
        if number % 3 == 0 && went_live {
            session.call_ms = (ended_ms - started_ms) / 2;
        }
        store.add_session(session);
        last_started_ms = started_ms;
    }

    rng.shuffle(&mut online);
    let from_ms = last_started_ms.max(now_ms - ONGOING_MS);
    for (index, visitor_id) in online.into_iter().take(ongoing).enumerate() {
        let started_ms = from_ms + (now_ms - from_ms) * (index as i64 + 1) / (ongoing as i64 + 1);
        let number = count - ongoing + index;
        store.add_session(sample_session(rng, visitor_id, number, started_ms, State::Active, true));
    }
}

fn is_online(store: &Store, short_id: &str) -> bool {
    store.visitors.get(short_id).is_some_and(|visitor| visitor.is_online())
}

fn sample_session(
    rng: &mut Rng,
    visitor_id: &str,
    number: usize,
    started_ms: i64,
    state: State,
    went_live: bool,
) -> Session {
    let mut session = Session::new(visitor_id, started_ms, state);
    session.went_live = went_live;
    if went_live {
        session.features_used = ["draw", "click", "scroll", "type"].into_iter().filter(|_| rng.bool()).collect();
    }
    if number.is_multiple_of(2) {
        session.metadata = MetadataText::of(&SampleMetadata {
            priority: number % 4,
            ticket: &format!("T-{}", number + 1000),
            vip: number.is_multiple_of(5),
        });
    }
    if number % 4 == 3 {
        session.utc_offset = UtcOffset::OneHour;
    }
    let agent_count = USERS.len() + EXTERNAL_AGENTS.len();
    session.agents = vec![rng.usize(..agent_count)];
    if number % 10 == 7 {
        let second = rng.usize(..agent_count);
        if !session.agents.contains(&second) {
            session.agents.push(second);
        }
    }
    session
}

/// The fields are sorted.
#[derive(Serialize)]
struct SampleMetadata<'a> {
    priority: usize,
    ticket: &'a str,
    vip: bool,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;
    use crate::clock::parse_rfc3339;

    const NOW: i64 = 1_700_000_000_000;

    fn visitors(store: &Store) -> Vec<Value> {
        store
            .visitors
            .by_last_seen()
            .map(|visitor| {
                let mut text = Vec::new();
                store.write_visitor(visitor, NOW, &mut text);
                serde_json::from_slice(&text).unwrap()
            })
            .collect()
    }

    #[test]
    fn same_seed_gives_same_data() {
        let data = |seed| visitors(&generate(seed, 30, 60, NOW));
        assert_eq!(data(1), data(1));
        assert_ne!(data(1), data(2));
    }

    #[test]
    fn small_data_includes_edge_cases() {
        let all = visitors(&generate(1, 25, 120, NOW));
        let some = |test: &dyn Fn(&Value) -> bool| all.iter().any(test);
        let text = |visitor: &Value, name: &str| visitor[name].as_str().unwrap_or_default().to_owned();
        assert!(some(&|v| text(v, "lookup_code").starts_with('0')));
        for name in
            ["name", "email", "lookup_code", "unique_id", "device_type", "identities", "location_city", "integration"]
        {
            assert!(some(&|v| v[name].is_null()) && some(&|v| !v[name].is_null()), "{name}");
        }
        for script in ['и', '王', '🦊', 'é'] {
            assert!(some(&|v| text(v, "name").contains(script)), "{script}");
        }
        for outcome in ["Z", "+01:00"] {
            assert!(some(&|v| text(v, "added_at").ends_with(outcome)), "{outcome}");
        }
        assert!(some(&|v| v["is_online"] == true) && some(&|v| v["is_online"] == false));
        let codes: Vec<String> = all.iter().map(|v| text(v, "lookup_code")).filter(|code| !code.is_empty()).collect();
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
    }

    #[test]
    fn sessions_are_sorted_and_some_are_under_way() {
        for (visitors, sessions, expected_ongoing) in [(25, 120, 3), (5, 2_000, 2), (25, 2, 0), (0, 120, 0), (3, 0, 0)]
        {
            let store = generate(1, visitors, sessions, NOW);
            let all: Vec<&Session> = store.sessions.slice_by_start(0, sessions).collect();
            let mut last = i64::MIN;
            for session in &all {
                assert!(session.started_ms >= last && (session.started_ms..NOW).contains(&session.updated_ms));
                last = session.started_ms;
            }
            let numbers: Vec<usize> = all.iter().map(|session| session.number).collect();
            assert!(numbers.is_sorted());
            let ongoing: Vec<&Session> = all.into_iter().filter(|session| session.is_ongoing()).collect();
            assert_eq!((ongoing.len(), store.sessions.ongoing_count()), (expected_ongoing, expected_ongoing));
            for session in ongoing {
                let visitor = store.visitors.get(&session.visitor_id).unwrap();
                assert!(visitor.flag("is_online") && visitor.flag("is_in_session"));
                assert!(!visitor.flag("is_waiting_for_call") && session.went_live);
            }
        }
    }

    #[test]
    fn the_visitor_seen_last_comes_first() {
        let seen: Vec<Option<i64>> =
            visitors(&generate(3, 40, 0, NOW)).iter().map(|v| parse_rfc3339(v["last_seen_at"].as_str()?)).collect();
        assert!(seen.is_sorted_by(|a, b| a >= b));
    }
}
