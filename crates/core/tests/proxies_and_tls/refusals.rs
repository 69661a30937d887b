//! Certificates that are refused, by OpenSSL's own server: the sentence says which, and what to do.

use rcgen::{CertificateParams, date_time_ymd};

use super::certificates::Authority;
use super::programs::openssl;
use super::{READ, client, refused_for_good};

#[test]
fn each_reason_has_its_sentence() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    type Change = fn(&mut CertificateParams);
    let keep: Change = |_| {};
    let old: Change = |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    };
    let early: Change = |params| params.not_before = date_time_ymd(2100, 1, 1);
    for (authority, name, change, parts) in [
        (&theirs, "127.0.0.1", keep, ["does not trust", "ca_file"]),
        (&ours, "127.0.0.1", old, ["has expired", "clock"]),
        (&ours, "127.0.0.1", early, ["not valid yet", "clock"]),
        (&ours, "other.example", keep, ["another host name", "base_url"]),
    ] {
        let (certificate, key) = authority.issue(name, change);
        let server = openssl(&certificate.pem(), &key.serialize_pem(), &[]);
        let error = refused_for_good(&client(&format!("https://{}/v1.3", server.address), "", |config| {
            config.ca_file(ours.file())
        }));
        assert!(parts.iter().all(|part| error.message().contains(part)), "{parts:?}: {error:?}");
    }
}

#[test]
fn one_that_is_good() {
    let ours = Authority::new("ours");
    let (certificate, key) = ours.issue("localhost", |_| {});
    let server = openssl(&certificate.pem(), &key.serialize_pem(), &[]);
    let url = format!("https://localhost:{}/v1.3", server.address.port());
    client(&url, "", |config| config.ca_file(ours.file())).call(READ.0, READ.1).unwrap();
}
