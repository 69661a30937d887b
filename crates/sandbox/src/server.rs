//! Accepts connections and handles their requests: logs them, applies faults, executes them and sends the responses.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, io};

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{ACCEPT_ENCODING, DATE};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use crate::app_state::AppState;
use crate::auth::{self, Account};
use crate::endpoints::{customer, watch_page};
use crate::faults::{DropPoint, Fault, MatchedRequest};
use crate::http::body_stream;
use crate::http::connection::{Connection, ConnectionControl, ResponseBody};
use crate::http::header_text;
use crate::http::request_target::RequestTarget;
use crate::http::response::{ApiError, Response};
use crate::request_log::{EntryId, LoggedResponse, Outcome, RequestLog};
use crate::webhooks::{Delivery, WebhookSender};
use crate::{control, routes};

type HyperResponse = hyper::Response<ResponseBody>;

const MAX_BODY_BYTES: usize = 4 << 20;
const MAX_CONTROL_BODY_BYTES: usize = 1 << 30;
/// How long a client may take to send the head of a request, or the next part of its body.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// How much more of a body is read if it is too large. A client that is still sending would not see the response if
/// the connection were closed at once.
const MAX_DISCARDED_BYTES: usize = 64 << 20;

/// A handler that waits runs again after this time, even without a change. This shows it that the client is still there,
/// because hyper drops the requests of clients that have disconnected.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// How long the task that runs what becomes due sleeps if nothing is going to.
const IDLE: Duration = Duration::from_secs(3600);

pub(crate) struct Server {
    app: Mutex<AppState>,
    /// The log of `app`, which has a lock of its own.
    request_log: RequestLog,
    webhooks: WebhookSender,
    /// Wakes the requests that wait for a change of the state.
    changes: Notify,
    /// When something becomes due between requests, as elapsed real time.
    due_ms: watch::Sender<Option<u64>>,
}

impl Server {
    pub(crate) fn new(app: AppState) -> Self {
        let (due_ms, _) = watch::channel(app.next_due_ms());
        let webhooks = WebhookSender::new(app.allowed_webhook_hosts().to_vec());
        let request_log = app.request_log.clone();
        Self { app: Mutex::new(app), request_log, webhooks, changes: Notify::new(), due_ms }
    }

    /// Writes the state to its file.
    pub(crate) fn save(&self) -> io::Result<()> {
        self.app().save()
    }

    fn app(&self) -> MutexGuard<'_, AppState> {
        self.app.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, and wakes the requests that wait. The closure also gets the real time since the start.
    fn change<T>(&self, change: impl FnOnce(&mut AppState, u64) -> T) -> T {
        let mut app = self.app();
        let now_ms = app.clock.elapsed_ms();
        let result = change(&mut app, now_ms);
        drop(app);
        self.changed();
        result
    }

    /// Wakes the requests that wait. Must be called after every change of the state, without the lock.
    fn changed(&self) {
        self.changes.notify_waiters();
    }

    fn log_outcome(&self, entry_id: EntryId, outcome: &Outcome) {
        let now_ms = self.app().clock.elapsed_ms();
        self.request_log.finish(entry_id, outcome, now_ms);
        self.changed();
    }

    /// Runs a handler under the lock, and before it whatever has become due. Sends the webhooks of the sessions that have
    /// ended.
    fn run<T>(self: &Arc<Self>, handler: impl FnOnce(&mut AppState) -> T) -> T {
        let mut app = self.app();
        let was_due = app.do_overdue();
        let result = handler(&mut app);
        let deliveries = app.store.take_deliveries();
        let due_ms = app.next_due_ms();
        drop(app);
        for delivery in deliveries {
            tokio::spawn(deliver(self.clone(), delivery));
        }
        self.due_ms.send_if_modified(|current| std::mem::replace(current, due_ms) != due_ms);
        if was_due {
            self.changed();
        }
        result
    }

    /// Runs what becomes due between requests.
    async fn run_overdue(self: &Arc<Self>) {
        let mut due_ms = self.due_ms.subscribe();
        loop {
            let next_ms = *due_ms.borrow_and_update();
            let elapsed_ms = self.app().clock.elapsed_ms();
            let left = next_ms.map_or(IDLE, |at_ms| Duration::from_millis(at_ms.saturating_sub(elapsed_ms)));
            if timeout(left, due_ms.changed()).await.is_err() {
                self.run(|_| ());
            }
        }
    }

    /// Runs a handler. If its response says to wait, runs it again after each change until its time is up.
    async fn answer(self: &Arc<Self>, handler: impl Fn(&mut AppState) -> Response) -> Response {
        let started = Instant::now();
        loop {
            // Created before the handler runs, so that no change is missed.
            let changed = self.changes.notified();
            let response = self.run(&handler);
            let left = response.wait.map(|wait| wait.saturating_sub(started.elapsed()));
            match left {
                Some(left) if !left.is_zero() => drop(timeout(left.min(MAX_PAUSE), changed).await),
                _ => return response,
            }
        }
    }
}

/// Accepts connections until the future is dropped.
pub(crate) async fn serve(listener: TcpListener, server: Arc<Server>) {
    let timers = server.clone();
    tokio::spawn(async move { timers.run_overdue().await });
    let mut connection_number = 0;
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // The process has probably run out of file descriptors, and some will be closed soon.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        connection_number += 1;
        // Small responses must not wait until earlier ones are acknowledged.
        let _ = stream.set_nodelay(true);
        let (server, control) = (server.clone(), ConnectionControl::default());
        let connection = TokioIo::new(Connection::new(stream, control.clone()));
        let service =
            service_fn(move |request| handle_request(server.clone(), control.clone(), connection_number, request));
        tokio::spawn(async move {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(READ_TIMEOUT);
            // hyper would use the system clock.
            http.auto_date_header(false);
            // Fails if the client disconnects or a fault closes the connection. Both are expected.
            let _ = http.serve_connection(connection, service).await;
        });
    }
}

async fn handle_request(
    server: Arc<Server>,
    control: ConnectionControl,
    connection_number: u64,
    request: Request<Incoming>,
) -> Result<HyperResponse, ConnectionClosed> {
    let (head, incoming) = request.into_parts();
    // If the scanner and hyper disagree about the requests, no response is better than a response to another request.
    let target =
        control.next_target().and_then(|sent| RequestTarget::for_uri(&sent, &head.uri)).ok_or(ConnectionClosed)?;
    if control::is_document_request(&head, &target) {
        let response = control::show_document(&server.app(), &head, &target);
        return into_hyper_response(&server, response, &head, None, control).await;
    }
    if control::is_control_request(&target) || watch_page::is_events_request(&target) {
        let max_bytes = if customer::path_of(&target).is_none() && control::check_access(&server.app(), &head).is_ok() {
            MAX_CONTROL_BODY_BYTES
        } else {
            // Not for a web page, which may not use the rest of the control interface.
            MAX_BODY_BYTES
        };
        let body = read_body(incoming, max_bytes).await?;
        let handler = |app: &mut AppState| {
            if let Some(path) = customer::path_of(&target) {
                customer::handle(app, head.method.as_str(), path, body.as_deref())
            } else if control::is_control_request(&target) {
                control::handle(app, &head, &target, body.as_deref())
            } else {
                routes::handle(app, &head, &target, Bytes::new())
            }
        };
        let response = server.answer(handler).await;
        if response.wait.is_none() {
            server.changed();
        }
        return into_hyper_response(&server, response, &head, None, control).await;
    }

    let logged = log_request(&server, connection_number, &head, &target);
    let incomplete = UnfinishedRequest::new(&server, logged.entry_id, "the request broke off");
    let body = read_body(incoming, MAX_BODY_BYTES).await?;
    incomplete.finished();
    if let Some(body) = &body {
        server.request_log.set_body(logged.entry_id, body);
    }
    let exchange = Arc::new(Exchange { server, logged, head, target, body });
    let response = exchange.clone().respond().await?;
    let fault = exchange.logged.fault.as_deref();
    match fault.and_then(|fault| fault.drop_point) {
        Some(DropPoint::BeforeResponse) => Err(ConnectionClosed),
        Some(DropPoint::Reset) => {
            control.reset_on_close();
            Err(ConnectionClosed)
        }
        _ => into_hyper_response(&exchange.server, response, &exchange.head, fault, control).await,
    }
}

/// Records the outcome of a request whose client has disconnected. It does so on drop, because hyper drops the service's
/// future when the connection ends.
struct UnfinishedRequest {
    server: Option<Arc<Server>>,
    entry_id: EntryId,
    note: &'static str,
}

impl UnfinishedRequest {
    fn new(server: &Arc<Server>, entry_id: EntryId, note: &'static str) -> Self {
        Self { server: Some(server.clone()), entry_id, note }
    }

    fn finished(mut self) {
        self.server = None;
    }
}

impl Drop for UnfinishedRequest {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.log_outcome(self.entry_id, &Outcome { note: Some(self.note), ..Outcome::default() });
        }
    }
}

struct LoggedRequest {
    entry_id: EntryId,
    fault: Option<Arc<Fault>>,
    /// The generation of the state when the request arrived.
    generation: u64,
}

/// Logs a request and takes its fault while it holds the lock, so that both are in the order of arrival.
fn log_request(server: &Server, connection_number: u64, head: &Parts, target: &RequestTarget) -> LoggedRequest {
    let mut app = server.app();
    // Faults are for the client under test, not for a browser that opens a watch link or sends a preflight request, and
    // not for requests without a valid key.
    let fault = if app.faults.is_empty()
        || target.path.starts_with("/session/")
        || auth::is_preflight(head)
        || Account::authenticate(head).is_err()
    {
        None
    } else {
        take_fault(&mut app, head, target)
    };
    let definition = fault.as_ref().map(|fault| fault.definition.as_str());
    let now_ms = app.clock.elapsed_ms();
    let entry_id = app.request_log.add(connection_number, head, target, definition, now_ms);
    LoggedRequest { entry_id, fault, generation: app.generation() }
}

fn take_fault(app: &mut AppState, head: &Parts, target: &RequestTarget) -> Option<Arc<Fault>> {
    let segments = target.segments().unwrap_or_default();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let path = match segments.as_slice() {
        [routes::API_VERSION, path @ ..] => Some(path),
        _ => None,
    };
    let method = head.method.as_str();
    let operation = path.and_then(|path| routes::operation_of(method, path));
    let now_ms = app.now_ms();
    app.faults.next(&MatchedRequest { method, operation, path }, now_ms)
}

/// A request that has arrived completely.
struct Exchange {
    server: Arc<Server>,
    logged: LoggedRequest,
    head: Parts,
    target: RequestTarget,
    /// `None` if the body was too large.
    body: Option<Bytes>,
}

impl Exchange {
    async fn respond(self: Arc<Self>) -> Result<Response, ConnectionClosed> {
        let delay = self.logged.fault.as_ref().map_or(Duration::ZERO, |fault| fault.delay);
        let response = if delay.is_zero() {
            self.execute_and_log()
        } else {
            // assumed: a request is also executed if its client disconnects, so this task is independent of the connection.
            let exchange = self.clone();
            let task = tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                exchange.execute_and_log()
            });
            task.await.map_err(|_| ConnectionClosed)?
        };
        if response.wait.is_none() {
            return Ok(response);
        }
        // Only a request that changes nothing waits, so it ends when its client disconnects.
        let waiting =
            UnfinishedRequest::new(&self.server, self.logged.entry_id, "the client disconnected while it waited");
        let response = self.server.answer(|app| self.execute(app)).await;
        waiting.finished();
        self.log(&response);
        Ok(response)
    }

    /// Executes the request. Logs its response, unless the response has to wait.
    fn execute_and_log(&self) -> Response {
        let response = self.server.run(|app| self.execute(app));
        if response.wait.is_none() {
            self.log(&response);
        }
        response
    }

    fn execute(&self, app: &mut AppState) -> Response {
        if app.generation() != self.logged.generation {
            return ApiError::reset().into();
        }
        let scripted = self.logged.fault.as_ref().and_then(|fault| fault.scripted_response());
        match (scripted, &self.body) {
            (Some(scripted), _) => scripted,
            (None, Some(body)) => routes::handle(app, &self.head, &self.target, body.clone()),
            (None, None) => {
                ApiError::with_message(413, "body_too_large", "the body of the request is larger than 4 MB").into()
            }
        }
    }

    fn log(&self, response: &Response) {
        let drop_point = self.logged.fault.as_ref().and_then(|fault| fault.drop_point);
        let is_sent = drop_point.is_none_or(DropPoint::sends_response);
        let body: &[u8] = if has_no_body(&self.head, response) { &[] } else { &response.body };
        let logged = LoggedResponse { status: response.status, headers: &response.headers, body };
        let note =
            if auth::is_preflight(&self.head) { Some(auth::PREFLIGHT_MESSAGE) } else { response.note.as_deref() };
        let outcome = Outcome { response: is_sent.then_some(logged), applied: response.applied, note };
        self.server.log_outcome(self.logged.entry_id, &outcome);
    }
}

/// Sends a webhook until it succeeds or its attempts are used up. Logs each attempt, or the refusal.
async fn deliver(server: Arc<Server>, delivery: Delivery) {
    let generation = server.app().generation();
    let target = match server.webhooks.target(&delivery) {
        Ok(target) => target,
        Err(reason) => return server.change(|app, now_ms| app.webhook_log.refuse(&delivery, reason, now_ms)),
    };
    for attempt in delivery.attempt.. {
        let started = server.change(|app, now_ms| {
            // A reset forgets the sessions of before it.
            let is_current = app.generation() == generation;
            is_current.then(|| (app.webhook_log.start(&delivery, attempt, now_ms), app.webhook_retries))
        });
        let Some((number, retries)) = started else {
            return;
        };
        let result = server.webhooks.attempt(&target, &delivery).await;
        let succeeded = result.as_ref().is_ok_and(|status| (200..300).contains(status));
        server.change(|app, now_ms| app.webhook_log.finish(number, result, now_ms));
        if succeeded || attempt >= retries.attempts {
            return;
        }
        tokio::time::sleep(Duration::from_millis(retries.wait_ms)).await;
    }
}

/// Returns `Ok(None)` if the body is larger than `max_bytes`.
async fn read_body(mut incoming: Incoming, max_bytes: usize) -> Result<Option<Bytes>, ConnectionClosed> {
    let mut body = Vec::new();
    let declared = incoming.size_hint().lower();
    let mut is_too_large = declared > max_bytes as u64;
    if !is_too_large {
        // Growing step by step could need twice the memory.
        body.try_reserve_exact(declared as usize).map_err(|_| ConnectionClosed)?;
    }
    let mut discarded = 0;
    while let Some(frame) = timeout(READ_TIMEOUT, incoming.frame()).await.map_err(|_| ConnectionClosed)? {
        let Ok(data) = frame.map_err(|_| ConnectionClosed)?.into_data() else {
            continue;
        };
        if !is_too_large && body.len() + data.len() > max_bytes {
            is_too_large = true;
            body = Vec::new();
        }
        if !is_too_large {
            body.extend_from_slice(&data);
            continue;
        }
        discarded += data.len();
        if discarded > MAX_DISCARDED_BYTES {
            break;
        }
    }
    Ok((!is_too_large).then(|| Bytes::from(body)))
}

async fn into_hyper_response(
    server: &Server,
    mut response: Response,
    head: &Parts,
    fault: Option<&Fault>,
    control: ConnectionControl,
) -> Result<HyperResponse, ConnectionClosed> {
    let headers_only = has_no_body(head, &response);
    let stream = match response.body_writer.take() {
        None => None,
        Some(writer) => {
            let written = body_stream::write(writer).await;
            response.body = written.start;
            written.rest
        }
    };
    let body = match stream {
        Some(rest) => ResponseBody::streamed(response.body.into(), rest, control),
        None => {
            response.compress_for(header_text(&head.headers, ACCEPT_ENCODING));
            let (drop_point, duration) =
                fault.map_or((None, Duration::ZERO), |fault| (fault.drop_point, fault.body_duration));
            ResponseBody::new(response.body, headers_only, drop_point, duration, control)
        }
    };
    let mut hyper_response = HyperResponse::new(body);
    *hyper_response.status_mut() = StatusCode::from_u16(response.status).map_err(|_| ConnectionClosed)?;
    *hyper_response.headers_mut() = response.headers;
    hyper_response.headers_mut().entry(DATE).or_insert_with(|| server.app().date_header());
    Ok(hyper_response)
}

/// Whether only the head of the response is sent.
fn has_no_body(head: &Parts, response: &Response) -> bool {
    head.method == Method::HEAD || matches!(response.status, 204 | 304)
}

/// The connection is closed without a response.
#[derive(Debug)]
struct ConnectionClosed;

impl fmt::Display for ConnectionClosed {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("the connection was closed without a response")
    }
}

impl std::error::Error for ConnectionClosed {}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use serde_json::json;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::Options;
    use crate::faults::Faults;

    /// Sends bytes and reads until the connection is closed. tokio advances its paused clock whenever all tasks wait.
    fn exchange(bytes: &[u8], faults: serde_json::Value) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let address = listener.local_addr().unwrap();
            let mut app = AppState::new(&Options { visitors: 0, sessions: 0, ..Options::default() }, String::new());
            app.faults = Faults::parse(&faults, 1).unwrap();
            tokio::spawn(serve(listener, Arc::new(Server::new(app))));
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(bytes).await.unwrap();
            let mut response = String::new();
            let one_day = Duration::from_secs(86_400);
            timeout(one_day, stream.read_to_string(&mut response)).await.expect("the connection is closed").unwrap();
            response
        })
    }

    #[test]
    fn closes_the_connection_of_an_incomplete_request() {
        let head = "POST /v1.3/onpremise/token HTTP/1.1\r\nContent-Length: 9\r\nX-Api-Key: sandbox-key\r\n\r\n";
        for bytes in ["", "GET /v1.3/usage HTTP/1.1\r\nHost: x\r\n", head, &format!("{head}12345")] {
            assert_eq!(exchange(bytes.as_bytes(), json!([])), "", "{bytes:?}");
        }
    }

    #[test]
    fn does_not_time_out_while_a_response_is_delayed() {
        let request = b"GET /v1.3/usage HTTP/1.1\r\nHost: x\r\nX-Api-Key: sandbox-key\r\n\r\n";
        let response = exchange(request, json!([{"delay_ms": 3_600_000}]));
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    }
}
