//! This library and hyper, with the same server.

use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde::de::IgnoredAny;
use tokio::net::TcpStream;
use upscope::{Client, Config};
use upscope_test_support::{Response, ScriptedServer};

use super::Verdict;
use super::case::Case;

const TIMEOUT: Duration = Duration::from_secs(20);

pub struct Clients {
    server: ScriptedServer,
    upscope: Client,
    runtime: tokio::runtime::Runtime,
}

impl Clients {
    pub fn new() -> Clients {
        let server = ScriptedServer::repeating(Response::close());
        let url = format!("http://{}", server.address());
        let config = Config::new().api_key("k").base_url(url).proxy("").max_retries(0).timeout(TIMEOUT);
        let upscope = Client::new(config).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Clients { server, upscope, runtime }
    }

    /// This library's verdict.
    pub fn ours(&self, case: &Case) -> Verdict {
        self.server.set_response(case.script());
        match self.upscope.call("request", r#"{"method":"GET","path":"/x"}"#) {
            Ok(text) => Verdict::Accepted(text.into_bytes()),
            Err(error) => match error.http_status() {
                Some(status) if !(200..300).contains(&status) => Verdict::Status(status),
                _ => Verdict::Rejected,
            },
        }
    }

    /// hyper's verdict.
    pub fn hypers(&self, case: &Case) -> Verdict {
        self.server.set_response(case.script());
        let response = self.runtime.block_on(async { tokio::time::timeout(TIMEOUT, self.request_with_hyper()).await });
        match response.unwrap() {
            Some((status, _)) if !(200..300).contains(&status) => Verdict::Status(status),
            Some((_, Some(body))) => verdict_on_body(body),
            _ => Verdict::Rejected,
        }
    }

    /// The status, and the body if it is complete.
    async fn request_with_hyper(&self) -> Option<(u16, Option<Vec<u8>>)> {
        let stream = TcpStream::connect(self.server.address()).await.unwrap();
        // The same limit as this library's.
        let mut builder = hyper::client::conn::http1::Builder::new();
        builder.max_headers(upscope_http1::MAX_HEADERS);
        let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.unwrap();
        // The task ends when `sender` is dropped.
        tokio::spawn(connection);
        let request = Request::get("/x").header("Host", "x").body(Empty::<Bytes>::new()).unwrap();
        let response = sender.send_request(request).await.ok()?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.ok().map(|body| body.to_bytes().to_vec());
        Some((status, body))
    }
}

/// Treats a body as the operation `request` does: an empty body is an empty object, and all others must be JSON.
fn verdict_on_body(body: Vec<u8>) -> Verdict {
    match std::str::from_utf8(&body) {
        Ok(text) if text.trim().is_empty() => Verdict::Accepted(b"{}".to_vec()),
        Ok(text) if serde_json::from_str::<IgnoredAny>(text).is_ok() => Verdict::Accepted(body),
        _ => Verdict::Rejected,
    }
}
