//! What a language binding adds to a call: headers, and an observer of its attempts.

use std::sync::{Arc, Mutex};

use upscope::{CallContext, EndedAttempt, Error, ErrorCode, ExtraHeaders, RequestHeaders, Secret};
use upscope_test_support::{Response, ScriptedServer};

use super::{client_with, usage};

struct Recorder {
    headers: ExtraHeaders,
    events: Mutex<Vec<String>>,
    reports: Mutex<Vec<(Option<u16>, Option<Error>)>>,
}

impl Recorder {
    fn new() -> Arc<Recorder> {
        let headers = [("Traceparent".to_owned(), Secret::new("00-1-2-01"))];
        let headers = ExtraHeaders::new("default_headers", &headers).unwrap();
        Arc::new(Recorder { headers, events: Mutex::default(), reports: Mutex::default() })
    }

    fn add(&self, event: impl Into<String>) {
        self.events.lock().unwrap().push(event.into());
    }
}

impl CallContext for Recorder {
    fn add_headers(&self, mut headers: RequestHeaders<'_>) {
        headers.add(&self.headers);
    }

    fn enter(self: Arc<Self>) {
        self.add("enter");
    }

    fn leave(&self) {
        self.add("leave");
    }

    fn attempt_ended(&self, attempt: &EndedAttempt<'_>) {
        self.add(format!("{} {} {:?} {}", attempt.method(), attempt.path(), attempt.http_status, attempt.number));
        self.reports.lock().unwrap().push((attempt.http_status, attempt.error()));
    }
}

#[test]
fn each_attempt_has_the_headers_and_is_reported() {
    let retry_now = Response::with_headers(503, "Retry-After: 0\r\n", "{}");
    let server = ScriptedServer::new([retry_now, usage(), usage()]);
    let client = client_with(&server, |config| config.max_retries(1));
    let recorder = Recorder::new();
    client.with_context(recorder.clone()).call("get_usage", r#"{"options":{"extra_query":{"secret":1}}}"#).unwrap();
    client.call("get_usage", "{}").unwrap();

    let requests = server.requests();
    let with_header = requests.iter().map(|request| request.contains("\r\ntraceparent: 00-1-2-01\r\n"));
    assert_eq!(with_header.collect::<Vec<_>>(), [true, true, false]);
    let events = recorder.events.lock().unwrap().clone();
    assert_eq!(events, ["enter", "GET /usage Some(503) 1", "GET /usage Some(200) 2", "leave"]);
    let reports = recorder.reports.lock().unwrap();
    let error = reports[0].1.as_ref().unwrap();
    assert_eq!((error.code(), error.operation(), error.attempts()), (ErrorCode::ServerError, Some("get_usage"), 1));
    assert!(error.is_retryable() && reports[1].1.is_none());
}

#[test]
fn started_calls_and_prefetched_pages_have_the_context() {
    let page = |last: &str, more: bool| {
        Response::json(
            200,
            &format!(r#"{{"cobrowsing_sessions":[{{"id":"{last}"}}],"has_more":{more},"last_id":"{last}"}}"#),
        )
    };
    let server = ScriptedServer::new([usage(), page("a", true), page("b", false)]);
    let recorder = Recorder::new();
    let client = client_with(&server, |config| config).with_context(recorder.clone());
    client.start_polled("get_usage", "{}").unwrap().wait(None).unwrap().unwrap();
    let pages = client.session_pages("{}").unwrap();
    pages.prefetch(true);
    let other = Recorder::new();
    pages.with_context(other.clone()).next_page().unwrap().unwrap();
    assert_eq!(other.events.lock().unwrap()[0], "enter");
    while pages.next_page().unwrap().is_some() {}
    assert!(pages.is_finished());
    assert!(server.requests().iter().all(|request| request.contains("traceparent")));
    // The second page may have been fetched ahead, with the context of the first.
    let counts = [&recorder, &other].map(|recorder| recorder.reports.lock().unwrap().len());
    assert!(counts == [1, 2] || counts == [2, 1], "{counts:?}");
}

#[test]
fn an_attempt_without_a_response_is_reported() {
    let server = ScriptedServer::new([Response::close()]);
    let recorder = Recorder::new();
    let client = client_with(&server, |config| config).with_context(recorder.clone());
    client.call("get_usage", "{}").unwrap_err();
    let reports = recorder.reports.lock().unwrap();
    assert_eq!(reports[0].0, None);
    assert_eq!(reports[0].1.as_ref().unwrap().code(), ErrorCode::Connection);
}
