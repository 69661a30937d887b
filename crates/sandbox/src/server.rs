//! Connections, and the way of each request: journal, fault, answer, wire.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::answer::Answer;
use crate::auth::Account;
use crate::faults::{Break, Fault};
use crate::journal::{Arrival, Ending, Ticket};
use crate::target::Target;
use crate::webhook::Postman;
use crate::wire::{Tap, Wire, WireBody};
use crate::world::World;
use crate::{control, routes};

const LARGEST_BODY: usize = 4 << 20;
/// How long a client may take to send the head of a request, or another part of its body.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// A client that is still sending would miss the refusal of its body, were the connection just closed.
const MOST_THROWN_AWAY: usize = 64 << 20;

struct Server {
    world: Mutex<World>,
    postman: Postman,
}

impl Server {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accepts connections until it is dropped.
pub(crate) async fn serve(listener: TcpListener, world: World) {
    let server = Arc::new(Server { world: Mutex::new(world), postman: Postman::new() });
    let mut connection = 0;
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: some will come back.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        connection += 1;
        // Small answers must not wait for the acknowledgement of earlier ones.
        let _ = stream.set_nodelay(true);
        let (server, tap) = (server.clone(), Tap::default());
        let wire = TokioIo::new(Wire::new(stream, tap.clone()));
        let service = service_fn(move |request| respond(server.clone(), tap.clone(), connection, request));
        tokio::spawn(async move {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(READ_TIMEOUT);
            // Fails when a client leaves or a fault breaks the connection: both are business as usual.
            let _ = http.serve_connection(wire, service).await;
        });
    }
}

async fn respond(
    server: Arc<Server>,
    tap: Tap,
    connection: u64,
    request: Request<Incoming>,
) -> Result<Response<WireBody>, HungUp> {
    let (head, incoming) = request.into_parts();
    // Where the scanner and hyper disagree about the requests, no answer is better than one to another request.
    let target = tap.next_target().and_then(|sent| Target::of(&sent, &head.uri)).ok_or(HungUp)?;
    if control::is_control(&target) {
        let body = read_body(incoming).await?;
        let mut answer = control::answer(&mut server.world(), &head, &target, body.as_deref());
        return into_response(&mut answer, &head, None, tap);
    }

    let (ticket, fault, age) = arrive(&server, connection, &head, &target);
    let broken_off = BreaksOff { server: Some(server.clone()), ticket };
    let body = read_body(incoming).await?;
    broken_off.it_arrived();
    if let Some(body) = &body {
        server.world().journal.note_body(ticket, body);
    }
    let breaks = fault.breaks;
    // assumed: a client that loses patience does not undo its request, so the work is not tied to the connection.
    let work = tokio::spawn(async move {
        let answer = carry_out(&server, ticket, &fault, age, &head, &target, body).await;
        (answer, head)
    });
    let (answer, head) = work.await.map_err(|_| HungUp)?;
    match breaks {
        Some(Break::BeforeResponse) => Err(HungUp),
        breaks => into_response(&mut answer.ok_or(HungUp)?, &head, breaks, tap),
    }
}

/// Ends the journal's entry of a request whose body does not arrive: also when the connection's end drops the work on it
/// in the middle.
struct BreaksOff {
    server: Option<Arc<Server>>,
    ticket: Ticket,
}

impl BreaksOff {
    fn it_arrived(mut self) {
        self.server = None;
    }
}

impl Drop for BreaksOff {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            end(&server, self.ticket, None, false, Some("the request broke off".to_owned()));
        }
    }
}

/// Notes the request and draws its fault in one step, so that both are in the order of arrival.
fn arrive(server: &Server, connection: u64, head: &Parts, target: &Target) -> (Ticket, Fault, u64) {
    let mut world = server.world();
    // Faults are for the client under test: not for a browser that opens a watch link, asks by a preflight whether it may
    // send a request, or sends one without a key.
    let takes_a_fault = Account::of(head).is_ok() && !target.path.starts_with("/session/");
    let fault = if takes_a_fault { world.faults.next() } else { Fault::default() };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
    let arrival =
        Arrival { connection, method: head.method.to_string(), target: target.clone(), headers: headers.collect() };
    let at_ms = world.clock.elapsed_ms();
    let ticket = world.journal.arrive(arrival, fault.asked.clone(), at_ms);
    (ticket, fault, world.age())
}

/// `None` when a reset came in between.
async fn carry_out(
    server: &Server,
    ticket: Ticket,
    fault: &Fault,
    age: u64,
    head: &Parts,
    target: &Target,
    body: Option<Bytes>,
) -> Option<Answer> {
    if !fault.delay.is_zero() {
        tokio::time::sleep(fault.delay).await;
    }
    let mut world = server.world();
    if world.age() != age {
        return None;
    }
    let mut answer = match (fault.scripted_answer(), body) {
        (Some(scripted), _) => scripted,
        (None, Some(body)) => routes::answer(&mut world, head, target, body),
        (None, None) => Answer::error(413, "body_too_large"),
    };
    drop(world);
    for delivery in std::mem::take(&mut answer.deliveries) {
        server.postman.send(delivery);
    }
    let status = (fault.breaks != Some(Break::BeforeResponse)).then_some(answer.status);
    end(server, ticket, status, answer.applied, answer.note.take());
    Some(answer)
}

fn end(server: &Server, ticket: Ticket, status: Option<u16>, applied: bool, note: Option<String>) {
    let mut world = server.world();
    let at_ms = world.clock.elapsed_ms();
    world.journal.end(ticket, Ending { status, applied, note }, at_ms);
}

/// `Ok(None)` when the body is larger than the sandbox takes.
async fn read_body(mut incoming: Incoming) -> Result<Option<Bytes>, HungUp> {
    let mut body = Vec::new();
    let mut length = 0;
    while let Some(frame) = timeout(READ_TIMEOUT, incoming.frame()).await.map_err(|_| HungUp)? {
        let Ok(data) = frame.map_err(|_| HungUp)?.into_data() else {
            continue;
        };
        length += data.len();
        if length <= LARGEST_BODY {
            body.extend_from_slice(&data);
        } else if length > MOST_THROWN_AWAY {
            break;
        }
    }
    Ok((length <= LARGEST_BODY).then(|| Bytes::from(body)))
}

fn into_response(
    answer: &mut Answer,
    head: &Parts,
    breaks: Option<Break>,
    tap: Tap,
) -> Result<Response<WireBody>, HungUp> {
    let accepted = head.headers.get("accept-encoding").and_then(|value| value.to_str().ok());
    answer.compress_for(accepted);
    let silent = head.method == Method::HEAD || matches!(answer.status, 204 | 304);
    let body = WireBody::new(std::mem::take(&mut answer.body), silent, breaks, tap);
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).map_err(|_| HungUp)?;
    *response.headers_mut() = std::mem::take(&mut answer.headers);
    Ok(response)
}

/// The connection ends without an answer.
#[derive(Debug)]
struct HungUp;

impl fmt::Display for HungUp {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("the connection was closed without an answer")
    }
}

impl std::error::Error for HungUp {}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use serde_json::json;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::Options;
    use crate::faults::Faults;

    /// Sends bytes and reads until the connection is closed, on a clock that goes ahead whenever all wait.
    fn exchange(bytes: &[u8], faults: serde_json::Value) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let address = listener.local_addr().unwrap();
            let mut world = World::new(&Options { visitors: 0, sessions: 0, ..Options::default() }, String::new());
            world.faults = Faults::read(&faults).unwrap();
            tokio::spawn(serve(listener, world));
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(bytes).await.unwrap();
            let mut answer = String::new();
            let one_day = Duration::from_secs(86_400);
            timeout(one_day, stream.read_to_string(&mut answer)).await.expect("the connection is closed").unwrap();
            answer
        })
    }

    #[test]
    fn a_request_that_never_ends_is_given_up() {
        let head = "POST /v1.3/onpremise/token HTTP/1.1\r\nContent-Length: 9\r\nX-Api-Key: sandbox-key\r\n\r\n";
        for bytes in ["", "GET /v1.3/usage HTTP/1.1\r\nHost: x\r\n", head, &format!("{head}12345")] {
            assert_eq!(exchange(bytes.as_bytes(), json!([])), "", "{bytes:?}");
        }
    }

    #[test]
    fn a_slow_answer_is_not_a_slow_request() {
        let request = b"GET /v1.3/usage HTTP/1.1\r\nHost: x\r\nX-Api-Key: sandbox-key\r\n\r\n";
        let answer = exchange(request, json!([{"delay_ms": 3_600_000}]));
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}
