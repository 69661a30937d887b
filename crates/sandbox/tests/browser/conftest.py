"""Fixtures of the browser tests: a sandbox, the pages of an integrator, a receiver of webhooks, and Chromium.

UPSCOPE_SANDBOX: the program (target/release/upscope-sandbox, else the one in target/debug).
CHROMIUM, CHROMEDRIVER: the programs of the browser (chromium and chromedriver on the PATH).
UPSCOPE_SCREENSHOTS: a folder; if it is set, `screenshot` writes there.
"""

import http.client
import http.server
import json
import os
import pathlib
import queue
import shutil
import subprocess
import threading
import urllib.parse

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

ROOT = pathlib.Path(__file__).resolve().parents[4]
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
API_KEY = "sandbox-key"
# A domain name that Chromium resolves to this computer, as an attacker's name does after DNS rebinding.
REBOUND_HOST = "rebound.test"


def sandbox_program():
    programs = [TARGET / "release" / "upscope-sandbox", TARGET / "debug" / "upscope-sandbox"]
    if "UPSCOPE_SANDBOX" in os.environ:
        programs = [pathlib.Path(os.environ["UPSCOPE_SANDBOX"])]
    for program in programs:
        if os.access(program, os.X_OK):
            return program
    raise pytest.UsageError(f"{programs[0]} does not exist: run `make build`, or set UPSCOPE_SANDBOX")


class Sandbox:
    """A running sandbox, and requests to it as a program makes them."""

    def __init__(self, *arguments):
        self._process = subprocess.Popen(
            [sandbox_program(), "--port", "0", "--exit-with-stdin", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        alarm = threading.Timer(20, self._process.kill)
        alarm.start()
        line = self._process.stdout.readline()
        alarm.cancel()
        assert line, "the sandbox did not start"
        self.base_url = json.loads(line)["base_url"]
        self.origin = self.base_url.removesuffix("/v1.3")
        self.port = urllib.parse.urlsplit(self.origin).port

    def stop(self):
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise

    def request(self, method, path, body=None, headers=None):
        """Returns the status, the headers and the text of the response. `body` is sent as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = dict(headers or {})
            if body is not None:
                body = json.dumps(body)
                headers["Content-Type"] = "application/json"
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()
        finally:
            connection.close()

    def json(self, method, path, body=None, headers=None):
        """Returns the JSON of a response with status 200."""
        status, _, text = self.request(method, path, body, headers)
        assert status == 200, f"{method} {path}: {status} {text}"
        return json.loads(text)

    def api(self, method, path, body=None):
        return self.json(method, "/v1.3" + path, body, {"X-Api-Key": API_KEY})

    def control(self, method, path, body=None):
        return self.json(method, "/_sandbox" + path, body)

    def sessions(self):
        return self.api("GET", "/cobrowsing_sessions/list")["cobrowsing_sessions"]

    def add_visitor(self, short_id, **attributes):
        return self.control("POST", "/visitors", {"short_id": short_id, "is_online": True} | attributes)["visitor"]

    def watch_url(self, visitor_id, **request):
        request = {"agent": {"id": "agent-7", "name": "Ada Agent"}} | request
        return self.api("POST", f"/visitors/{visitor_id}/watch_url", request)["watch_url"]


class PageServer(http.server.ThreadingHTTPServer):
    """Serves the pages of an integrator. Its origin is not the sandbox's."""

    daemon_threads = True

    def __init__(self):
        self.pages = {}
        super().__init__(("127.0.0.1", 0), PageHandler)

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.server_port}"

    def add(self, path, html):
        """Returns the URL of the new page."""
        self.pages[path] = html
        return self.origin + path


class PageHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        html = self.server.pages.get(urllib.parse.urlsplit(self.path).path)
        body = (html or "").encode()
        self.send_response(200 if html else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class WebhookReceiver(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        self.received = queue.Queue()
        super().__init__(("127.0.0.1", 0), WebhookHandler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook"

    def next(self):
        """Waits for the next webhook and returns its JSON."""
        return self.received.get(timeout=10)


class WebhookHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.received.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def running(server):
    """Runs a server until the fixture that yields from this ends."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Browser:
    """One Chromium with a profile of its own."""

    def __init__(self, profile):
        options = Options()
        options.binary_location = os.environ.get("CHROMIUM") or shutil.which("chromium")
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            "--force-device-scale-factor=1",
            "--hide-scrollbars",
            "--window-size=1100,760",
            "--lang=en",
            f"--user-data-dir={profile}",
            # Every other name does not resolve.
            f"--host-resolver-rules=MAP {REBOUND_HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = Service(os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_page_load_timeout(20)
        self.driver.set_script_timeout(20)
        # Without this, the requests of Chromium's own first page would count.
        self.clear()

    def wait(self, condition, message=""):
        """Waits until the condition, which gets the driver, is true, and returns its value."""
        return WebDriverWait(self.driver, 10, poll_frequency=0.05).until(condition, message)

    def text(self, selector):
        """The visible text of the first element of a selector, or None. That of a hidden element is empty."""
        script = """const found = document.querySelector(arguments[0]);
            return found && (found.checkVisibility() ? found.innerText : '');"""
        return self.driver.execute_script(script, selector)

    def wait_text(self, selector, part):
        """Waits until an element's visible text contains the part."""
        self.wait(lambda _: part in (self.text(selector) or ""), f"{selector} never contained {part!r}")

    def count(self, selector):
        return self.driver.execute_script("return document.querySelectorAll(arguments[0]).length", selector)

    def click(self, selector):
        self.wait(lambda driver: driver.find_elements("css selector", selector), f"there is no {selector}")
        self.driver.find_element("css selector", selector).click()

    def fetch_status(self, url, **options):
        """The status of a request that the current page sends, or the error's name if the page may not read it."""
        return self.driver.execute_async_script(
            """const [url, options, done] = arguments;
            fetch(url, options).then((response) => done(response.status), (error) => done(error.name));""",
            url,
            options,
        )

    def requested_urls(self):
        """The URLs of all requests since the last call of this function."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [message["params"] for message in messages if message["method"] == "Network.requestWillBeSent"]
        return [params["request"]["url"] for params in sent]

    def console_errors(self):
        """The errors in the console since the last call of this function."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def resize(self, width, height):
        """Sets the size of the page, also below the smallest size of a window."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def set_dark(self, dark):
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def screenshot(self, name):
        folder = os.environ.get("UPSCOPE_SCREENSHOTS")
        if folder:
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            self.driver.save_screenshot(str(pathlib.Path(folder) / f"{name}.png"))

    def clear(self):
        """Closes all windows but one. What pages stored belongs to origins with ports that are not used again."""
        driver = self.driver
        *others, last = driver.window_handles
        for handle in others:
            driver.switch_to.window(handle)
            driver.close()
        driver.switch_to.window(last)
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.set_dark(False)
        driver.get("about:blank")
        driver.get_log("performance")
        driver.get_log("browser")


@pytest.fixture(scope="session")
def running_browsers(tmp_path_factory):
    """Starts each browser on first use, for all tests, because starting takes seconds."""
    started = {}

    def start(name):
        if name not in started:
            started[name] = Browser(tmp_path_factory.mktemp(f"profile-{name}"))
        return started[name]

    yield start
    for browser in started.values():
        browser.driver.quit()


@pytest.fixture
def browser(running_browsers):
    """A browser, for example of an agent."""
    browser = running_browsers("agent")
    yield browser
    browser.clear()


@pytest.fixture
def customer_browser(running_browsers):
    """A second browser that shares nothing with the first one."""
    browser = running_browsers("customer")
    yield browser
    browser.clear()


@pytest.fixture
def start_sandbox():
    """Starts sandboxes with given options. They stop when the test ends."""
    started = []

    def start(*arguments):
        started.append(Sandbox(*arguments))
        return started[-1]

    yield start
    for sandbox in started:
        sandbox.stop()


@pytest.fixture
def sandbox(start_sandbox):
    """A sandbox without sample data."""
    return start_sandbox("--visitors", "0", "--sessions", "0")


@pytest.fixture
def site():
    """The web site of an integrator."""
    yield from running(PageServer())


@pytest.fixture
def help_desk():
    """A second web site, with an origin of its own."""
    yield from running(PageServer())


@pytest.fixture
def webhooks():
    yield from running(WebhookReceiver())
