"""Which locked packages have no wheel for a system and a Python: whoever installs there would need a compiler."""

import os
import re
import subprocess
import sys
from pathlib import Path

LOCKS = Path(__file__).resolve().parents[1] / "requirements"

SYSTEMS = {
    "Linux x86_64": "x86_64-manylinux_2_28",
    "Linux aarch64": "aarch64-manylinux_2_28",
    "Windows amd64": "x86_64-pc-windows-msvc",
    "macOS arm64": "aarch64-apple-darwin",
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
WITHOUT = re.compile(r"Because (?:only )?([\w.-]+?)(?:\[.*?\])?==\S+ has no (?:usable )?wheels")


def missing(lock: Path, system: str, python: str) -> list[str]:
    """Names of packages. uv names one at a time: what it has named is left out, and it is asked again."""
    pins = [line.removesuffix("\\") for line in lock.read_text().splitlines() if "==" in line.split(";")[0]]
    uv = str(Path(sys.executable).with_name("uv"))
    asked = [uv, "pip", "compile", "--quiet", "--no-deps", "--only-binary", ":all:", "-"]
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    found: list[str] = []
    while True:
        answer = subprocess.run(
            [*asked, "--python-platform", system, "--python-version", python],
            env=environment,
            check=False,
            input="\n".join(pin for pin in pins if pin.split("==")[0] not in found),
            capture_output=True,
            text=True,
        )
        if answer.returncode == 0:
            return found
        named = WITHOUT.search(" ".join(answer.stderr.split()))
        if named is None or named[1] in found:
            sys.exit(f"wheels: {answer.stderr}")
        found.append(named[1])


def main() -> None:
    print(f"{'':14}" + "".join(f"{python:>22}" for python in PYTHONS))
    for lock in ("run.txt", "test.txt"):
        for name, system in SYSTEMS.items():
            cells = [", ".join(missing(LOCKS / lock, system, python)) or "all" for python in PYTHONS]
            print(f"{lock[:4]:5}{name:14}" + "".join(f"{cell:>22}" for cell in cells))


if __name__ == "__main__":
    main()
