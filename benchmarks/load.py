"""Fifty explorers at once against a server that trains on every core: times, errors, memory.

``python -m benchmarks.load`` runs it alone, in five to ten minutes. First explorers look at
every answer for a while, which the times are of; then they ask 100,000 times without a pause, which
the memory is of. The client runs on the same cores.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from backend.client import PriorscopeClient
from backend.schemas import Run
from benchmarks.result import Result
from benchmarks.served import process, train

_EXPLORERS = 50
_THINKING = (0.1, 0.5)  # seconds between two requests of an explorer who looks at the answers
_LOOKS = 100  # requests of each explorer who does
_WARM_UP = 20_000  # until caches, pools and the log of events are as full as they will be
_REQUESTS = 100_000
_TOKEN = "the-token-of-the-load-run"
_FIELDS = ("prior", "aggregated_posterior", "log_ratio")
_ENDLESS = {"epochs": 100_000, "patience": 100_000}


@dataclass
class Tally:
    """What explorers saw."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """of each request, by route"""
    errors: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many were answered."""
        return sum(map(len, self.seconds.values()))


class Explorer:
    """A browser: one connection that is kept, the cookie, compressed answers, its own cache."""

    def __init__(self, url: str, runs: list[str], number: int) -> None:
        self._address = urlsplit(url)
        self._runs = runs
        self._chance = random.Random(number)
        self._tags: dict[str, str] = {}
        self._connection = self._connect()
        self._connection.request("GET", f"/?token={_TOKEN}")
        answer = self._connection.getresponse()
        answer.read()
        self._cookie = answer.headers["Set-Cookie"].partition(";")[0]

    def explore(self, requests: int, thinking: tuple[float, float], tally: Tally) -> None:
        """Ask so many times, and note how long each answer took."""
        # Who has been idle for some seconds was left by the server, as servers do.
        self._connection = self._connect()
        for _ in range(requests):
            time.sleep(self._chance.uniform(*thinking))
            route, path, body = self._question()
            began = time.perf_counter()
            try:
                status, length = self._ask(path, body)
            except (OSError, http.client.HTTPException) as error:
                tally.errors.append(f"{path}: {error!r}")
                self._connection = self._connect()
                continue
            took = time.perf_counter() - began
            if (status, length > 0) not in ((200, True), (304, False)):
                tally.errors.append(f"{path}: status {status}, {length} bytes")
            tally.seconds[f"{route}, not modified" if status == 304 else route].append(took)

    def _question(self) -> tuple[str, str, bytes | None]:
        chance, run = self._chance, f"/api/runs/{self._chance.choice(self._runs)}"
        kind = chance.random()
        if kind < 0.5:
            z = [chance.uniform(-3, 3), chance.uniform(-3, 3)]
            return "decode", f"{run}/decode", json.dumps({"z": [z]}).encode()
        if kind < 0.6:
            # Somebody zoomed: nobody has asked for this before.
            a, b = chance.uniform(-4, 0), chance.uniform(-4, 0)
            box = f"{a:.4f},{a + 4:.4f},{b:.4f},{b + 4:.4f}"
            asked = f"field={chance.choice(_FIELDS)}&resolution=64&bounds={box}"
            return "density, zoomed", f"{run}/density?{asked}", None
        if kind < 0.8:
            return "density", f"{run}/density?field={chance.choice(_FIELDS)}", None
        if kind < 0.9:
            return "points", f"{run}/points?split=test", None
        return "holes", f"{run}/holes?tau={chance.choice((3, 10, 100))}", None

    def _ask(self, path: str, body: bytes | None) -> tuple[int, int]:
        headers = {"Cookie": self._cookie, "Accept-Encoding": "gzip"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        # A browser that is reloaded asks whether what it has is still right.
        elif path in self._tags and self._chance.random() < 0.5:
            headers["If-None-Match"] = self._tags[path]
        self._connection.request("GET" if body is None else "POST", path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if "bounds" not in path and (tag := answer.headers["ETag"]):
            self._tags[path] = tag
        return answer.status, len(content)

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        return http.client.HTTPConnection(host, port, timeout=120)


def run() -> list[Result]:
    """Measure seconds of each route, errors, and the server's memory."""
    with process(_TOKEN) as (client, pid):
        finished = [run.id for run in train(client, seeds=1)]
        training = list(_trainings(client))
        explorers = [Explorer(str(client.http.base_url), finished, n) for n in range(_EXPLORERS)]
        _all(explorers, _WARM_UP, (0.0, 0.0))
        looking = _all(explorers, _LOOKS * _EXPLORERS, _THINKING)
        before, began = _megabytes(pid), time.perf_counter()
        hurrying = _all(explorers, _REQUESTS, (0.0, 0.0))
        took, after = time.perf_counter() - began, _megabytes(pid)
        still = [client.run(run.id).status == "running" for run in training]
    errors = looking.errors + hurrying.errors
    if errors or not all(still):
        raise SystemExit(f"{len(errors)} requests failed: {errors[:5]}; trainings run: {still}")
    what = f"{_EXPLORERS} explorers while {len(training)} trainings run"
    return [
        *_times(what, looking),
        Result(f"{what}, errors", len(errors), f"of {looking.requests + hurrying.requests:,}"),
        Result(f"{what}, without a pause", hurrying.requests / took, "requests/s"),
        Result(
            f"memory of the server after {hurrying.requests:,} requests",
            *(after, "MB"),
            *(before, "before them"),
        ),
    ]


def _trainings(client: PriorscopeClient) -> Iterator[Run]:
    """Train on every core, without an end; return when all have begun."""
    for seed in range(os.cpu_count() or 1):
        body = {"prior": {"kind": "vampprior"}, "training": _ENDLESS | {"seed": seed}}
        created = client.create_run(body)
        while client.run(created.id).progress.epoch == 0:
            time.sleep(0.2)
        yield created


def _all(explorers: list[Explorer], requests: int, thinking: tuple[float, float]) -> Tally:
    """Let all explore at the same time, each with its share of the requests."""
    tallies = [Tally() for _ in explorers]
    share = requests // len(explorers)
    threads = [
        threading.Thread(target=explorer.explore, args=(share, thinking, tally))
        for explorer, tally in zip(explorers, tallies, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = Tally()
    for tally in tallies:
        whole.errors += tally.errors
        for route, seconds in tally.seconds.items():
            whole.seconds[route] += seconds
    return whole


def _times(what: str, tally: Tally) -> Iterator[Result]:
    for route, seconds in sorted(tally.seconds.items()):
        ordered = sorted(seconds)
        for name, share in (("p50", 0.5), ("p99", 0.99)):
            value = 1000 * ordered[int(share * len(ordered))]
            yield Result(f"{what}: {route}, {name}", value, f"ms ({len(ordered):,} requests)")


def _megabytes(pid: int) -> float:
    """Return the memory that the process has now."""
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True)
    return int(said.stdout) / 1024


if __name__ == "__main__":
    for result in run():
        ratio = f"; {result.baseline:.4g} {result.baseline_name}" if result.baseline else ""
        print(f"{result.name}: {result.value:.4g} {result.unit}{ratio}")
