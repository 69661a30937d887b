//! The control interface of the sandbox, and its journal.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use upscope::{Client, Config};

/// No fault delays a request for longer.
const MAX_FAULT_DELAY: Duration = Duration::from_secs(5);

/// One request that arrived.
pub struct Entry {
    pub method: String,
    /// None if no byte of a response was sent.
    pub status: Option<u64>,
    pub applied: bool,
    /// The request was incomplete.
    pub broken: bool,
    pub fault: Value,
}

/// All requests since the journal was cleared, by the tag of their call, in the order of arrival.
pub type Journal = HashMap<u64, Vec<Entry>>;

pub struct SandboxControl(Client);

impl SandboxControl {
    pub fn from_environment() -> SandboxControl {
        let url = std::env::var("UPSCOPE_SANDBOX_CONTROL").expect("UPSCOPE_SANDBOX_CONTROL");
        SandboxControl(Client::new(Config::new().api_key("none").base_url(url).proxy("").max_retries(0)).unwrap())
    }

    fn post(&self, path: &str, body: &Value) {
        let request = json!({"method": "POST", "path": path, "body": body});
        self.0.call("request", &request.to_string()).unwrap();
    }

    pub fn reset(&self) {
        self.post("/reset", &json!({}));
    }

    pub fn set_faults(&self, faults: &Value) {
        self.post("/faults", faults);
    }

    pub fn add_visitor(&self, id: &str, online: bool) {
        self.post("/visitors", &json!({"short_id": id, "is_online": online, "name": id}));
    }

    /// Returns the journal when the sandbox has finished every request. An incomplete request may never be marked as
    /// finished; the sandbox does not execute it.
    pub fn finished_journal(&self) -> Journal {
        let start = Instant::now();
        loop {
            let text = self.0.call("request", r#"{"method":"GET","path":"/requests"}"#).unwrap();
            let journal: Value = serde_json::from_str(&text).unwrap();
            let requests = journal["requests"].as_array().unwrap();
            let unfinished = requests.iter().filter(|request| request["finished_ms"].is_null());
            let unfinished: Vec<_> = unfinished.collect();
            if unfinished.is_empty() || start.elapsed() > MAX_FAULT_DELAY {
                let complete =
                    unfinished.iter().find(|request| request["method"] == "GET" || !request["body"].is_null());
                assert!(complete.is_none(), "the sandbox does not finish: {complete:?}");
                return by_tag(requests);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn by_tag(requests: &[Value]) -> Journal {
    let mut journal = Journal::new();
    for request in requests {
        let query = request["query"].as_str().unwrap_or_default();
        let tag = query.split('&').find_map(|pair| pair.strip_prefix("tag=")?.parse().ok());
        journal.entry(tag.expect("every call has a tag")).or_default().push(Entry {
            method: request["method"].as_str().unwrap().to_owned(),
            status: request["status"].as_u64(),
            applied: request["applied"].as_bool().unwrap(),
            broken: request["finished_ms"].is_null()
                || request["note"].as_str().is_some_and(|note| note.contains("broke off")),
            fault: request["fault"].clone(),
        });
    }
    journal
}
