//! TLS 1.2 and 1.3 are supported. A server with older versions only is reported as such.

use upscope::ErrorCode;
use upscope_test_support::Authority;

use super::programs::openssl;
use super::{CREATE, READ, client};

#[test]
fn supported_versions() {
    let ours = Authority::new("ours");
    let (certificate, key) = ours.issue("127.0.0.1", |_| {});
    for version in ["-tls1_2", "-tls1_3"] {
        let server = openssl(&certificate.pem(), &key.serialize_pem(), &[version]);
        let client = client(&format!("https://{}/v1.3", server.address), "", |config| config.ca_file(ours.file()));
        client.call(READ.0, READ.1).unwrap_or_else(|error| panic!("{version}: {error:?}"));
    }
}

#[test]
fn versions_that_are_too_old() {
    let ours = Authority::new("ours");
    let (certificate, key) = ours.issue("127.0.0.1", |_| {});
    for version in ["-tls1", "-tls1_1"] {
        // OpenSSL supports them only below security level 1.
        let arguments = [version, "-cipher", "ALL:@SECLEVEL=0"];
        let server = openssl(&certificate.pem(), &key.serialize_pem(), &arguments);
        let client = client(&format!("https://{}/v1.3", server.address), "", |config| config.ca_file(ours.file()));
        let error = client.call(CREATE.0, CREATE.1).unwrap_err();
        let facts = (error.code(), error.attempts(), error.is_retryable(), error.may_have_applied());
        assert_eq!(facts, (ErrorCode::Connection, 3, true, false), "{error:?}");
        assert!(error.message().contains("TLS 1.2"), "{version}: {error:?}");
    }
}
