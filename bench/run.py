"""Measures the cost of calls, compared with other clients: `run.py PROGRAMS [--quick] [--only PART,...]`.

scripts/bench.sh builds the programs and runs this. The result goes to PROGRAMS/bench.json. A complete run also
publishes its figures (see report.py). docs/performance.md describes the method and the reasons for it.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import report
import sandbox

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORES = sorted(os.sched_getaffinity(0))
CALLS = ("get_usage", "get_visitor", "create_watch_url", "list_sessions")


def quartiles(values):
    """The median and the quartiles."""
    if len(values) == 1:
        values = values * 2
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": round(median, 4), "q1": round(low, 4), "q3": round(high, 4)}


def ratios(ours, theirs):
    return quartiles([a / b for a, b in zip(ours, theirs, strict=True)])


def pin(cores):
    """A function that a child process runs before its program."""
    return lambda: os.sched_setaffinity(0, cores)


# The clients run on all cores except the service's.
CLIENT_CORES = CORES[1:] or CORES


def output(command, seconds=900, cores=CLIENT_CORES, **options):
    options["preexec_fn"] = pin(cores)
    command = [str(part) for part in command]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=seconds, **options)
    if done.returncode != 0:
        raise SystemExit(f"bench: {' '.join(command)} ended with {done.returncode}")
    return done.stdout


@contextlib.contextmanager
def service(programs, cores=CORES[:1]):
    """Runs the service; gives its port."""
    with subprocess.Popen([programs / "server", str(len(cores))], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True, preexec_fn=pin(cores)) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(10)


@contextlib.contextmanager
def no_idle_states(programs):
    """Keeps every core out of its idle states."""
    def lowest_priority(core):
        os.sched_setaffinity(0, [core])
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))

    with contextlib.ExitStack() as stack:
        for core in CORES:
            process = stack.enter_context(subprocess.Popen(
                [programs / "prevent_idle"], stdin=subprocess.PIPE, preexec_fn=lambda core=core: lowest_priority(core)))
            stack.callback(process.stdin.close)
        yield


def slices(text):
    """Parses lines "call client round cpu wall system" to {call: {client: ([cpu], [wall], [system])}}."""
    found = {}
    for line in text.splitlines():
        call, client, _, *numbers = line.split()
        lists = found.setdefault(call, {}).setdefault(client, ([], [], []))
        for numbers_so_far, number in zip(lists, numbers, strict=True):
            numbers_so_far.append(int(number))
    return found


def compared(clients, against=("raw",)):
    """The cost of one call by each client, absolute and relative to others."""
    result = {}
    for name, (cpu, wall, system) in clients.items():
        result[name] = {
            "cpu_us": quartiles([value / 1000 for value in cpu]),
            "wall_us": quartiles([value / 1000 for value in wall]),
            "system_us": round(statistics.mean(system) / 1000, 2),
        }
        for other in against:
            if other in clients:
                result[name][f"cpu_x_{other}"] = ratios(cpu, clients[other][0])
                result[name][f"wall_x_{other}"] = ratios(wall, clients[other][1])
    return result


def calls_in_c(programs, port, quick):
    with no_idle_states(programs):
        # A multiple of four: each of the four clients comes first equally often.
        return output([programs / "clients", port, 4 if quick else 12])


def compared_in_c(text):
    return {call: compared(found, ("raw", "libcurl", "libcurl+cJSON")) for call, found in slices(text).items()}


def calls_with_idle_states(programs, port, quick, cores=CLIENT_CORES):
    return compared_in_c(output([programs / "clients", port, 10 if quick else 60], cores=cores))


def calls_on_one_core(programs, port, quick):
    return calls_with_idle_states(programs, port, quick, CORES[:1])


def calls_in_rust(programs, port, quick):
    with no_idle_states(programs):
        text = output([programs / "clients-in-rust", port, 8 if quick else 40])
    return {call: compared(found) for call, found in slices(text).items()}


def python_of(programs):
    return programs / "python" / "bin" / "python"


def calls_in_python(programs, port, quick):
    with no_idle_states(programs):
        text = output([python_of(programs), ROOT / "bindings/python/bench/bench.py", port, 5 if quick else 25])
    found = slices(text)
    result = {call: compared(found[call], ("raw", "raw+json", "pycurl+json")) for call in CALLS}
    bare = found["import"].pop("bare")
    result["import_ms"] = {
        name: {
            "cpu": quartiles([(a - b) / 1e6 for a, b in zip(cpu, bare[0], strict=True)]),
            "wall": quartiles([(a - b) / 1e6 for a, b in zip(wall, bare[1], strict=True)]),
        }
        for name, (cpu, wall, _) in found["import"].items()
    }
    one, eight = (found[f"waiting_{threads}"]["upscope"][1] for threads in (1, 8))
    result["waiting"] = {"calls_per_second_8_to_1": ratios(one, eight)}
    return result


THREADS = ("8", "64")


def calls_of_threads(programs, _port, quick):
    """The threads and the service share all cores. The load keeps the cores out of their idle states."""
    # The last call of each thread is started but not counted. A slice is long enough that 64 such calls are below 1 %.
    milliseconds, rounds = (100, 2) if quick else (400, 8)
    with service(programs, CORES) as port:
        return output([programs / "threads", port, milliseconds, rounds, *THREADS], cores=CORES)


def threads(text):
    rates, costs = ({count: {} for count in THREADS} for _ in range(2))
    for line in text.splitlines():
        client, count, _, rate, cpu = line.split()
        rates[count].setdefault(client, []).append(float(rate))
        costs[count].setdefault(client, []).append(int(cpu))
    result = {
        count: {
            "calls_per_second": {client: quartiles(values) for client, values in rates[count].items()},
            "cpu_us": {client: quartiles([cost / 1000 for cost in values]) for client, values in costs[count].items()},
            "calls_x_raw": ratios(rates[count]["upscope"], rates[count]["raw"]),
        }
        for count in THREADS
    }
    for client in ("upscope", "raw"):
        result[f"64_to_8_{client}"] = ratios(rates["64"][client], rates["8"][client])
    return result


def large_responses(programs, port, quick):
    """Runs each measurement in a new process."""
    lines = []
    with no_idle_states(programs):
        for _ in range(1 if quick else 3):
            for name in ("raw", "upscope", "libcurl", "libcurl+cJSON"):
                program = "large_libcurl" if name.startswith("libcurl") else "large"
                lines.append(f"{name} {output([programs / program, port, name])}")
    return "".join(lines)


def large(text):
    found = {}
    for line in text.splitlines():
        client, *numbers = line.split()
        length, cpu, wall, before, most = map(int, numbers)
        one = (length, cpu / 1e6, wall / 1e6, most * 1024 / length, (most - before) * 1024 / length)
        for values, value in zip(found.setdefault(client, ([], [], [], [], [])), one, strict=True):
            values.append(value)
    return {
        "bytes": found["upscope"][0][0],
        "clients": {
            client: {
                "cpu_ms": quartiles(cpu),
                "wall_ms": quartiles(wall),
                "peak_memory_x_response": quartiles(peak),
                "grown_memory_x_response": quartiles(grown),
            }
            for client, (_, cpu, wall, peak, grown) in found.items()
        },
    }


def certificates(folder):
    """Creates a CA, its certificate for localhost, and a file with the system's roots and that CA."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    quiet = {"cwd": folder, "stderr": subprocess.DEVNULL}
    output(["openssl", "req", "-x509", *key, "-keyout", "authority.key", "-out", "authority.pem", "-days", "2", "-subj",
            "/CN=bench CA", "-addext", "basicConstraints=critical,CA:TRUE"], **quiet)
    output(["openssl", "req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"], **quiet)
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    output(["openssl", "x509", "-req", "-in", "server.csr", "-CA", "authority.pem", "-CAkey", "authority.key",
            "-CAcreateserial", "-days", "1", "-extfile", "names", "-out", "server.pem"], **quiet)
    system = pathlib.Path("/etc/ssl/certs/ca-certificates.crt").read_text()
    (folder / "roots.pem").write_text(system + (folder / "authority.pem").read_text())
    return system.count("BEGIN CERTIFICATE") + 1


@contextlib.contextmanager
def service_over_tls(folder):
    body = '{"status": "ok", "usage": {"visitors": {"online_now": 400}}}'
    (folder / "v1.3").mkdir()
    (folder / "v1.3" / "usage").write_bytes(
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    command = ["openssl", "s_server", "-4", "-accept", "127.0.0.1:0", "-cert", "server.pem", "-key", "server.key",
               "-HTTP"]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:
        try:
            for line in process.stdout:
                if line.startswith("ACCEPT"):
                    break
            yield line.rsplit(":", 1)[1].strip()
        finally:
            process.kill()


def first(programs, quick):
    """The lifetime of a process that makes one call over TLS with the system's roots."""
    used = {"upscope": ([], []), "libcurl": ([], [])}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        roots = certificates(folder)
        environment = dict(os.environ, SSL_CERT_FILE=str(folder / "roots.pem"))
        for variable in ("SSL_CERT_DIR", "UPSCOPE_API_KEY", "UPSCOPE_BASE_URL"):
            environment.pop(variable, None)
        with service_over_tls(folder) as port, no_idle_states(programs):
            for number in range(-2, 5 if quick else 40):
                for client, program in (("upscope", "first_call"), ("libcurl", "first_call_libcurl")):
                    path = str(programs / program)
                    began = time.perf_counter()
                    child = os.posix_spawn(path, [path, f"https://localhost:{port}/v1.3"], environment)
                    _, status, usage = os.wait4(child, 0)
                    wall = time.perf_counter() - began
                    if status != 0:
                        raise SystemExit(f"bench: {program} failed")
                    # The first two only warm the caches.
                    if number >= 0:
                        used[client][0].append((usage.ru_utime + usage.ru_stime) * 1000)
                        used[client][1].append(wall * 1000)
    ours, theirs = used["upscope"], used["libcurl"]
    return {
        "roots": roots,
        "cpu_ms": {client: quartiles(cpu) for client, (cpu, _) in used.items()},
        "wall_ms": {client: quartiles(wall) for client, (_, wall) in used.items()},
        "cpu_x_libcurl": ratios(ours[0], theirs[0]),
        "wall_x_libcurl": ratios(ours[1], theirs[1]),
    }


def pages_of_sessions(programs, port, quick):
    def fetch(pages, delay, work, ahead):
        numbers = output([programs / "pages", port, pages, delay, work, ahead]).split()
        return dict(zip(("pages", "wall_ms", "cpu_ms", "early_kb", "peak_kb"), map(float, numbers), strict=True))

    pages = 1000 if quick else 10000
    result = {"memory": {}, "time": {}}
    for ahead in (0, 1):
        long = fetch(pages, 0, 0, ahead)
        result["memory"]["ahead" if ahead else "plain"] = {
            "sessions": pages * 100,
            "peak_kb_after_a_tenth": long["early_kb"],
            "peak_kb": long["peak_kb"],
            "growth": round(long["peak_kb"] / long["early_kb"], 4),
            "seconds": round(long["wall_ms"] / 1000, 2),
        }
    # The service takes 5 ms for each page, and so does the caller.
    pages = 50 if quick else 200
    rounds = [{
        "fetching": fetch(pages, 5000, 0, 0)["wall_ms"],
        "working": fetch(pages, 0, 5000, 0)["wall_ms"],
        "plain": fetch(pages, 5000, 5000, 0)["wall_ms"],
        "ahead": fetch(pages, 5000, 5000, 1)["wall_ms"],
    } for _ in range(1 if quick else 5)]
    for name in rounds[0]:
        result["time"][f"{name}_ms"] = quartiles([one[name] for one in rounds])
    result["time"]["pages"] = pages
    larger = [max(one["fetching"], one["working"]) for one in rounds]
    result["time"]["ahead_x_larger"] = ratios([one["ahead"] for one in rounds], larger)
    result["time"]["ahead_x_sum"] = quartiles([one["ahead"] / (one["fetching"] + one["working"]) for one in rounds])
    return result


def system_calls(command, folder):
    """{name: count} for a process with all its threads."""
    file = folder / "strace"
    output(["strace", "-f", "-c", "-o", file, *command])
    found = {}
    for line in file.read_text().splitlines():
        words = line.split()
        if len(words) >= 5 and words[3].isdigit() and words[-1] != "total":
            found[words[-1]] = int(words[3])
    return found


def lock_percent(programs, port, file):
    """The share of CPU time that 8 threads on one client spend in futex calls."""
    if shutil.which("perf") is None:
        print("bench: perf is not installed; the time spent on locks is not measured", file=sys.stderr)
        return None
    output(["perf", "record", "-q", "-g", "-o", file, programs / "threads", port, 2000, 0, 8], cores=CORES)
    text = output(["perf", "report", "--stdio", "--children", "-g", "none", "-i", file], stderr=subprocess.DEVNULL)
    # Callees are included, so the largest line is the system call itself.
    return max([float(line.split("%")[0]) for line in text.splitlines() if "futex" in line], default=0.0)


def counts(programs, port, _quick):
    """System calls and allocations of one call on a warm connection whose host is given by name."""
    result = {"system_calls": {}, "allocations": {}}
    few = 200
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for call in CALLS:
            once, twice = (system_calls([programs / "repeat", port, call, count], folder) for count in (few, 2 * few))
            each = {key: (twice.get(key, 0) - once.get(key, 0)) / few for key in sorted(once.keys() | twice.keys())}
            # A system call in fewer than one of twenty calls comes from the allocator.
            result["system_calls"][call] = {key: round(value, 2) for key, value in each.items() if value >= 0.05}
            environment = dict(os.environ, LD_PRELOAD=str(programs / "count_allocations.so"))
            allocated = int(output([programs / "repeat", port, call, few], env=environment))
            result["allocations"][call] = round(allocated / few, 2)
        result["lock_percent_of_8_threads"] = lock_percent(programs, port, folder / "profile")
    library = programs / "libupscope-stripped.so"
    result["library_bytes"] = library.stat().st_size
    tree = output(["cargo", "tree", "--locked", "-p", "libupscope", "-e", "normal", "--prefix", "none", "--format",
                   "{p}"], cwd=ROOT)
    result["crates"] = len({line.split()[0] for line in tree.splitlines() if line.strip()})
    return result


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    system = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text())
    return {
        "processor": model.group(1) if model else platform.machine(),
        "cores": os.cpu_count(),
        "system": system.group(1) if system else platform.system(),
        "kernel": "Linux " + ".".join(platform.release().split(".")[:2]),
        "load_before": round(os.getloadavg()[0], 2),
    }


def versions(programs):
    found = {"libupscope": re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M).group(1)}
    found["rustc"] = output(["rustc", "--version"]).split()[1]
    for line in output([programs / "versions"]).splitlines():
        name, version = line.split()
        found[name] = version
    lock = (ROOT / "bench/rust/Cargo.lock").read_text()
    for name in ("ureq", "reqwest", "hyper", "tokio"):
        found[name] = re.search(rf'^name = "{name}"\nversion = "(.*)"', lock, re.M).group(1)
    found["python"] = platform.python_version()
    if python_of(programs).exists():
        found["python"] = output([python_of(programs), "--version"]).split()[1]
    for line in (ROOT / "bindings/python/bench/requirements.txt").read_text().splitlines():
        if "==" in line:
            name, version = line.split("==")
            found[name] = version
    return found


# Each of these is a function that measures and one that evaluates its output. They are measured repeatedly, spread over
# the whole run: for minutes at a time the same work costs more or less, and not by the same factor for every client.
REPEATED = {
    "c": (calls_in_c, compared_in_c),
    "threads": (calls_of_threads, threads),
    "large": (large_responses, large),
}

# These are measured once each, between the repetitions above.
ONCE = {
    "idle": calls_with_idle_states,
    "one-core": calls_on_one_core,
    "first": lambda programs, _port, quick: first(programs, quick),
    "pages": pages_of_sessions,
    "counts": counts,
    "rust": calls_in_rust,
    "python": calls_in_python,
    "sandbox": lambda programs, _port, quick: sandbox.measure(programs / "upscope-sandbox", quick),
}


def measure(programs, wanted, quick):
    """{part: result}."""
    texts = {name: "" for name in REPEATED if name in wanted}
    result = dict.fromkeys(texts)
    between = [name for name in ONCE if name in wanted]
    # The number of repetitions does not depend on the other parts.
    between += [None] * (len(ONCE) - len(between))
    with service(programs) as port:
        for number, name in enumerate(between, 1):
            for part in texts:
                print(f"bench: {part}, {number} of {len(between)} ...", file=sys.stderr, flush=True)
                texts[part] += REPEATED[part][0](programs, port, quick)
            if name is not None:
                print(f"bench: {name} ...", file=sys.stderr, flush=True)
                result[name] = ONCE[name](programs, port, quick)
    for part, text in texts.items():
        result[part] = REPEATED[part][1](text)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true", help="fewer rounds; the result is not published")
    every = (*REPEATED, *ONCE)
    parser.add_argument("--only", default=",".join(every), help="comma-separated parts: " + ", ".join(every))
    arguments = parser.parse_args()
    wanted = arguments.only.split(",")
    if unknown := set(wanted) - set(every):
        parser.error(f"unknown part: {', '.join(unknown)}")
    programs = arguments.programs.resolve()
    for variable in ("UPSCOPE_API_KEY", "UPSCOPE_BASE_URL"):
        os.environ.pop(variable, None)

    result = {
        "date": datetime.date.today().isoformat(),
        "quick": arguments.quick,
        "machine": machine(),
        "versions": versions(programs),
        **measure(programs, wanted, arguments.quick),
    }
    result["machine"]["load_after"] = round(os.getloadavg()[0], 2)
    file = programs / "bench.json"
    file.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    report.show(result)
    if set(wanted) == set(every) and not arguments.quick:
        report.publish(result)
    print(f"\nresult: {os.path.relpath(file)}")


if __name__ == "__main__":
    main()
