"""A kept HTTP connection, and how long answers over it take."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

_UNCOUNTED = 0.1  # of the requests, which find out what is slow for the first time


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def bytes(self) -> int:
        """Those of body and headers on the wire, about."""
        return len(self.body) + len(str(self.headers))


class Connection:
    """Asks one server, as a browser does: compressed, and the connection kept."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Return the answer; failures and refusals raise."""
        return self._ask("GET", path, None, headers or {})

    def post(self, path: str, body: str) -> Answer:
        """Send JSON, and return the answer; failures and refusals raise."""
        return self._ask("POST", path, body, {"Content-Type": "application/json"})

    def close(self) -> None:
        """Let go."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None, more: Mapping[str, str]) -> Answer:
        self._connection.request(method, path, body, {"Accept-Encoding": "gzip", **more})
        response = self._connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
        return answer


class Latencies:
    """Sorted seconds of requests, and how long all of them took."""

    def __init__(self, seconds: list[float], elapsed: float) -> None:
        self.seconds = sorted(seconds)
        self.elapsed = elapsed

    def quantile(self, share: float) -> float:
        """Return the milliseconds within which such a share was answered."""
        return 1e3 * self.seconds[min(len(self.seconds) - 1, int(share * len(self.seconds)))]

    @property
    def per_second(self) -> float:
        """How many were answered in a second."""
        return len(self.seconds) / self.elapsed


def latencies(ask: Callable[[int], object], count: int) -> Latencies:
    """Ask ``count`` times, and a few times before that; ``ask`` is told how often it was."""
    early = max(1, int(_UNCOUNTED * count))
    for number in range(early):
        ask(number)
    began = time.perf_counter()
    seconds = [_timed(ask, early + number) for number in range(count)]
    return Latencies(seconds, time.perf_counter() - began)


def together(asks: list[Callable[[int], object]], count: int) -> Latencies:
    """Let clients ask at once, ``count`` times each, and put their seconds together."""
    found: list[Latencies] = []
    threads = [
        threading.Thread(target=lambda ask=ask: found.append(latencies(ask, count))) for ask in asks
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = [second for one in found for second in one.seconds]
    return Latencies(seconds, max(one.elapsed for one in found))


def joined(parts: Sequence[Latencies]) -> Latencies:
    """Put together what was asked one after the other."""
    seconds = [second for part in parts for second in part.seconds]
    return Latencies(seconds, sum(part.elapsed for part in parts))


def _timed(ask: Callable[[int], object], number: int) -> float:
    began = time.perf_counter()
    ask(number)
    return time.perf_counter() - began
