//! Visitors: found by short id or by what the service searches for exactly, and listed by when they were last seen.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;
use std::iter::Peekable;
use std::{mem, str};

use foldhash::HashMap;
use serde_json::{Map, Value};

use super::visitor_attributes::{Attributes, DocumentedAttributes};
use crate::clock::{UtcOffset, parse_rfc3339, rfc3339};
use crate::json;

/// The texts that decide where a visitor is found.
#[cfg(test)]
pub(super) const INDEXED_TEXTS: [&str; 12] = [
    "call_name",
    "email",
    "integration",
    "ip_address",
    "last_seen_at",
    "location_city",
    "location_country_name",
    "lookup_code",
    "name",
    "nickname",
    "short_id",
    "unique_id",
];

const SEARCHED_ATTRIBUTES: [&str; 8] =
    ["name", "nickname", "call_name", "email", "unique_id", "short_id", "location_city", "location_country_name"];

/// What a visitor can be found by exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SearchTerm {
    /// In lower case.
    Email(Box<str>),
    IpAddress(Box<str>),
    UniqueId(Box<str>),
    LookupCode(Box<str>),
    /// In lower case.
    Tag(Box<str>),
    /// assumed: `integration` has the name of the service and the id there: "acmechat:1234".
    Integration(Box<str>),
}

impl SearchTerm {
    pub(crate) fn email(address: &str) -> Self {
        Self::Email(address.to_lowercase().into())
    }

    pub(crate) fn tag(tag: &str) -> Self {
        Self::Tag(tag.to_lowercase().into())
    }

    fn all_of(attributes: &impl Attributes) -> Vec<Self> {
        let mut terms: Vec<Self> = attributes.texts("tags").into_iter().map(Self::tag).collect();
        terms.extend(attributes.text("email").map(Self::email));
        terms.extend(attributes.text("ip_address").map(|text| Self::IpAddress(text.into())));
        terms.extend(attributes.text("unique_id").map(|text| Self::UniqueId(text.into())));
        terms.extend(attributes.text("lookup_code").map(|text| Self::LookupCode(text.into())));
        terms.extend(attributes.text("integration").map(|text| Self::Integration(text.into())));
        terms
    }
}

/// A visitor's attributes are kept as JSON text: it takes a quarter of the memory of an object, and responses copy it. The
/// control interface can add attributes that the service may add later.
pub(crate) struct Visitor {
    /// An object whose members are sorted. It is not empty, because it has the short id.
    json: Box<str>,
    short_id: Box<str>,
    order: u64,
    last_seen_ms: i64,
    is_online: bool,
    /// Whether the visitor has to accept each session. It is not an attribute of the API.
    requires_acceptance: bool,
    /// What the store has reserved for this visitor.
    reserved_bytes: Option<usize>,
    /// The text that free-text searches look in, in lower case. All of its white space is ASCII.
    search_text: Box<str>,
}

impl Visitor {
    fn new(attributes: &impl Attributes, json: Box<str>, order: u64) -> Self {
        let identities = attributes.texts("identities").into_iter();
        let searched: Vec<&str> =
            SEARCHED_ATTRIBUTES.iter().filter_map(|name| attributes.text(name)).chain(identities).collect();
        Self {
            json,
            short_id: attributes.text("short_id").unwrap_or_default().into(),
            order,
            last_seen_ms: attributes.text("last_seen_at").and_then(parse_rfc3339).unwrap_or(i64::MIN),
            is_online: attributes.is_online(),
            requires_acceptance: false,
            reserved_bytes: None,
            search_text: search_text(&searched).into(),
        }
    }

    /// The attributes as JSON text: an object with at least one member.
    pub(crate) fn json(&self) -> &str {
        &self.json
    }

    pub(crate) fn attributes(&self) -> Map<String, Value> {
        serde_json::from_str(&self.json).unwrap_or_default()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.attributes().get(name) == Some(&Value::Bool(true))
    }

    pub(crate) fn is_online(&self) -> bool {
        self.is_online
    }

    pub(crate) fn requires_acceptance(&self) -> bool {
        self.requires_acceptance
    }

    pub(crate) fn short_id(&self) -> &str {
        &self.short_id
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.attributes().text(name).map(str::to_owned)
    }

    pub(super) fn memory_size(&self) -> usize {
        self.json.len()
    }

    pub(super) fn reserved_bytes(&self) -> Option<usize> {
        self.reserved_bytes
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

fn search_text(texts: &[&str]) -> String {
    let mut text = texts.join("\n");
    if text.is_ascii() {
        text.make_ascii_lowercase();
        return text;
    }
    text.to_lowercase().replace(|c: char| !c.is_ascii() && c.is_whitespace(), " ")
}

/// Sorts visitors by when they were last seen, latest first. The second part is the visitor's number.
type SortKey = (Reverse<i64>, u64);

#[derive(Default)]
pub(crate) struct Visitors {
    /// In the order in which they were added.
    all: BTreeMap<u64, Visitor>,
    by_id: HashMap<Box<str>, u64>,
    online: BTreeSet<SortKey>,
    offline: BTreeSet<SortKey>,
    by_term: HashMap<SearchTerm, Holders>,
    /// How many of the visitors that are offline were seen since `recent_since_ms`.
    recent_count: usize,
    recent_since_ms: i64,
    added_count: u64,
    /// The visitors of the sample data until they are indexed.
    unindexed: Vec<Unindexed>,
    /// For the text of a visitor of the sample data.
    buffer: Vec<u8>,
}

struct Unindexed {
    key: SortKey,
    is_online: bool,
    terms: Vec<SearchTerm>,
}

impl Visitors {
    pub(crate) fn get(&self, short_id: &str) -> Option<&Visitor> {
        self.all.get(self.by_id.get(short_id)?)
    }

    /// In the order in which they were added.
    pub(crate) fn all(&self) -> impl ExactSizeIterator<Item = &Visitor> {
        self.all.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(crate) fn by_last_seen(&self) -> impl Iterator<Item = &Visitor> {
        self.find(merge(self.online.iter().peekable(), self.offline.iter().peekable()))
    }

    pub(crate) fn online_by_last_seen(&self) -> impl Iterator<Item = &Visitor> {
        self.find(self.online.iter())
    }

    pub(crate) fn offline_by_last_seen(&self) -> impl Iterator<Item = &Visitor> {
        self.find(self.offline.iter())
    }

    /// The visitors that have this term, the one seen last first.
    pub(crate) fn with_term(&self, term: &SearchTerm) -> impl Iterator<Item = &Visitor> {
        self.find(self.by_term.get(term).into_iter().flat_map(Holders::iter))
    }

    fn find<'a>(&self, keys: impl Iterator<Item = &'a SortKey>) -> impl Iterator<Item = &Visitor> {
        keys.filter_map(|(_, order)| self.all.get(order))
    }

    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    /// The first visitor that was added as this one or later.
    pub(crate) fn added_since(&self, number: u64) -> Option<&Visitor> {
        self.all.range(number..).next().map(|(_, visitor)| visitor)
    }

    pub(crate) fn online_count(&self) -> usize {
        self.online.len()
    }

    /// How many visitors were seen since this time. A visitor who is online is seen at any moment.
    pub(crate) fn count_seen_since(&mut self, since_ms: i64) -> usize {
        let earlier = mem::replace(&mut self.recent_since_ms, since_ms);
        // Only the visitors between both times are counted again.
        let (from, to) = (earlier.min(since_ms), earlier.max(since_ms));
        let between = (Reverse(to.saturating_sub(1)), 0)..=(Reverse(from), u64::MAX);
        let count = if from == to { 0 } else { self.offline.range(between).count() };
        match since_ms < earlier {
            true => self.recent_count += count,
            false => self.recent_count -= count,
        }
        self.online.len() + self.recent_count
    }

    /// Adds a visitor of the sample data, which does not exist yet. Lists and searches have it only after `index_added`.
    pub(crate) fn add_unindexed(&mut self, attributes: &DocumentedAttributes) {
        // Texts that grow step by step cost the allocator more than a copy.
        self.buffer.clear();
        if serde_json::to_writer(&mut self.buffer, attributes).is_ok()
            && let Ok(json) = str::from_utf8(&self.buffer)
        {
            self.added_count += 1;
            let visitor = Visitor::new(attributes, json.into(), self.added_count);
            let (key, is_online) = (visitor.sort_key(), visitor.is_online);
            self.unindexed.push(Unindexed { key, is_online, terms: SearchTerm::all_of(attributes) });
            self.store(attributes.short_id, visitor);
        }
    }

    /// Indexes the visitors that `add_unindexed` has added. Sorted keys are inserted several times faster.
    pub(crate) fn index_added(&mut self) {
        let mut added = mem::take(&mut self.unindexed);
        self.buffer = Vec::new();
        added.sort_unstable_by_key(|visitor| visitor.key);
        for visitor in added {
            self.index(visitor);
        }
    }

    /// Adds a visitor that does not exist yet, with exactly these attributes.
    pub(super) fn restore(&mut self, attributes: &Map<String, Value>) {
        if let (Some(short_id), Ok(json)) = (attributes.text("short_id"), serde_json::to_string(attributes)) {
            self.added_count += 1;
            let visitor = Visitor::new(attributes, json.into(), self.added_count);
            self.insert(short_id, SearchTerm::all_of(attributes), visitor);
        }
    }

    /// How many visitors were ever added.
    pub(crate) fn added_count(&self) -> u64 {
        self.added_count
    }

    /// Sets how many visitors were ever added: not fewer than there are.
    pub(super) fn set_added_count(&mut self, count: u64) {
        self.added_count = self.added_count.max(count);
    }

    /// The link to the next visitor that is added.
    pub(crate) fn next_watch_link(&self) -> String {
        format!("https://app.upscope.example/w/{}", self.added_count + 1)
    }

    /// Adds a visitor with these attributes, or changes them if the visitor exists.
    pub(crate) fn upsert(&mut self, short_id: &str, mut changes: Map<String, Value>, now_ms: i64) {
        let now = rfc3339(now_ms, UtcOffset::Zero);
        let Some(existing) = self.get(short_id) else {
            let watch_link = self.next_watch_link();
            self.added_count += 1;
            let defaults = DocumentedAttributes::new(short_id, &watch_link, &now);
            let mut attributes = json::into_members(serde_json::to_value(defaults).unwrap_or_default());
            attributes.append(&mut changes);
            if let Ok(json) = serde_json::to_string(&attributes) {
                let visitor = Visitor::new(&attributes, json.into(), self.added_count);
                self.insert(short_id, SearchTerm::all_of(&attributes), visitor);
            }
            return;
        };
        if existing.is_online && changes.get("is_online").is_some_and(|value| *value != Value::Bool(true)) {
            // assumed: a visitor is seen until it goes offline.
            changes.entry("last_seen_at").or_insert(now.into());
        }
        self.change(short_id, changes);
    }

    fn change(&mut self, short_id: &str, changes: Map<String, Value>) {
        if let Some(attributes) = self.get(short_id).map(Visitor::attributes) {
            self.change_from(short_id, attributes, changes);
        }
    }

    /// `attributes` are the visitor's present ones.
    fn change_from(&mut self, short_id: &str, mut attributes: Map<String, Value>, mut changes: Map<String, Value>) {
        let Some(existing) = self.take(short_id, SearchTerm::all_of(&attributes)) else {
            return;
        };
        attributes.append(&mut changes);
        if let Ok(json) = serde_json::to_string(&attributes) {
            let visitor = Visitor {
                requires_acceptance: existing.requires_acceptance,
                reserved_bytes: existing.reserved_bytes,
                ..Visitor::new(&attributes, json.into(), existing.order)
            };
            self.insert(short_id, SearchTerm::all_of(&attributes), visitor);
        }
    }

    pub(crate) fn set_flag(&mut self, short_id: &str, name: &str, value: bool) {
        self.set_flags(short_id, &[(name, value)]);
    }

    pub(crate) fn set_flags(&mut self, short_id: &str, flags: &[(&str, bool)]) {
        let Some(attributes) = self.get(short_id).map(Visitor::attributes) else {
            return;
        };
        let different =
            flags.iter().filter(|(name, value)| (attributes.get(*name) == Some(&Value::Bool(true))) != *value);
        let changes: Map<String, Value> =
            different.map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        if !changes.is_empty() {
            self.change_from(short_id, attributes, changes);
        }
    }

    pub(super) fn set_requires_acceptance(&mut self, short_id: &str, value: bool) {
        if let Some(visitor) = self.get_mut(short_id) {
            visitor.requires_acceptance = value;
        }
    }

    /// Sets what the store has reserved for a visitor, and returns what it had reserved before.
    pub(super) fn replace_reserved_bytes(&mut self, short_id: &str, bytes: usize) -> Option<usize> {
        self.get_mut(short_id)?.reserved_bytes.replace(bytes)
    }

    fn get_mut(&mut self, short_id: &str) -> Option<&mut Visitor> {
        self.all.get_mut(self.by_id.get(short_id)?)
    }

    pub(super) fn remove(&mut self, short_id: &str) -> Option<Visitor> {
        let terms = SearchTerm::all_of(&self.get(short_id)?.attributes());
        self.take(short_id, terms)
    }

    fn take(&mut self, short_id: &str, terms: Vec<SearchTerm>) -> Option<Visitor> {
        let order = self.by_id.remove(short_id)?;
        let visitor = self.all.remove(&order)?;
        let key = visitor.sort_key();
        for term in terms {
            if self.by_term.get_mut(&term).is_some_and(|holders| holders.remove(&key)) {
                self.by_term.remove(&term);
            }
        }
        if visitor.is_online {
            self.online.remove(&key);
        } else {
            self.offline.remove(&key);
            self.recent_count -= usize::from(visitor.last_seen_ms >= self.recent_since_ms);
        }
        Some(visitor)
    }

    fn insert(&mut self, short_id: &str, terms: Vec<SearchTerm>, visitor: Visitor) {
        self.index(Unindexed { key: visitor.sort_key(), is_online: visitor.is_online, terms });
        self.store(short_id, visitor);
    }

    fn index(&mut self, visitor: Unindexed) {
        let (key, Reverse(last_seen_ms)) = (visitor.key, visitor.key.0);
        for term in visitor.terms {
            self.by_term.entry(term).or_default().insert(key);
        }
        if visitor.is_online {
            self.online.insert(key);
        } else {
            self.offline.insert(key);
            self.recent_count += usize::from(last_seen_ms >= self.recent_since_ms);
        }
    }

    fn store(&mut self, short_id: &str, visitor: Visitor) {
        self.by_id.insert(short_id.into(), visitor.order);
        self.all.insert(visitor.order, visitor);
    }
}

/// The visitors that have a term. Most terms have one.
#[derive(Default)]
enum Holders {
    #[default]
    None,
    One(SortKey),
    Many(BTreeSet<SortKey>),
}

impl Holders {
    fn insert(&mut self, key: SortKey) {
        match self {
            Self::None => *self = Self::One(key),
            Self::One(first) => *self = Self::Many(BTreeSet::from([*first, key])),
            Self::Many(keys) => {
                keys.insert(key);
            }
        }
    }

    /// Returns whether none is left.
    fn remove(&mut self, key: &SortKey) -> bool {
        match self {
            Self::None => true,
            Self::One(only) => only == key,
            Self::Many(keys) => {
                keys.remove(key);
                keys.is_empty()
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = &SortKey> {
        let (one, many) = match self {
            Self::None => (None, None),
            Self::One(key) => (Some(key), None),
            Self::Many(keys) => (None, Some(keys)),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}

/// Merges two sorted lists.
fn merge<'a>(
    mut first: Peekable<impl Iterator<Item = &'a SortKey>>,
    mut second: Peekable<impl Iterator<Item = &'a SortKey>>,
) -> impl Iterator<Item = &'a SortKey> {
    std::iter::from_fn(move || match (first.peek(), second.peek()) {
        (Some(a), Some(b)) if b < a => second.next(),
        (None, _) => second.next(),
        (Some(_), _) => first.next(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clock::DAY;

    fn put(visitors: &mut Visitors, short_id: &str, changes: Value, now_ms: i64) {
        visitors.upsert(short_id, json::into_members(changes), now_ms);
    }

    fn ids<'a>(found: impl Iterator<Item = &'a Visitor>) -> String {
        found.map(|visitor| visitor.short_id()).collect()
    }

    #[test]
    fn follows_changes_of_what_a_visitor_is_found_by() {
        let mut visitors = Visitors::default();
        for (id, now_ms) in [("A", 1), ("B", 3), ("C", 2)] {
            put(&mut visitors, id, json!({"tags": ["VIP"], "email": format!("{id}@x.y"), "ip_address": "::1"}), now_ms);
        }
        let vip = SearchTerm::tag("vip");
        assert_eq!(ids(visitors.with_term(&vip)), "BCA");
        put(&mut visitors, "C", json!({"tags": ["vip", "Vip"], "last_seen_at": rfc3339(9, UtcOffset::Zero)}), 9);
        assert_eq!(ids(visitors.with_term(&vip)), "CBA");
        put(&mut visitors, "C", json!({"tags": null, "email": 7}), 9);
        put(&mut visitors, "A", json!({"email": "New@X.Y"}), 9);
        visitors.remove("B");
        assert_eq!(ids(visitors.with_term(&vip)), "A");
        assert_eq!(ids(visitors.with_term(&SearchTerm::email("nEW@x.y"))), "A");
        assert_eq!(ids(visitors.with_term(&SearchTerm::IpAddress("::1".into()))), "CA");
        for gone in ["A@x.y", "B@x.y", "C@x.y"] {
            assert_eq!(ids(visitors.with_term(&SearchTerm::email(gone))), "");
        }
        visitors.remove("A");
        visitors.remove("C");
        assert!(visitors.by_term.is_empty() && visitors.by_id.is_empty() && visitors.offline.is_empty());
    }

    #[test]
    fn white_space_in_the_search_text_is_ascii() {
        assert_eq!(search_text(&["A\u{3000}É", "b\u{a0}\tc"]), "a é\nb \tc");
    }

    #[test]
    fn counts_recent_visitors_at_any_time() {
        let mut visitors = Visitors::default();
        for (id, day, is_online) in [("A", 1, false), ("B", 2, true), ("C", 3, false), ("D", 3, true), ("E", 4, false)]
        {
            put(&mut visitors, id, json!({"is_online": is_online}), day * DAY);
        }
        for (since, count) in [(0, 5), (3, 4), (4, 3), (5, 2), (1, 5), (2, 4), (2, 4)] {
            assert_eq!(visitors.count_seen_since(since * DAY), count, "{since}");
        }
        assert_eq!(ids(visitors.by_last_seen()), "ECDBA");
        assert_eq!(
            (ids(visitors.online_by_last_seen()), ids(visitors.offline_by_last_seen())),
            ("DB".into(), "ECA".into())
        );

        // A visitor that goes offline was seen at that moment, unless the change says otherwise.
        visitors.upsert("B", json::into_members(json!({"is_online": null})), 9 * DAY);
        assert_eq!((ids(visitors.by_last_seen()), visitors.online_count()), ("BECDA".into(), 1));
        assert_eq!(visitors.count_seen_since(8 * DAY), 2);
        let seen = rfc3339(DAY, UtcOffset::Zero);
        put(&mut visitors, "D", json!({"is_online": false, "last_seen_at": seen}), 9 * DAY);
        assert_eq!(visitors.count_seen_since(8 * DAY), 1);
        visitors.remove("B");
        assert_eq!(visitors.count_seen_since(8 * DAY), 0);
    }
}
