//! TLS versions: 1.2 and 1.3 are spoken, a peer that stays behind is told apart.

use super::certificates::Authority;
use super::programs::openssl;
use super::{CREATE, READ, client};
use upscope::ErrorCode;

#[test]
fn versions_of_today() {
    let ours = Authority::new("ours");
    let (certificate, key) = ours.issue("127.0.0.1", |_| {});
    for version in ["-tls1_2", "-tls1_3"] {
        let server = openssl(&certificate.pem(), &key.serialize_pem(), &[version]);
        let client = client(&format!("https://{}/v1.3", server.address), "", |config| config.ca_file(ours.file()));
        client.call(READ.0, READ.1).unwrap_or_else(|error| panic!("{version}: {error:?}"));
    }
}

#[test]
fn versions_of_yesterday() {
    let ours = Authority::new("ours");
    let (certificate, key) = ours.issue("127.0.0.1", |_| {});
    for version in ["-tls1", "-tls1_1"] {
        // Below level 1 OpenSSL still speaks them.
        let arguments = [version, "-cipher", "ALL:@SECLEVEL=0"];
        let server = openssl(&certificate.pem(), &key.serialize_pem(), &arguments);
        let client = client(&format!("https://{}/v1.3", server.address), "", |config| config.ca_file(ours.file()));
        let error = client.call(CREATE.0, CREATE.1).unwrap_err();
        let told = (error.code(), error.attempts(), error.is_retryable(), error.may_have_applied());
        assert_eq!(told, (ErrorCode::Connection, 3, true, false), "{error:?}");
        assert!(error.message().contains("TLS 1.2"), "{version}: {error:?}");
    }
}
