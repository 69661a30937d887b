//! Windows's verdict on a certificate, in bounded time.
//!
//! Windows may ask the network before it answers: for a revocation list, a missing intermediate, a root it does not
//! have yet. That cannot be interrupted, so it runs on a thread of its own while the call watches its deadline.

use std::sync::Arc;
use std::thread;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};
use rustls_platform_verifier::Verifier;
use windows_sys::Win32::Foundation::{
    CERT_E_CHAINING, CERT_E_REVOCATION_FAILURE, CERT_E_REVOKED, CERT_E_UNTRUSTEDTESTROOT, CRYPT_E_NO_REVOCATION_CHECK,
    CRYPT_E_REVOCATION_OFFLINE,
};

use crate::support::cancel::CANCEL_POLL_INTERVAL;
use crate::transport::attempt::State;
use crate::transport::connect::blocking::{Outcome, Permits, SpawnFailed, Task};
use crate::transport::error::{ErrorKind, TransportError};
use crate::transport::shortage;

/// Further calls wait for their turn.
static PERMITS: Permits = Permits::new(64);

/// A verifier that obeys the attempt of its thread.
#[derive(Debug)]
pub(crate) struct TimeoutVerifier(Arc<Verifier>);

impl TimeoutVerifier {
    pub(crate) fn new(verifier: Verifier) -> TimeoutVerifier {
        TimeoutVerifier(Arc::new(verifier))
    }
}

impl ServerCertVerifier for TimeoutVerifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let state = State::current()
            .ok_or_else(|| through_rustls(TransportError::new(ErrorKind::Internal, "was made outside of a call")))?;
        let permit = loop {
            match PERMITS.try_acquire() {
                Some(permit) => break permit,
                None => thread::sleep(state.time_left().map_err(through_rustls)?.min(CANCEL_POLL_INTERVAL)),
            }
            state.poll_interrupt();
        };
        let verifier = self.0.clone();
        let certificate = certificate.clone().into_owned();
        let intermediates: Vec<_> = intermediates.iter().map(|one| one.clone().into_owned()).collect();
        let (name, ocsp) = (name.to_owned(), ocsp.to_vec());
        let thread = thread::Builder::new().name("upscope-verdict".into());
        let verify = move || {
            let verdict = verifier.verify_server_cert(&certificate, &intermediates, &name, &ocsp, now);
            verdict.map(|_| ()).map_err(told_apart)
        };
        let verdict = Task::spawn(permit, thread, verify)
            .map_err(|SpawnFailed| through_rustls(not_verified(shortage::THREADS)))?
            .wait(&state)
            .map_err(through_rustls)?;
        match verdict {
            Outcome::Completed(verdict) => verdict.map(|()| ServerCertVerified::assertion()),
            Outcome::Panicked => Err(through_rustls(not_verified("Windows gave no verdict"))),
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

fn not_verified(why: &str) -> TransportError {
    TransportError::new(ErrorKind::Tls, format!("failed: the certificate could not be verified because {why}"))
}

/// A failure of ours as rustls hands it on; `failure.rs` finds it again.
fn through_rustls(failure: TransportError) -> rustls::Error {
    rustls::Error::Other(OtherError(Arc::new(failure)))
}
