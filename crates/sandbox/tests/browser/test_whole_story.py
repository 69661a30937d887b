"""A whole session between two browsers: a customer on the integrator's page, and an agent whose help desk embeds the
page of a watch link. The three web servers have different origins."""

import urllib.parse

from pages_of_integrators import help_desk_page, shop
from selenium.webdriver.common.by import By


def lookup_code(customer):
    customer.wait(lambda _: (customer.text("#code") or "…").isdigit(), "the page never showed a lookup code")
    return customer.text("#code")


def in_frame(agent):
    agent.driver.switch_to.frame(agent.driver.find_element(By.ID, "session"))


def in_help_desk(agent, expression):
    agent.driver.switch_to.default_content()
    return agent.driver.execute_script(f"return {expression}")


def press_in_request(customer, label):
    """Presses a button of the window that sdk.js shows."""
    host = customer.wait(lambda driver: driver.find_elements(By.CSS_SELECTOR, "upscope-sandbox"))[0]
    buttons = host.shadow_root.find_elements(By.CSS_SELECTOR, "button")
    next(button for button in buttons if button.text == label).click()


def window_text(customer):
    script = "return document.querySelector('upscope-sandbox')?.shadowRoot.querySelector('.window').innerText ?? ''"
    return customer.driver.execute_script(script)


def test_customer_reads_code_and_agent_sees_the_page(sandbox, site, help_desk, webhooks, browser, customer_browser):
    customer, agent = customer_browser, browser
    customer.driver.get(site.add("/order.html", shop(sandbox, requireAuthorizationForSession=True, tags=["#vip"])))
    code = lookup_code(customer)

    # The integrator's server finds the customer and makes a link.
    found = sandbox.api("GET", f"/list?search={code}&max_results=1")["visitors"]
    assert [visitor["unique_id"] for visitor in found] == ["customer-1"]
    assert found[0]["is_online"]
    assert found[0]["identities"] == ["Jane Doe"]
    assert found[0]["tags"] == ["#vip"]
    watch_url = sandbox.watch_url(found[0]["short_id"], webhook_url=webhooks.url, metadata={"ticket": "T-1"})
    assert len({urllib.parse.urlsplit(url).netloc for url in (sandbox.origin, site.origin, help_desk.origin)}) == 3

    # The agent opens the ticket. The customer is asked.
    agent.driver.get(help_desk.add("/ticket.html", help_desk_page(watch_url)))
    agent.wait(lambda _: in_help_desk(agent, "window.statuses") == ["waiting", "pendingRequest"])
    in_frame(agent)
    agent.wait_text("#message", "must accept before you can see the page")
    customer.wait(lambda _: "Ada Agent" in window_text(customer))
    assert sandbox.sessions()[0]["went_live"] is False
    customer.screenshot("customer-request")
    agent.screenshot("watch-pending")
    press_in_request(customer, "Accept")

    # Both see the same page.
    agent.wait(lambda _: in_help_desk(agent, "window.statuses.at(-1)") == "viewerReady")
    expected = ["waiting", "pendingRequest", "active", "snapshotReceived", "viewerReady"]
    assert in_help_desk(agent, "window.statuses") == expected
    in_frame(agent)
    agent.wait_text("#page", "Your order")
    agent.wait_text("#page", code)
    assert agent.text("#page-title") == "Lamp shop"
    customer.wait(lambda _: "Ada Agent sees this page" in window_text(customer))

    # What the customer types and what the page's script changes arrives.
    customer.driver.find_element(By.ID, "name").send_keys("Jane <b>Doe</b>")
    agent.wait_text("#page", "Jane <b>Doe</b>")
    customer.driver.execute_script("document.querySelector('h1').textContent = 'Thank you'")
    agent.wait_text("#page h1", "Thank you")
    page = agent.text("#page")
    assert "Your order" not in page
    agent.screenshot("watch-active")
    customer.screenshot("customer-session")

    # Secrets do not arrive, nor what is not displayed.
    for secret in ["hunter2secret", "4111", "DE123", "Only for the customer", "Not displayed"]:
        assert secret not in page, secret
    assert "*" * len("DE123") in page
    assert agent.count("#page .masked") == 1

    # The agent's page scrolls with the customer's, though its layout differs.
    customer.driver.execute_script("document.getElementById('article-80').scrollIntoView({block: 'start'})")
    first_in_view = """const view = document.getElementById('page').getBoundingClientRect();
        const items = [...document.querySelectorAll('#page li')];
        return items.find((item) => item.getBoundingClientRect().bottom > view.top + 1)?.textContent;"""
    agent.wait(lambda driver: driver.execute_script(first_in_view) in ("Article 79", "Article 80"))
    agent.screenshot("watch-scrolled")

    # A reload of the customer's page continues the session.
    customer.driver.refresh()
    customer.wait(lambda driver: driver.execute_script("return window.seen") == ["sessionContinue"])
    assert lookup_code(customer) == code
    agent.wait_text("#page h1", "Your order")

    # The session ends, and the webhook tells the integrator.
    agent.click("#end")
    agent.wait(lambda _: in_help_desk(agent, "window.statuses.at(-1)") == "terminated")
    assert in_help_desk(agent, "window.statuses") == [*expected, "terminated"]
    assert in_help_desk(agent, "window.endings") == ["ended"]
    customer.wait(lambda driver: driver.execute_script("return window.seen") == ["sessionContinue", "sessionEnd"])
    assert window_text(customer) == ""
    session = webhooks.next()
    assert session["visitor_id"] == found[0]["short_id"]
    assert session["metadata"] == {"ticket": "T-1"}
    assert session["went_live"] is True
    assert session["ended_at"]
    assert [kept["id"] for kept in sandbox.sessions()] == [session["id"]]

    for browser_used in (customer, agent):
        urls = browser_used.requested_urls()
        assert urls
        assert all(url.startswith(("http://127.0.0.1:", "data:")) for url in urls), urls


def open_session(sandbox, site, customer, agent, **configuration):
    customer.driver.get(site.add("/order.html", shop(sandbox, **configuration)))
    visitor = sandbox.api("GET", f"/list?search={lookup_code(customer)}")["visitors"][0]
    agent.driver.get(sandbox.watch_url(visitor["short_id"]))


def test_customer_declines(sandbox, site, browser, customer_browser):
    open_session(sandbox, site, customer_browser, browser, requireAuthorizationForSession=True)
    press_in_request(customer_browser, "Decline")
    browser.wait_text("#message", "Jane Doe declined the request")
    customer_browser.wait(lambda _: window_text(customer_browser) == "")
    assert sandbox.sessions()[0]["went_live"] is False


def test_customer_ends(sandbox, site, browser, customer_browser):
    open_session(sandbox, site, customer_browser, browser)
    browser.wait_text("#page", "Your order")
    press_in_request(customer_browser, "End session")
    browser.wait_text("#message", "Jane Doe ended the session")


def test_own_request_window(sandbox, site, browser, customer_browser):
    html = shop(sandbox, requireAuthorizationForSession=True)
    ask = "Upscope('init', {onSessionRequest(answer, name) { window.asking = name; window.answer = answer; }, "
    customer_browser.driver.get(site.add("/order.html", html.replace("Upscope('init', {", ask)))
    visitor = sandbox.api("GET", f"/list?search={lookup_code(customer_browser)}")["visitors"][0]
    browser.driver.get(sandbox.watch_url(visitor["short_id"]))
    customer_browser.wait(lambda driver: driver.execute_script("return window.asking") == "Ada Agent")
    assert window_text(customer_browser) == ""
    customer_browser.driver.execute_script("window.answer(true)")
    browser.wait_text("#page", "Your order")


def test_vendors_installation_code(sandbox, site, customer_browser):
    """The vendor's code defines a function that keeps calls until the script is loaded."""
    html = f"""<!doctype html><script>
        window.Upscope = function () {{ Upscope.q.push(arguments); }};
        Upscope.q = [];
        Upscope('init', {{ uniqueId: 'early' }});
        Upscope('getLookupCode', (code) => {{ document.title = code; }});
    </script><script async src="{sandbox.origin}/_sandbox/sdk.js"></script>"""
    customer_browser.driver.get(site.add("/early.html", html))
    customer_browser.wait(lambda driver: driver.title.isdigit())
    found = sandbox.api("GET", f"/list?search={customer_browser.driver.title}")["visitors"]
    assert [visitor["unique_id"] for visitor in found] == ["early"]


def test_identification_changes_and_is_cleared(sandbox, site, customer_browser):
    customer_browser.driver.get(site.add("/order.html", shop(sandbox)))
    code = lookup_code(customer_browser)

    def visitor(_=None):
        return sandbox.api("GET", f"/list?search={code}")["visitors"][0]

    customer_browser.driver.execute_script("Upscope('updateConnection', {uniqueId: 'changed'})")
    customer_browser.wait(lambda _: visitor()["unique_id"] == "changed")
    assert visitor()["identities"] == ["Jane Doe"]
    customer_browser.driver.execute_script("Upscope('updateConnection', {uniqueId: null, identities: null})")
    customer_browser.wait(lambda _: visitor()["unique_id"] is None)
    assert not visitor()["identities"]


def test_strict_content_security_policy_of_the_customers_page(sandbox, site, browser, customer_browser):
    policy = f"default-src 'none'; script-src {sandbox.origin} 'unsafe-inline'; connect-src {sandbox.origin}"
    html = shop(sandbox).replace("<head>", f'<head><meta http-equiv="Content-Security-Policy" content="{policy}">')
    customer_browser.driver.get(site.add("/order.html", html))
    visitor = sandbox.api("GET", f"/list?search={lookup_code(customer_browser)}")["visitors"][0]
    browser.driver.get(sandbox.watch_url(visitor["short_id"]))
    browser.wait_text("#page", "Your order")
    customer_browser.wait(lambda _: "sees this page" in window_text(customer_browser))
    position = "return getComputedStyle(document.querySelector('upscope-sandbox').shadowRoot.firstChild).position"
    assert customer_browser.driver.execute_script(position) == "fixed"
