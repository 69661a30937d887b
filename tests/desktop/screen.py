"""A virtual screen for a test: Xvfb, xdotool for keys and clicks, scrot for screenshots. Every wait has a limit."""

import os
import re
import signal
import subprocess
import threading
import time


class Screen:
    def __init__(self, width, height):
        read_end, write_end = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", f"{width}x{height}x24", "-dpi", "96",
             "-nolisten", "tcp"], pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write_end)
        alarm = threading.Timer(20, self._server.kill)
        alarm.start()
        with os.fdopen(read_end) as pipe:
            number = pipe.readline().strip()
        alarm.cancel()
        if not number:
            raise SystemExit("screen: Xvfb did not start")
        self.display = f":{number}"

    def do(self, *arguments):
        subprocess.run(["xdotool", *map(str, arguments)], env=os.environ | {"DISPLAY": self.display}, timeout=20,
                       check=True)

    def click(self, area, button=1, times=1):
        """Clicks in the centre of an area (left, top, width, height)."""
        left, top, width, height = area
        self.do("mousemove", left + width // 2, top + height // 2, "click", "--repeat", times, "--delay", 30, button)

    def screenshot(self, file, area=None):
        """Takes a screenshot of the screen or of an area."""
        selection = [] if area is None else ["--autoselect", ",".join(map(str, area))]
        subprocess.run(["scrot", "--overwrite", "--silent", "--quality", "5", *selection, str(file)],
                       env=os.environ | {"DISPLAY": self.display}, timeout=20, check=True)

    def close(self):
        self._server.terminate()
        self._server.wait(10)


class MachineLoad(threading.Thread):
    """Measures the load of this machine: the largest delay of an idle 10 ms timer, and the fraction of samples in which
    more threads were runnable than there are processors."""

    def __init__(self):
        super().__init__(daemon=True)
        self.worst = 0.0  # milliseconds
        self._samples = self._overloaded = 0
        self._ends = threading.Event()

    def run(self):
        processors = os.cpu_count() or 1
        last = time.monotonic()
        with open("/proc/loadavg", encoding="ascii") as load:
            while not self._ends.wait(0.01):
                now = time.monotonic()
                self.worst = max(self.worst, (now - last - 0.01) * 1000)
                load.seek(0)
                # Without this thread.
                running = int(load.read().split()[3].split("/")[0]) - 1
                self._samples += 1
                self._overloaded += running > processors
                last = time.monotonic()

    def overload(self):
        return self._overloaded / max(self._samples, 1)

    def close(self):
        self._ends.set()
        self.join(5)


class Program:
    """A program that writes a probe file. Each line contains milliseconds and an event; `wait` waits for an event."""

    def __init__(self, command, environment, probe):
        self._probe = probe
        self._saved_events = None
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
        """All complete lines so far, as (milliseconds, event)."""
        if self._saved_events is not None:
            return self._saved_events
        try:
            text = self._probe.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return []
        lines = text[: text.rfind("\n") + 1].splitlines()
        return [(float(when), event) for when, event in (line.split(" ", 1) for line in lines)]

    def mark(self):
        """The number of events so far, to pass as `after`."""
        return len(self.events())

    def wait(self, pattern, after=0, seconds=15):
        """Waits for the first event from `after` on that matches the whole pattern. The result has the time of the
        event as `at`, and the number of the next event as `mark`."""
        ends = time.monotonic() + seconds
        wanted = re.compile(pattern)
        while True:
            timed_out = time.monotonic() > ends
            for number, (when, event) in enumerate(self.events()[after:], after):
                found = wanted.fullmatch(event)
                if found:
                    return EventMatch(when, number, found)
            if timed_out or self._process.poll() is not None:
                events = [event for _, event in self.events() if not event.startswith("ticks")]
                latest = "\n    ".join(events[-12:])
                raise AssertionError(f"no event '{pattern}' within {seconds} s; the latest events:\n    {latest}\n"
                                     f"{self.output}")
            time.sleep(0.01)

    def position(self, name, seconds=10):
        """Waits until a widget is visible. Returns its position and size."""
        ends = time.monotonic() + seconds
        while True:
            latest = [event for _, event in self.events() if event.startswith(f"position {name} ")]
            if latest and not latest[-1].endswith(" hidden"):
                return tuple(map(int, latest[-1].split()[2:]))
            if time.monotonic() > ends:
                raise AssertionError(f"{name} is not shown within {seconds} s")
            time.sleep(0.01)

    def wait_for_exit(self, seconds):
        """Waits for the end of the program. Returns its exit code."""
        code = self._process.wait(seconds)
        self._reader.join(5)
        return code

    def remove_probe(self):
        """Removes the probe file and keeps its events."""
        self._saved_events = self.events()
        self._probe.unlink(missing_ok=True)

    def is_running(self):
        return self._process.poll() is None

    def kill(self):
        if self.is_running():
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()


class EventMatch:
    def __init__(self, at, number, match):
        self.at = at
        self.mark = number + 1
        self.match = match

    def __getitem__(self, group):
        return self.match[group]
