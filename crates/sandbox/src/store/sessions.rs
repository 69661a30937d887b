//! Co-browsing sessions, sorted by their start.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Agents, Metadata};
use crate::clock::{HOUR, MINUTE, SECOND, UtcOffset, rfc3339};
use crate::webhooks::WebhookUrl;

/// The number in the first session's id.
const FIRST_NUMBER: usize = 1001;

pub(crate) struct Session {
    pub(crate) number: usize,
    pub(crate) visitor_id: String,
    pub(crate) started_ms: i64,
    pub(crate) ended_ms: Option<i64>,
    pub(crate) updated_ms: i64,
    pub(crate) call_ms: i64,
    pub(crate) went_live: bool,
    pub(crate) features_used: Vec<&'static str>,
    pub(crate) agents: Vec<usize>,
    pub(crate) metadata: Metadata,
    pub(crate) utc_offset: UtcOffset,
    pub(crate) webhooks: Vec<WebhookUrl>,
}

impl Session {
    pub(crate) fn new(visitor_id: &str, now_ms: i64) -> Self {
        Self {
            number: 0,
            visitor_id: visitor_id.to_owned(),
            started_ms: now_ms,
            ended_ms: None,
            updated_ms: now_ms,
            call_ms: 0,
            went_live: true,
            features_used: Vec::new(),
            agents: Vec::new(),
            metadata: Metadata::new(),
            utc_offset: UtcOffset::Zero,
            webhooks: Vec::new(),
        }
    }

    pub(crate) fn id(&self) -> String {
        format!("s_{}", self.number)
    }

    /// assumed: the length of an ongoing session is its length so far.
    pub(crate) fn length_seconds(&self, now_ms: i64) -> i64 {
        (self.ended_ms.unwrap_or(now_ms) - self.started_ms).max(0) / SECOND
    }

    pub(crate) fn json(&self, agents: &Agents, now_ms: i64) -> Value {
        let length = self.length_seconds(now_ms);
        let call_length = self.call_ms / SECOND;
        let participants: Vec<Value> = self.agents.iter().map(|agent| agents.get(*agent).json()).collect();
        json!({
            "id": self.id(),
            "visitor_id": self.visitor_id,
            "started_at": rfc3339(self.started_ms, self.utc_offset),
            "ended_at": self.ended_ms.map(|ended| rfc3339(ended, self.utc_offset)),
            "length_seconds": length,
            "formatted_length": format_length(length),
            "call_length_seconds": call_length,
            "formatted_call_length": format_length(call_length),
            "went_live": self.went_live,
            "features_used": self.features_used,
            "agents": participants,
            "team": {"id": "t_1", "domain": "acme.example"},
            "metadata": self.metadata,
        })
    }
}

/// assumed: only "1 minute" and "-" are known; the other lengths use the same format.
fn format_length(seconds: i64) -> String {
    let (count, unit) = match seconds * SECOND {
        0 => return "-".to_owned(),
        ms if ms < MINUTE => (seconds, "second"),
        ms if ms < HOUR => (ms / MINUTE, "minute"),
        ms => (ms / HOUR, "hour"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[derive(Default)]
pub(crate) struct Sessions {
    all: Vec<Session>,
    by_visitor: HashMap<String, Vec<usize>>,
    ongoing: HashMap<String, usize>,
}

impl Sessions {
    /// Adds a session that starts after all others. Returns its position.
    pub(crate) fn push(&mut self, mut session: Session) -> usize {
        let position = self.all.len();
        session.number = FIRST_NUMBER + position;
        if session.ended_ms.is_none() {
            self.ongoing.insert(session.visitor_id.clone(), position);
        }
        match self.by_visitor.get_mut(&session.visitor_id) {
            Some(positions) => positions.push(position),
            None => {
                self.by_visitor.insert(session.visitor_id.clone(), vec![position]);
            }
        }
        self.all.push(session);
        position
    }

    pub(crate) fn all(&self) -> &[Session] {
        &self.all
    }

    pub(crate) fn get(&self, position: usize) -> &Session {
        &self.all[position]
    }

    pub(crate) fn get_mut(&mut self, position: usize) -> &mut Session {
        &mut self.all[position]
    }

    pub(crate) fn position_of(&self, id: &str) -> Option<usize> {
        let number: usize = id.strip_prefix("s_")?.parse().ok()?;
        let position = number.checked_sub(FIRST_NUMBER)?;
        // Refuses ids that spell the number differently, such as s_01001.
        (self.all.get(position)?.id() == id).then_some(position)
    }

    pub(crate) fn of_visitor(&self, short_id: &str) -> &[usize] {
        self.by_visitor.get(short_id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn ongoing_of(&self, short_id: &str) -> Option<usize> {
        self.ongoing.get(short_id).copied()
    }

    /// The positions of the ongoing sessions, in any order.
    pub(crate) fn ongoing(&self) -> impl Iterator<Item = usize> {
        self.ongoing.values().copied()
    }

    pub(crate) fn ongoing_count(&self) -> usize {
        self.ongoing.len()
    }

    /// The sessions that started at this time or later.
    pub(crate) fn started_since(&self, started_ms: i64) -> &[Session] {
        &self.all[self.all.partition_point(|session| session.started_ms < started_ms)..]
    }

    pub(crate) fn end(&mut self, short_id: &str, now_ms: i64) -> Option<usize> {
        let position = self.ongoing.remove(short_id)?;
        let session = &mut self.all[position];
        session.ended_ms = Some(now_ms);
        session.updated_ms = now_ms;
        Some(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_lengths() {
        for (seconds, text) in [
            (0, "-"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (150, "2 minutes"),
            (3600, "1 hour"),
            (7300, "2 hours"),
        ] {
            assert_eq!(format_length(seconds), text);
        }
    }

    #[test]
    fn finds_a_session_only_by_its_exact_id() {
        let mut sessions = Sessions::default();
        sessions.push(Session::new("V", 0));
        assert_eq!(sessions.position_of("s_1001"), Some(0));
        for id in ["s_1000", "s_1002", "s_01001", "s_+1001", "1001", "s_", ""] {
            assert_eq!(sessions.position_of(id), None, "{id}");
        }
    }
}
