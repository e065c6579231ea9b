"""Counts of what was asked and answered, in Prometheus' format."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

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
