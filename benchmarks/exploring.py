"""What a page asks of a running server: fields, points, holes, figures; first, again, and kept.

Decoding has a benchmark of its own; here is how long its first answer takes.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from benchmarks.connection import Connection, latencies, together
from benchmarks.result import Result
from benchmarks.served import server, train
from models.priors import PRIORS

_TIMES = 100
_FIELDS = ("prior", "aggregated_posterior", "log_ratio")
_ASKED = {
    "density 200x200": "density?field=log_ratio&resolution=200",
    "points": "points?split=train",
    "holes": "holes?tau=10",
    "metrics": "metrics",
    "manifold 24x24": "manifold?resolution=24",
}


def run() -> list[Result]:
    """Measure milliseconds, answers per second and kilobytes over HTTP."""
    with server() as client:
        runs = dict(zip(PRIORS, train(client), strict=True))
        paths = {kind: f"/api/runs/{run.id}" for kind, run in runs.items()}
        url = str(client.http.base_url)
        with contextlib.closing(Connection(url)) as one, contextlib.closing(Connection(url)) as two:
            # Their weights are on the disk, and their images not encoded yet.
            points = _first(lambda: one.get(f"{paths['mog']}/points?split=test"))
            decode = _first(lambda: one.post(f"{paths['gtm']}/decode", '{"z": [[0.0, 0.5]]}'))
            results = [
                Result("first points of a stored run, loaded for it", points, "ms"),
                Result("first decode of a stored run, loaded for it", decode, "ms"),
            ]
            for kind, path in paths.items():
                for field in _FIELDS:
                    results += _computed(one, two, kind, field, path)
            for what, asked in _ASKED.items():
                results += _kept(one, two, what, f"{paths['vampprior']}/{asked}")
    return results


def _computed(
    one: Connection, two: Connection, kind: str, field: str, path: str
) -> Iterator[Result]:
    """Measure a field of one prior, 200x200, each time for another box: nothing is kept."""

    def asking(client: Connection, least: float) -> Callable[[int], object]:
        def ask(number: int) -> None:
            side = least + 1e-3 * number
            box = f"{-side},{side},{-side},{side}"
            client.get(f"{path}/density?field={field}&resolution=200&bounds={box}")

        return ask

    what = f"density 200x200 of {kind}, {field}, computed"
    alone = latencies(asking(one, 4.0), _TIMES)
    yield Result(f"{what}, p50", alone.quantile(0.5), "ms")
    yield Result(f"{what}, p99", alone.quantile(0.99), "ms")
    if field == "log_ratio":
        yield Result(f"{what}, one client", alone.per_second, "requests/s")
        both = together([asking(one, 4.2), asking(two, 4.4)], _TIMES)
        yield Result(f"{what}, two clients", both.per_second, "requests/s")


def _kept(one: Connection, two: Connection, what: str, path: str) -> Iterator[Result]:
    """Measure an answer when it is first asked for, and what the server or client keeps of it."""
    yield Result(f"{what}, first", _first(lambda: one.get(path)), "ms")
    answer = one.get(path)
    yield Result(f"{what}, bytes on the wire", answer.bytes / 1e3, "kB")
    alone = latencies(lambda _: one.get(path), 3 * _TIMES)
    both = together([lambda _: one.get(path), lambda _: two.get(path)], 3 * _TIMES)
    yield Result(f"{what}, kept by the server, p50", alone.quantile(0.5), "ms")
    yield Result(f"{what}, kept by the server, p99", alone.quantile(0.99), "ms")
    yield Result(f"{what}, kept by the server, one client", alone.per_second, "requests/s")
    yield Result(f"{what}, kept by the server, two clients", both.per_second, "requests/s")
    known = {"If-None-Match": answer.headers["ETag"]}
    again = latencies(lambda _: one.get(path, known), 3 * _TIMES)
    yield Result(f"{what}, kept by the client (304), p50", again.quantile(0.5), "ms")


def _first(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return 1e3 * (time.perf_counter() - began)
