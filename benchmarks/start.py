"""From the command until the page answers and shows something; and the memory that it takes."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from backend.client import PriorscopeClient
from benchmarks.connection import Connection
from benchmarks.page import CHROMIUM_FLAGS, chromium, wait_until_drawn
from benchmarks.result import Result
from benchmarks.served import running, train
from benchmarks.workers import descendants

_TIMES = 5


def run() -> list[Result]:
    """Measure seconds and megabytes."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        with running(folder) as (server, url), PriorscopeClient(url) as client:
            runs = [run.id for run in train(client)]
            worker = max(map(_peak_megabytes, descendants(server)), default=0.0)
            used = _peak_megabytes(server)
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        pages, panels = zip(*(_start(folder, browser, runs) for _ in range(_TIMES)), strict=True)
        browser.close()
    return [
        Result("from the command until the page answers", statistics.median(pages), "s"),
        Result(
            "from the command until six stored panels are drawn", statistics.median(panels), "s"
        ),
        Result("memory of the server with six runs, at its peak", used, "MB"),
        Result("memory of a worker that trains on the digits, at its peak", worker, "MB"),
    ]


def _start(folder: Path, browser: Browser, runs: list[str]) -> tuple[float, float]:
    """Start a server; return the seconds until the page answers and until it is drawn."""
    began = time.perf_counter()
    with running(folder) as (_, url):
        Connection(url).get("/")
        answered = time.perf_counter() - began
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(f"{url}/#runs={','.join(runs)}")
        wait_until_drawn(page, 6)
        drawn = time.perf_counter() - began
        page.context.close()
    return answered, drawn


def _peak_megabytes(process: int) -> float:
    """Return the peak resident memory of a process, on Linux."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
