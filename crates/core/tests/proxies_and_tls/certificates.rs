//! Certificates of OpenSSL's server that the library rejects: the message says why, and what to do.

use rcgen::{CertificateParams, date_time_ymd};
use upscope_test_support::Authority;

use super::programs::openssl;
use super::{READ, client, permanent_error};

#[test]
fn each_reason_has_its_message() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    type Change = fn(&mut CertificateParams);
    let unchanged: Change = |_| {};
    let expired: Change = |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    };
    let not_yet_valid: Change = |params| params.not_before = date_time_ymd(2100, 1, 1);
    for (authority, name, change, parts) in [
        (&theirs, "127.0.0.1", unchanged, ["does not trust", "ca_file"]),
        (&ours, "127.0.0.1", expired, ["has expired", "clock"]),
        (&ours, "127.0.0.1", not_yet_valid, ["not valid yet", "clock"]),
        (&ours, "other.example", unchanged, ["another host name", "base_url"]),
    ] {
        let (certificate, key) = authority.issue(name, change);
        let server = openssl(&certificate.pem(), &key.serialize_pem(), &[]);
        let error = permanent_error(&client(&format!("https://{}/v1.3", server.address), "", |config| {
            config.ca_file(ours.file())
        }));
        assert!(parts.iter().all(|part| error.message().contains(part)), "{parts:?}: {error:?}");
    }
}

#[test]
fn a_valid_certificate() {
    let ours = Authority::new("ours");
    let (certificate, key) = ours.issue("localhost", |_| {});
    let server = openssl(&certificate.pem(), &key.serialize_pem(), &[]);
    let url = format!("https://localhost:{}/v1.3", server.address.port());
    client(&url, "", |config| config.ca_file(ours.file())).call(READ.0, READ.1).unwrap();
}
