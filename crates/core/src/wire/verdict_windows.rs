//! Windows's verdict on a certificate, in bounded time.
//!
//! Windows may ask the network before it answers: for a revocation list, a missing intermediate, a root it does not
//! have yet. That cannot be interrupted, so it runs on a thread of its own while the call watches its deadline.

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};
use rustls_platform_verifier::Verifier;
use windows_sys::Win32::Foundation::{
    CERT_E_CHAINING, CERT_E_REVOCATION_FAILURE, CERT_E_REVOKED, CERT_E_UNTRUSTEDTESTROOT, CRYPT_E_NO_REVOCATION_CHECK,
    CRYPT_E_REVOCATION_OFFLINE,
};

use super::attempt::State;

/// Verdicts that are waited for at once in this process; further calls wait for their turn.
const MAX_WAITING: usize = 64;

/// How often a waiting call looks at its deadline, and whether it was cancelled.
const SLICE: Duration = Duration::from_millis(50);

static WAITING: AtomicUsize = AtomicUsize::new(0);

/// A verifier that obeys the attempt of its thread.
#[derive(Debug)]
pub(super) struct InTime(Arc<Verifier>);

impl InTime {
    pub(super) fn new(verifier: Verifier) -> InTime {
        InTime(Arc::new(verifier))
    }
}

impl ServerCertVerifier for InTime {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let state = State::current().ok_or_else(|| ended("a certificate is to be verified outside of a call"))?;
        let turn = loop {
            match Turn::take() {
                Some(turn) => break turn,
                None => pause(&state, |slice| thread::sleep(slice))?,
            }
        };
        let verifier = self.0.clone();
        let certificate = certificate.clone().into_owned();
        let intermediates: Vec<_> = intermediates.iter().map(|one| one.clone().into_owned()).collect();
        let (name, ocsp) = (name.to_owned(), ocsp.to_vec());
        let (answer, answered) = mpsc::sync_channel(1);
        let asking = thread::Builder::new().name("upscope-verdict".into()).spawn(move || {
            // Nobody listens any more when the call has ended.
            let verdict = verifier.verify_server_cert(&certificate, &intermediates, &name, &ocsp, now);
            let _ = answer.send(verdict.map_err(told_apart));
            drop(turn);
        });
        asking.map_err(|_| ended("this computer can start no thread"))?;
        loop {
            let mut verdict = None;
            pause(&state, |slice| match answered.recv_timeout(slice) {
                Ok(told) => verdict = Some(told),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => verdict = Some(Err(ended("Windows gave no verdict"))),
            })?;
            if let Some(verdict) = verdict {
                return verdict;
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// The verifier knows only some of Windows's reasons; of the others it hands on Windows's own words and number.
fn told_apart(error: rustls::Error) -> rustls::Error {
    let rustls::Error::InvalidCertificate(CertificateError::Other(other)) = &error else {
        return error;
    };
    let text = other.0.to_string();
    let number = text.rsplit_once("(os error ").and_then(|(_, rest)| rest.strip_suffix(')')?.parse::<i32>().ok());
    let reason = match number {
        // An issuer that is not there to be looked at is not trusted either.
        Some(CERT_E_CHAINING | CERT_E_UNTRUSTEDTESTROOT) => CertificateError::UnknownIssuer,
        Some(CERT_E_REVOKED) => CertificateError::Revoked,
        Some(CERT_E_REVOCATION_FAILURE | CRYPT_E_NO_REVOCATION_CHECK | CRYPT_E_REVOCATION_OFFLINE) => {
            CertificateError::UnknownRevocationStatus
        }
        _ => return error,
    };
    rustls::Error::InvalidCertificate(reason)
}

/// Waits for a moment within the attempt's time. Its end is told by the connector, which finds it again.
fn pause(state: &State, wait: impl FnOnce(Duration)) -> Result<(), rustls::Error> {
    let left = state.time_left().map_err(|failure| rustls::Error::Other(OtherError(Arc::new(failure))))?;
    wait(left.min(SLICE));
    state.pause();
    Ok(())
}

fn ended(why: &'static str) -> rustls::Error {
    rustls::Error::Other(OtherError(Arc::new(Ended(why))))
}

/// Why there is no verdict.
#[derive(Debug)]
struct Ended(&'static str);

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Ended {}

/// Counts a verdict until Windows has given it.
struct Turn;

impl Turn {
    fn take() -> Option<Turn> {
        let more = |waiting| (waiting < MAX_WAITING).then_some(waiting + 1);
        WAITING.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more).ok().map(|_| Turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::SeqCst);
    }
}
