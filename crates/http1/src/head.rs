//! Reads the head of a response, and what it says about the body and the connection (RFC 9112, sections 2 to 6 and 9).

use std::borrow::Cow;
use std::mem::MaybeUninit;

use httparse::{ParserConfig, Status};
use ureq::http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version};

use crate::MAX_HEADERS;
use crate::body::Body;
use crate::chunked::Chunked;
use crate::error::InvalidResponse;

/// Parses a head, if all of it is there: the number of its bytes, and what it says.
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
        let value = HeaderValue::from_bytes(&unfolded(header.value)).map_err(|_| InvalidResponse::Head)?;
        map.append(name, value);
    }
    Ok(Some((length, response)))
}

/// A value that is continued on further lines, with a space in place of each line break (section 5.2).
fn unfolded(value: &[u8]) -> Cow<'_, [u8]> {
    if !value.contains(&b'\n') {
        return Cow::Borrowed(value);
    }
    let lines: Vec<&[u8]> = value.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).collect();
    Cow::Owned(lines.join(&b' '))
}

/// Where the body of the response to a request of this method ends, if there is a body.
pub(crate) fn body(method: &Method, response: &Response<()>) -> Result<Option<Body>, InvalidResponse> {
    if has_no_body(method, response.status()) {
        return Ok(None);
    }
    let length = content_length(response.headers())?;
    let is_chunked = is_chunked(response)?;
    Ok(match length {
        _ if is_chunked => Some(Body::Chunked(Chunked::new())),
        Some(0) => None,
        Some(length) => Some(Body::Length(length)),
        None => Some(Body::UntilClose),
    })
}

/// Whether another request may follow on the same connection, once the body has been read to its end.
pub(crate) fn allows_reuse(method: &Method, response: &Response<()>) -> bool {
    let headers = response.headers();
    let announced = headers.contains_key(CONTENT_LENGTH);
    let is_chunked = headers.contains_key(TRANSFER_ENCODING);
    let is_clear = if has_no_body(method, response.status()) {
        // An intermediary may have read a body where there is none.
        !is_chunked && headers.get_all(CONTENT_LENGTH).iter().all(|value| value == "0")
    } else {
        // Neither: the body ends with the connection. Both: an intermediary may have read another body than this.
        announced != is_chunked
    };
    let has = |option| list(headers, CONNECTION).any(|element| element.eq_ignore_ascii_case(option));
    is_clear
        && response.status() != StatusCode::SWITCHING_PROTOCOLS
        && !has(b"close")
        && (response.version() == Version::HTTP_11 || has(b"keep-alive"))
}

fn has_no_body(method: &Method, status: StatusCode) -> bool {
    method == Method::HEAD
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// The length that all `Content-Length` headers agree on (RFC 9110, section 8.6).
fn content_length(headers: &HeaderMap) -> Result<Option<u64>, InvalidResponse> {
    let mut length = None;
    for element in list(headers, CONTENT_LENGTH) {
        // A sign is no part of it, though Rust's numbers may have one.
        let digits = str::from_utf8(element).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let number = digits.and_then(|digits| digits.parse().ok()).ok_or(InvalidResponse::ContentLength)?;
        if length.is_some_and(|length| length != number) {
            return Err(InvalidResponse::ContentLength);
        }
        length = Some(number);
    }
    Ok(length)
}

/// No other coding is asked for, and what is not understood could hide where the response ends.
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

/// The elements of a header that is a list, in one line or several.
fn list(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    headers.get_all(name).iter().flat_map(|value| value.as_bytes().split(|&byte| byte == b',')).map(<[u8]>::trim_ascii)
}
