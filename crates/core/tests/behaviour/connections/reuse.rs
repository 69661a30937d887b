//! Which connections are reused.

use upscope_test_support::{Response, ScriptedServer};

use super::super::http_messages::{BODY, chunked, until_close, with_length};
use super::super::{client, usage};

#[test]
fn many_calls_use_one_connection() {
    let server = ScriptedServer::new((0..20).map(|_| usage()));
    let client = client(&server);
    for _ in 0..20 {
        client.call("get_usage", "{}").unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn threads_share_a_client() {
    let server = ScriptedServer::new((0..400).map(|_| usage()));
    let client = client(&server);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    client.call("get_usage", "{}").unwrap();
                }
            });
        }
    });
    assert_eq!(server.requests().len(), 400);
    assert!(server.connections() <= 8, "{}", server.connections());
}

#[test]
fn a_connection_is_reused_after_an_error_response() {
    let server = ScriptedServer::new([Response::json(404, "{}"), Response::json(200, r#"{"visitor":{}}"#)]);
    let client = client(&server);
    client.call("get_visitor", r#"{"visitor_id":"v"}"#).unwrap_err();
    client.call("get_visitor", r#"{"visitor_id":"v"}"#).unwrap();
    assert_eq!(server.connections(), 1);
}

/// The number of connections that two calls need if this is the first response.
fn connections_after(first: Response) -> usize {
    let server = ScriptedServer::new([first.clone(), Response::with_headers(200, "", BODY)]);
    let client = client(&server);
    for _ in 0..2 {
        assert_eq!(client.call("get_usage", "{}").unwrap(), BODY, "{first:?}");
    }
    assert_eq!(server.requests().len(), 2, "{first:?}");
    server.connections()
}

#[test]
fn a_connection_is_reused_if_its_response_allows_it() {
    let interim = format!(
        "HTTP/1.1 100 Continue\r\nDate: x\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n{}",
        with_length("HTTP/1.1 200 OK", "")
    );
    for response in [
        with_length("HTTP/1.1 200 OK", ""),
        with_length("HTTP/1.1 200", "connection: Keep-Alive\r\n"),
        with_length("HTTP/1.0 200 OK", "Connection: keep-alive\r\n"),
        chunked("0\r\n\r\n"),
        chunked("000\r\nTrailer: x\r\n\r\n"),
        interim,
    ] {
        assert_eq!(connections_after(Response::bytes(response.clone())), 1, "{response}");
    }
}

#[test]
fn a_connection_is_not_reused_if_its_response_forbids_it() {
    for response in [
        with_length("HTTP/1.1 200 OK", "Connection: close\r\n"),
        with_length("HTTP/1.1 200 OK", "Connection: x, Close\r\n"),
        with_length("HTTP/1.0 200 OK", ""),
        // An intermediary may use the length, and take the rest for the next response.
        chunked("0\r\n\r\n").replacen("\r\n", "\r\nContent-Length: 5\r\n", 1),
        // Unsolicited bytes.
        with_length("HTTP/1.1 200 OK", "") + "HTTP/1.1 200 OK\r\n",
        chunked("0\r\n\r\n") + "x",
    ] {
        assert_eq!(connections_after(Response::bytes(response.clone())), 2, "{response}");
    }
    for response in [until_close(), chunked("0\r\n")] {
        assert_eq!(connections_after(Response::bytes_then_close(response.clone())), 2, "{response}");
    }
}

#[test]
fn a_folded_connection_header_is_respected() {
    let response = with_length("HTTP/1.1 200 OK", "X: a\r\n b\r\nConnection: x,\r\n\tclose\r\n");
    assert_eq!(connections_after(Response::bytes(response)), 2);
}
