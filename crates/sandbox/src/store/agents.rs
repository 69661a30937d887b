//! The agents: users of the account, and external ones, known from the watch links that named them.

use std::collections::HashMap;

use serde_json::{Value, json};

const FIRST_NUMBER: usize = 2001;

pub(crate) struct Agent {
    number: usize,
    name: Option<String>,
    email: Option<String>,
    external_id: Option<String>,
    /// Positions of the sessions taken part in, from first to last.
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

    /// The external agent of that id, made where there is none; takes a new name, keeps the old one without.
    pub(crate) fn external(&mut self, external_id: &str, name: Option<&str>) -> usize {
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

    pub(crate) fn note_session(&mut self, agent: usize, session: usize) {
        self.all[agent].sessions.push(session);
    }

    pub(crate) fn at(&self, position: usize) -> &Agent {
        &self.all[position]
    }

    pub(crate) fn with_email(&self, email: &str) -> Option<&Agent> {
        self.by_email.get(&email.to_lowercase()).map(|position| self.at(*position))
    }

    pub(crate) fn with_external_id(&self, external_id: &str) -> Option<&Agent> {
        self.by_external_id.get(external_id).map(|position| self.at(*position))
    }
}
