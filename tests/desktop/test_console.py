#!/usr/bin/env python3
"""Tests an agent console with a sandbox. Usage: test_console.py linux|windows FOLDER [TEST...]

FOLDER contains the program and its files (consoles.py). With TEST names, only these tests run.
The tests send keys and clicks to the window. The program reports what its widgets show (--probe).
"""

import json
import os
import pathlib
import re
import sys
import time
import urllib.error
import urllib.request

import consoles
from screen import MachineLoad, Program, Screen

# The limits of a responsive window, in milliseconds.
MAX_TICK_DELAY = 50
MAX_CANCEL_TIME = 200
MAX_CLOSE_TIME = 500
# If more threads than processors were runnable in more than this fraction of the samples, other programs may have
# delayed the window. The test is then repeated; after the last try, the delay is reported and not judged. With real-time
# priority (chrt), this applies only if an idle timer was delayed as well, by this many milliseconds.
OVERLOADED = 0.1
IDLE_TIMER_DELAY = 20
TRIES = 3
REAL_TIME = os.sched_getscheduler(0) in (os.SCHED_RR, os.SCHED_FIFO)

PEOPLE = [
    {"short_id": "TESTCYRILLIC", "name": "Наталья Цветкова", "location_city": "Ярославль",
     "location_country_name": "Россия", "email": "natalya@example.com", "browser_name": "Firefox", "device_name": "ThinkPad", "is_online": True},
    {"short_id": "TESTCHINESE", "name": "王小明", "location_city": "上海", "location_country_name": "中国",
     "email": "xiaoming@example.com", "browser_name": "Edge", "device_name": "台式电脑", "is_online": True,
     "is_waiting_for_call": True, "lookup_code": "4711", "tags": ["vip", "中文"],
     "last_url": "https://shop.example.com/订单/42"},
    {"short_id": "TESTEMOJI", "name": "Zoë 🎧 Müller 🚀", "location_city": "Köln", "location_country_name": "Germany 🌍",
     "email": "zoe@example.com", "browser_name": "Safari", "device_name": "iPhone", "is_online": True},
]

failures = []
measurements = {}


def check(ok, message):
    if not ok:
        failures.append(message)
        print(f"    FAILED: {message}", flush=True)


def fetch(url, body=None, key=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | ({"X-Api-Key": key} if key else {})
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def control(path, body=None):
    return json.loads(fetch(os.environ["UPSCOPE_SANDBOX_CONTROL"] + path, body))


def api(path):
    return json.loads(fetch(os.environ["UPSCOPE_BASE_URL"] + path, key=os.environ["UPSCOPE_API_KEY"]))


def sent():
    return control("/requests")["requests"]


class Session:
    """One run of the program."""

    def __init__(self, console, screen, refresh_ms=60000, under=(), faults=(), **environment):
        control("/reset", {})
        for person in PEOPLE:
            control("/visitors", person)
        control("/faults", list(faults))
        console.opened.unlink(missing_ok=True)
        # In memory, because writing to a busy disk would delay the window.
        probe = pathlib.Path("/dev/shm" if os.path.isdir("/dev/shm") else console.folder) / f"desktop-probe-{os.getpid()}"
        variables = console.environment(screen.display) | environment
        self.console, self.screen = console, screen
        variables = {name: value for name, value in variables.items() if value}
        self.program = Program(console.command(probe, refresh_ms, under), variables, probe)
        self.seconds = 15 if not under else 90

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.kill()
        self.program.remove_probe()

    def first_list(self):
        found = self.program.wait(r"visitors 10 .*", seconds=self.console.slow_start + self.seconds)
        # Everything has been drawn when the next `ticks` event arrives.
        return self.program.wait(r"ticks .*", after=found.mark, seconds=self.seconds)

    def wait(self, pattern, after):
        return self.program.wait(pattern, after, self.seconds)

    def click(self, name, **how):
        self.screen.click(self.program.position(name), **how)

    def row(self, number, after):
        """Clicks on a row of the list after it has been drawn, and waits for its details."""
        self.wait(r"ticks .*", self.program.mark())
        left, top, width, _ = self.program.position("visitors")
        self.screen.click((left, top + number * 58, width, 58))
        return self.wait(r"details (\S+) .*", after)

    def picture(self, name):
        """Takes a screenshot after two `ticks` events without changes."""
        mark = self.program.wait(r"ticks .*", after=self.program.mark()).mark
        self.program.wait(r"ticks .*", after=mark)
        self.screen.screenshot(self.console.folder / f"{self.console.name}-{name}.png", self.program.position("window"))

    def close(self, limit=1.5):
        started_at = time.monotonic()
        self.screen.do("key", self.console.quit)
        code = self.program.wait_for_exit(limit + 20)
        took = time.monotonic() - started_at
        check(code == 0, f"the program ended with {code}: {self.program.output}")
        check("closed" in [event for _, event in self.program.events()], "the program did not end by itself")
        check(self.program.output.strip() == "", f"the program printed: {self.program.output}")
        return took

    def rows(self, mark):
        """The rows of the list that this event ends."""
        events = [event for _, event in self.program.events()[:mark - 1] if event.startswith("row ")]
        number = int(re.match(r"visitors (\d+)", self.program.events()[mark - 1][1])[1])
        return [tuple(event.split(" ", 2)[1:]) for event in events[len(events) - number:]]

    def ticks(self, after=0):
        """(time, largest delay, number of draws) of each `ticks` event from this one on."""
        found = []
        for when, event in self.program.events()[after:]:
            match = re.fullmatch(r"ticks \d+ worst ([\d.]+) draws (\d+)", event)
            if match:
                found.append((when, float(match[1]), int(match[2])))
        return found


def visitors_are_shown(console, screen):
    """Names in any script are shown. The list refreshes itself and keeps the selection and the scroll position."""
    with Session(console, screen, refresh_ms=700) as session:
        started_at = time.monotonic()
        first = session.program.wait(r"visitors 10 .*", seconds=console.slow_start)
        measurements["first list after start, s"] = round(time.monotonic() - session.program.started, 2)
        wanted = [(v["short_id"], v["name"]) for v in api("/list")["visitors"] if v["name"]]
        shown = session.rows(first.mark)
        check([row for row in shown if row[0] in dict(wanted)] == wanted, f"the rows are {shown}")
        for person in PEOPLE:
            check((person["short_id"], person["name"]) in shown, f"{person['name']} is not in the list")
        if console.counts_glyphs:
            session.wait(r"characters without a glyph 0", 0)
        chosen = session.row(2, first.mark)
        names = {row[0]: row[1] for row in shown}
        check(chosen[1] == shown[2][0], f"{chosen[1]} is selected")
        detail = session.wait(r"details (\S+) (.*) session 0", chosen.mark - 1)
        check(detail[2] == names[detail[1]], f"the details show {detail[2]}")
        session.picture("visitors")
        memory(session, console)

        # Scrolls, then moves another visitor to the top of the list.
        session.screen.click(session.program.position("visitors"), button=5, times=4)
        before = session.wait(r"visitors 10 selected (\S+) scrolled (\d+)", session.program.mark())
        check(int(before[2]) > 0, "the list does not scroll")
        control("/visitors", {"short_id": shown[5][0], "last_seen_at": "2036-01-01T00:00:00Z"})
        mark = session.wait(rf"row {shown[5][0]} .*", before.mark).mark
        after = session.wait(r"visitors 10 selected (\S+) scrolled (\d+)", mark)
        while session.rows(after.mark)[0][0] != shown[5][0]:
            after = session.wait(r"visitors 10 selected (\S+) scrolled (\d+)", after.mark)
        check(before[1] == after[1] == chosen[1], f"selected: {chosen[1]}, {before[1]}, then {after[1]}")
        check(before[2] == after[2], f"the scroll position changed from {before[2]} to {after[2]}")
        check(time.monotonic() - started_at < 60, "this took longer than a minute")
        shown_after = [event.split()[-1] for _, event in session.program.events() if event.startswith("shown after ")]
        if shown_after:
            measurements["window shown after process start, ms"] = int(shown_after[0])
        check_delays(session)
        session.close()


def memory(session, console):
    """Records the memory of the program, which is found by its command line."""
    for folder in pathlib.Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes().decode("utf-8", "replace")
            if "--probe" not in words or "agent-console" not in words.split("\0")[0]:
                continue
            rows = dict(re.findall(r"^(Rss|Pss|Private_Dirty): +(\d+) kB", (folder / "smaps_rollup").read_text(), re.M))
            measurements["memory, MB"] = ", ".join(f"{name} {int(size) / 1024:.1f}" for name, size in rows.items())
        except (OSError, IndexError):
            continue


def agent_can_co_browse(console, screen):
    """A watch link is created and opened in the browser, and appears nowhere else. The session is shown and stopped."""
    with Session(console, screen, refresh_ms=500) as session:
        session.first_list()
        session.row(0, session.program.mark())
        mark = session.program.mark()
        session.click("start")
        session.wait(r"notice The session opens in your browser\.", mark)
        ends = time.monotonic() + 15
        while not console.opened.exists() and time.monotonic() < ends:
            time.sleep(0.02)
        link = console.opened.read_text() if console.opened.exists() else ""
        check(link.startswith("http://127.0.0.1:") and "/session/" in link, "the browser received no link")
        fetch(link, {})  # as the page does
        stoppable = session.wait(r"details (\S+) .* session 1", mark)
        post = [request for request in sent() if request["path"].endswith("/watch_url")]
        check(len(post) == 1 and stoppable[1] in post[0]["path"], f"watch links: {[p['path'] for p in post]}")
        session.picture("session")
        mark = session.program.mark()
        session.click("stop")
        session.wait(r"notice The session has been stopped\.", mark)
        session.wait(r"details \S+ .* session 0", mark)
        check([r["method"] for r in sent()].count("DELETE") == 1, "the session was not stopped once")
        secret = link.rsplit("/", 1)[-1][:24]
        reported = "\n".join(event for _, event in session.program.events())
        check(len(secret) > 8 and secret not in reported + session.program.output, "the program revealed the link")
        check(os.environ["UPSCOPE_API_KEY"] not in reported + session.program.output, "the program revealed the key")
        check_delays(session)
        session.close()
        check(secret not in session.program.output, "the program revealed the link when it ended")


def window_stays_responsive(console, screen):
    """The window stays responsive during slow and failed calls. Calls can be cancelled, retried and replaced."""
    with Session(console, screen) as session:
        mark = session.first_list().mark
        # A new search replaces the previous one.
        control("/faults", [{"delay_ms": 3000}, {"delay_ms": 1500}])
        session.click("search")
        session.screen.do("type", "--delay", "40", "zzz")
        busy = session.wait(r"busy Searching…", mark)
        session.screen.do("key", "ctrl+a")
        session.screen.do("type", "--delay", "40", "xiaoming@example.com")
        session.wait(r"call list_visitors discarded", busy.mark)
        session.picture("busy")
        session.wait(r"row TESTCHINESE 王小明", busy.mark)
        found = session.wait(r"visitors 1 .*", busy.mark)
        searches = [request["query"] for request in sent()][-2:]
        check(searches == ["search=zzz", "search=xiaoming%40example.com"], f"searches: {searches}")
        drawn = [draws for when, _, draws in session.ticks(busy.mark) if busy.at + 250 < when < found.at]
        check(len(drawn) >= 3 and min(drawn) > 0, f"draws while busy: {drawn}")

        # Cancelling ends a call immediately.
        control("/faults", [{"delay_ms": 20000}])
        mark = session.program.mark()
        session.row(0, mark)
        session.wait(r"busy .*", mark)
        session.click("cancel")
        pressed = session.wait(r"cancel", mark)
        ended = session.wait(r"call get_visitor ended (\S+)", pressed.mark)
        session.wait(r"notice Cancelled\.", mark)
        session.wait(r"idle", pressed.mark)
        check(ended[1] == "cancelled", f"a cancelled call ended with {ended[1]}")
        measurements["cancel, ms"] = round(ended.at - pressed.at, 1)
        check(ended.at - pressed.at < MAX_CANCEL_TIME, f"cancelling took {ended.at - pressed.at:.0f} ms")

        # "Try again" is offered for retryable errors.
        control("/faults", [{"status": 503, "delay_ms": 300}] * 3)
        mark = session.program.mark()
        session.screen.do("key", "F5")
        error = session.wait(r"error retryable 1 (.*)", mark)
        check("503" in error[1] and error[1].endswith("."), f"the error is shown as {error[1]}")
        session.picture("error")
        control("/faults", [{"delay_ms": 1200}])
        session.click("again")
        session.wait(r"no error", error.mark)
        session.wait(r"call list_visitors ended ok", error.mark)
        control("/faults", [{"status": 404, "body": "{}"}])
        mark = session.program.mark()
        session.click("start")
        session.wait(r"error retryable 0 .*", mark)
        last = [event for _, event in session.program.events() if event.startswith("position again ")][-1]
        check(last == "position again hidden", "'Try again' is offered for an error that is not retryable")
        session.click("dismiss")
        session.wait(r"no error", mark)

        # An empty result is shown.
        mark = session.program.mark()
        session.click("search")
        session.screen.do("key", "ctrl+a")
        session.screen.do("type", "--delay", "40", "nobody-has-this-name")
        session.wait(r"visitors 0 .*", mark)
        session.picture("nobody")
        keys = [int(event.rsplit(" ", 1)[1]) for _, event in session.program.events() if event.startswith("key ")]
        check(len(keys) > 20, f"only {len(keys)} key events")
        measurements["largest key delay, ms"] = max(keys)
        check_delays(session)
        session.close()


def history_is_loaded_by_page(console, screen):
    """The next page loads at the end of the list and with the button."""
    with Session(console, screen) as session:
        mark = session.first_list().mark
        control("/faults", [{"delay_ms": 800}])
        session.click("history-tab")
        session.wait(r"busy Loading the history…", mark)
        first = session.wait(r"history 50 complete 0", mark)
        session.picture("history")
        session.click("sessions")
        session.screen.do("key", "End")
        second = session.wait(r"history 100 complete 0", first.mark)
        session.click("more")
        session.wait(r"history 120 complete 1", second.mark)
        cursors = [r["query"] for r in sent() if r["path"].endswith("/list") and "cobrowsing" in r["path"]]
        check(len(cursors) == 3 and len(set(cursors)) == 3, f"requested pages: {cursors}")
        check_delays(session)
        session.close()


def window_closes_during_calls(console, screen, under=()):
    """The window closes immediately while each kind of call is running, and the program ends normally."""
    with Session(console, screen, under=under) as session:
        session.first_list()
        session.row(0, session.program.mark())
        session.wait(r"call get_visitor ended ok", 0)
        control("/faults", [{"delay_ms": 30000}] * 8)
        for name, call in (("start", "create_watch_url"), ("history-tab", "list_sessions")):
            mark = session.program.mark()
            session.click(name)
            session.wait(rf"call {call} started", mark)
        mark = session.program.mark()
        session.screen.do("key", "F5")
        session.wait(r"call list_visitors started", mark)
        already_sent = len(sent())
        ends = time.monotonic() + 10
        while len(sent()) < already_sent and time.monotonic() < ends:
            time.sleep(0.02)
        mark = session.program.mark()
        took = session.close(60 if under else 1.5)
        discarded = [e for _, e in session.program.events()[mark:] if e.startswith("call ") and e.endswith("discarded")]
        check(len(discarded) == 3, f"discarded calls: {discarded}")
        if not under:
            events = session.program.events()
            pressed = max(when for when, event in events if event.startswith("key "))
            closed = next(when for when, event in events if event == "closed")
            measurements["closing during calls, ms"] = round(closed - pressed, 1)
            measurements["the same, with the launcher of the program, ms"] = round(took * 1000)
            check(closed - pressed < MAX_CLOSE_TIME, f"closing took {closed - pressed:.0f} ms")


def missing_key_is_explained(console, screen):
    """Without an API key, the program shows an explanation and ends."""
    with Session(console, screen, UPSCOPE_API_KEY="") as session:
        setup = session.program.wait(r"setup (.*)", seconds=console.slow_start)
        (console.folder / f"{console.name}-setup.png").unlink(missing_ok=True)
        check("UPSCOPE_API_KEY" in setup[1] and "administrator" in setup[1], f"the explanation is: {setup[1]}")
        ends = time.monotonic() + 20
        # Keys only reach the dialog once it is visible. The screenshot is kept once the dialog has been drawn.
        picture, now = console.folder / f"{console.name}-setup.png", console.folder / "now.png"
        while session.program.is_running() and time.monotonic() < ends:
            session.screen.screenshot(now)
            if now.stat().st_size > 6000:
                now.replace(picture)
            if picture.exists() or time.monotonic() > ends - 10:
                session.screen.do("key", "Return")
            time.sleep(0.3)
        check(session.program.wait_for_exit(5) == 1, "without a key the exit code is not 1")


def check_delays(session):
    """Checks the delays of the ticks after the window was shown."""
    lines = session.ticks()
    up = session.program.wait(r"ticks .*", after=session.program.wait(r"visitors 10 .*").mark).at
    record_maximum("largest tick delay at the start, ms", max(late for when, late, _ in lines if when <= up))
    late = max((late for when, late, _ in lines if when > up), default=None)
    check(late is not None, "no `ticks` events")
    record_maximum("largest tick delay, ms", late or 0)
    if late is not None and late >= MAX_TICK_DELAY:
        raise Delayed(late)


def record_maximum(name, value):
    measurements[name] = max(measurements.get(name, 0), round(value, 1))


class Delayed(Exception):
    pass


def run(test, console, screen, **arguments):
    """Runs a test. Repeats it if the window was delayed while the machine was overloaded."""
    for attempt in range(1, TRIES + 1):
        load = MachineLoad()
        load.start()
        before = dict(measurements)
        try:
            test(console, screen, **arguments)
            return
        except Delayed as delay:
            overload = load.overload()
            message = (f"{test.__name__}: the timer was {delay} ms late; the machine was overloaded in "
                       f"{overload:.0%} of the samples")
            # With real-time priority, only a delay of the idle timer shows that the machine caused the delay.
            caused_by_machine = load.worst >= IDLE_TIMER_DELAY if REAL_TIME else overload >= OVERLOADED
            if not caused_by_machine and (overload < OVERLOADED or attempt == TRIES):
                check(False, message)
                return
            print(f"    {message}: {'repeated' if attempt < TRIES else 'NOT JUDGED'}", flush=True)
            measurements.clear()
            measurements.update(before)
        except AssertionError as error:
            screen.screenshot(console.folder / f"{console.name}-{test.__name__}-failed.png")
            check(False, f"{test.__name__}: {error}")
            return
        finally:
            load.close()
            record_maximum("delay of an idle timer, ms", load.worst)
            record_maximum("samples with overload, %", load.overload() * 100)


TESTS = [visitors_are_shown, agent_can_co_browse, window_stays_responsive, history_is_loaded_by_page,
         window_closes_during_calls, missing_key_is_explained]


def main(kind, folder, *names):
    console = {"linux": consoles.Linux, "windows": consoles.Windows}[kind](pathlib.Path(folder).resolve())
    screen = Screen(1000, 700)
    try:
        for test in TESTS:
            if not names or test.__name__ in names:
                started_at = time.monotonic()
                run(test, console, screen)
                print(f"    {kind}: {test.__name__} ({time.monotonic() - started_at:.1f} s)", flush=True)
    finally:
        screen.close()
    for name, value in measurements.items():
        print(f"    {kind}: {name}: {value}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
