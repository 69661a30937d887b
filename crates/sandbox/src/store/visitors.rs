//! Visitors: found by short id, or listed by when they were last seen.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use crate::clock::{UtcOffset, parse_rfc3339, rfc3339};
use crate::json;

/// The attributes are a JSON object, so that the control interface can add attributes that the service may add later.
pub(crate) struct Visitor {
    attributes: Map<String, Value>,
    order: u64,
    last_seen_ms: i64,
    /// The text that free-text searches look in, in lower case.
    search_text: String,
}

const SEARCHED_ATTRIBUTES: [&str; 8] =
    ["name", "nickname", "call_name", "email", "unique_id", "short_id", "location_city", "location_country_name"];

impl Visitor {
    fn new(attributes: Map<String, Value>, order: u64) -> Self {
        let mut visitor = Self { attributes, order, last_seen_ms: i64::MIN, search_text: String::new() };
        visitor.last_seen_ms = visitor.text("last_seen_at").and_then(parse_rfc3339).unwrap_or(i64::MIN);
        let identities = visitor.texts("identities");
        let searched = SEARCHED_ATTRIBUTES.iter().filter_map(|name| visitor.text(name)).chain(identities);
        visitor.search_text = searched.collect::<Vec<_>>().join("\n").to_lowercase();
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

    pub(crate) fn last_seen_ms(&self) -> i64 {
        self.last_seen_ms
    }

    /// How many visitors had been added up to this one.
    pub(crate) fn order(&self) -> u64 {
        self.order
    }

    pub(crate) fn search_text(&self) -> &str {
        &self.search_text
    }

    fn sort_key(&self) -> SortKey {
        (Reverse(self.last_seen_ms), self.order)
    }
}

/// Sorts visitors by when they were last seen, latest first.
type SortKey = (Reverse<i64>, u64);

#[derive(Default)]
pub(crate) struct Visitors {
    by_id: HashMap<String, Visitor>,
    by_last_seen: BTreeMap<SortKey, String>,
    added_count: u64,
}

impl Visitors {
    pub(crate) fn get(&self, short_id: &str) -> Option<&Visitor> {
        self.by_id.get(short_id)
    }

    pub(crate) fn added_count(&self) -> u64 {
        self.added_count
    }

    pub(crate) fn by_last_seen(&self) -> impl Iterator<Item = &Visitor> {
        self.by_last_seen.values().filter_map(|short_id| self.get(short_id))
    }

    /// Adds a visitor with these attributes, or changes them if the visitor exists.
    pub(crate) fn upsert(&mut self, short_id: &str, changes: Map<String, Value>, now_ms: i64) {
        let (mut attributes, order) = match self.remove(short_id) {
            Some(existing) => (existing.attributes, existing.order),
            None => {
                self.added_count += 1;
                (default_attributes(short_id, self.added_count, now_ms), self.added_count)
            }
        };
        attributes.extend(changes);
        let visitor = Visitor::new(attributes, order);
        self.by_last_seen.insert(visitor.sort_key(), short_id.to_owned());
        self.by_id.insert(short_id.to_owned(), visitor);
    }

    pub(crate) fn set_flag(&mut self, short_id: &str, name: &str, value: bool) {
        if let Some(visitor) = self.by_id.get_mut(short_id) {
            visitor.attributes.insert(name.to_owned(), Value::Bool(value));
        }
    }

    pub(crate) fn remove(&mut self, short_id: &str) -> Option<Visitor> {
        let visitor = self.by_id.remove(short_id)?;
        self.by_last_seen.remove(&visitor.sort_key());
        Some(visitor)
    }
}

/// All documented attributes, with their values for a new visitor.
fn default_attributes(short_id: &str, number: u64, now_ms: i64) -> Map<String, Value> {
    let now = rfc3339(now_ms, UtcOffset::Zero);
    json::into_members(json!({
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
    }))
}
