//! Agents: the account's users, and the external agents that watch links have named.

use std::collections::HashMap;

use serde_json::{Value, json};

const FIRST_NUMBER: usize = 2001;

pub(crate) struct Agent {
    number: usize,
    name: Option<String>,
    email: Option<String>,
    external_id: Option<String>,
    /// The positions of the agent's sessions, oldest first.
    pub(crate) sessions: Vec<usize>,
}

impl Agent {
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": format!("u_{}", self.number),
            "name": self.name,
            "email": self.email,
            "agent_identifier": self.external_id,
        })
    }
}

#[derive(Default)]
pub(crate) struct Agents {
    all: Vec<Agent>,
    by_email: HashMap<String, usize>,
    by_external_id: HashMap<String, usize>,
}

impl Agents {
    pub(crate) fn add_user(&mut self, name: &str, email: &str) -> usize {
        let position = self.push(Some(name), Some(email), None);
        self.by_email.insert(email.to_lowercase(), position);
        position
    }

    /// The external agent with this id, added if necessary. `name` replaces the agent's name if given.
    pub(crate) fn find_or_add_external(&mut self, external_id: &str, name: Option<&str>) -> usize {
        match self.by_external_id.get(external_id) {
            Some(position) => {
                if let Some(name) = name {
                    self.all[*position].name = Some(name.to_owned());
                }
                *position
            }
            None => {
                let position = self.push(name, None, Some(external_id));
                self.by_external_id.insert(external_id.to_owned(), position);
                position
            }
        }
    }

    fn push(&mut self, name: Option<&str>, email: Option<&str>, external_id: Option<&str>) -> usize {
        let position = self.all.len();
        self.all.push(Agent {
            number: FIRST_NUMBER + position,
            name: name.map(str::to_owned),
            email: email.map(str::to_owned),
            external_id: external_id.map(str::to_owned),
            sessions: Vec::new(),
        });
        position
    }

    pub(crate) fn add_session(&mut self, agent: usize, session: usize) {
        self.all[agent].sessions.push(session);
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
