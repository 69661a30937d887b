//! A company proxy that looks into TLS: its root works from `ca_file` as from the system's store.

use serde_json::json;

use super::certificates::Authority;
use super::child;
use super::service::{https, inspecting_proxy};
use super::{client, refused_for_good};

const URL: &str = "https://api.upscope.test/v1.3";

#[test]
fn its_root_in_ca_file() {
    let company = Authority::new("company");
    let proxy = inspecting_proxy(&company, "api.upscope.test");
    let config = json!({"base_url": URL, "proxy": format!("http://{proxy}"), "ca_file": company.file()});
    assert_eq!(child::call(config, &[]), None);
}

#[test]
fn its_root_in_the_systems_store() {
    let company = Authority::new("company");
    let proxy = inspecting_proxy(&company, "api.upscope.test");
    let file = company.file();
    let system = [("SSL_CERT_FILE", file.to_str().unwrap())];
    let config = json!({"base_url": URL, "proxy": format!("http://{proxy}")});
    assert_eq!(child::call(config.clone(), &system), None);
    let error = child::call(config, &[]).unwrap();
    assert!(error["message"].as_str().unwrap().contains("ca_file"), "{error}");
}

#[test]
fn a_root_of_each_is_trusted_at_once() {
    let (company, own) = (Authority::new("company"), Authority::new("own"));
    let file = company.file();
    let system = [("SSL_CERT_FILE", file.to_str().unwrap())];
    let inspected = format!("http://{}", inspecting_proxy(&company, "api.upscope.test"));
    let direct = format!("https://{}/v1.3", https(&own, "127.0.0.1"));
    for (url, proxy) in [(URL, inspected.as_str()), (&direct, "")] {
        let config = json!({"base_url": url, "proxy": proxy, "ca_file": own.file()});
        assert_eq!(child::call(config, &system), None, "{url}");
    }
}

#[test]
fn an_unknown_root_says_what_to_do() {
    let proxy = inspecting_proxy(&Authority::new("company"), "api.upscope.test");
    let error = refused_for_good(&client(URL, &format!("http://{proxy}"), |config| config));
    let message = error.message();
    assert!(message.contains("inspects TLS") && message.contains("ca_file"), "{error:?}");
}
