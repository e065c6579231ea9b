"""What a page asks of a running server: fields, points, holes, figures; first, again, and kept."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.connection import Connection, latencies
from benchmarks.result import Result
from benchmarks.served import server, train
from models.priors import PRIORS

_TIMES = 60
_FIELDS = ("prior", "aggregated_posterior", "log_ratio")
_ONCE = {
    "points": "points?split=train",
    "holes": "holes?tau=10",
    "metrics": "metrics",
    "manifold 24x24": "manifold?resolution=24",
}


def run() -> list[Result]:
    """Measure milliseconds over HTTP."""
    with server() as client:
        runs = dict(zip(PRIORS, train(client), strict=True))
        connection = Connection(str(client.http.base_url))
        paths = {kind: f"/api/runs/{run.id}" for kind, run in runs.items()}
        # Its weights are on the disk, and its images not encoded yet.
        loading = _first(connection, f"{paths['mog']}/points?split=test")
        results = [Result("first points of a stored run, loaded for it", loading, "ms")]
        for kind, path in paths.items():
            results += _density(connection, kind, path)
        results += _kept(connection, f"{paths['flow']}/density?field=log_ratio&resolution=200")
        for what, asked in _ONCE.items():
            results += _once(connection, what, f"{paths['vampprior']}/{asked}")
        connection.close()
    return results


def _density(connection: Connection, kind: str, path: str) -> Iterator[Result]:
    """Measure the fields of one prior, 200x200, each time for another box: nothing is kept."""
    for field in _FIELDS:

        def ask(number: int, field: str = field) -> None:
            side = 4.0 + 1e-3 * number
            asked = f"field={field}&resolution=200&bounds={-side},{side},{-side},{side}"
            connection.get(f"{path}/density?{asked}")

        taken = latencies(ask, _TIMES)
        what = f"density 200x200 of {kind}, {field}, computed"
        yield Result(f"{what}, p50", taken.quantile(0.5), "ms")
        if field == "log_ratio":
            yield Result(f"{what}, p99", taken.quantile(0.99), "ms")


def _kept(connection: Connection, path: str) -> Iterator[Result]:
    """Measure an answer that the server keeps, and one that the client has already."""
    answer = connection.get(path)
    taken = latencies(lambda _: connection.get(path), 5 * _TIMES)
    yield Result("density 200x200, kept by the server, p50", taken.quantile(0.5), "ms")
    yield Result("density 200x200, bytes on the wire", answer.bytes / 1e3, "kB")
    known = {"If-None-Match": answer.headers["ETag"]}
    taken = latencies(lambda _: connection.get(path, known), 5 * _TIMES)
    yield Result("density 200x200, kept by the client (304), p50", taken.quantile(0.5), "ms")


def _once(connection: Connection, what: str, path: str) -> Iterator[Result]:
    """Measure a question when it is asked first, and afterwards."""
    yield Result(f"{what}, first", _first(connection, path), "ms")
    taken = latencies(lambda _: connection.get(path), 2 * _TIMES)
    yield Result(f"{what}, again, p50", taken.quantile(0.5), "ms")


def _first(connection: Connection, path: str) -> float:
    began = time.perf_counter()
    connection.get(path)
    return 1e3 * (time.perf_counter() - began)
