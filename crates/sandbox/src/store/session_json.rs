//! A session as the API shows it.

use std::fmt::{self, Display, Formatter};

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::{Agents, MetadataText, Session};
use crate::clock::{Date, SECOND};

/// Writes a session without building an object, because a response can have 500 of them. The fields are sorted like the
/// members of a JSON object in memory.
#[derive(Serialize)]
pub(crate) struct SessionJson<'a> {
    agents: Participants<'a>,
    call_length_seconds: i64,
    ended_at: Option<Date>,
    features_used: &'a [&'static str],
    formatted_call_length: Shown<Length>,
    formatted_length: Shown<Length>,
    id: Shown<Id>,
    length_seconds: i64,
    metadata: &'a MetadataText,
    started_at: Date,
    team: Team,
    visitor_id: &'a str,
    went_live: bool,
}

#[derive(Serialize)]
struct Team {
    domain: &'static str,
    id: &'static str,
}

impl<'a> SessionJson<'a> {
    pub(super) fn new(session: &'a Session, agents: &'a Agents, now_ms: i64) -> Self {
        let length = session.length_seconds(now_ms);
        let call_length = session.call_ms / SECOND;
        let date = |at_ms| Date { at_ms, offset: session.utc_offset };
        Self {
            agents: Participants { session, agents },
            call_length_seconds: call_length,
            ended_at: session.ended_ms().map(date),
            // assumed: a session that the visitor has not accepted uses no features.
            features_used: if session.went_live { &session.features_used } else { &[] },
            formatted_call_length: Shown(Length(call_length)),
            formatted_length: Shown(Length(length)),
            id: Shown(Id(session.number)),
            length_seconds: length,
            metadata: &session.metadata,
            started_at: date(session.started_ms),
            team: Team { domain: "acme.example", id: "t_1" },
            visitor_id: &session.visitor_id,
            went_live: session.went_live,
        }
    }
}

struct Participants<'a> {
    session: &'a Session,
    agents: &'a Agents,
}

impl Serialize for Participants<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.session.agents.len()))?;
        for position in &self.session.agents {
            list.serialize_element(self.agents.get(*position).json())?;
        }
        list.end()
    }
}

/// Serializes what is displayed.
struct Shown<T>(T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

struct Id(usize);

impl Display for Id {
    fn fmt(&self, formatter: &mut Formatter) -> fmt::Result {
        write!(formatter, "s_{}", self.0)
    }
}

/// In seconds. assumed: only "1 minute" and "-" are known; the other lengths use the same format.
struct Length(i64);

impl Display for Length {
    fn fmt(&self, formatter: &mut Formatter) -> fmt::Result {
        let (count, unit) = match self.0 {
            0 => return formatter.write_str("-"),
            seconds if seconds < 60 => (seconds, "second"),
            seconds if seconds < 3600 => (seconds / 60, "minute"),
            seconds => (seconds / 3600, "hour"),
        };
        let plural = if count == 1 { "" } else { "s" };
        write!(formatter, "{count} {unit}{plural}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{EndedBy, Metadata, State};
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
            (i64::MAX, "2562047788015215 hours"),
        ] {
            assert_eq!(Length(seconds).to_string(), text);
        }
    }

    #[test]
    fn the_text_is_that_of_an_object_with_these_members() {
        let mut agents = Agents::default();
        let agent = agents.find_or_add_external("a\"b", Some("é"));
        let mut session = Session::new("V", 1_000, State::Ended { at_ms: 62_000, by: EndedBy::Agent });
        session.number = 1001;
        session.went_live = true;
        session.agents.push(agent);
        session.features_used.push("draw");
        let mut metadata = Metadata::new();
        metadata.insert("ticket".to_owned(), "\u{1}".into());
        session.metadata = MetadataText::new(&metadata);
        agents.find_or_add_external("a\"b", Some("new"));

        let written = SessionJson::new(&session, &agents, 0);
        let expected = json!({
            "id": "s_1001",
            "visitor_id": "V",
            "started_at": "1970-01-01T00:00:01.000Z",
            "ended_at": "1970-01-01T00:01:02.000Z",
            "length_seconds": 61,
            "formatted_length": "1 minute",
            "call_length_seconds": 0,
            "formatted_call_length": "-",
            "went_live": true,
            "features_used": ["draw"],
            "agents": [{"id": "u_2001", "name": "new", "email": null, "agent_identifier": "a\"b"}],
            "team": {"id": "t_1", "domain": "acme.example"},
            "metadata": {"ticket": "\u{1}"},
        });
        assert_eq!(serde_json::to_string(&written).unwrap(), expected.to_string());
        assert_eq!(serde_json::to_value(&written).unwrap(), expected);
    }
}
