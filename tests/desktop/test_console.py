#!/usr/bin/env python3
"""An agent console from outside, beside a sandbox: test_console.py linux|windows FOLDER [STORY...]

FOLDER has the program and what belongs to it (consoles.py). Names of stories after it run only those.
The window is driven by keys and clicks; what it shows is read back by the program from its own widgets (--probe).
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
from screen import Metronome, Program, Screen

# The contract of a window that never freezes, in milliseconds.
LATEST_TICK = 50
LATEST_CANCEL = 200
LATEST_CLOSE = 500
# When in more than this share of the moments other programs waited for a processor, a window's lateness may be theirs:
# the story is told again, and in the end the ticks are left unjudged, which is said. To what runs before all others
# (chrt) that happens only when an idle timer was this late as well, in milliseconds.
CROWDED = 0.1
LATE_MACHINE = 20
TRIES = 3
FIRST = os.sched_getscheduler(0) in (os.SCHED_RR, os.SCHED_FIFO)

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
figures = {}


def check(holds, what):
    if not holds:
        failures.append(what)
        print(f"    WRONG: {what}", flush=True)


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


class Story:
    """One run of the program, from its first window to its end."""

    def __init__(self, console, screen, refresh_ms=60000, under=(), faults=(), **environment):
        control("/reset", {})
        for person in PEOPLE:
            control("/visitors", person)
        control("/faults", list(faults))
        console.opened.unlink(missing_ok=True)
        # In memory: a disk that is busy would hold the window up, and only because it is watched.
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
        self.program.forget()

    def first_list(self):
        found = self.program.wait(r"visitors 10 .*", seconds=self.console.slow_start + self.seconds)
        # All that is shown at first has been drawn when the next ticks are told.
        return self.program.wait(r"ticks .*", after=found.mark, seconds=self.seconds)

    def wait(self, pattern, after):
        return self.program.wait(pattern, after, self.seconds)

    def click(self, name, **how):
        self.screen.click(self.program.place(name), **how)

    def row(self, number, after):
        """Clicks on a row of the list, once what was told has been drawn, and waits for its details."""
        self.wait(r"ticks .*", self.program.mark())
        left, top, width, _ = self.program.place("visitors")
        self.screen.click((left, top + number * 58, width, 58))
        return self.wait(r"details (\S+) .*", after)

    def picture(self, name):
        """Once the window has stood still for a moment: two ticks' lines."""
        mark = self.program.wait(r"ticks .*", after=self.program.mark()).mark
        self.program.wait(r"ticks .*", after=mark)
        self.screen.shoot(self.console.folder / f"{self.console.name}-{name}.png", self.program.place("window"))

    def close(self, limit=1.5):
        begun = time.monotonic()
        self.screen.do("key", self.console.quit)
        code = self.program.ended(limit + 20)
        took = time.monotonic() - begun
        check(code == 0, f"the program ended with {code}: {self.program.output}")
        check("closed" in [event for _, event in self.program.events()], "the program did not end by itself")
        check(self.program.output.strip() == "", f"the program said: {self.program.output}")
        return took

    def rows(self, mark):
        """The rows that were told of just before the event of this mark."""
        events = [event for _, event in self.program.events()[:mark - 1] if event.startswith("row ")]
        number = int(re.match(r"visitors (\d+)", self.program.events()[mark - 1][1])[1])
        return [tuple(event.split(" ", 2)[1:]) for event in events[len(events) - number:]]

    def ticks(self, after=0):
        """(when, the worst lateness, drawings) of each line of ticks from this event on."""
        found = []
        for when, event in self.program.events()[after:]:
            match = re.fullmatch(r"ticks \d+ worst ([\d.]+) draws (\d+)", event)
            if match:
                found.append((when, float(match[1]), int(match[2])))
        return found


def shows_people(console, screen):
    """Names of all writings reach the widgets; the list refreshes by itself, and choice and scroll place stay."""
    with Story(console, screen, refresh_ms=700) as story:
        begun = time.monotonic()
        first = story.program.wait(r"visitors 10 .*", seconds=console.slow_start)
        figures["first list after start, s"] = round(time.monotonic() - story.program.started, 2)
        wanted = [(v["short_id"], v["name"]) for v in api("/list")["visitors"] if v["name"]]
        shown = story.rows(first.mark)
        check([row for row in shown if row[0] in dict(wanted)] == wanted, f"the rows are {shown}")
        for person in PEOPLE:
            check((person["short_id"], person["name"]) in shown, f"{person['name']} is not in the list")
        if console.counts_glyphs:
            story.wait(r"characters without a glyph 0", 0)
        chosen = story.row(2, first.mark)
        names = {row[0]: row[1] for row in shown}
        check(chosen[1] == shown[2][0], f"{chosen[1]} is chosen")
        detail = story.wait(r"details (\S+) (.*) session 0", chosen.mark - 1)
        check(detail[2] == names[detail[1]], f"the details are of {detail[2]}")
        story.picture("visitors")
        memory(story, console)

        # The wheel, and then the world goes on: somebody else comes to the top.
        story.screen.click(story.program.place("visitors"), button=5, times=4)
        before = story.wait(r"visitors 10 selected (\S+) scrolled (\d+)", story.program.mark())
        check(int(before[2]) > 0, "the list does not scroll")
        control("/visitors", {"short_id": shown[5][0], "last_seen_at": "2036-01-01T00:00:00Z"})
        mark = story.wait(rf"row {shown[5][0]} .*", before.mark).mark
        after = story.wait(r"visitors 10 selected (\S+) scrolled (\d+)", mark)
        while story.rows(after.mark)[0][0] != shown[5][0]:
            after = story.wait(r"visitors 10 selected (\S+) scrolled (\d+)", after.mark)
        check(before[1] == after[1] == chosen[1], f"chosen were {chosen[1]}, {before[1]}, then {after[1]}")
        check(before[2] == after[2], f"the scroll place went from {before[2]} to {after[2]}")
        check(time.monotonic() - begun < 60, "all this took a minute")
        shown_after = [event.split()[-1] for _, event in story.program.events() if event.startswith("shown after ")]
        if shown_after:
            figures["window shown after the process's start, ms"] = int(shown_after[0])
        judge(story)
        story.close()


def memory(story, console):
    """The program's own memory, from the system: whoever has the probe's path on the command line, and is no shell."""
    for folder in pathlib.Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes().decode("utf-8", "replace")
            if "--probe" not in words or "agent-console" not in words.split("\0")[0]:
                continue
            rows = dict(re.findall(r"^(Rss|Pss|Private_Dirty): +(\d+) kB", (folder / "smaps_rollup").read_text(), re.M))
            figures["memory, MB"] = ", ".join(f"{name} {int(size) / 1024:.1f}" for name, size in rows.items())
        except (OSError, IndexError):
            continue


def co_browses(console, screen):
    """A watch link is made and opened, and told nobody else; the session is seen, and stopped."""
    with Story(console, screen, refresh_ms=500) as story:
        story.first_list()
        story.row(0, story.program.mark())
        mark = story.program.mark()
        story.click("start")
        story.wait(r"told The session opens in your browser\.", mark)
        ends = time.monotonic() + 15
        while not console.opened.exists() and time.monotonic() < ends:
            time.sleep(0.02)
        link = console.opened.read_text() if console.opened.exists() else ""
        check(link.startswith("http://127.0.0.1:") and "/session/" in link, "no link came to the browser")
        fetch(link)
        stoppable = story.wait(r"details (\S+) .* session 1", mark)
        post = [request for request in sent() if request["method"] == "POST"]
        check(len(post) == 1 and stoppable[1] in post[0]["path"], f"{[p['path'] for p in post]} was sent")
        story.picture("session")
        mark = story.program.mark()
        story.click("stop")
        story.wait(r"told The session has been stopped\.", mark)
        story.wait(r"details \S+ .* session 0", mark)
        check([r["method"] for r in sent()].count("DELETE") == 1, "the session was not stopped once")
        secret = link.rsplit("/", 1)[-1][:24]
        told = "\n".join(event for _, event in story.program.events())
        check(len(secret) > 8 and secret not in told + story.program.output, "the link was told")
        check(os.environ["UPSCOPE_API_KEY"] not in told + story.program.output, "the key was told")
        judge(story)
        story.close()
        check(secret not in story.program.output, "the link was told at the end")


def stays_awake(console, screen):
    """With answers that take seconds and that fail the window goes on; cancelling, trying again, giving up a search."""
    with Story(console, screen) as story:
        mark = story.first_list().mark
        # An older search is given up for a newer one, and the list is that of the newer one.
        control("/faults", [{"delay_ms": 3000}, {"delay_ms": 1500}])
        story.click("search")
        story.screen.do("type", "--delay", "40", "zzz")
        busy = story.wait(r"busy Searching…", mark)
        story.screen.do("key", "ctrl+a")
        story.screen.do("type", "--delay", "40", "xiaoming@example.com")
        story.wait(r"call list_visitors given up", busy.mark)
        story.picture("busy")
        story.wait(r"row TESTCHINESE 王小明", busy.mark)
        found = story.wait(r"visitors 1 .*", busy.mark)
        searches = [request["query"] for request in sent()][-2:]
        check(searches == ["search=zzz", "search=xiaoming%40example.com"], f"{searches} were sent")
        drawn = [draws for when, _, draws in story.ticks(busy.mark) if busy.at + 250 < when < found.at]
        check(len(drawn) >= 3 and min(drawn) > 0, f"while busy the window was drawn {drawn} times")

        # Cancelling ends what waits, at once.
        control("/faults", [{"delay_ms": 20000}])
        mark = story.program.mark()
        story.row(0, mark)
        story.wait(r"busy .*", mark)
        story.click("cancel")
        pressed = story.wait(r"cancel", mark)
        ended = story.wait(r"call get_visitor ended (\S+)", pressed.mark)
        story.wait(r"told Cancelled\.", mark)
        story.wait(r"idle", pressed.mark)
        check(ended[1] == "cancelled", f"a cancelled call ended with {ended[1]}")
        figures["cancel, ms"] = round(ended.at - pressed.at, 1)
        check(ended.at - pressed.at < LATEST_CANCEL, f"cancelling took {ended.at - pressed.at:.0f} ms")

        # What failed can be tried again when that makes sense.
        control("/faults", [{"status": 503, "delay_ms": 300}] * 3)
        mark = story.program.mark()
        story.screen.do("key", "F5")
        trouble = story.wait(r"trouble retryable 1 (.*)", mark)
        check("503" in trouble[1] and trouble[1].endswith("."), f"the trouble is told as {trouble[1]}")
        story.picture("trouble")
        control("/faults", [{"delay_ms": 1200}])
        story.click("again")
        story.wait(r"no trouble", trouble.mark)
        story.wait(r"call list_visitors ended ok", trouble.mark)
        control("/faults", [{"status": 404, "body": "{}"}])
        mark = story.program.mark()
        story.click("start")
        story.wait(r"trouble retryable 0 .*", mark)
        last = [event for _, event in story.program.events() if event.startswith("place again ")][-1]
        check(last == "place again hidden", "'Try again' is offered where it makes no sense")
        story.click("dismiss")
        story.wait(r"no trouble", mark)

        # That nobody is found is said.
        mark = story.program.mark()
        story.click("search")
        story.screen.do("key", "ctrl+a")
        story.screen.do("type", "--delay", "40", "nobody-has-this-name")
        story.wait(r"visitors 0 .*", mark)
        story.picture("nobody")
        keys = [int(event.rsplit(" ", 1)[1]) for _, event in story.program.events() if event.startswith("key ")]
        check(len(keys) > 20, f"only {len(keys)} keys were seen")
        figures["latest key, ms"] = max(keys)
        judge(story)
        story.close()


def walks_history(console, screen):
    """Sessions page by page: at the end of the list, and at the button."""
    with Story(console, screen) as story:
        mark = story.first_list().mark
        control("/faults", [{"delay_ms": 800}])
        story.click("history-tab")
        story.wait(r"busy Loading the history…", mark)
        first = story.wait(r"history 50 complete 0", mark)
        story.picture("history")
        story.click("sessions")
        story.screen.do("key", "End")
        second = story.wait(r"history 100 complete 0", first.mark)
        story.click("more")
        story.wait(r"history 120 complete 1", second.mark)
        cursors = [r["query"] for r in sent() if r["path"].endswith("/list") and "cobrowsing" in r["path"]]
        check(len(cursors) == 3 and len(set(cursors)) == 3, f"the pages asked for were {cursors}")
        judge(story)
        story.close()


def closes_in_mid_call(console, screen, under=()):
    """With every kind of call under way the window closes at once, and the program ends well."""
    with Story(console, screen, under=under) as story:
        story.first_list()
        story.row(0, story.program.mark())
        story.wait(r"call get_visitor ended ok", 0)
        control("/faults", [{"delay_ms": 30000}] * 8)
        for name, call in (("start", "create_watch_url"), ("history-tab", "list_sessions")):
            mark = story.program.mark()
            story.click(name)
            story.wait(rf"call {call} started", mark)
        mark = story.program.mark()
        story.screen.do("key", "F5")
        story.wait(r"call list_visitors started", mark)
        begun = len(sent())
        ends = time.monotonic() + 10
        while len(sent()) < begun and time.monotonic() < ends:
            time.sleep(0.02)
        mark = story.program.mark()
        took = story.close(60 if under else 1.5)
        given_up = [e for _, e in story.program.events()[mark:] if e.startswith("call ") and e.endswith("given up")]
        check(len(given_up) == 3, f"on closing, {given_up}")
        if not under:
            events = story.program.events()
            pressed = max(when for when, event in events if event.startswith("key "))
            closed = next(when for when, event in events if event == "closed")
            figures["closing in mid-call, ms"] = round(closed - pressed, 1)
            figures["the same, with all that started the program, ms"] = round(took * 1000)
            check(closed - pressed < LATEST_CLOSE, f"closing took {closed - pressed:.0f} ms")


def asks_for_a_key(console, screen):
    """Without a key the program says so in words, and ends."""
    with Story(console, screen, UPSCOPE_API_KEY="") as story:
        setup = story.program.wait(r"setup (.*)", seconds=console.slow_start)
        (console.folder / f"{console.name}-setup.png").unlink(missing_ok=True)
        check("UPSCOPE_API_KEY" in setup[1] and "administrator" in setup[1], f"it says: {setup[1]}")
        ends = time.monotonic() + 20
        # Until the dialog is there, no key reaches it; the picture is made when it is drawn.
        picture, now = console.folder / f"{console.name}-setup.png", console.folder / "now.png"
        while story.program.runs() and time.monotonic() < ends:
            story.screen.shoot(now)
            if now.stat().st_size > 6000:
                now.replace(picture)
            if picture.exists() or time.monotonic() > ends - 10:
                story.screen.do("key", "Return")
            time.sleep(0.3)
        check(story.program.ended(5) == 1, "without a key the exit code is not 1")


def judge(story):
    """How late the ticks were, once the window stood."""
    lines = story.ticks()
    up = story.program.wait(r"ticks .*", after=story.program.wait(r"visitors 10 .*").mark).at
    most("first ticks (the window comes up), ms", max(late for when, late, _ in lines if when <= up))
    late = max((late for when, late, _ in lines if when > up), default=None)
    check(late is not None, "no ticks were told")
    most("latest tick, ms", late or 0)
    if late is not None and late >= LATEST_TICK:
        raise Late(late)


def most(name, value):
    figures[name] = max(figures.get(name, 0), round(value, 1))


class Late(Exception):
    pass


def tell(story, console, screen, **more):
    """Runs a story; again when its window was late on a crowded machine."""
    for attempt in range(1, TRIES + 1):
        metronome = Metronome()
        metronome.start()
        before = dict(figures)
        try:
            story(console, screen, **more)
            return
        except Late as late:
            crowded = metronome.crowded()
            what = (f"{story.__name__}: a tick came {late} ms late; programs waited for a processor in "
                    f"{crowded:.0%} of the moments")
            # Before all others, only what holds up an idle timer as well is not the window's own.
            foreign = metronome.worst >= LATE_MACHINE if FIRST else crowded >= CROWDED
            if not foreign and (crowded < CROWDED or attempt == TRIES):
                check(False, what)
                return
            print(f"    {what}: {'again' if attempt < TRIES else 'NOT JUDGED'}", flush=True)
            figures.clear()
            figures.update(before)
        except AssertionError as wrong:
            screen.shoot(console.folder / f"{console.name}-{story.__name__}-failed.png")
            check(False, f"{story.__name__}: {wrong}")
            return
        finally:
            metronome.close()
            most("an idle timer's own lateness, ms", metronome.worst)
            most("moments in which programs waited, %", metronome.crowded() * 100)


STORIES = [shows_people, co_browses, stays_awake, walks_history, closes_in_mid_call, asks_for_a_key]


def main(kind, folder, *names):
    console = {"linux": consoles.Linux, "windows": consoles.Windows}[kind](pathlib.Path(folder).resolve())
    screen = Screen(1000, 700)
    try:
        for story in STORIES:
            if not names or story.__name__ in names:
                begun = time.monotonic()
                tell(story, console, screen)
                print(f"    {kind}: {story.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
    finally:
        screen.close()
    for name, value in figures.items():
        print(f"    {kind}: {name}: {value}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
