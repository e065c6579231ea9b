"""Figures of the running server, in Prometheus' format."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backend.answers import Answers
from backend.jobs import TrainingJobs
from backend.lanes import Lanes
from backend.seats import Seats
from backend.settings import Settings
from backend.storage import RunStore

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Requests:
    """Counts what was asked and answered, by route: never by address, whose number has no end."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answered = Counter(
            "priorscope_http_requests",
            "Requests that were answered; the status is 499 where the client left before.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "priorscope_http_request_duration_seconds",
            "Time until a request was answered to its end; streams of events are left out.",
            ["method", "route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        PlatformCollector(registry=self.registry)
        ProcessCollector(registry=self.registry)

    def add(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count a request that was answered, and how long it took if that says something."""
        self._answered.labels(method, route, status).inc()
        if seconds is not None:
            self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)


class Condition(Collector):
    """What the parts of the application are doing at the moment of asking."""

    def __init__(
        self,
        settings: Settings,
        store: RunStore,
        jobs: TrainingJobs,
        lanes: Lanes,
        answers: Answers,
        seats: Seats,
    ) -> None:
        self._settings = settings
        self._store = store
        self._jobs = jobs
        self._lanes = lanes
        self._answers = answers
        self._seats = seats

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering asks no database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the figures."""
        runs = GaugeMetricFamily("priorscope_runs", "Runs in the store.", labels=["status"])
        for status, count in self._store.counts().items():
            runs.add_metric([status], count)
        yield runs
        waiting = GaugeMetricFamily(
            "priorscope_waiting", "What waits for its turn, by what it waits for.", labels=["lane"]
        )
        waiting.add_metric(["training"], self._jobs.waiting)
        for lane in self._lanes.all:
            waiting.add_metric([lane.name], lane.waiting)
        yield waiting
        yield _gauge("workers", "Runs trained at a time, at the most.", self._settings.workers)
        yield _gauge("training", "Runs in training here.", self._jobs.training)
        yield _gauge("event_streams", "Streams of events that are open.", self._seats.taken)
        yield self._shared()
        yield _gauge("answers_kept_bytes", "Bytes of answers in memory.", self._answers.bytes)
        free = shutil.disk_usage(self._settings.data_dir).free
        yield _gauge("data_free_bytes", "Room on the disk of the data folder.", free)

    def _shared(self) -> Metric:
        shared = CounterMetricFamily(
            "priorscope_answers",
            "Answers about runs: kept in memory, shared with who asked at the same time, or made.",
            labels=["how"],
        )
        shared.add_metric(["kept"], self._answers.kept)
        shared.add_metric(["shared"], self._answers.shared)
        shared.add_metric(["made"], self._answers.made)
        return shared


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"priorscope_{name}", about, value=value)
