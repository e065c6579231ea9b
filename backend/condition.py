"""What the running server is doing, in Prometheus' format."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backend.answers import Answers
from backend.jobs import TrainingJobs
from backend.lanes import Lanes
from backend.seats import Seats
from backend.settings import Settings
from backend.storage import RunStore


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
