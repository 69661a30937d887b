"""What a watch link shows to an agent, without a customer's browser: the page, its tools, and its life."""

import json

import pytest
from pages_of_integrators import help_desk_page
from selenium.webdriver.common.keys import Keys

# The default of each permission that has a tool.
TOOLS = {
    "allow_agent_redirect": True,
    "allow_audio": True,
    "allow_click": True,
    "allow_confetti": True,
    "allow_console": False,
    "allow_draw": True,
    "allow_notes": True,
    "allow_request_visitor_screen": True,
    "allow_scroll": True,
    "allow_show_agent_screen": True,
    "allow_type": True,
}


@pytest.fixture
def visitor(sandbox):
    return sandbox.add_visitor("V1", name="Vera Visitor", ip_address="192.0.2.7")


@pytest.fixture
def open_link(sandbox, visitor, browser):
    """Opens a new watch link and waits until the session is active."""

    def open_link(**request):
        browser.driver.get(sandbox.watch_url("V1", **request))
        browser.wait(lambda _: browser.count("#end:enabled"), "the session never became active")
        return browser

    return open_link


def shown_tools(browser):
    script = "return [...document.querySelectorAll('#tools button')].map((button) => button.dataset.permission)"
    return set(browser.driver.execute_script(script))


def test_get_starts_nothing(sandbox, visitor):
    url = sandbox.watch_url("V1").removeprefix(sandbox.origin)
    status, headers, text = sandbox.request("GET", url)
    assert status == 200
    assert "Vera Visitor" in text
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors" not in policy
    assert sandbox.sessions() == []


def test_page_starts_the_session_and_end_ends_it(sandbox, open_link):
    browser = open_link()
    assert [session["ended_at"] for session in sandbox.sessions()] == [None]
    browser.wait_text("#page", "This page is pretended")
    assert browser.text("#people") == "Vera Visitor\nAgent: Ada Agent"
    assert browser.text("#page-url") == "https://shop.example/checkout"
    assert "192.0.2.7" in browser.text("#details")
    browser.screenshot("watch-pretended")
    browser.click("#end")
    browser.wait_text("#message", "You ended the session.")
    assert sandbox.sessions()[0]["ended_at"]
    assert browser.count("#end:enabled, #tools button:enabled") == 0
    browser.screenshot("watch-ended")
    assert browser.console_errors() == []


def test_closing_the_page_ends_the_session(sandbox, open_link):
    browser = open_link()
    browser.driver.get("about:blank")
    browser.wait(lambda _: sandbox.sessions()[0]["ended_at"])


def test_reload_starts_a_new_session(sandbox, open_link):
    browser = open_link()
    browser.driver.refresh()
    browser.wait(lambda _: len(sandbox.sessions()) == 2)
    assert sorted(bool(session["ended_at"]) for session in sandbox.sessions()) == [False, True]


def test_end_by_the_api(sandbox, open_link):
    browser = open_link()
    sandbox.api("DELETE", "/visitors/V1/session")
    browser.wait_text("#message", "ended through the API")


def test_window_that_a_page_opened_is_closed(sandbox, visitor, browser, help_desk):
    browser.driver.get(help_desk.add("/ticket.html", "<!doctype html><title>Help desk</title>"))
    desk = browser.driver.current_window_handle
    browser.driver.execute_script("window.open(arguments[0], '_blank')", sandbox.watch_url("V1"))
    browser.wait(lambda driver: len(driver.window_handles) == 2)
    browser.driver.switch_to.window(next(name for name in browser.driver.window_handles if name != desk))
    browser.wait_text("#page", "This page is pretended")
    browser.click("#end")
    browser.wait(lambda driver: driver.window_handles == [desk])
    browser.driver.switch_to.window(desk)


# ---- permissions, branding, notes, language


def test_default_tools(open_link):
    browser = open_link()
    assert shown_tools(browser) == {name for name, default in TOOLS.items() if default}
    assert browser.count("#notes:not([hidden])") == 1


@pytest.mark.parametrize("permission", TOOLS)
def test_permission_decides_about_its_tool(open_link, permission):
    all_tools = dict.fromkeys(TOOLS, True)
    browser = open_link(permissions=all_tools | {permission: False})
    assert shown_tools(browser) == set(TOOLS) - {permission}
    assert browser.count("#notes:not([hidden])") == (permission != "allow_notes")


def test_private_details(open_link):
    browser = open_link(permissions={"hide_private_details": True})
    browser.wait_text("#details", "V1")
    details = browser.text("#details")
    assert "V1" in details
    assert "Private details are hidden" in details
    assert "192.0.2.7" not in browser.driver.page_source
    assert "Vera" not in browser.text("#details")


def test_tool_says_that_it_is_pretended(open_link):
    browser = open_link()
    assert browser.text("#hint") == ""
    assert browser.text("#legend") == "Tools with a dashed border are pretended."
    browser.click("#tools [data-permission=allow_draw]")
    assert browser.text("#hint").startswith("Pretended: “Draw” does not change")
    browser.click("#tools [data-permission=allow_type]")
    pressed = "#tools .pretended[aria-pressed=true]"
    assert browser.driver.execute_script(f"return document.querySelector('{pressed}').innerText") == "Type"
    browser.click("#tools [data-permission=allow_type]")
    assert browser.count(pressed) == 0
    assert browser.text("#hint") == ""


def test_keyboard(open_link):
    browser = open_link()
    browser.wait_text("#page", "This page is pretended")

    def focused():
        return browser.driver.execute_script(
            "const { dataset, id } = document.activeElement; return dataset.permission || id"
        )

    def press(*keys):
        browser.driver.switch_to.active_element.send_keys(*keys)

    browser.driver.execute_script("document.querySelector('#tools button').focus()")
    assert focused() == "allow_click"
    press(Keys.ARROW_RIGHT)
    assert focused() == "allow_type"
    press(Keys.HOME)
    press(Keys.ARROW_LEFT)
    assert focused() == "allow_notes"
    press(Keys.SPACE)
    assert browser.count("#notes[hidden]") == 1
    press(Keys.TAB)
    assert focused() == "page"
    press(Keys.SHIFT, Keys.TAB)
    press(Keys.SHIFT, Keys.TAB)
    assert focused() == "end"


def test_notes_language_and_viewer(open_link):
    browser = open_link(initial_notes="Ask:\n- <b>size</b>", language="de", viewer={"id": "9", "name": "Bo"})
    notes = browser.driver.execute_script("return document.getElementById('notes-text').value")
    assert notes == "Ask:\n- <b>size</b>"
    assert browser.text("#end") == "Sitzung beenden"
    assert browser.text("#watchers") == "Agent: Ada Agent · Betrachter: Bo"
    assert browser.driver.execute_script("return document.documentElement.lang") == "de"


@pytest.mark.parametrize(
    ("language", "end"),
    [("fr-CA", "Terminer la session"), ("es", "Terminar sesión"), ("xx", "End session"), ("toString", "End session")],
)
def test_language(open_link, language, end):
    assert open_link(language=language).text("#end") == end


def test_every_language_has_every_text(open_link):
    differences = """const keys = (value) => typeof value === 'string' ? '' : Array.isArray(value) ? value.length :
        Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keys(inner)]).sort());
        const shapes = Object.values(arguments[0]).map((words) => JSON.stringify(keys(words)));
        return shapes.filter((shape) => shape !== shapes[0]);"""
    browser = open_link()
    source = "return [...document.scripts].at(-1).textContent.match(/LANGUAGES = ({.*?^})/ms)[1]"
    languages = browser.driver.execute_script(source)
    browser.driver.get("about:blank")
    languages = browser.driver.execute_script(f"return ({languages})")
    assert set(languages) == {"en", "de", "fr", "es"}
    assert browser.driver.execute_script(differences, languages) == []


def test_naked_has_no_logo(open_link):
    assert open_link().count("#logo:not([hidden])") == 1
    browser = open_link(branding={"naked": True})
    assert browser.count("#logo:not([hidden])") == 0
    assert browser.count("#bar:not([hidden])") == 1


# ---- embedded in the integrator's page


def embed(sandbox, help_desk, browser, **request):
    browser.driver.get(help_desk.add("/ticket.html", help_desk_page(sandbox.watch_url("V1", **request))))
    return lambda expression: browser.driver.execute_script(f"return {expression}")


def test_page_only_is_controlled_by_messages(sandbox, visitor, browser, help_desk):
    in_desk = embed(sandbox, help_desk, browser, branding={"naked": "page_only"})
    browser.wait(lambda _: in_desk("statuses.at(-1)") == "viewerReady")
    assert in_desk("statuses") == ["waiting", "active", "snapshotReceived", "viewerReady"]
    browser.driver.switch_to.frame("session")
    assert browser.text("#page").startswith("Example Shop")
    visible = "return document.body.innerText.trim() === document.getElementById('page').innerText.trim()"
    assert browser.driver.execute_script(visible)
    browser.driver.switch_to.default_content()
    browser.screenshot("page-only")
    in_desk("document.getElementById('session').contentWindow.postMessage({action: 'unknown'}, '*')")
    in_desk("document.getElementById('session').contentWindow.postMessage({action: 'terminateSession'}, '*')")
    browser.wait(lambda _: in_desk("statuses.at(-1)") == "terminated")
    assert in_desk("endings") == ["ended"]
    assert sandbox.sessions()[0]["ended_at"]


def test_only_the_parent_controls(sandbox, visitor, browser, help_desk):
    """Another window that knows the frame must not end the session."""
    in_desk = embed(sandbox, help_desk, browser, branding={"naked": "page_only"})
    browser.wait(lambda _: in_desk("statuses.at(-1)") == "viewerReady")
    browser.driver.switch_to.frame("session")
    # This listener is called after the page's own.
    browser.driver.execute_script("addEventListener('message', (event) => { window.received = event.data.action; })")
    browser.driver.switch_to.default_content()
    attack = """const frame = document.createElement('iframe');
        frame.srcdoc = "<script>parent.frames[0].postMessage({action: 'terminateSession'}, '*')<" + "/script>";
        document.body.append(frame);"""
    browser.driver.execute_script(attack)
    browser.driver.switch_to.frame("session")
    browser.wait(lambda driver: driver.execute_script("return window.received") == "terminateSession")
    # The page disables the button as soon as it ends the session.
    assert browser.count("#end:enabled") == 1
    assert sandbox.sessions()[0]["ended_at"] is None


def test_redirect_after_the_end(sandbox, open_link, help_desk):
    after = help_desk.add("/after.html", "<!doctype html><title>After</title>")
    browser = open_link(branding={"on_end_url": after})
    browser.click("#end")
    browser.wait(lambda driver: driver.current_url == after)


def test_redirect_of_the_frame(sandbox, visitor, browser, help_desk):
    after = help_desk.add("/after.html", "<!doctype html><title>After</title><p id=after>Thanks</p>")
    in_desk = embed(sandbox, help_desk, browser, branding={"on_end_url": after, "naked": "page_only"})
    browser.wait(lambda _: in_desk("statuses.at(-1)") == "viewerReady")
    in_desk("document.getElementById('session').contentWindow.postMessage({action: 'terminateSession'}, '*')")
    browser.driver.switch_to.frame("session")
    browser.wait_text("#after", "Thanks")
    browser.driver.switch_to.default_content()
    assert in_desk("statuses.at(-1)") == "terminated"
    assert browser.driver.title == "Help desk"


@pytest.mark.parametrize("url", ["javascript:document.title='run'", "data:text/html,run", "/relative", "not a url"])
def test_only_web_addresses_are_followed(sandbox, open_link, url):
    browser = open_link(branding={"on_end_url": url, "retry_url": url})
    before = browser.driver.current_url
    browser.click("#end")
    browser.wait_text("#message", "You ended the session.")
    assert browser.driver.current_url == before
    assert "run" not in browser.driver.title


# ---- links that do not work


def test_expired_link(sandbox, visitor, browser):
    url = sandbox.watch_url("V1", branding={"retry_url": "https://desk.example/retry"}, language="en")
    sandbox.control("POST", "/clock", {"advance_ms": 3_600_000})
    browser.driver.get(url)
    browser.wait_text("#message", "Link expired")
    assert "makes a new one" in browser.text("#message")
    link = browser.driver.find_element("id", "retry")
    assert (link.text, link.get_attribute("href")) == ("Retry now", "https://desk.example/retry")
    assert browser.text("#bar") == ""
    browser.screenshot("watch-expired")
    assert sandbox.request("GET", url.removeprefix(sandbox.origin))[0] == 410
    assert sandbox.sessions() == []


def test_link_that_expires_before_the_page_starts_the_session(sandbox, visitor, browser, help_desk):
    """The page was loaded in time, but its script runs too late."""
    url = sandbox.watch_url("V1")
    browser.driver.get(help_desk.add("/start.html", "<!doctype html><title>Start</title>"))
    late = """window.fetch = new Proxy(window.fetch, { apply: (target, self, args) => new Promise((resolve) => {
        window.proceed = () => resolve(Reflect.apply(target, self, args)); }) });"""
    added = browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": late})
    try:
        browser.driver.get(url)
        browser.wait_text("#message", "Waiting for the browser of Vera Visitor")
        sandbox.control("POST", "/clock", {"advance_ms": 3_600_000})
        browser.driver.execute_script("window.proceed()")
        browser.wait_text("#message", "Link expired")
    finally:
        browser.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


def test_unknown_link_without_retry_url(sandbox, browser):
    browser.driver.get(sandbox.origin + "/session/00000000-0000-4000-8000-000000000000")
    browser.wait_text("#message", "No such session")
    assert browser.count("#retry:not([hidden])") == 0


def test_reset_of_the_sandbox_ends_the_page(sandbox, open_link):
    browser = open_link()
    sandbox.control("POST", "/reset", {})
    browser.wait_text("#message", "The session has ended.")


# ---- nothing from outside becomes code

ATTACK = "</script><script>window.attacked=1</script><img src=x onerror=window.attacked=1>'\"&<!--"


def test_texts_of_a_link_are_text(sandbox, browser):
    sandbox.add_visitor("EVIL", name=ATTACK, browser_name=ATTACK, location_city=ATTACK)
    url = sandbox.watch_url(
        "EVIL",
        agent={"id": "1", "name": ATTACK},
        viewer={"id": "2", "name": ATTACK},
        initial_notes=ATTACK,
        language=ATTACK,
        branding={"retry_url": ATTACK, "on_end_url": ATTACK},
    )
    browser.driver.get(url)
    browser.wait_text("#page", "This page is pretended")
    assert browser.text("#visitor") == ATTACK
    assert ATTACK in browser.text("#watchers")
    assert browser.driver.execute_script("return document.getElementById('notes-text').value") == ATTACK
    assert browser.driver.execute_script("return window.attacked") is None
    assert browser.count("img") == 0
    assert browser.console_errors() == []


def test_a_customers_page_cannot_run_in_the_agents_page(sandbox, browser):
    """A program sends what no honest sdk.js sends."""
    sdk = json.loads(
        sandbox.request(
            "POST",
            "/_sandbox/sdk/connect",
            {"url": "https://evil.example/", "title": ATTACK, "device_type": "desktop", "browser_name": "Chrome",
             "requires_acceptance": False},
        )[2]
    )  # fmt: skip
    browser.driver.get(sandbox.watch_url(sdk["short_id"]))
    browser.wait_text("#page", "This page is pretended")
    session_id = sandbox.sessions()[0]["id"]
    tree = {
        "tag": "div",
        "children": [
            {"tag": "script", "children": ["window.attacked = 1"]},
            {"tag": "iframe", "attributes": {"srcdoc": ATTACK, "src": "javascript:window.attacked=1"}},
            {"tag": "img", "attributes": {"src": "x", "onerror": "window.attacked=1", "alt": ATTACK}},
            {"tag": "a", "attributes": {"href": "javascript:window.attacked=1"}, "children": ["press me"]},
            {"tag": "style", "children": ["#bar { display: none }"]},
            {
                "tag": "p",
                "attributes": {"id": "end", "class": "x", "style": "position:fixed", "onclick": "x"},
                "children": [ATTACK],
            },
            {"tag": "td", "attributes": {"colspan": "9e9", "rowspan": 10**9}, "children": ["cell"]},
            {"tag": "x onload=1", "children": [7, None, ["nested"], {"tag": {"a": 1}}]},
            {"tag": "constructor", "attributes": "none", "children": "none"},
            "END",
        ],
    }
    page = {
        "url": "javascript:1",
        "title": ATTACK,
        "scroll_x": 0,
        "scroll_y": 0,
        "width": 10,
        "height": 10,
        "tree": tree,
    }
    body = {"visitor_key": sdk["visitor_key"], "session_id": session_id, "page": page}
    assert sandbox.request("POST", "/_sandbox/sdk/snapshot", body)[0] == 200
    browser.wait_text("#page", "END")
    assert browser.text("#page-title") == ATTACK
    found = """return [...document.querySelectorAll('#page *')].flatMap((element) => [element.localName,
        ...[...element.attributes].map((attribute) => attribute.name)])"""
    assert set(browser.driver.execute_script(found)) <= {"div", "span", "p", "td", "class", "role", "aria-label"}
    classes = "return [...document.querySelectorAll('#page [class]')].map((element) => element.className)"
    assert set(browser.driver.execute_script(classes)) <= {"image", "link"}
    assert browser.driver.execute_script("return window.attacked") is None
    assert browser.console_errors() == []
    assert browser.count("#bar:not([hidden])") == 1


# ---- looks


def test_dark_and_narrow(open_link):
    browser = open_link(permissions=dict.fromkeys(TOOLS, True), initial_notes="Ask for the size.")
    browser.wait_text("#page", "This page is pretended")
    light = "return getComputedStyle(document.body).backgroundColor"
    before = browser.driver.execute_script(light)
    browser.set_dark(True)
    assert browser.driver.execute_script(light) != before
    browser.screenshot("watch-dark")
    browser.resize(360, 740)
    overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert browser.driver.execute_script(overflow) == 0
    browser.screenshot("watch-narrow")


CONTRAST = """
    const linear = (value) => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const channel = (value) => linear(value / 255);
    const parse = (color) => color.match(/[\\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const background = (element) => {
        for (let current = element; current; current = current.parentElement) {
            const color = parse(getComputedStyle(current).backgroundColor);
            if (color.length === 3 || color[3] === 1) return color;
        }
        return [255, 255, 255];
    };
    const poor = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
        if (element.matches(':disabled, script')) continue;
        const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(background(element))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) poor.push([walker.currentNode.data.trim(), ratio]);
    }
    return poor;
"""


@pytest.mark.parametrize("dark", [False, True])
def test_contrast_and_names(open_link, dark):
    """WCAG AA: text has a contrast of at least 4.5, and everything that can be operated has a name."""
    browser = open_link()
    browser.wait_text("#page", "This page is pretended")
    browser.set_dark(dark)
    browser.click("#tools [data-permission=allow_draw]")
    assert browser.driver.execute_script(CONTRAST) == []
    tree = browser.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    operable = {"button", "textbox", "link", "region", "toolbar"}
    nodes = [node for node in tree if not node["ignored"] and node.get("role", {}).get("value") in operable]
    assert len(nodes) > 10
    assert [node["role"]["value"] for node in nodes if not node.get("name", {}).get("value")] == []
