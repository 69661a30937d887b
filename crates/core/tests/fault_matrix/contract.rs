//! The contract's rules (sections 2, 4 and 5) as a table of their own: what a call must tell after what happened to
//! its attempts. Nothing here is taken from the library but the names of the codes.

use upscope::ErrorCode;

use super::operations::Kind;

/// What happened to one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A 2xx that keeps its promise.
    Good,
    /// No connection: refused, no such name, `connect_timeout_ms`, TLS that broke off.
    NotReached,
    /// The connection broke after the request was sent and before the head of an answer was whole.
    Lost,
    /// The same on a connection kept from an earlier call.
    Stale,
    /// A 2xx whose body breaks off.
    CutShort,
    /// A 2xx that is whole and useless.
    Unreadable(u16),
    /// Bytes that are no HTTP.
    NotHttp,
    /// Any other status.
    Status(u16, RetryAfter),
    /// The deadline passed, with the request sent or not.
    Late { sent: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// Not there, or not to be understood: the library chooses its wait.
    Unsaid,
    AtOnce,
    /// Beyond the deadline.
    TooLong,
}

/// What a call tells in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Answer,
    Error {
        code: ErrorCode,
        http_status: Option<u16>,
        retryable: bool,
        may_have_applied: bool,
        attempts: u32,
        retry_after: RetryAfter,
    },
}

/// What a call must tell when the n-th fate happens to its n-th attempt, the last fate to all further ones; and how
/// many requests must arrive.
pub fn expected(fates: &[Fate], kind: Kind, max_retries: u32) -> (Told, usize) {
    let mut attempts = 0;
    let mut retries = 0;
    let mut requests = 0;
    let mut repeated = false;
    let mut may_have_applied = false;
    loop {
        let fate = fates[fates.len().min(attempts as usize + 1) - 1];
        attempts += 1;
        requests += usize::from(arrives(fate));
        if fate == Fate::Good {
            return (Told::Answer, requests);
        }
        may_have_applied |= may_apply(fate, kind);
        if fate == Fate::Stale && kind != Kind::Create && !repeated {
            repeated = true;
            continue;
        }
        if !is_retried(fate, kind) || retries == max_retries {
            let retryable = is_retryable(fate, kind);
            let (code, http_status) = code(fate);
            let retry_after = match fate {
                Fate::Status(_, wait) => wait,
                _ => RetryAfter::Unsaid,
            };
            let told = Told::Error { code, http_status, retryable, may_have_applied, attempts, retry_after };
            return (told, requests);
        }
        retries += 1;
    }
}

fn arrives(fate: Fate) -> bool {
    !matches!(fate, Fate::NotReached | Fate::Late { sent: false })
}

/// Section 5: what is tried again.
fn is_retried(fate: Fate, kind: Kind) -> bool {
    match fate {
        Fate::NotReached => true,
        Fate::Status(_, RetryAfter::TooLong) => false,
        Fate::Status(429, _) => true,
        Fate::Lost | Fate::Stale | Fate::CutShort | Fate::Status(408 | 500 | 502 | 503 | 504, _) => {
            kind != Kind::Create
        }
        _ => false,
    }
}

/// Section 2: the same call may succeed later and repeating it does no harm.
fn is_retryable(fate: Fate, kind: Kind) -> bool {
    match fate {
        Fate::NotReached | Fate::Late { sent: false } | Fate::Status(429, _) => true,
        Fate::Lost | Fate::Stale | Fate::CutShort | Fate::Late { sent: true } => kind != Kind::Create,
        Fate::Status(408 | 500 | 502 | 503 | 504, _) => kind != Kind::Create,
        _ => false,
    }
}

/// Section 2: a call that changes something was sent and its outcome is unknown.
fn may_apply(fate: Fate, kind: Kind) -> bool {
    let unknown = match fate {
        Fate::Good | Fate::NotReached | Fate::Late { sent: false } => false,
        Fate::Status(status, _) => status == 408 || status >= 500,
        _ => true,
    };
    unknown && kind != Kind::Read
}

/// Section 2: the constants.
fn code(fate: Fate) -> (ErrorCode, Option<u16>) {
    match fate {
        Fate::Good => unreachable!("no error"),
        Fate::NotReached | Fate::Lost | Fate::Stale | Fate::NotHttp => (ErrorCode::Connection, None),
        Fate::CutShort => (ErrorCode::BadResponse, Some(200)),
        Fate::Unreadable(status) => (ErrorCode::BadResponse, Some(status)),
        Fate::Late { .. } => (ErrorCode::Timeout, None),
        Fate::Status(status, _) => {
            let code = match status {
                401 => ErrorCode::Unauthorized,
                402 => ErrorCode::PaymentRequired,
                404 => ErrorCode::NotFound,
                409 => ErrorCode::Conflict,
                429 => ErrorCode::RateLimited,
                500..=599 => ErrorCode::ServerError,
                _ => ErrorCode::HttpError,
            };
            (code, Some(status))
        }
    }
}
