//! The state of a sandbox as it is saved: the store, the faults and settings, and where the clock and the generator of links stand.

use std::collections::{BTreeMap, HashSet};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::sessions::Snapshot;
use super::watch_links::Entry;
use super::{EndedBy, Metadata, MetadataText, Permissions, RECORD_BYTES, Session, State, Store, WatchLink};
use crate::clock::{UtcOffset, parse_rfc3339, rfc3339};
use crate::deletions::Deletions;
use crate::faults::SavedFaults;
use crate::json::{ObjectReader, members_size, memory_size};
use crate::webhooks::{RetryPolicy, WebhookUrl};

/// All names of features in sessions.
const FEATURES: [&str; 5] = ["draw", "click", "scroll", "type", "console"];

pub(crate) const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SavedState<'a> {
    pub(crate) version: u32,
    pub(crate) clock: SavedClock,
    /// From where the generator of `--fixed-links` goes on.
    pub(crate) links_seed: Option<u64>,
    agents: Vec<SavedAgent>,
    /// The attributes, and `requires_acceptance`.
    #[serde(borrow)]
    visitors: Vec<SavedVisitor<'a>>,
    /// How many visitors were ever added. Their links are numbered.
    visitors_added: u64,
    sessions: Vec<SavedSession>,
    /// The number of the latest event of any session.
    last_event: u64,
    watch_links: Vec<SavedLink>,
    /// By visitor key.
    customer_pages: BTreeMap<String, String>,
    pub(crate) faults: SavedFaults,
    pub(crate) deletions: Deletions,
    pub(crate) webhook_retries: RetryPolicy,
}

impl Default for SavedState<'_> {
    fn default() -> Self {
        Self {
            version: VERSION,
            clock: SavedClock::default(),
            links_seed: None,
            agents: Vec::new(),
            visitors: Vec::new(),
            visitors_added: 0,
            sessions: Vec::new(),
            last_event: 0,
            watch_links: Vec::new(),
            customer_pages: BTreeMap::new(),
            faults: SavedFaults::default(),
            deletions: Deletions::default(),
            webhook_retries: RetryPolicy::default(),
        }
    }
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedClock {
    /// By how much the clock is ahead of the present, or of where it was stopped.
    pub(crate) offset_ms: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedAgent {
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    agent_identifier: Option<String>,
}

/// JSON text: of the body while it is loaded, of the store or of its own while it is saved.
enum SavedVisitor<'a> {
    Text(&'a RawValue),
    Owned(Box<RawValue>),
}

impl Serialize for SavedVisitor<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Owned(text) => text.serialize(serializer),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for SavedVisitor<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'a RawValue>::deserialize(deserializer).map(Self::Text)
    }
}

impl SavedVisitor<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) => text.get(),
            Self::Owned(text) => text.get(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SavedPhase {
    Pending,
    Active,
    Ended,
}

impl From<State> for SavedPhase {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Active => Self::Active,
            State::Ended { .. } => Self::Ended,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedSession {
    id: String,
    visitor_id: String,
    state: SavedPhase,
    started_at: SavedDate,
    /// When the session entered its state: `started_at` if not given.
    #[serde(default)]
    state_since: Option<SavedDate>,
    /// `state_since` if not given.
    #[serde(default)]
    updated_at: Option<SavedDate>,
    #[serde(default)]
    ended_by: Option<EndedBy>,
    #[serde(default)]
    call_ms: u64,
    #[serde(default = "yes")]
    went_live: bool,
    #[serde(default)]
    features_used: Vec<String>,
    /// Ids.
    #[serde(default)]
    agents: Vec<String>,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    webhook_urls: Vec<String>,
    /// The tokens of the watch links that started or joined the session.
    #[serde(default)]
    links: Vec<String>,
    #[serde(default)]
    events: Vec<(u64, SavedPhase)>,
    #[serde(default)]
    snapshot: Option<SavedSnapshot>,
}

fn yes() -> bool {
    true
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedSnapshot {
    number: u64,
    page: Box<RawValue>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedLink {
    token: String,
    visitor_id: String,
    agent: String,
    expires_at: SavedDate,
    #[serde(default)]
    page_settings: Map<String, Value>,
    #[serde(default)]
    permissions: BTreeMap<String, bool>,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    webhook_url: Option<String>,
    /// The id of the session that the link started or joined last.
    #[serde(default)]
    session: Option<String>,
}

/// A date with milliseconds, and its UTC offset.
#[derive(Clone, Copy)]
struct SavedDate {
    at_ms: i64,
    offset: UtcOffset,
}

impl SavedDate {
    fn utc(at_ms: i64) -> Self {
        Self { at_ms, offset: UtcOffset::Zero }
    }
}

impl Serialize for SavedDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(self.at_ms, self.offset))
    }
}

impl<'de> Deserialize<'de> for SavedDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let at_ms =
            parse_rfc3339(&text).ok_or_else(|| D::Error::custom(format!("{text:?} is not an RFC 3339 date")))?;
        let offset = if text.ends_with("+01:00") { UtcOffset::OneHour } else { UtcOffset::Zero };
        Ok(Self { at_ms, offset })
    }
}

impl Store {
    pub(crate) fn saved(&self) -> SavedState<'_> {
        let agent_id = |position: &usize| self.agents.get(*position).id();
        let session_id = |position: usize| self.sessions.get(position).id();
        let agents = self.agents.all().iter().map(|agent| SavedAgent {
            id: agent.id(),
            name: agent.name().map(str::to_owned),
            email: agent.email().map(str::to_owned),
            agent_identifier: agent.external_id().map(str::to_owned),
        });
        let visitors = self.visitors.all().filter_map(|visitor| {
            if !visitor.requires_acceptance() {
                return serde_json::from_str(visitor.json()).ok().map(SavedVisitor::Text);
            }
            let mut members = visitor.attributes();
            members.insert("requires_acceptance".to_owned(), true.into());
            serde_json::value::to_raw_value(&members).ok().map(SavedVisitor::Owned)
        });
        let sessions = self.sessions.all().iter().map(|session| SavedSession {
            id: session.id(),
            visitor_id: session.visitor_id.clone(),
            state: session.state().into(),
            started_at: SavedDate { at_ms: session.started_ms, offset: session.utc_offset },
            state_since: Some(SavedDate::utc(session.ended_ms().unwrap_or(session.state_since_ms))),
            updated_at: Some(SavedDate::utc(session.updated_ms)),
            ended_by: match session.state() {
                State::Ended { by, .. } => Some(by),
                State::Pending | State::Active => None,
            },
            call_ms: session.call_ms.unsigned_abs(),
            went_live: session.went_live,
            features_used: session.features_used.iter().map(|feature| (*feature).to_owned()).collect(),
            agents: session.agents.iter().map(agent_id).collect(),
            metadata: session.metadata.object(),
            webhook_urls: session.webhooks.iter().map(|url| url.text().to_owned()).collect(),
            links: session.links.clone(),
            events: session.history().iter().map(|(number, state)| (*number, (*state).into())).collect(),
            snapshot: session.snapshot.as_ref().and_then(|snapshot| {
                let page = RawValue::from_string(snapshot.page.clone()).ok()?;
                Some(SavedSnapshot { number: snapshot.number, page })
            }),
        });
        let links = self.watch_links.in_order().into_iter().map(|(token, entry)| SavedLink {
            token: token.to_owned(),
            visitor_id: entry.link.visitor_id.clone(),
            agent: agent_id(&entry.link.agent),
            expires_at: SavedDate::utc(entry.expires_ms),
            page_settings: entry.link.page_settings.as_object().cloned().unwrap_or_default(),
            permissions: entry.link.permissions.names(),
            metadata: entry.link.metadata.clone(),
            webhook_url: entry.link.webhook.as_ref().map(|url| url.text().to_owned()),
            session: entry.session.map(session_id),
        });
        SavedState {
            agents: agents.collect(),
            visitors: visitors.collect(),
            visitors_added: self.visitors.added_count(),
            sessions: sessions.collect(),
            last_event: self.sessions.last_event(),
            watch_links: links.collect(),
            customer_pages: self.customer_pages.connected(),
            ..SavedState::default()
        }
    }

    /// The error is a sentence that names the path of what is wrong. `check_types` checks the attributes of a visitor.
    pub(crate) fn load(
        saved: SavedState,
        check_types: impl Fn(&ObjectReader) -> Result<(), String>,
        elapsed_ms: u64,
    ) -> Result<Self, String> {
        let mut store = Self::default();
        for (index, agent) in saved.agents.into_iter().enumerate() {
            let SavedAgent { id, name, email, agent_identifier } = agent;
            let added = store.agents.restore(name, email, agent_identifier);
            let position = added.map_err(|error| format!("agents[{index}].{error}"))?;
            check_id(&format!("agents[{index}].id"), &id, &store.agents.get(position).id())?;
        }
        for (index, visitor) in saved.visitors.into_iter().enumerate() {
            store.load_visitor(&format!("visitors[{index}]"), visitor.text(), &check_types)?;
        }
        store.visitors.set_added_count(saved.visitors_added);
        for (index, session) in saved.sessions.into_iter().enumerate() {
            store.load_session(&format!("sessions[{index}]"), session)?;
        }
        store.sessions.set_last_event(saved.last_event);
        for (index, link) in saved.watch_links.into_iter().enumerate() {
            store.load_link(&format!("watch_links[{index}]"), link)?;
        }
        store.check_links_of_sessions()?;
        for (key, short_id) in &saved.customer_pages {
            if store.visitors.get(short_id).is_none() {
                return Err(format!("customer_pages: there is no visitor {short_id:?} in visitors"));
            }
            store.customer_pages.heard(key, short_id, elapsed_ms);
        }
        Ok(store)
    }

    fn load_visitor(
        &mut self,
        path: &str,
        text: &str,
        check_types: impl Fn(&ObjectReader) -> Result<(), String>,
    ) -> Result<(), String> {
        // The text is JSON already.
        let value: Value = serde_json::from_str(text).map_err(|error| format!("{path}: {error}"))?;
        let object = ObjectReader::at(path, &value)?;
        let short_id = object.required_string("short_id")?;
        check_types(&object)?;
        let requires_acceptance = object.boolean("requires_acceptance")?.unwrap_or(false);
        if object.members().contains_key("sessions") {
            return Err(format!("{path}.sessions cannot be set; sessions are in a list of their own"));
        }
        if self.visitors.get(short_id).is_some() {
            return Err(format!("{path}.short_id is {short_id:?}, like that of an earlier visitor"));
        }
        let mut attributes = object.members().clone();
        attributes.remove("requires_acceptance");
        self.visitors.restore(&attributes);
        self.visitors.set_requires_acceptance(short_id, requires_acceptance);
        Ok(())
    }

    fn load_session(&mut self, path: &str, saved: SavedSession) -> Result<(), String> {
        let since = saved.state_since.unwrap_or(saved.started_at);
        let state = match (saved.state, saved.ended_by) {
            (SavedPhase::Pending, None) => State::Pending,
            (SavedPhase::Active, None) => State::Active,
            (SavedPhase::Ended, by) => State::Ended { at_ms: since.at_ms, by: by.unwrap_or(EndedBy::Agent) },
            (_, Some(_)) => return Err(format!("{path}.ended_by is given, but the session has not ended")),
        };
        if since.at_ms < saved.started_at.at_ms {
            return Err(format!("{path}.state_since is before started_at"));
        }
        let mut session = Session::new(&saved.visitor_id, saved.started_at.at_ms, state);
        session.updated_ms = saved.updated_at.unwrap_or(since).at_ms;
        session.state_since_ms = since.at_ms;
        session.call_ms = saved.call_ms.try_into().unwrap_or(i64::MAX);
        session.went_live = saved.went_live;
        session.utc_offset = saved.started_at.offset;
        session.metadata = MetadataText::new(&check_metadata(path, saved.metadata)?);
        session.links = saved.links;
        session.history = saved.events.into_iter().map(|(number, event)| (number, event.of(state))).collect();
        for (index, name) in saved.features_used.iter().enumerate() {
            let known = FEATURES.into_iter().find(|feature| feature == name);
            session.features_used.push(known.ok_or_else(|| {
                format!("{path}.features_used[{index}] is {name:?}, not one of {}", FEATURES.join(", "))
            })?);
        }
        for (index, id) in saved.agents.iter().enumerate() {
            session.agents.push(self.find_agent(&format!("{path}.agents[{index}]"), id)?);
        }
        for (index, url) in saved.webhook_urls.iter().enumerate() {
            let webhook = WebhookUrl::parse(url);
            session.webhooks.push(webhook.ok_or_else(|| {
                format!("{path}.webhook_urls[{index}] is {url:?}, which is not an http or https URL")
            })?);
        }
        if let Some(SavedSnapshot { number, page }) = saved.snapshot {
            self.added_bytes += page.get().len() + RECORD_BYTES;
            session.snapshot = Some(Snapshot { number, page: page.get().to_owned() });
        }
        if session.is_ongoing() {
            if self.visitors.get(&saved.visitor_id).is_none() {
                let id = &saved.visitor_id;
                return Err(format!("{path}.visitor_id is {id:?}, but there is no such visitor in visitors"));
            }
            if self.sessions.ongoing_of(&saved.visitor_id).is_some() {
                return Err(format!("{path}.visitor_id is {:?}, who is in an earlier session", saved.visitor_id));
            }
        }
        let agents = session.agents.clone();
        let position = self.sessions.restore(session);
        check_id(&format!("{path}.id"), &saved.id, &self.sessions.get(position).id())?;
        for agent in agents {
            self.sessions.insert_into(self.agents.sessions_mut(agent), position);
        }
        Ok(())
    }

    fn load_link(&mut self, path: &str, saved: SavedLink) -> Result<(), String> {
        let session = saved.session.as_deref().map(|id| {
            let position = self.sessions.position_of(id);
            position.ok_or_else(|| format!("{path}.session is {id:?}, but there is no such session in sessions"))
        });
        let session = session.transpose()?;
        let in_session = session.is_some_and(|position| {
            let session = self.sessions.get(position);
            session.is_ongoing() && session.links.contains(&saved.token)
        });
        let webhook = saved.webhook_url.as_deref().map(|url| {
            WebhookUrl::parse(url)
                .ok_or_else(|| format!("{path}.webhook_url is {url:?}, which is not an http or https URL"))
        });
        let page_settings = Value::Object(saved.page_settings);
        let metadata = check_metadata(path, saved.metadata)?;
        let link = WatchLink {
            agent: self.find_agent(&format!("{path}.agent"), &saved.agent)?,
            permissions: Permissions::from_names(&saved.permissions)
                .map_err(|error| format!("{path}.permissions.{error}"))?,
            webhook: webhook.transpose()?,
            bytes: memory_size(&page_settings) + members_size(&metadata),
            visitor_id: saved.visitor_id,
            page_settings,
            metadata,
        };
        self.added_bytes += link.bytes + RECORD_BYTES;
        let entry = Entry::new(link, saved.expires_at.at_ms, session, in_session);
        if !self.watch_links.restore(&saved.token, entry) {
            return Err(format!("{path}.token is the same as that of an earlier link"));
        }
        Ok(())
    }

    fn find_agent(&self, path: &str, id: &str) -> Result<usize, String> {
        let position = self.agents.position_of(id);
        position.ok_or_else(|| format!("{path} is {id:?}, but there is no such agent in agents"))
    }

    fn check_links_of_sessions(&self) -> Result<(), String> {
        for (index, session) in self.sessions.all().iter().enumerate() {
            let mut seen = HashSet::new();
            for (number, token) in session.links.iter().enumerate() {
                if self.watch_links.get(token).is_none() || !seen.insert(token) {
                    return Err(format!("sessions[{index}].links[{number}] is not the token of a link in watch_links"));
                }
            }
        }
        Ok(())
    }
}

impl SavedPhase {
    /// The state of an event, where a session has ended only in its own way.
    fn of(self, state: State) -> State {
        match self {
            Self::Pending => State::Pending,
            Self::Active => State::Active,
            Self::Ended => state,
        }
    }
}

fn check_id(path: &str, found: &str, expected: &str) -> Result<(), String> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{path} is {found:?}, not {expected:?}: the ids of a list are numbered")),
    }
}

fn check_metadata(path: &str, metadata: Metadata) -> Result<Metadata, String> {
    let invalid = metadata.iter().find(|(_, value)| !(value.is_string() || value.is_number() || value.is_boolean()));
    match invalid {
        Some((name, _)) => Err(format!("{path}.metadata.{name} is not a string, a number or a boolean")),
        None => Ok(metadata),
    }
}
