//! Parses the head of a response, and derives from it how the body ends and whether the connection can be reused (RFC
//! 9112, sections 2 to 6 and 9).

use std::borrow::Cow;
use std::mem::MaybeUninit;

use httparse::{ParserConfig, Status};
use ureq::http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version};

use crate::MAX_HEADERS;
use crate::body::Body;
use crate::chunked::ChunkedDecoder;
use crate::error::InvalidResponse;

/// Parses a head. Returns its length in bytes and its content, or None if it is not complete.
#[inline(never)]
pub(crate) fn parse(input: &[u8]) -> Result<Option<(usize, Response<()>)>, InvalidResponse> {
    let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut head = httparse::Response::new(&mut []);
    let mut config = ParserConfig::default();
    config.allow_obsolete_multiline_headers_in_responses(true);
    let length = match config.parse_response_with_uninit_headers(&mut head, input, &mut headers) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(InvalidResponse::TooManyHeaders),
        Err(_) => return Err(InvalidResponse::Head),
    };
    let mut response = Response::new(());
    *response.version_mut() = if head.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
    *response.status_mut() = head.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or(InvalidResponse::Head)?;
    let map = response.headers_mut();
    map.try_reserve(head.headers.len()).map_err(|_| InvalidResponse::TooManyHeaders)?;
    for header in head.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| InvalidResponse::Head)?;
        let value = HeaderValue::from_bytes(&unfold(header.value)).map_err(|_| InvalidResponse::Head)?;
        map.append(name, value);
    }
    Ok(Some((length, response)))
}

/// Replaces each line break in a value (obs-fold) with a space (section 5.2).
fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    if !value.contains(&b'\n') {
        return Cow::Borrowed(value);
    }
    let lines: Vec<&[u8]> = value.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).collect();
    Cow::Owned(lines.join(&b' '))
}

/// The body of the response to a request with this method. None if it is empty.
pub(crate) fn body(method: &Method, response: &Response<()>) -> Result<Option<Body>, InvalidResponse> {
    if has_no_body(method, response.status()) {
        return Ok(None);
    }
    let length = content_length(response.headers())?;
    let is_chunked = is_chunked(response)?;
    Ok(match length {
        _ if is_chunked => Some(Body::Chunked(ChunkedDecoder::new())),
        Some(0) => None,
        Some(length) => Some(Body::Length(length)),
        None => Some(Body::CloseDelimited),
    })
}

/// Whether the connection can be used for another request after the body was read to its end.
pub(crate) fn allows_reuse(method: &Method, response: &Response<()>) -> bool {
    let headers = response.headers();
    let has_length = headers.contains_key(CONTENT_LENGTH);
    let is_chunked = headers.contains_key(TRANSFER_ENCODING);
    let is_unambiguous = if has_no_body(method, response.status()) {
        // With one of these headers, an intermediary may have expected a body.
        !is_chunked && headers.get_all(CONTENT_LENGTH).iter().all(|value| value == "0")
    } else {
        // With neither, the body ends with the connection. With both, an intermediary may have used the other one.
        has_length != is_chunked
    };
    let has_option = |option| list(headers, CONNECTION).any(|element| element.eq_ignore_ascii_case(option));
    is_unambiguous
        && response.status() != StatusCode::SWITCHING_PROTOCOLS
        && !has_option(b"close")
        && (response.version() == Version::HTTP_11 || has_option(b"keep-alive"))
}

fn has_no_body(method: &Method, status: StatusCode) -> bool {
    method == Method::HEAD
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// The value of `Content-Length`. Several equal values count as one (RFC 9110, section 8.6).
fn content_length(headers: &HeaderMap) -> Result<Option<u64>, InvalidResponse> {
    let mut length = None;
    for element in list(headers, CONTENT_LENGTH) {
        // Rust's parser would accept a plus sign.
        let digits = str::from_utf8(element).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let number = digits.and_then(|digits| digits.parse().ok()).ok_or(InvalidResponse::ContentLength)?;
        if length.is_some_and(|length| length != number) {
            return Err(InvalidResponse::ContentLength);
        }
        length = Some(number);
    }
    Ok(length)
}

/// Whether the body is chunked. Any other transfer coding is an error: this client requests none, and with an unknown one
/// the end of the response would be unknown.
fn is_chunked(response: &Response<()>) -> Result<bool, InvalidResponse> {
    let mut codings = list(response.headers(), TRANSFER_ENCODING);
    match (codings.next(), codings.next()) {
        (None, _) => Ok(false),
        (Some(coding), None) if coding.eq_ignore_ascii_case(b"chunked") && response.version() == Version::HTTP_11 => {
            Ok(true)
        }
        _ => Err(InvalidResponse::TransferEncoding),
    }
}

/// The elements of a list header, which can have several lines.
fn list(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    headers.get_all(name).iter().flat_map(|value| value.as_bytes().split(|&byte| byte == b',')).map(<[u8]>::trim_ascii)
}
