"""The live page at /: it shows what happens in the sandbox, and its controls change the sandbox."""

import socket
import threading

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

SCRIPT_NAME = "<script>window.hasRun = true</script><img src=x onerror='window.hasRun = true'>"

# The contrast between the text and the background of each visible element that has text of its own, as in WCAG 2.
LOW_CONTRAST = """
const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
function rgba(colour) {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  return canvas.getImageData(0, 0, 1, 1).data;
}
function luminance(colour) {
  const [r, g, b] = Array.from(colour).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function background(node) {
  for (let each = node; each; each = each.parentElement) {
    const colour = rgba(getComputedStyle(each).backgroundColor);
    if (colour[3] === 255) return colour;
  }
}
const low = [];
for (const node of document.querySelectorAll('body *')) {
  const hasText = Array.from(node.childNodes).some((child) => child.nodeType === 3 && child.data.trim());
  if (!hasText || !node.checkVisibility() || node.closest('option')) continue;
  const [one, other] = [luminance(rgba(getComputedStyle(node).color)), luminance(background(node))];
  const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  if (contrast < 4.5) low.push(`${node.tagName} ${node.className} ${node.textContent}: ${contrast.toFixed(2)}`);
}
return low;
"""


@pytest.fixture
def open_window(browser, start_sandbox):
    """Opens the page of a sandbox. The test fails if the page writes an error to the console."""

    def open_page(sandbox, width=1440, height=900):
        browser.resize(width, height)
        browser.driver.get(sandbox.origin + "/")
        browser.wait_text("#connection", "Live")
        return browser

    yield open_page
    assert browser.console_errors() == []
    # Otherwise, the page would delay the end of the sandbox.
    browser.driver.get("about:blank")


@pytest.fixture
def start_thread():
    threads = []

    def start(target):
        threads.append(threading.Thread(target=target))
        threads[-1].start()

    yield start
    for thread in threads:
        thread.join()


def visitor_button(short_id, action):
    return f'#visitor-list [data-key="{short_id}"] [data-action="{action}"]'


def row_of(session):
    return f'#session-list [data-key="{session["id"]}"]'


def wait_for(browser, read, expected):
    """Waits until `read`, which asks the sandbox, returns the expected value."""
    browser.wait(lambda _: read() == expected, f"{read()!r} never became {expected!r}")


def press(browser, *keys):
    ActionChains(browser.driver).send_keys(*keys).perform()


def focused(browser, attribute):
    return browser.driver.execute_script("return document.activeElement.getAttribute(arguments[0])", attribute)


def tab_to(browser, attribute, value):
    """Presses Tab until an element with that attribute has the focus."""
    for _ in range(80):
        press(browser, Keys.TAB)
        if focused(browser, attribute) == value:
            return
    raise AssertionError(f"Tab never reached {attribute}={value!r}")


def test_requests_appear_live_beside_their_responses(open_window, sandbox):
    page = open_window(sandbox)
    page.wait_text("#request-note", "No requests yet")
    sandbox.add_visitor("V1")
    sandbox.watch_url("V1", initial_notes="Order <4711>")
    page.wait_text("#request-list", "/v1.3/visitors/V1/watch_url")
    assert page.count("#request-list .request") == 1
    page.click("#request-list .request")
    page.wait_text("#details .part:first-child", "Order <4711>")
    page.wait_text("#details .part:last-child", "watch_url")

    sandbox.request("GET", "/v1.3/visitors/nobody?a=b%20c", headers={"X-Api-Key": "sandbox-key"})
    page.wait_text("#request-list .request-row:first-child", "404")
    # The selected request stays selected.
    page.wait_text("#details .part:first-child", "Order <4711>")
    page.click("#request-list .request-row:first-child .request")
    page.wait_text("#details .part:first-child", "b c")
    page.wait_text("#details .part:last-child", "not_found")
    boxes = page.driver.execute_script(
        "return Array.from(document.querySelectorAll('.part'), (part) => part.getBoundingClientRect().toJSON())"
    )
    assert boxes[0]["right"] <= boxes[1]["left"] and boxes[0]["top"] == boxes[1]["top"]


def test_a_request_without_a_response_is_updated_when_it_gets_one(open_window, sandbox, start_thread):
    sandbox.control("POST", "/faults", [{"delay_ms": 4000}, {"drop": "before_response"}])
    page = open_window(sandbox)
    start_thread(lambda: sandbox.api("GET", "/usage"))
    page.wait_text("#request-list .status", "…")
    page.wait_text("#request-list .status", "200")
    with pytest.raises(OSError):
        sandbox.api("GET", "/usage")
    page.wait_text("#request-list .request-row:first-child", "none")


def test_filter_pause_and_clear(open_window, sandbox):
    page = open_window(sandbox)
    sandbox.api("GET", "/usage")
    sandbox.api("GET", "/list")
    page.wait_text("#request-list", "/v1.3/list")
    page.driver.find_element("id", "request-filter").send_keys("USAGE 200")
    page.wait(lambda _: page.count(".request") == 1)
    page.driver.find_element("id", "request-filter").clear()
    page.driver.find_element("id", "request-filter").send_keys("x", Keys.BACKSPACE)
    page.wait(lambda _: page.count(".request") == 2)

    page.click("#pause")
    sandbox.api("GET", "/usage")
    # The count shows that the page knows of the request.
    page.wait_text("#requests-title", "3")
    assert page.count(".request") == 2
    page.click("#pause")
    page.wait(lambda _: page.count(".request") == 3)

    page.click("#clear-requests")
    page.wait_text("#request-note", "No requests yet")
    assert sandbox.control("GET", "/requests")["requests"] == []
    sandbox.api("GET", "/list")
    page.wait_text("#request-list", "/v1.3/list")


def test_the_page_itself_is_not_logged(open_window, sandbox):
    open_window(sandbox)
    assert sandbox.control("GET", "/requests")["requests"] == []


def test_clock_buttons(open_window, sandbox):
    page = open_window(sandbox)
    advanced = lambda: sandbox.control("GET", "/overview")["advanced_ms"]
    for advance_ms, total in [(60_000, "1 min"), (3_600_000, "1 h 1 min"), (86_400_000, "1 d 1 h")]:
        before = advanced()
        page.click(f'[data-advance="{advance_ms}"]')
        wait_for(page, advanced, before + advance_ms)
        page.wait_text("#clock-offset", f"{total} ahead")
    page.wait_text("#now", sandbox.control("GET", "/overview")["now"][:10])


def test_a_visitor_comes_online_and_raises_a_hand(open_window, sandbox):
    sandbox.add_visitor("V1", name="Vera", is_online=False)
    page = open_window(sandbox)
    visitor = lambda name: lambda: sandbox.api("GET", "/visitors/V1")["visitor"][name]
    for action in ["is_online", "is_waiting_for_call"]:
        for expected in [True, False, True]:
            page.click(visitor_button("V1", action))
            wait_for(page, visitor(action), expected)
            page.wait(lambda _: page.count(visitor_button("V1", action) + f'[aria-pressed="{str(expected).lower()}"]'))
    page.wait_text('[data-key="V1"]', "Hand raised")
    page.click('[data-key="V1"] .name')
    page.wait_text('[data-key="V1"] .attributes', '"is_waiting_for_call": true')


def test_visitors_are_searched_and_added(open_window, start_sandbox):
    sandbox = start_sandbox("--visitors", "60")
    page = open_window(sandbox)
    page.wait(lambda _: page.count("#visitor-list .row") == 50)
    page.wait_text("#visitor-note", "50")
    page.driver.find_element("id", "visitor-search").send_keys("nobody at all")
    page.wait_text("#visitor-note", "No visitor matches")
    page.driver.find_element("id", "visitor-search").send_keys(Keys.CONTROL, "a")
    page.driver.find_element("id", "visitor-search").send_keys("-online")
    page.wait(lambda _: page.count("#visitor-list .row") > 20 and page.count("#visitor-list .online") == 0)
    page.driver.find_element("id", "visitor-search").clear()

    page.click("#add-visitor")
    press(page, "Nadia New", Keys.ENTER)
    page.wait_text("#visitors-title", "61")
    [added] = sandbox.api("GET", "/list?search=Nadia")["visitors"]
    assert (added["name"], added["is_online"]) == ("Nadia New", True)
    page.click("#add-visitor")
    press(page, Keys.ESCAPE)
    page.wait(lambda _: page.count("dialog[open]") == 0)
    assert sandbox.control("GET", "/overview")["visitor_count"] == 61


def test_sessions_are_accepted_declined_and_ended(open_window, sandbox, webhooks):
    for number in range(4):
        sandbox.add_visitor(f"V{number}", name=f"Visitor {number}")
    page = open_window(sandbox)
    page.wait_text("#session-note", "No sessions yet")
    agent = {"agent": {"id": "7", "name": "Ada"}, "webhook_url": webhooks.url}

    def start(visitor_id, **request):
        return sandbox.control("POST", "/sessions", {"visitor_id": visitor_id} | agent | request)["session"]

    accepted, declined, by_agent = start("V0", pending=True), start("V1", pending=True), start("V2")
    page.wait_text(row_of(accepted), "Pending")
    page.click(row_of(accepted) + ' [data-action="accept"]')
    page.wait_text(row_of(accepted), "Active")
    page.click(row_of(declined) + ' [data-action="decline"]')
    page.wait_text(row_of(declined), "Ended")
    assert webhooks.next()["id"] == declined["id"]
    page.click(row_of(by_agent) + ' [data-by="agent"]')
    page.wait_text(row_of(by_agent), "Ended")
    page.click(row_of(accepted) + ' [data-by="visitor"]')
    page.wait_text(row_of(accepted), "Ended")
    assert all(session["ended_at"] for session in sandbox.sessions())

    page.click(visitor_button("V3", "start"))
    page.wait_text("#session-list .row:first-child", "Visitor 3")
    page.wait_text("#ongoing", "1 ongoing")
    assert [session["visitor_id"] for session in sandbox.sessions() if not session["ended_at"]] == ["V3"]


def test_webhooks_appear(open_window, sandbox, webhooks):
    page = open_window(sandbox)
    page.wait_text("#webhook-note", "No webhooks yet")
    for number, url in enumerate([webhooks.url, "http://192.0.2.1/refused"]):
        sandbox.add_visitor(f"V{number}")
        body = {"visitor_id": f"V{number}", "agent": {"id": "7"}, "webhook_url": url}
        session = sandbox.control("POST", "/sessions", body)["session"]
        sandbox.control("POST", f"/sessions/{session['id']}/end", {"by": "visitor"})
    page.wait_text("#webhook-list .row:last-child", "204")
    page.wait_text("#webhook-list .row:first-child", "failed")
    page.wait_text("#webhook-list .row:first-child", "192.0.2.1")


def test_faults_are_added_and_cleared(open_window, sandbox):
    page = open_window(sandbox)
    # `used` counts the requests that a rule was used for.
    without_use = lambda fault: {name: value for name, value in fault.items() if name != "used"}
    faults = lambda: [without_use(fault) for fault in sandbox.control("GET", "/overview")["faults"]]
    page.driver.find_element("id", "fault-times").send_keys(Keys.CONTROL, "a")
    page.driver.find_element("id", "fault-times").send_keys("2")
    page.click("#fault-form [type=submit]")
    wait_for(page, lambda: len(faults()), 2)
    page.wait_text("#fault-list", "status 503")
    key = {"X-Api-Key": "sandbox-key"}
    assert sandbox.request("GET", "/v1.3/usage", headers=key)[0] == 503
    page.wait(lambda _: page.count("#fault-list .row") == 1)
    page.click('#fault-list [aria-label="Remove fault 1"]')
    wait_for(page, faults, [])
    assert sandbox.request("GET", "/v1.3/usage", headers=key)[0] == 200

    page.click("#fault-form summary")
    page.driver.find_element("id", "fault-json").clear()
    page.driver.find_element("id", "fault-json").send_keys("{")
    page.click("#fault-form [type=submit]")
    page.wait_text("#messages", "The fault is not JSON")
    page.driver.find_element("id", "fault-json").clear()
    page.driver.find_element("id", "fault-json").send_keys('{"drop": "mid_body"}')
    page.driver.find_element("css selector", "#fault-operation [value=get_usage]").click()
    page.click("#fault-form [type=submit]")
    rule = {"match": {"operation": "get_usage"}, "times": 2, "drop": "mid_body"}
    wait_for(page, faults, [rule])
    sandbox.api("GET", "/list")
    assert faults() == [rule]
    page.click("#clear-faults")
    wait_for(page, faults, [])
    page.wait_text("#fault-note", "No faults")


def test_an_error_of_the_sandbox_is_shown(open_window, sandbox):
    sandbox.control("POST", "/faults", [{"status": 500}] * 200)
    page = open_window(sandbox)
    page.wait_text("#fault-note", "100 more")
    page.click("#fault-form [type=submit]")
    page.wait_text("#messages", "too many faults")
    page.click("#messages button")
    assert page.text("#messages") == ""


def test_reset_asks_first(open_window, sandbox):
    sandbox.add_visitor("V1")
    sandbox.api("GET", "/usage")
    page = open_window(sandbox)
    page.wait_text("#request-list", "/v1.3/usage")
    page.click("#reset")
    page.click("#reset-dialog [value=cancel]")
    page.wait(lambda _: page.count("dialog[open]") == 0)
    assert page.count("#visitor-list .row") == 1
    page.click("#reset")
    page.click("#reset-dialog [value=reset]")
    page.wait_text("#visitor-note", "No visitors")
    page.wait_text("#request-note", "No requests yet")
    assert sandbox.api("GET", "/list")["visitors"] == []


def test_markup_in_data_is_shown_as_text(open_window, sandbox):
    sandbox.add_visitor("V1", name=SCRIPT_NAME, tags=[SCRIPT_NAME], lookup_code=SCRIPT_NAME)
    sandbox.control("POST", "/sessions", {"visitor_id": "V1", "agent": {"id": "7", "name": SCRIPT_NAME}})
    fault = {"status": 500, "headers": {"Content-Type": "text/html", "X-Text": SCRIPT_NAME}, "body": SCRIPT_NAME}
    sandbox.control("POST", "/faults", [fault, fault])
    headers = {"X-Api-Key": "sandbox-key", "X-Text": SCRIPT_NAME}
    sandbox.request("POST", "/v1.3/onpremise/token", {"text": SCRIPT_NAME, SCRIPT_NAME: 1}, headers)
    page = open_window(sandbox)
    page.click("#request-list .request")
    page.click('[data-key="V1"] .name')
    for selector in ["#visitor-list", "#session-list", "#fault-list", "#details"]:
        page.wait_text(selector, SCRIPT_NAME)
    assert page.count("main script, main img") == 0
    assert page.driver.execute_script("return window.hasRun === undefined")


def test_the_policy_allows_nothing_from_outside(sandbox, site, browser):
    status, headers, text = sandbox.request("GET", "/")
    policy = headers["Content-Security-Policy"]
    assert status == 200 and headers["Cache-Control"] == "no-store"
    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "trusted-types 'none'"]:
        assert part in policy
    assert "unsafe" not in policy
    nonce = policy.split("script-src 'nonce-")[1].split("'")[0]
    assert f'<script nonce="{nonce}">' in text and "{nonce}" not in text
    assert nonce not in sandbox.request("GET", "/")[2]
    # No page can embed it.
    browser.driver.get(site.add("/frame", f'<iframe src="{sandbox.origin}/"></iframe>'))
    browser.driver.switch_to.frame(0)
    assert browser.count("#visitor-list") == 0
    browser.driver.switch_to.default_content()
    assert sandbox.request("GET", "/", headers={"Host": "rebound.test"})[0] == 403
    assert sandbox.request("HEAD", "/")[0] == 200
    assert sandbox.request("POST", "/", {})[0] == 404


def fill(sandbox):
    """Adds texts that are too long for their places."""
    sandbox.add_visitor("V1", name="An extremely long name " * 8, tags=["tag" * 30], is_waiting_for_call=True)
    sandbox.add_visitor("V2" + "x" * 80)
    agent = {"id": "7", "name": "Agent" * 30}
    sandbox.control("POST", "/sessions", {"visitor_id": "V1", "agent": agent, "pending": True})
    sandbox.control("POST", "/sessions", {"visitor_id": "V2" + "x" * 80, "agent": {"id": "7"}})
    faults = [{"status": 500, "body": "long" * 100}, {"drop": "mid_body"}, None, {"delay_ms": 1}]
    sandbox.control("POST", "/faults", faults)
    sandbox.request("GET", "/v1.3/" + "long" * 40, headers={"X-Api-Key": "sandbox-key"})
    sandbox.request("POST", "/v1.3/onpremise/token", {"key" * 60: "value" * 60})


@pytest.mark.parametrize("width", [320, 360, 768, 1100, 1440])
def test_no_horizontal_scrolling(open_window, sandbox, width):
    fill(sandbox)
    page = open_window(sandbox, width, 740)
    page.click("#request-list .request")
    tabs = page.driver.find_elements("css selector", ".panels button")
    shown = [tab for tab in tabs if tab.is_displayed()]
    assert len(shown) >= 4 if width < 1100 else shown == []
    for tab in shown or [None]:
        if tab:
            tab.click()
            assert page.driver.find_element("id", tab.get_attribute("data-panel")).is_displayed()
        assert page.driver.execute_script("return document.documentElement.scrollWidth") == width
        outside = page.driver.execute_script(
            """return Array.from(document.querySelectorAll('button, input, select')).filter((node) => {
                const box = node.getBoundingClientRect();
                return node.checkVisibility() && !node.closest('.skip') && (box.left < 0 || box.right > innerWidth);
            }).map((node) => node.outerHTML)"""
        )
        assert outside == []


@pytest.mark.parametrize("dark", [False, True])
def test_text_has_contrast_in_light_and_dark(open_window, sandbox, dark):
    fill(sandbox)
    page = open_window(sandbox)
    page.set_dark(dark)
    page.click("#request-list .request")
    page.click('[data-key="V1"] .name')
    page.wait(lambda _: page.count(".part") == 2)
    background = page.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, background.strip("rgb()").split(","))) < 200) == dark
    assert page.driver.execute_script(LOW_CONTRAST) == []


def test_everything_works_with_the_keyboard_alone(open_window, sandbox):
    sandbox.add_visitor("V1", name="First")
    sandbox.add_visitor("V2", name="Second")
    sandbox.api("GET", "/usage")
    sandbox.api("GET", "/list")
    page = open_window(sandbox)
    page.wait_text("#request-list", "/v1.3/list")
    first, second = [page.driver.execute_script(
        "return document.querySelectorAll('#visitor-list > li')[arguments[0]].dataset.key", row) for row in range(2)]

    tab_to(page, "data-advance", "3600000")
    press(page, Keys.SPACE)
    page.wait_text("#clock-offset", "1 h ahead")
    assert focused(page, "data-advance") == "3600000"

    # Tab stops once in a list, and the arrow keys move in it.
    tab_to(page, "id", "add-visitor")
    press(page, Keys.TAB, Keys.ARROW_DOWN, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert focused(page, "data-action") == "is_waiting_for_call"
    press(page, Keys.ENTER)
    wait_for(page, lambda: sandbox.api("GET", f"/visitors/{second}")["visitor"]["is_waiting_for_call"], True)
    assert sandbox.api("GET", f"/visitors/{first}")["visitor"]["is_waiting_for_call"] is False
    assert focused(page, "data-action") == "is_waiting_for_call"

    # The control that has the focus disappears when it is used. The focus stays in its row.
    press(page, Keys.ARROW_RIGHT)
    assert focused(page, "data-action") == "start"
    press(page, Keys.ENTER)
    page.wait_text("#ongoing", "1 ongoing")
    assert page.driver.execute_script("return document.activeElement.closest('[data-key]').dataset.key") == second

    tab_to(page, "id", "clear-requests")
    press(page, Keys.TAB, Keys.ENTER)
    page.wait_text("#details .details-path", page.text("#request-list .request-row:first-child .path"))
    press(page, Keys.END)
    page.wait_text("#details .details-path", page.text("#request-list .request-row:last-child .path"))
    press(page, Keys.ESCAPE)
    assert not page.driver.find_element("id", "details").is_displayed()
    assert "request" in focused(page, "class")

    tab_to(page, "id", "fault-kind")
    press(page, Keys.ARROW_DOWN)
    tab_to(page, "type", "submit")
    press(page, Keys.ENTER)
    page.wait_text("#fault-list", "status 429")
    tab_to(page, "aria-label", "Remove fault 1")
    press(page, Keys.ENTER)
    page.wait_text("#fault-note", "No faults")
    assert focused(page, "id") == "faults-title"

    page.driver.find_element("id", "reset").send_keys(Keys.ENTER)
    page.wait(lambda _: page.count("#reset-dialog[open]") == 1)
    press(page, Keys.TAB, Keys.ENTER)
    page.wait_text("#visitor-note", "No visitors")


def test_every_control_has_a_name(open_window, sandbox):
    fill(sandbox)
    page = open_window(sandbox)
    page.click("#request-list .request")
    nameless = page.driver.execute_script(
        """return Array.from(document.querySelectorAll('button, input, select, textarea')).filter((node) =>
            !node.textContent.trim() && !node.getAttribute('aria-label') && !(node.labels && node.labels.length)
        ).map((node) => node.outerHTML)"""
    )
    assert nameless == []


def test_all_panels_at_work(open_window, start_sandbox, webhooks):
    """Also takes the pictures in docs/sandbox, if UPSCOPE_SCREENSHOTS is set."""
    sandbox = start_sandbox("--visitors", "12", "--sessions", "8")
    page = open_window(sandbox)
    visitors = [visitor["short_id"] for visitor in sandbox.api("GET", "/list?search=online")["visitors"]]
    for short_id, request in zip(visitors, [{"webhook_url": webhooks.url}, {}, {"pending": True}]):
        body = {"visitor_id": short_id, "agent": {"id": "agent-7", "name": "Ada Agent"}} | request
        session = sandbox.control("POST", "/sessions", body)["session"]
        if "webhook_url" in request:
            sandbox.control("POST", f"/sessions/{session['id']}/end", {"by": "agent"})
    key = {"X-Api-Key": "sandbox-key"}
    sandbox.api("GET", "/usage")
    sandbox.control("POST", "/faults", [{"status": 503, "body": {"status": "error", "error": "unavailable"}}])
    sandbox.request("GET", "/v1.3/cobrowsing_sessions/list?ongoing_only=true", headers=key)
    sandbox.request("GET", "/v1.3/agents/lookup?email=nobody@example.com", headers=key)
    sandbox.api("GET", "/list?search=online&max_results=2")
    sandbox.watch_url(visitors[3], initial_notes="Order 4711", permissions={"allow_click": False})
    sandbox.control("POST", "/faults", [{"status": 429, "headers": {"Retry-After": 2}}, {"drop": "mid_body"}])
    sandbox.control("POST", "/clock", {"advance_ms": 30_000})
    page.wait_text("#clock-offset", "30 s ahead")
    page.wait_text("#request-list .request-row:first-child", "watch_url")
    page.click("#request-list .request-row:nth-child(2) .request")
    page.wait_text("#details", "short_id")
    page.wait_text("#ongoing", "2 ongoing")
    for name, dark, width, height in [
        ("wide-light", False, 1440, 900),
        ("wide-dark", True, 1440, 900),
        ("narrow", False, 360, 720),
    ]:
        page.set_dark(dark)
        page.resize(width, height)
        assert page.driver.execute_script("return document.documentElement.scrollWidth") == width
        page.screenshot(name)


def send_many(sandbox, count):
    """Sends small requests without waiting for each response."""
    request = b"GET /v1.3/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Api-Key: sandbox-key\r\n\r\n"
    batch = 500
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=60) as connection:
        reader = connection.makefile("rb")
        for _ in range(count // batch):
            connection.sendall(request * batch)
            for _ in range(batch):
                length = 0
                while (line := reader.readline()) != b"\r\n":
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                reader.read(length)


@pytest.mark.timeout(240)
def test_stays_quick_with_many_requests_visitors_and_sessions(open_window, start_sandbox):
    sandbox = start_sandbox("--visitors", "100000", "--sessions", "100000")
    page = open_window(sandbox)
    send_many(sandbox, 100_000)
    page.wait_text("#requests-title", "100,000")
    page.wait(lambda _: page.count(".request") == 200)
    sandbox.api("GET", "/usage")
    page.wait_text("#request-list .request-row:first-child", "/v1.3/usage")
    longest = page.driver.execute_async_script(
        """const done = arguments[0];
        let longest = 0;
        let last = performance.now();
        const measure = (now) => {
            longest = Math.max(longest, now - last);
            last = now;
        };
        const timer = setInterval(() => measure(performance.now()), 4);
        document.getElementById('older-requests').click();
        setTimeout(() => { clearInterval(timer); done(longest); }, 2500);"""
    )
    assert page.count(".request") == 400
    assert longest < 500, "the page did not react for that many milliseconds"
    page.driver.find_element("id", "visitor-search").send_keys("zzzz")
    page.wait_text("#visitor-note", "No visitor matches")
