//! The faults as they are saved with the state.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Faults;

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SavedFaults {
    rules: Vec<SavedRule>,
    list: Vec<Value>,
}

/// A rule, and where it stands.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedRule {
    definition: Value,
    /// How many requests have got its fault.
    #[serde(default)]
    used: u64,
    /// From where its random numbers go on.
    random: Option<u64>,
    /// When the requests of the last minute passed its limit, as milliseconds since 1970.
    #[serde(default)]
    passed_ms: Vec<i64>,
}

impl Faults {
    pub(crate) fn saved(&self) -> SavedFaults {
        let rules = self.rules.iter().map(|rule| SavedRule {
            definition: rule.definition(),
            used: rule.used,
            random: Some(rule.random.get_seed()),
            passed_ms: rule.limit.iter().flat_map(|limit| limit.passed_ms.iter().copied()).collect(),
        });
        SavedFaults { rules: rules.collect(), list: self.list_json().collect() }
    }

    /// `seed` is for rules that have no `random`. The error names the path of what is wrong.
    pub(crate) fn load(saved: SavedFaults, seed: u64) -> Result<Self, String> {
        let (rules, list) = (saved.rules, Value::Array(saved.list));
        let definitions: Value = rules.iter().map(|rule| rule.definition.clone()).collect();
        let mut faults = Self::parse(&definitions, seed).map_err(|error| format!("faults.rules: {error}"))?;
        if faults.rules.len() != rules.len() {
            return Err("faults.rules: every rule has a match; the others belong to faults.list".to_owned());
        }
        for (rule, saved) in faults.rules.iter_mut().zip(rules) {
            rule.used = saved.used;
            if let Some(random) = saved.random {
                rule.random = fastrand::Rng::with_seed(random);
            }
            if let Some(limit) = &mut rule.limit {
                limit.passed_ms = saved.passed_ms.into();
            }
        }
        let list = Self::parse(&list, seed).map_err(|error| format!("faults.list: {error}"))?;
        if !list.rules.is_empty() {
            return Err("faults.list: a fault with a match belongs to faults.rules".to_owned());
        }
        faults.list = list.list;
        Ok(faults)
    }
}
