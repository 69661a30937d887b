//! The state at the start: the same for the same seed, dates aside, which follow the start of the sandbox.

mod people;

use std::collections::HashSet;

use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::clock::{DAY, HOUR, MINUTE, SECOND, Zone, rfc3339};
use crate::state::{Session, State};
use people::{CITIES, DEVICES, NAMES, Place, USERS};

/// How far back the sessions reach.
const HISTORY_MS: i64 = 45 * DAY;
/// There are no more of four digits.
const LOOKUP_CODES: u16 = 10_000;

pub(crate) fn state(seed: u64, visitors: usize, sessions: usize, now_ms: i64) -> State {
    let mut rng = Rng::with_seed(seed);
    let mut state = State::default();
    for (name, email) in USERS {
        state.agents.add_user(name, email);
    }
    for (external_id, name) in [("ext-123", Some("Joe Smith")), ("ext-456", None)] {
        state.agents.external(external_id, name);
    }
    let ids = add_visitors(&mut state, &mut rng, visitors, now_ms);
    add_sessions(&mut state, &mut rng, &ids, sessions, now_ms);
    state
}

fn add_visitors(state: &mut State, rng: &mut Rng, count: usize, now_ms: i64) -> Vec<String> {
    let mut codes = LookupCodes::shuffled(rng);
    let mut taken = HashSet::new();
    let mut ids = Vec::with_capacity(count);
    for number in 0..count {
        let short_id = loop {
            let id: String =
                (0..10).map(|_| char::from(b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789"[rng.usize(..32)])).collect();
            if taken.insert(id.clone()) {
                break id;
            }
        };
        let attributes = visitor(rng, number, codes.next_for(number), now_ms);
        state.visitors.put(&short_id, attributes, now_ms);
        ids.push(short_id);
    }
    ids
}

fn visitor(rng: &mut Rng, number: usize, lookup_code: Option<String>, now_ms: i64) -> Map<String, Value> {
    // The first ones are all different people; later on names repeat, never the e-mail address.
    let (name, local) = NAMES[if number < NAMES.len() { number } else { rng.usize(..NAMES.len()) }];
    let round = if number < NAMES.len() { String::new() } else { format!(".{number}") };
    let email = format!("{local}{round}@example.com");
    let zone = if number % 3 == 1 { Zone::PlusOne } else { Zone::Utc };

    let online = number % 5 < 2;
    let seen_ms = if online { now_ms - rng.i64(0..MINUTE) } else { now_ms - rng.i64(HOUR..30 * DAY) };
    let added_ms = seen_ms - rng.i64(HOUR..300 * DAY);
    let named = number % 7 != 5;
    let Place { city, country, country_name } = &CITIES[rng.usize(..CITIES.len())];
    let placed = number % 6 != 4;
    let (device_type, device, browser) = DEVICES[rng.usize(..DEVICES.len())];
    let tags: &[&str] = match number % 4 {
        0 => &["client"],
        1 => &["client", "vip"],
        2 => &["trial"],
        _ => &[],
    };

    let attributes = json!({
        "unique_id": (number % 3 != 2).then(|| format!("user{}", number + 100)),
        "lookup_code": lookup_code,
        "identities": named.then(|| json!([name, email])),
        "tags": tags,
        "email": named.then_some(&email),
        "name": named.then_some(name),
        "nickname": (number % 4 == 1).then(|| format!("Nick {local}")),
        "added_at": rfc3339(added_ms, zone),
        "last_seen_at": rfc3339(seen_ms, zone),
        "browser_name": browser,
        "device_name": device,
        "call_name": (number % 10 == 1).then_some(name),
        "integration": (number % 4 == 2).then(|| format!("acmechat:{}", number + 1000)),
        "last_url": (number % 5 != 3).then(|| format!("https://shop.example.com/orders/{}?tab=café", rng.u32(1000..9999))),
        "device_type": device_type,
        "ip_address": if number % 9 == 8 { format!("2001:db8::{number:x}") } else { format!("198.51.100.{}", number % 250 + 1) },
        "is_online": online,
        "is_supported": number % 13 != 12,
        "is_waiting_for_call": number % 10 == 1,
        "js_configuration": number % 4 < 2,
        "location_city": placed.then_some(city),
        "location_country": placed.then_some(country),
        "location_country_name": placed.then_some(country_name),
    });
    match attributes {
        Value::Object(attributes) => attributes,
        _ => Map::new(),
    }
}

/// Unique four-digit codes, some of them with a leading zero in even the smallest set.
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

    /// `None` for some, and for all once the codes are used up.
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

/// Past sessions, evenly spread; none of them is still going on.
fn add_sessions(state: &mut State, rng: &mut Rng, visitors: &[String], count: usize, now_ms: i64) {
    let step_ms = HISTORY_MS / count.max(1) as i64;
    let agents = USERS.len() + 2;
    for number in 0..count {
        let visitor_id = match visitors {
            [] => "GONE",
            visitors => &visitors[rng.usize(..visitors.len())],
        };
        let jitter_ms = rng.i64(0..(step_ms / 2).max(1));
        let started_ms = now_ms - HISTORY_MS + number as i64 * step_ms + jitter_ms - MINUTE;
        let mut session = Session::starting(visitor_id, started_ms);

        session.went_live = number % 9 != 4;
        let length_ms = if session.went_live { rng.i64(5 * SECOND..40 * MINUTE) } else { 0 };
        let ended_ms = (started_ms + length_ms).min(now_ms - SECOND);
        session.ended_ms = Some(ended_ms);
        session.updated_ms = ended_ms;
        if session.went_live {
            session.features_used = ["draw", "click", "scroll", "type"].into_iter().filter(|_| rng.bool()).collect();
        }
        if number % 3 == 0 && session.went_live {
            session.call_ms = (ended_ms - started_ms) / 2;
        }
        if number % 2 == 0 {
            let metadata =
                json!({"ticket": format!("T-{}", number + 1000), "priority": number % 4, "vip": number % 5 == 0});
            session.metadata = metadata.as_object().cloned().unwrap_or_default();
        }
        if number % 4 == 3 {
            session.zone = Zone::PlusOne;
        }
        session.agents = vec![rng.usize(..agents)];
        if number % 10 == 7 {
            let second = rng.usize(..agents);
            if !session.agents.contains(&second) {
                session.agents.push(second);
            }
        }
        let taking_part = session.agents.clone();
        let position = state.sessions.push(session);
        for agent in taking_part {
            state.agents.note_session(agent, position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::parse_rfc3339;

    const NOW: i64 = 1_700_000_000_000;

    fn visitors(state: &State) -> Vec<Value> {
        state.visitors.latest().map(|visitor| state.visitor_json(visitor, NOW)).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_state() {
        let of = |seed| visitors(&state(seed, 30, 60, NOW));
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn even_a_small_state_has_the_awkward_cases() {
        let all = visitors(&state(1, 25, 120, NOW));
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
        for ending in ["Z", "+01:00"] {
            assert!(some(&|v| text(v, "added_at").ends_with(ending)), "{ending}");
        }
        assert!(some(&|v| v["is_online"] == true) && some(&|v| v["is_online"] == false));
        let codes: Vec<String> = all.iter().map(|v| text(v, "lookup_code")).filter(|code| !code.is_empty()).collect();
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
    }

    #[test]
    fn sessions_are_sorted_and_over() {
        let state = state(1, 5, 2_000, NOW);
        let mut last = i64::MIN;
        for session in state.sessions.all() {
            assert!(
                session.started_ms >= last
                    && session.ended_ms.is_some_and(|end| (session.started_ms..NOW).contains(&end))
            );
            last = session.started_ms;
        }
    }

    #[test]
    fn the_latest_visitor_comes_first() {
        let seen: Vec<Option<i64>> =
            visitors(&state(3, 40, 0, NOW)).iter().map(|v| parse_rfc3339(v["last_seen_at"].as_str()?)).collect();
        assert!(seen.is_sorted_by(|a, b| a >= b));
    }
}
