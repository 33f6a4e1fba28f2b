"""Reads a file in a process of its own, whose memory and time have an end: ten kilobytes may unpack into gigabytes.

    python -m tracker.formats.sheet_worker KIND NAME < file > answer

The answer is JSON, a line for the sheet and one for each of its rows; or a line with the code of a refusal.
"""

import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tracker.domain.errors import Invalid
from tracker.domain.sheets.columns import Column, Row, Sheet
from tracker.formats.sheet_reader import MAX_BYTES, read_pasted, read_sheet

HARMLESS = 64_000
"""Bytes of a text that is read where it came in: it can't be more than it is."""
MEMORY = 384_000_000
"""Bytes of address space. The largest register that is taken needs a third of it."""
SECONDS = 60
"""Of processor time; three times as many may pass on a busy machine."""
ANSWER = 32_000_000
"""Bytes of what was read: the process that asked holds it too."""
FILE, PASTED = "file", "pasted"

_at_work: set["subprocess.Popen[bytes]"] = set()


def read_file(content: bytes, name: str) -> Sheet:
    """The register in a file that somebody has sent; raises Invalid as `read_sheet` does."""
    if len(content) > MAX_BYTES:
        raise Invalid(code="sheet_too_large", limit=MAX_BYTES // 1024 // 1024)
    if len(content) <= HARMLESS and not content.startswith(b"PK"):
        return read_sheet(content, name)
    return _apart(content, FILE, name)


def read_paste(text: str) -> Sheet:
    """The register in a text that somebody has pasted; raises Invalid as `read_pasted` does."""
    if len(text) <= HARMLESS:
        return read_pasted(text)
    return _apart(text.encode(), PASTED, "")


def end_reading() -> None:
    """The process that asked ends: nobody waits for what is being read. Who has asked is refused."""
    for worker in list(_at_work):
        worker.kill()


def _apart(content: bytes, kind: str, name: str) -> Sheet:
    command = [sys.executable, "-m", "tracker.formats.sheet_worker", kind, name]
    # Nothing of our own environment: no key, no token, no address of a database.
    root = str(Path(__file__).resolve().parents[2])
    environment = {"PYTHONPATH": os.pathsep.join([root, *filter(None, sys.path)]), "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as worker:
        _at_work.add(worker)
        patience = threading.Timer(3 * SECONDS, worker.kill)
        patience.start()
        try:
            return _answer(worker, content)
        finally:
            patience.cancel()
            worker.kill()
            _at_work.discard(worker)


def _answer(worker: "subprocess.Popen[bytes]", content: bytes) -> Sheet:
    assert worker.stdin is not None and worker.stdout is not None
    with suppress(BrokenPipeError):
        worker.stdin.write(content)
    with suppress(BrokenPipeError):
        worker.stdin.close()
    taken = 0
    head: dict[str, Any] = {}
    rows: list[Row] = []
    # Line by line: one look at all of it would hold up every other thread.
    while line := worker.stdout.readline(ANSWER):
        taken += len(line)
        if taken > ANSWER or not line.endswith(b"\n"):
            break
        said = json.loads(line)
        if "code" in said:
            raise Invalid(code=said["code"], **said["facts"])
        if "row" in said:
            rows.append(Row(said["row"], tuple(said["cells"])))
        elif "rows" in said:
            if said["rows"] == len(rows):
                return _sheet(head, rows)
            break
        else:
            head = said
    raise Invalid(code="sheet_unreadable")


def _sheet(head: dict[str, Any], rows: list[Row]) -> Sheet:
    columns = tuple(None if one is None else Column(one) for one in head["columns"])
    titles, header = tuple(head["titles"]), tuple(head["header"])
    return Sheet(head["name"], titles, header, columns, tuple(rows), head["header_number"])


def main(kind: str, name: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    read: Callable[[], Sheet] = (
        (lambda: read_pasted(content.decode())) if kind == PASTED else lambda: read_sheet(content, name)
    )
    for told in _told(read):
        sys.stdout.buffer.write(json.dumps(told, ensure_ascii=False).encode(errors="replace") + b"\n")
    sys.stdout.buffer.flush()


def _told(read: Callable[[], Sheet]) -> Iterator[dict[str, Any]]:
    try:
        sheet = read()
    except Invalid as refusal:
        yield {"code": refusal.code, "facts": refusal.facts}
        return
    yield {
        "name": sheet.name,
        "titles": sheet.titles,
        "header": sheet.header,
        "columns": sheet.columns,
        "header_number": sheet.header_number,
    }
    for row in sheet.rows:
        yield {"row": row.number, "cells": row.cells}
    yield {"rows": len(sheet.rows)}


if __name__ == "__main__":
    main(*sys.argv[1:3])
