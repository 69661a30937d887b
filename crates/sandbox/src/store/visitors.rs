//! The visitors, found by their short id or walked through from the one seen last.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use crate::clock::{Zone, parse_rfc3339, rfc3339};

/// The attributes stay a JSON object, so that the control interface can add whatever the service may add one day.
pub(crate) struct Visitor {
    attributes: Map<String, Value>,
    order: u64,
    seen_ms: i64,
    /// What free text is looked for in, lower case.
    folded: String,
}

const SEARCHED: [&str; 8] =
    ["name", "nickname", "call_name", "email", "unique_id", "short_id", "location_city", "location_country_name"];

impl Visitor {
    fn new(attributes: Map<String, Value>, order: u64) -> Self {
        let mut visitor = Self { attributes, order, seen_ms: i64::MIN, folded: String::new() };
        visitor.seen_ms = visitor.text("last_seen_at").and_then(parse_rfc3339).unwrap_or(i64::MIN);
        let identities = visitor.texts("identities");
        let searched = SEARCHED.iter().filter_map(|name| visitor.text(name)).chain(identities);
        visitor.folded = searched.collect::<Vec<_>>().join("\n").to_lowercase();
        visitor
    }

    pub(crate) fn attributes(&self) -> &Map<String, Value> {
        &self.attributes
    }

    pub(crate) fn short_id(&self) -> &str {
        self.text("short_id").unwrap_or_default()
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_str()
    }

    pub(crate) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let list = self.attributes.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.attributes.get(name) == Some(&Value::Bool(true))
    }

    pub(crate) fn seen_ms(&self) -> i64 {
        self.seen_ms
    }

    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }

    fn rank(&self) -> Rank {
        (Reverse(self.seen_ms), self.order)
    }
}

/// The one seen last comes first.
type Rank = (Reverse<i64>, u64);

#[derive(Default)]
pub(crate) struct Visitors {
    by_id: HashMap<String, Visitor>,
    latest: BTreeMap<Rank, String>,
    added: u64,
}

impl Visitors {
    pub(crate) fn get(&self, short_id: &str) -> Option<&Visitor> {
        self.by_id.get(short_id)
    }

    pub(crate) fn latest(&self) -> impl Iterator<Item = &Visitor> {
        self.latest.values().filter_map(|short_id| self.get(short_id))
    }

    /// Adds a visitor, or changes the attributes named; says which visitor it was.
    pub(crate) fn put(&mut self, short_id: &str, partial: Map<String, Value>, now_ms: i64) -> &Visitor {
        let (mut attributes, order) = match self.take(short_id) {
            Some(known) => (known.attributes, known.order),
            None => {
                self.added += 1;
                (unremarkable(short_id, self.added, now_ms), self.added)
            }
        };
        attributes.extend(partial);
        let visitor = Visitor::new(attributes, order);
        self.latest.insert(visitor.rank(), short_id.to_owned());
        self.by_id.entry(short_id.to_owned()).or_insert(visitor)
    }

    pub(crate) fn set(&mut self, short_id: &str, name: &str, value: bool) {
        if let Some(visitor) = self.by_id.get_mut(short_id) {
            visitor.attributes.insert(name.to_owned(), Value::Bool(value));
        }
    }

    pub(crate) fn take(&mut self, short_id: &str) -> Option<Visitor> {
        let visitor = self.by_id.remove(short_id)?;
        self.latest.remove(&visitor.rank());
        Some(visitor)
    }
}

/// Every documented attribute, for a visitor of whom nothing else is known.
fn unremarkable(short_id: &str, number: u64, now_ms: i64) -> Map<String, Value> {
    let now = rfc3339(now_ms, Zone::Utc);
    let attributes = json!({
        "short_id": short_id,
        "unique_id": null,
        "lookup_code": null,
        "identities": null,
        "tags": [],
        "email": null,
        "name": null,
        "nickname": null,
        "added_at": now,
        "last_seen_at": now,
        "api_key": "sandbox-public-key",
        "browser_name": null,
        "device_name": null,
        "call_name": null,
        "integration": null,
        "last_url": null,
        "device_type": null,
        "ip_address": "192.0.2.1",
        "is_online": false,
        "is_in_session": false,
        "is_supported": true,
        "is_waiting_for_call": false,
        "js_configuration": true,
        "location_city": null,
        "location_country": null,
        "location_country_name": null,
        "watch_link": format!("https://app.upscope.example/w/{number}"),
    });
    match attributes {
        Value::Object(attributes) => attributes,
        _ => Map::new(),
    }
}
