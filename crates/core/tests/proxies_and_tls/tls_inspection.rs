//! A company proxy that inspects TLS: its root certificate works from `ca_file` and from the system.

use serde_json::json;
use upscope_test_support::Authority;

use super::servers::{https, inspecting_proxy};
use super::subprocess;
use super::{client, permanent_error};

const URL: &str = "https://api.upscope.test/v1.3";

#[test]
fn the_root_is_in_ca_file() {
    let company = Authority::new("company");
    let proxy = inspecting_proxy(&company, "api.upscope.test");
    let config = json!({"base_url": URL, "proxy": format!("http://{}", proxy.address()), "ca_file": company.file()});
    assert_eq!(subprocess::call(config, &[]), None);
}

#[test]
fn the_root_is_in_the_system() {
    let company = Authority::new("company");
    let proxy = inspecting_proxy(&company, "api.upscope.test");
    let file = company.file();
    let system = [("SSL_CERT_FILE", file.to_str().unwrap())];
    let config = json!({"base_url": URL, "proxy": format!("http://{}", proxy.address())});
    assert_eq!(subprocess::call(config.clone(), &system), None);
    let error = subprocess::call(config, &[]).unwrap();
    assert!(error["message"].as_str().unwrap().contains("ca_file"), "{error}");
}

#[test]
fn roots_in_both_places_are_trusted() {
    let (company, own) = (Authority::new("company"), Authority::new("own"));
    let file = company.file();
    let system = [("SSL_CERT_FILE", file.to_str().unwrap())];
    let proxy = inspecting_proxy(&company, "api.upscope.test");
    let server = https(&own, "127.0.0.1");
    for (url, proxy) in [(URL, format!("http://{}", proxy.address())), (&server.base_url(), String::new())] {
        let config = json!({"base_url": url, "proxy": proxy, "ca_file": own.file()});
        assert_eq!(subprocess::call(config, &system), None, "{url}");
    }
}

#[test]
fn an_unknown_root_is_reported_with_advice() {
    let proxy = inspecting_proxy(&Authority::new("company"), "api.upscope.test");
    let error = permanent_error(&client(URL, &format!("http://{}", proxy.address()), |config| config));
    let message = error.message();
    assert!(message.contains("inspects TLS") && message.contains("ca_file"), "{error:?}");
}
