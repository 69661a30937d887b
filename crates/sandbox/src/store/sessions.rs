//! The co-browsing sessions, in the order in which they started.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Agents, Metadata};
use crate::clock::{HOUR, MINUTE, SECOND, Zone, rfc3339};
use crate::webhook::Hook;

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
    pub(crate) zone: Zone,
    pub(crate) hooks: Vec<Hook>,
}

impl Session {
    pub(crate) fn starting(visitor_id: &str, now_ms: i64) -> Self {
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
            zone: Zone::Utc,
            hooks: Vec::new(),
        }
    }

    pub(crate) fn id(&self) -> String {
        format!("s_{}", self.number)
    }

    /// assumed: the length of an ongoing session is what it has lasted so far.
    pub(crate) fn length_seconds(&self, now_ms: i64) -> i64 {
        (self.ended_ms.unwrap_or(now_ms) - self.started_ms).max(0) / SECOND
    }

    pub(crate) fn json(&self, agents: &Agents, now_ms: i64) -> Value {
        let length = self.length_seconds(now_ms);
        let call_length = self.call_ms / SECOND;
        let taking_part: Vec<Value> = self.agents.iter().map(|agent| agents.at(*agent).json()).collect();
        json!({
            "id": self.id(),
            "visitor_id": self.visitor_id,
            "started_at": rfc3339(self.started_ms, self.zone),
            "ended_at": self.ended_ms.map(|ended| rfc3339(ended, self.zone)),
            "length_seconds": length,
            "formatted_length": formatted(length),
            "call_length_seconds": call_length,
            "formatted_call_length": formatted(call_length),
            "went_live": self.went_live,
            "features_used": self.features_used,
            "agents": taking_part,
            "team": {"id": "t_1", "domain": "acme.example"},
            "metadata": self.metadata,
        })
    }
}

/// assumed: only "1 minute" and "-" were ever seen; the rest follows their lead.
fn formatted(seconds: i64) -> String {
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
    /// Adds one that starts after all others, and says where it stands.
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

    pub(crate) fn at(&self, position: usize) -> &Session {
        &self.all[position]
    }

    pub(crate) fn at_mut(&mut self, position: usize) -> &mut Session {
        &mut self.all[position]
    }

    pub(crate) fn position_of(&self, id: &str) -> Option<usize> {
        let number: usize = id.strip_prefix("s_")?.parse().ok()?;
        let position = number.checked_sub(FIRST_NUMBER)?;
        // Also refuses other spellings of the same number.
        (self.all.get(position)?.id() == id).then_some(position)
    }

    pub(crate) fn of_visitor(&self, short_id: &str) -> &[usize] {
        self.by_visitor.get(short_id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn ongoing_of(&self, short_id: &str) -> Option<usize> {
        self.ongoing.get(short_id).copied()
    }

    pub(crate) fn ongoing_count(&self) -> usize {
        self.ongoing.len()
    }

    /// Those that started at this time or later.
    pub(crate) fn since(&self, started_ms: i64) -> &[Session] {
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
    fn lengths_read_well() {
        for (seconds, text) in [
            (0, "-"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (150, "2 minutes"),
            (3600, "1 hour"),
            (7300, "2 hours"),
        ] {
            assert_eq!(formatted(seconds), text);
        }
    }

    #[test]
    fn an_id_has_one_spelling() {
        let mut sessions = Sessions::default();
        sessions.push(Session::starting("V", 0));
        assert_eq!(sessions.position_of("s_1001"), Some(0));
        for id in ["s_1000", "s_1002", "s_01001", "s_+1001", "1001", "s_", ""] {
            assert_eq!(sessions.position_of(id), None, "{id}");
        }
    }
}
