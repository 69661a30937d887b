//! Agents: the account's users, and the external agents that watch links have named.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

const FIRST_NUMBER: usize = 2001;

pub(crate) struct Agent {
    number: usize,
    name: Option<String>,
    email: Option<String>,
    external_id: Option<String>,
    /// The agent as JSON text, which the sessions of responses contain. It changes with the name.
    json: Box<RawValue>,
    /// The positions of the agent's sessions, sorted by start.
    pub(crate) sessions: Vec<usize>,
}

/// The fields are sorted like the members of a JSON object in memory.
#[derive(Serialize)]
struct AgentJson<'a> {
    agent_identifier: Option<&'a str>,
    email: Option<&'a str>,
    id: String,
    name: Option<&'a str>,
}

impl Agent {
    pub(crate) fn id(&self) -> String {
        format!("u_{}", self.number)
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(super) fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    pub(super) fn external_id(&self) -> Option<&str> {
        self.external_id.as_deref()
    }

    pub(crate) fn json(&self) -> &RawValue {
        &self.json
    }

    fn rename(&mut self, name: &str) {
        self.name = Some(name.to_owned());
        self.update_json();
    }

    fn update_json(&mut self) {
        let agent = AgentJson {
            agent_identifier: self.external_id.as_deref(),
            email: self.email.as_deref(),
            id: self.id(),
            name: self.name.as_deref(),
        };
        self.json = to_raw_value(&agent).unwrap_or_default();
    }
}

#[derive(Default)]
pub(crate) struct Agents {
    all: Vec<Agent>,
    by_email: HashMap<String, usize>,
    by_external_id: HashMap<String, usize>,
}

impl Agents {
    /// The user with this e-mail address, added if necessary. `name` replaces the user's name if given.
    pub(crate) fn find_or_add_user(&mut self, email: &str, name: Option<&str>) -> usize {
        match self.by_email.get(&email.to_lowercase()) {
            Some(position) => {
                let position = *position;
                self.rename(position, name)
            }
            None => {
                let position = self.push(name, Some(email), None);
                self.by_email.insert(email.to_lowercase(), position);
                position
            }
        }
    }

    /// The external agent with this id, added if necessary. `name` replaces the agent's name if given.
    pub(crate) fn find_or_add_external(&mut self, external_id: &str, name: Option<&str>) -> usize {
        match self.by_external_id.get(external_id) {
            Some(position) => {
                let position = *position;
                self.rename(position, name)
            }
            None => {
                let position = self.push(name, None, Some(external_id));
                self.by_external_id.insert(external_id.to_owned(), position);
                position
            }
        }
    }

    pub(super) fn all(&self) -> &[Agent] {
        &self.all
    }

    /// Adds an agent as it was saved. The error says which of its members is wrong.
    pub(super) fn restore(
        &mut self,
        name: Option<String>,
        email: Option<String>,
        external_id: Option<String>,
    ) -> Result<usize, String> {
        let position = self.push(name.as_deref(), email.as_deref(), external_id.as_deref());
        if let Some(email) = email
            && self.by_email.insert(email.to_lowercase(), position).is_some()
        {
            return Err(format!("email is {email:?}, like that of an earlier agent"));
        }
        if let Some(id) = external_id
            && self.by_external_id.insert(id.clone(), position).is_some()
        {
            return Err(format!("agent_identifier is {id:?}, like that of an earlier agent"));
        }
        Ok(position)
    }

    fn rename(&mut self, position: usize, name: Option<&str>) -> usize {
        if let Some(name) = name {
            self.all[position].rename(name);
        }
        position
    }

    fn push(&mut self, name: Option<&str>, email: Option<&str>, external_id: Option<&str>) -> usize {
        let position = self.all.len();
        let mut agent = Agent {
            number: FIRST_NUMBER + position,
            name: name.map(str::to_owned),
            email: email.map(str::to_owned),
            external_id: external_id.map(str::to_owned),
            json: Box::default(),
            sessions: Vec::new(),
        };
        agent.update_json();
        self.all.push(agent);
        position
    }

    pub(super) fn sessions_mut(&mut self, agent: usize) -> &mut Vec<usize> {
        &mut self.all[agent].sessions
    }

    /// The agent with this id of the API: `u_2001`.
    pub(crate) fn position_of(&self, id: &str) -> Option<usize> {
        let number: usize = id.strip_prefix("u_")?.parse().ok()?;
        let position = number.checked_sub(FIRST_NUMBER)?;
        (self.all.get(position)?.id() == id).then_some(position)
    }

    pub(crate) fn get(&self, position: usize) -> &Agent {
        &self.all[position]
    }

    pub(crate) fn find_by_email(&self, email: &str) -> Option<&Agent> {
        self.by_email.get(&email.to_lowercase()).map(|position| self.get(*position))
    }

    pub(crate) fn find_by_external_id(&self, external_id: &str) -> Option<&Agent> {
        self.by_external_id.get(external_id).map(|position| self.get(*position))
    }
}
