"""No web page of another origin reaches the control interface."""

import pytest
from conftest import REBOUND_HOST

READ = ["/_sandbox/requests", "/_sandbox/state", "/_sandbox/webhooks"]


def cases(origin):
    for path in READ:
        yield origin + path, {}
    yield origin + "/_sandbox/reset", {"method": "POST"}
    yield origin + "/_sandbox/clock", {"method": "POST", "body": '{"advance_ms": 1000}'}
    with_json = {"method": "POST", "headers": {"Content-Type": "application/json"}, "body": '{"short_id": "EVIL"}'}
    yield origin + "/_sandbox/visitors", with_json


@pytest.fixture
def sandbox_with_visitor(sandbox):
    sandbox.add_visitor("KEPT")
    return sandbox


def nothing_changed(sandbox):
    return [visitor["short_id"] for visitor in sandbox.api("GET", "/list")["visitors"]] == ["KEPT"]


def test_page_of_another_origin(browser, sandbox_with_visitor, site):
    browser.driver.get(site.add("/evil.html", "<!doctype html><title>Evil</title>"))
    for url, options in cases(sandbox_with_visitor.origin):
        assert browser.fetch_status(url, **options) == "TypeError", url
        # Without CORS, a browser sends simple requests and hides the responses.
        if "headers" not in options:
            browser.fetch_status(url, mode="no-cors", **options)
    assert nothing_changed(sandbox_with_visitor)


def test_page_after_dns_rebinding(browser, sandbox_with_visitor):
    origin = f"http://{REBOUND_HOST}:{sandbox_with_visitor.port}"
    # Any response makes the origin; this path exists for every host.
    browser.driver.get(origin + "/session/unknown")
    assert browser.driver.execute_script("return location.origin") == origin
    for url, options in cases(origin):
        assert browser.fetch_status(url, **options) == 403, url
    assert nothing_changed(sandbox_with_visitor)
