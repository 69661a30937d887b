//! The conformance vectors: reads them, and checks what a call sends and returns.

use std::collections::BTreeMap;
use std::fs;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::{Response, ScriptedServer, repository};

/// One vector. See `tests/vectors/README.md`.
pub struct Vector {
    file: String,
    name: String,
    /// The operation to call, or `@pages` or `@parse_webhook`.
    pub operation: String,
    /// The request as JSON.
    pub request: String,
    config: Value,
    exchanges: Vec<Value>,
    result: Value,
}

/// What a call returned.
pub struct Outcome {
    /// The status of the C function.
    pub status: i32,
    /// The response, or the error object.
    pub text: String,
}

/// Reads all vectors, in the order of their files.
pub fn load() -> Vec<Vector> {
    let folder = repository().join("tests/vectors");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut vectors = Vec::new();
    for path in files {
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let list: Vec<Box<RawValue>> = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        vectors.extend(list.iter().map(|vector| Vector::read(&file, vector)));
    }
    assert!(vectors.len() > 100, "only {} vectors were found", vectors.len());
    vectors
}

impl Vector {
    fn read(file: &str, raw: &RawValue) -> Vector {
        let value: Value = serde_json::from_str(raw.get()).unwrap();
        // The raw text keeps the order of the keys, which is also their order in the request that is sent.
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(raw.get()).unwrap();
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        Vector {
            file: file.to_owned(),
            name: text("name").expect("a name"),
            operation: text("operation").unwrap_or(file.to_owned()),
            request: text("request_text").unwrap_or_else(|| members["request"].get().to_owned()),
            config: value["config"].clone(),
            exchanges: value["exchanges"].as_array().expect("exchanges").clone(),
            result: value["result"].clone(),
        }
    }

    /// The names of the file and of the vector.
    pub fn title(&self) -> String {
        format!("{}: {}", self.file, self.name)
    }

    /// Runs the vector: `call` gets the configuration. Returns the requests that were sent, without the part that
    /// differs between runs, and the problems found.
    pub fn run(&self, call: impl FnOnce(&str) -> Outcome) -> (Vec<String>, Vec<String>) {
        let server = ScriptedServer::new(self.exchanges.iter().map(|exchange| response(&exchange["answer"])));
        let mut config = json!({
            "api_key": "vector-key", "base_url": server.base_url(), "max_retries": 0, "proxy": "",
        });
        for (name, value) in self.config.as_object().unwrap_or(&Map::new()) {
            config[name] = value.clone();
        }
        let outcome = call(&config.to_string());
        let requests = server.requests();
        let mut problems = self.check_result(&outcome);
        if requests.len() != self.exchanges.len() {
            problems.push(format!("{} requests instead of {}", requests.len(), self.exchanges.len()));
        }
        for (request, exchange) in requests.iter().zip(&self.exchanges) {
            problems.extend(check_request(request, &exchange["expect"]));
        }
        let host = format!("Host: {}", server.address()).to_lowercase();
        let sent = requests.iter().map(|request| without_line(request, &host)).collect();
        (sent, problems)
    }

    fn check_result(&self, outcome: &Outcome) -> Vec<String> {
        let mut problems = Vec::new();
        if self.result["status"] != outcome.status {
            problems.push(format!("status {}, expected {}", outcome.status, self.result["status"]));
        }
        if let Some(expected) = self.result["response"].as_str()
            && expected != outcome.text
        {
            problems.push(format!("returned {:?}, expected {expected:?}", outcome.text));
        }
        let Some(expected) = self.result["error"].as_object() else {
            return problems;
        };
        let found: Value = serde_json::from_str(&outcome.text).unwrap_or_default();
        let found = &found["error"];
        for (name, value) in expected {
            if &found[name] != value {
                problems.push(format!("error.{name} is {}, expected {value}", found[name]));
            }
        }
        let members = "code status message operation http_status api_error api_message request_id attempts retryable \
                       retry_after_ms may_have_applied";
        for name in members.split(' ') {
            if found.get(name).is_none() {
                problems.push(format!("the error object has no {name}"));
            }
        }
        let message = found["message"].as_str().unwrap_or_default();
        for part in self.result["message_contains"].as_array().into_iter().flatten() {
            if !message.contains(part.as_str().unwrap()) {
                problems.push(format!("the message {message:?} does not contain {part}"));
            }
        }
        problems
    }
}

fn response(value: &Value) -> Response {
    if value["drop"] == true {
        return Response::close();
    }
    let status = value["status"].as_u64().expect("a status") as u16;
    let mut headers = String::new();
    for (name, header) in value["headers"].as_object().unwrap_or(&Map::new()) {
        headers += &format!("{name}: {}\r\n", header.as_str().unwrap());
    }
    if status == 204 {
        return Response::bytes(format!("HTTP/1.1 204 No Content\r\n{headers}\r\n"));
    }
    Response::with_headers(status, &headers, value["body"].as_str().expect("a body"))
}

fn check_request(request: &str, expected: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let (head, body) = request.split_once("\r\n\r\n").expect("a complete head");
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let wanted = format!("{} {} HTTP/1.1", expected["method"].as_str().unwrap(), expected["path"].as_str().unwrap());
    if first != wanted {
        problems.push(format!("sent {first:?}, expected {wanted:?}"));
    }
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    if headers.get("x-api-key").map(String::as_str) != Some("vector-key") {
        problems.push("the API key was not sent".to_owned());
    }
    for (name, value) in expected["headers"].as_object().unwrap_or(&Map::new()) {
        if headers.get(name).map(String::as_str) != value.as_str() {
            problems.push(format!("header {name} is {:?}, expected {value}", headers.get(name)));
        }
    }
    match expected.get("body") {
        None if expected["method"] != "POST" && !body.is_empty() => problems.push(format!("sent the body {body:?}")),
        None => {}
        Some(wanted) => match serde_json::from_str::<Value>(body) {
            Ok(found) if found == *wanted => {}
            _ => problems.push(format!("sent the body {body:?}, expected {wanted}")),
        },
    }
    problems
}

/// Removes the Host line, whose port differs between runs.
fn without_line(request: &str, line: &str) -> String {
    let kept: Vec<&str> = request.split("\r\n").filter(|part| part.to_lowercase() != line).collect();
    kept.join("\r\n")
}
