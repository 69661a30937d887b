//! No key, proxy password, link or token reaches an error, a log line or a debug form.

use std::sync::{Arc, Mutex};

use upscope::log::{Level, set_logger};
use upscope::{Client, Config};

use super::scripted_server::{Answer, ScriptedServer};
use super::{KEY, configured};

const LINK: &str = "https://cobrowsingapi.example/session/a964e00a-c685-4d54-98d4-ea0bcb154d57";
const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2VjcmV0";
const PASSWORD: &str = "proxy-p4ssword";

#[test]
fn planted_secrets_stay_hidden() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = lines.clone();
    set_logger(Some(Arc::new(move |_: Level, line: &str| kept.lock().unwrap().push(line.to_owned()))), 5);

    let mut texts = Vec::new();
    let echo = format!(r#"{{"error":"key {KEY} and {LINK} and {TOKEN}"}}"#);
    let cut = format!(r#"{{"watch_url":"{LINK}","token":"{TOKEN}","authorized":true,}}"#);
    let good = format!(r#"{{"watch_url":"{LINK}","token":"{TOKEN}","authorized":true}}"#);
    let answers = [
        Answer::json(200, &good),
        Answer::json(200, &cut),
        Answer::json(200, &format!(r#"{{"watch_url":["{LINK}"],"authorized":"{TOKEN}"}}"#)),
        Answer::json(401, &echo),
        Answer::json(503, &echo),
        Answer::with_headers(302, &format!("Location: {LINK}\r\n"), &echo),
        Answer::BytesThenClose(good.clone().into_bytes()),
    ];
    for (operation, request) in [
        ("create_watch_url", r#"{"visitor_id":"v","agent":{"id":"a"}}"#),
        ("authorize_onpremise_session", r#"{"visitor_id":"v","agent":{"id":"a","name":"n"}}"#),
    ] {
        for answer in &answers {
            let server = ScriptedServer::new([answer.clone()]);
            let client = configured(&server, |config| config);
            match client.call(operation, request) {
                Ok(text) => assert!(text.contains(LINK)),
                Err(error) => texts.extend([format!("{error:?}"), error.to_string(), error.to_json()]),
            }
            texts.push(format!("{client:?}"));
        }
    }
    let config = Config::new().api_key(KEY).base_url("http://127.0.0.1:1").max_retries(0);
    let config = config.proxy(format!("http://user:{PASSWORD}@127.0.0.1:9"));
    texts.push(format!("{config:?}"));
    let client = Client::new(config).unwrap();
    let error = client.call("get_usage", "{}").unwrap_err();
    texts.extend([format!("{error:?} {client:?}"), error.to_json()]);
    for request in [format!(r#"{{"visitor_id":"v","{KEY}":1}}"#), format!(r#"{{"visitor_id":"v","agent":"{LINK}"}}"#)] {
        texts.push(client.call("create_watch_url", &request).unwrap_err().to_json());
    }
    set_logger(None, 0);

    let lines = lines.lock().unwrap();
    assert!(lines.iter().any(|line| line.contains("POST /onpremise/token 401")), "{lines:?}");
    texts.extend(lines.iter().cloned());
    for text in &texts {
        for secret in [KEY, LINK, TOKEN, PASSWORD, "a964e00a-c685", "eyJhbGci"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
