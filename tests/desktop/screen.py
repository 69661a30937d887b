"""A screen of a test's own: Xvfb, with keys and clicks by xdotool and pictures by scrot. All waits are bounded."""

import os
import re
import signal
import subprocess
import threading
import time


class Screen:
    def __init__(self, width, height):
        mine, theirs = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(theirs), "-screen", "0", f"{width}x{height}x24", "-dpi", "96",
             "-nolisten", "tcp"], pass_fds=[theirs], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs)
        alarm = threading.Timer(20, self._server.kill)
        alarm.start()
        with os.fdopen(mine) as told:
            number = told.readline().strip()
        alarm.cancel()
        if not number:
            raise SystemExit("screen: Xvfb did not start")
        self.display = f":{number}"

    def do(self, *words):
        subprocess.run(["xdotool", *map(str, words)], env=os.environ | {"DISPLAY": self.display}, timeout=20,
                       check=True)

    def click(self, place, button=1, times=1):
        """In the middle of a place (left, top, width, height)."""
        left, top, width, height = place
        self.do("mousemove", left + width // 2, top + height // 2, "click", "--repeat", times, "--delay", 30, button)

    def shoot(self, file, place=None):
        """The whole screen, or a place of it."""
        cut = [] if place is None else ["--autoselect", ",".join(map(str, place))]
        subprocess.run(["scrot", "--overwrite", "--silent", "--quality", "5", *cut, str(file)],
                       env=os.environ | {"DISPLAY": self.display}, timeout=20, check=True)

    def close(self):
        self._server.terminate()
        self._server.wait(10)


class Metronome(threading.Thread):
    """What this machine could have done meanwhile: how late a timer of 10 ms is that has nothing to do, and in which
    share of the moments more programs wanted to run than there are processors."""

    def __init__(self):
        super().__init__(daemon=True)
        self.worst = 0.0  # milliseconds
        self._samples = self._crowded = 0
        self._ends = threading.Event()

    def run(self):
        processors = os.cpu_count() or 1
        last = time.monotonic()
        with open("/proc/loadavg", encoding="ascii") as load:
            while not self._ends.wait(0.01):
                now = time.monotonic()
                self.worst = max(self.worst, (now - last - 0.01) * 1000)
                load.seek(0)
                # This thread is one of those that run.
                running = int(load.read().split()[3].split("/")[0]) - 1
                self._samples += 1
                self._crowded += running > processors
                last = time.monotonic()

    def crowded(self):
        return self._crowded / max(self._samples, 1)

    def close(self):
        self._ends.set()
        self.join(5)


class Program:
    """A program that writes a probe: lines of milliseconds and an event, of which this waits for some."""

    def __init__(self, command, environment, probe):
        self._probe = probe
        self._told = None
        self.output = ""
        probe.unlink(missing_ok=True)
        self.started = time.monotonic()
        self._process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, start_new_session=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.pid = self._process.pid

    def _read(self):
        self.output = self._process.stdout.read().decode("utf-8", "replace")

    def events(self):
        """All whole lines so far: (milliseconds, text)."""
        if self._told is not None:
            return self._told
        try:
            text = self._probe.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return []
        lines = text[: text.rfind("\n") + 1].splitlines()
        return [(float(when), event) for when, event in (line.split(" ", 1) for line in lines)]

    def mark(self):
        """The number of events so far, for `after`."""
        return len(self.events())

    def wait(self, pattern, after=0, seconds=15):
        """The match, in the first event from `after` on that matches wholly; its time is `at`, what follows `mark`."""
        ends = time.monotonic() + seconds
        wanted = re.compile(pattern)
        while True:
            over = time.monotonic() > ends
            for number, (when, event) in enumerate(self.events()[after:], after):
                found = wanted.fullmatch(event)
                if found:
                    return Found(when, number, found)
            if over or self._process.poll() is not None:
                told = [event for _, event in self.events() if not event.startswith("ticks")]
                latest = "\n    ".join(told[-12:])
                raise AssertionError(f"no event '{pattern}' within {seconds} s; the latest:\n    {latest}\n"
                                     f"{self.output}")
            time.sleep(0.01)

    def place(self, name, seconds=10):
        """Where a widget is now, once it is shown."""
        ends = time.monotonic() + seconds
        while True:
            latest = [event for _, event in self.events() if event.startswith(f"place {name} ")]
            if latest and not latest[-1].endswith(" hidden"):
                return tuple(map(int, latest[-1].split()[2:]))
            if time.monotonic() > ends:
                raise AssertionError(f"{name} is not shown within {seconds} s")
            time.sleep(0.01)

    def ended(self, seconds):
        """The exit code, once the program has ended."""
        code = self._process.wait(seconds)
        self._reader.join(5)
        return code

    def forget(self):
        """Keeps what was told, and removes the file."""
        self._told = self.events()
        self._probe.unlink(missing_ok=True)

    def runs(self):
        return self._process.poll() is None

    def kill(self):
        if self.runs():
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()


class Found:
    def __init__(self, at, number, match):
        self.at = at
        self.mark = number + 1
        self.match = match

    def __getitem__(self, group):
        return self.match[group]
