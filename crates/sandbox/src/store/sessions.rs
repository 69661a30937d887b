//! Co-browsing sessions, sorted by their start.

use std::collections::BTreeSet;
use std::mem;

use foldhash::HashMap;
use serde::{Deserialize, Serialize};

use super::MetadataText;
use super::usage::Period;
use crate::clock::{HOUR, MINUTE, SECOND, UtcOffset};
use crate::webhooks::WebhookUrl;

/// The number in the first session's id.
const FIRST_NUMBER: usize = 1001;
/// assumed: how long a visitor may take to answer a request for a session.
const PENDING_TIMEOUT_MS: i64 = MINUTE;
/// assumed: how long a session lasts if nobody ends it.
const ACTIVE_TIMEOUT_MS: i64 = 2 * HOUR;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EndedBy {
    Agent,
    Visitor,
    Declined,
    Timeout,
    /// The agent's or the visitor's page was closed.
    Closing,
    Api,
}

impl EndedBy {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Visitor => "visitor",
            Self::Declined => "declined",
            Self::Timeout => "timeout",
            Self::Closing => "closing",
            Self::Api => "api",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The visitor has not accepted the session yet.
    Pending,
    Active,
    Ended {
        at_ms: i64,
        by: EndedBy,
    },
}

impl State {
    /// The name in the messages of the watch page.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pendingRequest",
            Self::Active => "active",
            Self::Ended { .. } => "terminated",
        }
    }

    pub(crate) fn is_ended(self) -> bool {
        matches!(self, Self::Ended { .. })
    }

    /// How long a session stays in this state before it ends by itself.
    fn timeout_ms(self) -> Option<i64> {
        match self {
            Self::Pending => Some(PENDING_TIMEOUT_MS),
            Self::Active => Some(ACTIVE_TIMEOUT_MS),
            Self::Ended { .. } => None,
        }
    }
}

/// The visitor's page, as its script sent it last.
pub(crate) struct Snapshot {
    /// The number of the event.
    pub(crate) number: u64,
    /// JSON text.
    pub(crate) page: String,
}

pub(crate) struct Session {
    pub(crate) number: usize,
    pub(crate) visitor_id: String,
    pub(crate) started_ms: i64,
    pub(crate) updated_ms: i64,
    pub(crate) call_ms: i64,
    /// Whether the session was ever active.
    pub(crate) went_live: bool,
    pub(crate) features_used: Vec<&'static str>,
    pub(crate) agents: Vec<usize>,
    pub(crate) metadata: MetadataText,
    pub(crate) utc_offset: UtcOffset,
    pub(crate) webhooks: Vec<WebhookUrl>,
    /// The tokens of the watch links that started or joined the session.
    pub(crate) links: Vec<String>,
    pub(crate) snapshot: Option<Snapshot>,
    state: State,
    /// When the session entered its state.
    pub(super) state_since_ms: i64,
    /// The states that the session has entered, with the number of the event.
    pub(super) history: Vec<(u64, State)>,
}

impl Session {
    /// A session that starts in this state.
    pub(crate) fn new(visitor_id: &str, started_ms: i64, state: State) -> Self {
        Self {
            number: 0,
            visitor_id: visitor_id.to_owned(),
            started_ms,
            updated_ms: started_ms,
            call_ms: 0,
            went_live: state == State::Active,
            features_used: Vec::new(),
            agents: Vec::new(),
            metadata: MetadataText::default(),
            utc_offset: UtcOffset::Zero,
            webhooks: Vec::new(),
            links: Vec::new(),
            snapshot: None,
            state,
            state_since_ms: started_ms,
            history: Vec::new(),
        }
    }

    pub(crate) fn id(&self) -> String {
        format!("s_{}", self.number)
    }

    pub(crate) fn state(&self) -> State {
        self.state
    }

    pub(crate) fn history(&self) -> &[(u64, State)] {
        &self.history
    }

    pub(crate) fn is_ongoing(&self) -> bool {
        !self.state.is_ended()
    }

    pub(crate) fn ended_ms(&self) -> Option<i64> {
        match self.state {
            State::Ended { at_ms, .. } => Some(at_ms),
            State::Pending | State::Active => None,
        }
    }

    /// When the session ends by itself.
    fn due_ms(&self) -> Option<i64> {
        self.state.timeout_ms().map(|timeout| self.state_since_ms + timeout)
    }

    /// assumed: the length of an ongoing session is its length so far.
    pub(crate) fn length_seconds(&self, now_ms: i64) -> i64 {
        (self.ended_ms().unwrap_or(now_ms) - self.started_ms).max(0) / SECOND
    }
}

#[derive(Default)]
pub(crate) struct Sessions {
    /// By number.
    all: Vec<Session>,
    /// Positions in `all`, sorted by start, and by number if two sessions start at the same time.
    by_start: Vec<usize>,
    by_visitor: HashMap<String, Vec<usize>>,
    ongoing: HashMap<String, usize>,
    /// The ongoing sessions, by the time at which they end by themselves.
    by_due: BTreeSet<(i64, usize)>,
    /// The number of the latest event. All sessions share it, so that the events of a watch link or of a visitor that has
    /// one session after another are numbered in order.
    last_event: u64,
    /// By period.
    recent: [Recent; 2],
}

/// The sessions that have ended, of those that started since a time.
#[derive(Default)]
struct Recent {
    since_ms: i64,
    seconds: i64,
}

impl Sessions {
    /// Adds a session. Returns its position.
    pub(super) fn push(&mut self, mut session: Session) -> usize {
        if session.is_ongoing() {
            let number = self.next_event();
            session.history.push((number, session.state));
        }
        self.restore(session)
    }

    /// Adds a session with the events that it has had. Returns its position.
    pub(super) fn restore(&mut self, mut session: Session) -> usize {
        let position = self.all.len();
        session.number = FIRST_NUMBER + position;
        if let Some(due_ms) = session.due_ms() {
            self.by_due.insert((due_ms, position));
            self.ongoing.insert(session.visitor_id.clone(), position);
        }
        self.all.push(session);
        insert_sorted(&self.all, &mut self.by_start, position);
        let visitor_id = &self.all[position].visitor_id;
        match self.by_visitor.get_mut(visitor_id) {
            Some(positions) => insert_sorted(&self.all, positions, position),
            None => {
                self.by_visitor.insert(visitor_id.clone(), vec![position]);
            }
        }
        self.count_ended(position);
        position
    }

    /// By number.
    pub(super) fn all(&self) -> &[Session] {
        &self.all
    }

    pub(crate) fn get(&self, position: usize) -> &Session {
        &self.all[position]
    }

    pub(super) fn get_mut(&mut self, position: usize) -> &mut Session {
        &mut self.all[position]
    }

    /// A part of the sessions, sorted by start. It is empty if `to` is not after `from`.
    pub(crate) fn slice_by_start(
        &self,
        from: usize,
        to: usize,
    ) -> impl ExactSizeIterator<Item = &Session> + DoubleEndedIterator {
        self.by_start.get(from..to).unwrap_or_default().iter().map(|position| self.get(*position))
    }

    /// How many sessions started at this time or later.
    pub(super) fn count_since(&self, started_ms: i64) -> usize {
        self.by_start.len() - self.rank_of_start(started_ms)
    }

    /// The length of the sessions that started at this time or later.
    pub(super) fn seconds_since(&mut self, period: Period, since_ms: i64, now_ms: i64) -> i64 {
        let earlier = mem::replace(&mut self.recent[period as usize].since_ms, since_ms);
        // Only the sessions between both times are counted again.
        let (from, to) = (self.rank_of_start(earlier.min(since_ms)), self.rank_of_start(earlier.max(since_ms)));
        let ended = self.slice_by_start(from, to).filter(|session| !session.is_ongoing());
        let between: i64 = ended.map(|session| session.length_seconds(now_ms)).sum();
        let recent = &mut self.recent[period as usize];
        recent.seconds += if since_ms < earlier { between } else { -between };
        let seconds = recent.seconds;
        let ongoing = self.ongoing.values().map(|position| self.get(*position));
        let ongoing = ongoing.filter(|session| session.started_ms >= since_ms);
        seconds + ongoing.map(|session| session.length_seconds(now_ms)).sum::<i64>()
    }

    /// The rank of the first session that started at this time or later.
    fn rank_of_start(&self, started_ms: i64) -> usize {
        self.by_start.partition_point(|position| self.get(*position).started_ms < started_ms)
    }

    fn count_ended(&mut self, position: usize) {
        let session = &self.all[position];
        if let Some(ended_ms) = session.ended_ms() {
            for recent in self.recent.iter_mut().filter(|recent| session.started_ms >= recent.since_ms) {
                recent.seconds += session.length_seconds(ended_ms);
            }
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn position_of(&self, id: &str) -> Option<usize> {
        let number: usize = id.strip_prefix("s_")?.parse().ok()?;
        let position = number.checked_sub(FIRST_NUMBER)?;
        // Refuses ids that spell the number differently, such as s_01001.
        (self.all.get(position)?.id() == id).then_some(position)
    }

    /// The rank of a session in the list that is sorted by start.
    pub(crate) fn rank_of(&self, id: &str) -> Option<usize> {
        let position = self.position_of(id)?;
        let key = sort_key(&self.all, position);
        self.by_start.binary_search_by_key(&key, |position| sort_key(&self.all, *position)).ok()
    }

    /// The positions of a visitor's sessions, sorted by start.
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

    /// When the next session ends by itself, and its position.
    pub(super) fn next_due(&self) -> Option<(i64, usize)> {
        self.by_due.first().copied()
    }

    pub(crate) fn last_event(&self) -> u64 {
        self.last_event
    }

    /// Sets the number of the latest event: not less than that of any session.
    pub(super) fn set_last_event(&mut self, number: u64) {
        let numbers = self.all.iter().flat_map(|session| {
            let snapshot = session.snapshot.as_ref().map(|snapshot| snapshot.number);
            session.history.iter().map(|(number, _)| *number).chain(snapshot)
        });
        self.last_event = numbers.max().unwrap_or(0).max(number);
    }

    pub(super) fn next_event(&mut self) -> u64 {
        self.last_event += 1;
        self.last_event
    }

    /// Changes the state of an ongoing session, and numbers the event.
    pub(super) fn enter(&mut self, position: usize, state: State, at_ms: i64) {
        let number = self.next_event();
        let session = &mut self.all[position];
        if let Some(due_ms) = session.due_ms() {
            self.by_due.remove(&(due_ms, position));
        }
        session.state = state;
        session.state_since_ms = at_ms;
        session.updated_ms = at_ms;
        session.went_live |= state == State::Active;
        session.history.push((number, state));
        match session.due_ms() {
            Some(due_ms) => {
                self.by_due.insert((due_ms, position));
            }
            None => {
                self.ongoing.remove(&session.visitor_id);
                self.count_ended(position);
            }
        }
    }

    /// Inserts a session into an agent's list, which is sorted by start.
    pub(super) fn insert_into(&self, list: &mut Vec<usize>, position: usize) {
        insert_sorted(&self.all, list, position);
    }
}

fn sort_key(all: &[Session], position: usize) -> (i64, usize) {
    (all[position].started_ms, position)
}

fn insert_sorted(all: &[Session], list: &mut Vec<usize>, position: usize) {
    let key = sort_key(all, position);
    // Most sessions start after all others.
    if list.last().is_none_or(|last| sort_key(all, *last) < key) {
        list.push(position);
    } else {
        let rank = list.partition_point(|other| sort_key(all, *other) < key);
        list.insert(rank, position);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDED: State = State::Ended { at_ms: 0, by: EndedBy::Agent };

    #[test]
    fn finds_a_session_only_by_its_exact_id() {
        let mut sessions = Sessions::default();
        sessions.push(Session::new("V", 0, State::Active));
        assert_eq!(sessions.position_of("s_1001"), Some(0));
        for id in ["s_1000", "s_1002", "s_01001", "s_+1001", "1001", "s_", ""] {
            assert_eq!(sessions.position_of(id), None, "{id}");
        }
    }

    #[test]
    fn a_session_that_started_earlier_is_sorted_by_its_start_and_keeps_its_own_id() {
        let mut sessions = Sessions::default();
        for started_ms in [10, 30, 20, 20, 5] {
            sessions.push(Session::new("V", started_ms, ENDED));
        }
        let ids: Vec<String> = sessions.slice_by_start(0, 5).map(Session::id).collect();
        assert_eq!(ids, ["s_1005", "s_1001", "s_1003", "s_1004", "s_1002"]);
        assert_eq!(sessions.of_visitor("V"), [4, 0, 2, 3, 1]);
        for (rank, id) in ids.iter().enumerate() {
            assert_eq!(sessions.rank_of(id), Some(rank), "{id}");
        }
        assert_eq!(sessions.count_since(20), ids[2..].len());
    }

    #[test]
    fn the_next_due_session_follows_the_states() {
        let mut sessions = Sessions::default();
        let first = sessions.push(Session::new("V", 0, State::Active));
        let second = sessions.push(Session::new("W", 0, State::Pending));
        assert_eq!(sessions.next_due(), Some((PENDING_TIMEOUT_MS, second)));
        sessions.enter(second, State::Active, 5);
        assert_eq!(sessions.next_due(), Some((ACTIVE_TIMEOUT_MS, first)));
        sessions.enter(first, ENDED, 6);
        assert_eq!(sessions.next_due(), Some((ACTIVE_TIMEOUT_MS + 5, second)));
        sessions.enter(second, ENDED, 7);
        assert_eq!((sessions.next_due(), sessions.ongoing_count(), sessions.last_event()), (None, 0, 5));
    }
}
