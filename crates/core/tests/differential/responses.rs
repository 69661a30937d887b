//! Fixed responses, similar to those of curl's test suite. The body is a number where possible: a number stays valid
//! JSON if a part of it is missing.

const BODY: &str = "12345678901234567890";

pub fn all() -> Vec<Vec<u8>> {
    let mut all: Vec<String> = Vec::new();
    let ok = "HTTP/1.1 200 OK\r\n";

    // Status lines.
    for line in [
        "HTTP/1.1 200 OK",
        "HTTP/1.1 200",
        "HTTP/1.1 200 ",
        "HTTP/1.0 200 OK",
        "HTTP/1.1 201 Created",
        "HTTP/1.1 204 No Content",
        "HTTP/1.1 205 Reset Content",
        "HTTP/1.1 304 Not Modified",
        "HTTP/1.1 404 Not Found",
        "HTTP/1.1 503 A very long reason: \t phrase",
        "HTTP/1.1 999 x",
        "HTTP/1.1 099 x",
        "HTTP/1.1 20 x",
        "HTTP/1.1 2000 x",
        "HTTP/1.1  200 OK",
        "HTTP/1.2 200 OK",
        "HTTP/2 200 OK",
        "HTTP/0.9 200 OK",
        "http/1.1 200 OK",
        "ICY 200 OK",
        "\r\nHTTP/1.1 200 OK",
        " HTTP/1.1 200 OK",
    ] {
        all.push(format!("{line}\r\nContent-Length: 20\r\n\r\n{BODY}"));
        all.push(format!("{line}\r\n\r\n{BODY}"));
    }

    // Lengths.
    for length in [
        "20",
        "020",
        "0",
        "5",
        "21",
        "",
        " 20 ",
        "+20",
        "-1",
        "-20",
        "2 0",
        "0x14",
        "20, 20",
        "20, 21",
        "20,",
        ",20",
        "20;",
        "99999999999999999999",
        "18446744073709551615",
        "20\r\nContent-Length: 20",
        "20\r\nContent-Length: 5",
    ] {
        all.push(format!("{ok}Content-Length: {length}\r\n\r\n{BODY}"));
    }
    all.push(format!("{ok}Content-Length: 20\r\n\r\n{BODY}HTTP/1.1 200 OK\r\n\r\n"));

    // Transfer codings.
    let chunks = format!("5\r\n{}\r\nf\r\n{}\r\n0\r\n\r\n", &BODY[..5], &BODY[5..]);
    for coding in [
        "chunked",
        "Chunked",
        " chunked ",
        "xchunked",
        "chunkedx",
        "\"chunked\"",
        "identity",
        "gzip",
        "",
        "chunked, identity",
        "identity, chunked",
        "gzip, chunked",
        "chunked, chunked",
        "chunked,",
        ",chunked",
        "chunked;q=1",
        "chunked\r\nTransfer-Encoding: chunked",
        "identity\r\nTransfer-Encoding: chunked",
        "chunked\r\nTransfer-Encoding: identity",
        "chunked\r\nContent-Length: 20",
        "chunked\r\nContent-Length: x",
        "identity\r\nContent-Length: 20",
    ] {
        all.push(format!("{ok}Transfer-Encoding: {coding}\r\n\r\n{chunks}"));
        all.push(format!("{ok}Transfer-Encoding: {coding}\r\n\r\n{BODY}"));
    }
    all.push(format!("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"));
    all.push(format!("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"));

    // Chunks.
    for chunks in [
        "0\r\n\r\n",
        "0\r\n",
        "0",
        "",
        "00000\r\n\r\n",
        "5\r\n12345\r\n0\r\n\r\n",
        "5\r\n12345\r\n0\r\n",
        "5\r\n12345\r\n0",
        "5\r\n12345\r\n",
        "5\r\n12345",
        "0000000000000000005\r\n12345\r\n0\r\n\r\n",
        "5 \r\n12345\r\n0\t\r\n\r\n",
        " 5\r\n12345\r\n0\r\n\r\n",
        "+5\r\n12345\r\n0\r\n\r\n",
        "-5\r\n12345\r\n0\r\n\r\n",
        "0x5\r\n12345\r\n0\r\n\r\n",
        "5,\r\n12345\r\n0\r\n\r\n",
        "5\n12345\r\n0\r\n\r\n",
        "5\r\n12345\n0\r\n\r\n",
        "5\r\n12345\r\n0\r\n\n",
        "5\r\n12345\r\n0\n\n",
        "5\r\n123456\r\n0\r\n\r\n",
        "6\r\n12345\r\n0\r\n\r\n",
        "5\r\n123450\r\n\r\n",
        "ffffffffffffffff\r\n12345\r\n0\r\n\r\n",
        "10000000000000005\r\n12345\r\n0\r\n\r\n",
        "\r\n12345\r\n0\r\n\r\n",
        "g\r\n12345\r\n0\r\n\r\n",
        "5;\r\n12345\r\n0\r\n\r\n",
        "5;a\r\n12345\r\n0;b=\"c;d\"\r\n\r\n",
        "5 ; a = b\r\n12345\r\n0\r\n\r\n",
        "5;a\nb\r\n12345\r\n0\r\n\r\n",
        "5;a\rb\r\n12345\r\n0\r\n\r\n",
        "5;a\0b\r\n12345\r\n0\r\n\r\n",
        "5;\u{e9}\r\n12345\r\n0\r\n\r\n",
        "5\r\n12345\r\n0\r\nX: y\r\n\r\n",
        "5\r\n12345\r\n0\r\nX: y\r\n",
        "5\r\n12345\r\n0\r\nX: y",
        "5\r\n12345\r\n0\r\nX: y\r\nZ:\r\n\r\n",
        "5\r\n12345\r\n0\r\nX: y\r\n folded\r\n\r\n",
        "5\r\n12345\r\n0\r\nX: y\nZ: y\r\n\r\n",
        "5\r\n12345\r\n0\r\n\nX: y\r\n\r\n",
        "5\r\n12345\r\n0\r\nno colon\r\n\r\n",
        "5\r\n12345\r\n0\r\n: no name\r\n\r\n",
        "5\r\n12345\r\n0\r\nX : y\r\n\r\n",
        "5\r\n12345\r\n0\r\nX: \0\r\n\r\n",
        "5\r\n12345\r\n0\r\nContent-Length: 3\r\n\r\n",
        "5\r\n12345\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ] {
        all.push(format!("{ok}Transfer-Encoding: chunked\r\n\r\n{chunks}"));
    }
    all.push(format!("{ok}Transfer-Encoding: chunked\r\n\r\n5;{}\r\n12345\r\n0\r\n\r\n", "x".repeat(20_000)));
    all.push(format!("{ok}Transfer-Encoding: chunked\r\n\r\n5;{}\r\n12345\r\n0\r\n\r\n", "x".repeat(80_000)));
    all.push(format!("{ok}Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\nX: {}\r\n\r\n", "x".repeat(20_000)));

    // Headers.
    for header in [
        "X: y",
        "X:y",
        "X:",
        "X: \t y \t",
        "X: caf\u{e9}",
        "X: a\r\n b",
        "X: a\r\n\tb\r\n c",
        "X:\r\n b",
        " X: y",
        "X : y",
        "X y",
        ": y",
        "X\0: y",
        "X: \0",
        "X: a\rb",
        "X: a\u{7f}b",
        "X(y): z",
        "X: a\nY: b",
        "Connection: close",
        "Connection: keep-alive",
        "Connection: upgrade\r\nUpgrade: x",
        "Content-Length: 20\r\n folded",
        "Content-Length:\r\n 20",
        "Transfer-Encoding:\r\n chunked",
        "Trailer: X",
        "Content-Encoding: identity",
        "Content-Encoding: br",
    ] {
        all.push(format!("{ok}{header}\r\nContent-Length: 20\r\n\r\n{BODY}"));
        all.push(format!("{ok}{header}\r\n\r\n{BODY}"));
    }
    for count in [100, 127, 128, 200] {
        all.push(format!("{ok}{}\r\n{BODY}", "X: y\r\n".repeat(count)));
    }
    all.push(format!("{ok}X: {}\r\n\r\n{BODY}", "x".repeat(60_000)));
    all.push(format!("{ok}X: {}\r\n\r\n{BODY}", "x".repeat(70_000)));
    all.push(format!("HTTP/1.1 200 OK\nContent-Length: 20\n\n{BODY}"));
    all.push(format!("HTTP/1.1 200 OK\rContent-Length: 20\r\r{BODY}"));

    // Interim responses.
    for interim in [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 100 Continue\r\nX: y\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.0 100 Continue\r\n\r\n",
        "HTTP/1.1 102 Processing\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
        "HTTP/1.1 150 x\r\n\r\n",
        "HTTP/1.1 199 x\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ] {
        all.push(format!("{interim}{ok}Content-Length: 20\r\n\r\n{BODY}"));
        all.push(interim.to_owned());
    }

    // Not HTTP, or incomplete.
    for other in [
        "",
        "\r\n",
        "\r\n\r\n",
        "12345",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK",
        "HTTP/1.1 200 OK\r\nContent-Le",
        ok,
    ] {
        all.push(other.to_owned());
    }
    all.into_iter().map(String::into_bytes).collect()
}
