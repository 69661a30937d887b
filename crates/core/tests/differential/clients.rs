//! This library and hyper, side by side.

use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde::de::IgnoredAny;
use tokio::net::TcpStream;
use upscope::{Client, Config};

use super::Verdict;
use super::server::{Reply, Server};

const PATIENCE: Duration = Duration::from_secs(20);

pub struct Clients {
    server: Server,
    ours: Client,
    runtime: tokio::runtime::Runtime,
}

impl Clients {
    pub fn new() -> Clients {
        let server = Server::start();
        let url = format!("http://{}", server.address);
        let config = Config::new().api_key("k").base_url(url).proxy("").max_retries(0).timeout(PATIENCE);
        let ours = Client::new(config).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Clients { server, ours, runtime }
    }

    pub fn ours(&self, reply: &Reply) -> Verdict {
        self.server.set_reply(reply);
        match self.ours.call("request", r#"{"method":"GET","path":"/x"}"#) {
            Ok(text) => Verdict::Accepted(text.into_bytes()),
            Err(error) => match error.http_status() {
                Some(status) if !(200..300).contains(&status) => Verdict::Status(status),
                _ => Verdict::Rejected,
            },
        }
    }

    pub fn hypers(&self, reply: &Reply) -> Verdict {
        self.server.set_reply(reply);
        let answered = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, self.ask_hyper()).await });
        match answered.unwrap() {
            Some((status, _)) if !(200..300).contains(&status) => Verdict::Status(status),
            Some((_, Some(body))) => as_call(body),
            _ => Verdict::Rejected,
        }
    }

    /// The status, and the body if all of it came.
    async fn ask_hyper(&self) -> Option<(u16, Option<Vec<u8>>)> {
        let stream = TcpStream::connect(self.server.address).await.unwrap();
        // The same limit as ours.
        let mut builder = hyper::client::conn::http1::Builder::new();
        builder.max_headers(upscope_http1::MAX_HEADERS);
        let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.unwrap();
        // It ends with `sender`.
        tokio::spawn(connection);
        let request = Request::get("/x").header("Host", "x").body(Empty::<Bytes>::new()).unwrap();
        let response = sender.send_request(request).await.ok()?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.ok().map(|body| body.to_bytes().to_vec());
        Some((status, body))
    }
}

/// What our call `request` makes of a body: nothing is an empty object, and all else is JSON.
fn as_call(body: Vec<u8>) -> Verdict {
    match std::str::from_utf8(&body) {
        Ok(text) if text.trim().is_empty() => Verdict::Accepted(b"{}".to_vec()),
        Ok(text) if serde_json::from_str::<IgnoredAny>(text).is_ok() => Verdict::Accepted(body),
        _ => Verdict::Rejected,
    }
}
