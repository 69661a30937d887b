//! Verifies certificates with Windows, with a deadline.
//!
//! Windows may access the network for a revocation list, a missing intermediate or a root certificate. That cannot be
//! interrupted, so it runs on a helper thread while the call waits with its deadline.

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
use crate::transport::attempt::Attempt;
use crate::transport::connect::blocking::{Permits, SpawnFailed, Task, TaskResult};
use crate::transport::error::{ErrorKind, TransportError};
use crate::transport::shortage;

/// Limits the concurrent verifications of this process. Other calls wait for a permit.
static PERMITS: Permits = Permits::new(64);

/// A verifier that obeys the current attempt of the thread.
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
        let attempt = Attempt::current()
            .ok_or_else(|| into_rustls(TransportError::new(ErrorKind::Internal, "ran without an active call")))?;
        let permit = loop {
            match PERMITS.try_acquire() {
                Some(permit) => break permit,
                None => thread::sleep(attempt.time_left().map_err(into_rustls)?.min(CANCEL_POLL_INTERVAL)),
            }
            attempt.poll_interrupt();
        };
        let verifier = self.0.clone();
        let certificate = certificate.clone().into_owned();
        let intermediates: Vec<_> = intermediates.iter().map(|one| one.clone().into_owned()).collect();
        let (name, ocsp) = (name.to_owned(), ocsp.to_vec());
        let thread = thread::Builder::new().name("upscope-verify".into());
        let verify = move || {
            let result = verifier.verify_server_cert(&certificate, &intermediates, &name, &ocsp, now);
            result.map(|_| ()).map_err(refine_error)
        };
        let result = Task::spawn(permit, thread, verify)
            .map_err(|SpawnFailed| into_rustls(not_verified(shortage::THREADS)))?
            .wait(&attempt)
            .map_err(into_rustls)?;
        match result {
            TaskResult::Completed(result) => result.map(|()| ServerCertVerified::assertion()),
            TaskResult::Panicked => Err(into_rustls(not_verified("Windows did not return a result"))),
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

/// The verifier translates only some of Windows's error codes. For the others, it reports Windows's text and code.
fn refine_error(error: rustls::Error) -> rustls::Error {
    let rustls::Error::InvalidCertificate(CertificateError::Other(other)) = &error else {
        return error;
    };
    let text = other.0.to_string();
    let number = text.rsplit_once("(os error ").and_then(|(_, rest)| rest.strip_suffix(')')?.parse::<i32>().ok());
    let reason = match number {
        // A missing issuer is not trusted either.
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

/// Wraps our error so that it passes through rustls. `map_error.rs` unwraps it.
fn into_rustls(error: TransportError) -> rustls::Error {
    rustls::Error::Other(OtherError(Arc::new(error)))
}
