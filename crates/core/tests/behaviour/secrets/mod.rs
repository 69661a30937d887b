//! No API key, proxy password, link or token appears in an error, a log line or a `Debug` output.

use std::sync::{Arc, Mutex};

use upscope::log::{Level, set_logger};
use upscope::{Client, Config};
use upscope_test_support::{Response, ScriptedServer};

use super::{CREATE, KEY, client};

const LINK: &str = "https://cobrowsingapi.example/session/a964e00a-c685-4d54-98d4-ea0bcb154d57";
const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2VjcmV0";
const PASSWORD: &str = "proxy-p4ssword";

/// The log callback is global, so only one test sets it at a time.
static LOGGER: Mutex<()> = Mutex::new(());

#[test]
fn planted_secrets_do_not_appear_in_errors_logs_or_debug_output() {
    let _guard = LOGGER.lock().unwrap();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let hook_lines = lines.clone();
    set_logger(Some(Arc::new(move |_: Level, line: &str| hook_lines.lock().unwrap().push(line.to_owned()))), 5);

    let mut texts = Vec::new();
    let echo = format!(r#"{{"error":"key {KEY} and {LINK} and {TOKEN}","message":"no {TOKEN}, {LINK}"}}"#);
    let changed = format!(r#"{{"error":"key {}","message":"key {}"}}"#, KEY.to_uppercase(), percent_encoded(KEY));
    let in_ids = format!("X-Request-Id: {KEY}\r\nRequest-Id: {LINK}\r\n");
    let invalid = format!(r#"{{"watch_url":"{LINK}","token":"{TOKEN}","authorized":true,}}"#);
    let good = format!(r#"{{"watch_url":"{LINK}","token":"{TOKEN}","authorized":true}}"#);
    let responses = [
        Response::json(200, &good),
        Response::json(200, &invalid),
        Response::json(200, &format!(r#"{{"watch_url":["{LINK}"],"authorized":"{TOKEN}"}}"#)),
        Response::json(401, &echo),
        Response::json(503, &echo),
        Response::with_headers(302, &format!("Location: {LINK}\r\n"), &echo),
        Response::bytes_then_close(good.clone()),
        Response::with_headers(404, &in_ids, &changed),
        Response::with_headers(200, &in_ids, &invalid),
    ];
    for (operation, request) in
        [CREATE, ("authorize_onpremise_session", r#"{"visitor_id":"v","agent":{"id":"a","name":"n"}}"#)]
    {
        for response in &responses {
            let server = ScriptedServer::new([response.clone()]);
            let client = client(&server);
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
    for request in [
        format!(r#"{{"visitor_id":"v","{KEY}":1}}"#),
        format!(r#"{{"visitor_id":"v","agent":"{LINK}"}}"#),
        format!(r#"{{"visitor_id":"v","agent":{{"id":"a"}},"metadata":{{"{KEY}":[]}}}}"#),
        format!(r#"{{"visitor_id":"v","agent":{{"id":"a"}},"branding":{{"naked":"{PASSWORD}"}}}}"#),
    ] {
        texts.push(client.call("create_watch_url", &request).unwrap_err().to_json());
    }
    texts.push(client.call(PASSWORD, "{}").unwrap_err().to_json());
    texts.push(client.call("request", &format!(r#"{{"method":"{PASSWORD}","path":"/x"}}"#)).unwrap_err().to_json());
    texts.push(client.call("list_sessions", &format!(r#"{{"updated_after":"{PASSWORD}"}}"#)).unwrap_err().to_json());
    texts.extend(errors_with_secret_identifiers());
    set_logger(None, 0);

    let lines = lines.lock().unwrap();
    assert!(lines.iter().any(|line| line.contains("POST /onpremise/token 401")), "{lines:?}");
    texts.extend(lines.iter().cloned());
    for text in &texts {
        let text = text.to_lowercase();
        for secret in [KEY, &percent_encoded(KEY), LINK, TOKEN, PASSWORD, "a964e00a-c685", "eyJhbGci"] {
            assert!(!text.contains(&secret.to_lowercase()), "{text}");
        }
    }
}

/// The errors of calls whose identifiers are a key, a link and a token.
fn errors_with_secret_identifiers() -> Vec<String> {
    let mut texts = Vec::new();
    for (operation, id) in [("get_visitor", "visitor_id"), ("lookup_agent", "external_id")] {
        for secret in [KEY, LINK, TOKEN] {
            let server = ScriptedServer::new([Response::json(404, "{}")]);
            let client = client(&server);
            let error = client.call(operation, &format!(r#"{{"{id}":"{secret}"}}"#)).unwrap_err();
            assert!(error.message().contains("[hidden]"), "{error}");
            texts.push(error.to_json());
        }
    }
    texts
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[test]
fn the_warning_about_a_reserved_webhook_host_does_not_show_the_url() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let hook_lines = lines.clone();
    let _guard = LOGGER.lock().unwrap();
    set_logger(
        Some(Arc::new(move |level: Level, line: &str| hook_lines.lock().unwrap().push((level, line.to_owned())))),
        2,
    );
    for (host, domain) in
        [("example.com", Some("example.com")), ("Hooks.Desk.TEST:81", Some("test")), ("localhost", None)]
    {
        let server = ScriptedServer::new([Response::json(200, &format!(r#"{{"watch_url":"{LINK}"}}"#))]);
        let client = client(&server);
        let url = format!("https://{host}/hook?token=t0ken");
        let request = format!(r#"{{"visitor_id":"v","agent":{{"id":"a"}},"webhook_url":"{url}"}}"#);
        client.call("create_watch_url", &request).unwrap();
        assert!(server.requests()[0].contains(&url), "the URL is sent unchanged");
        let mut lines = lines.lock().unwrap();
        let warnings: Vec<_> = lines.drain(..).filter(|(_, line)| line.contains("webhook_url")).collect();
        assert_eq!(warnings.len(), usize::from(domain.is_some()), "{warnings:?}");
        for (level, line) in warnings {
            assert_eq!(level, Level::Warn);
            let domain = domain.unwrap();
            assert!(
                line.contains(&format!("\"{domain}\"")) && !line.contains("t0ken") && !line.contains("://"),
                "{line}"
            );
        }
    }
    set_logger(None, 0);
}
