"""Runs wrk (from Debian's package) with a Lua script, and reads what it says."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent

TAIL = """
done = function(summary, latency, requests)
  local errors = summary.errors
  local lost = errors.read + errors.write + errors.timeout + errors.connect
  io.write(string.format(
    '\\nRESULT {"requests": %d, "microseconds": %d, "bad": %d, "lost": %d, "p50": %d, "p95": %d}\\n',
    summary.requests, summary.duration, errors.status, lost, latency:percentile(50), latency:percentile(95)))
end
"""


class Load(NamedTuple):
    """One run: requests a second, latencies in milliseconds, answers that were no 2xx or 3xx, and those never had."""

    rate: float
    p50: float
    p95: float
    bad: int
    lost: int
    requests: int


def require_wrk() -> str:
    found = shutil.which("wrk")
    if found is None:
        sys.exit("bench: wrk is missing (Debian: apt-get install wrk)")
    return found


def start(url: str, script: str, *, seconds: int, connections: int) -> "subprocess.Popen[str]":
    """Start one wrk; it ends by itself. `script`: Lua, given to a file beside the results."""
    out = HERE / "out"
    out.mkdir(exist_ok=True)
    path = out / f"script-{abs(hash((url, script))):x}.lua"
    path.write_text(script + TAIL)
    command = [require_wrk(), "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(path), url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def result(process: "subprocess.Popen[str]") -> Load:
    said, _ = process.communicate()
    for line in said.splitlines():
        if line.startswith("RESULT "):
            found = json.loads(line.removeprefix("RESULT "))
            seconds = found["microseconds"] / 1e6
            return Load(
                found["requests"] / seconds,
                found["p50"] / 1000,
                found["p95"] / 1000,
                found["bad"],
                found["lost"],
                found["requests"],
            )
    sys.exit(f"bench: wrk gave no result:\n{said}")


def run(url: str, script: str = "", *, seconds: int, connections: int = 8) -> Load:
    return result(start(url, script, seconds=seconds, connections=connections))
