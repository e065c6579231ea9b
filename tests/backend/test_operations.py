"""What is said to those who run a server: health, figures, the log."""

from __future__ import annotations

import shutil
from collections import namedtuple
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from backend.client import PriorscopeClient
from backend.errors import NotReadyError, StoreError
from backend.events import EventTail
from backend.jobs import TrainingJobs
from backend.readiness import examine
from backend.schemas import Run
from backend.settings import Settings
from backend.storage import RunStore

Usage = namedtuple("Usage", "total used free")


def test_health_names_what_fails(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    settings = Settings(data_dir=store.checkpoints.folder.parent, workers=3)
    jobs, tail = TrainingJobs(store, settings), EventTail(store)
    health = examine(settings, store, jobs, tail, token=True)
    assert (health.workers, health.training, health.waiting, health.token) == (3, 0, 0, True)

    def no_answer() -> float:
        raise StoreError("The database does not answer (OperationalError).")

    jobs.close()
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9, 10**6))
    monkeypatch.setattr(store, "ping", no_answer)
    monkeypatch.setattr(EventTail, "age", 99.0)
    with pytest.raises(NotReadyError, match="1 million bytes are free") as refused:
        examine(settings, store, jobs, tail, token=False)
    assert [error.field for error in refused.value.errors] == [
        *("disk", "workers", "events", "database")
    ]


def samples(client: PriorscopeClient) -> dict[tuple[str, ...], float]:
    """Every sample, by its name and its labels."""
    response = client.http.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_metrics_are_what_prometheus_reads(client: PriorscopeClient, run: Run) -> None:
    before = samples(client)
    client.decode(run.id, [[0.0, 0.0]])
    for number in range(5):
        client.http.get(f"/api/runs/none-{number}")
        client.http.get(f"/nowhere-{number}")
        client.http.request(f"ODD{number}", "/api/runs")
    after = samples(client)

    def more(name: str, *labels: str) -> float:
        key = (name, *sorted(labels))
        return after.get(key, 0.0) - before.get(key, 0.0)

    answered = "priorscope_http_requests_total"
    decode = "/api/runs/{run_id}/decode"
    assert more(answered, "200", decode, "POST") == 1
    assert more("priorscope_http_request_duration_seconds_count", decode, "POST") == 1
    assert more(answered, "404", "/api/runs/{run_id}", "GET") == 5
    assert more(answered, "404", "GET", "none") == 5
    assert more(answered, "405", "/api/runs", "OTHER") == 5
    assert after["priorscope_runs", "finished"] >= 1
    assert after["priorscope_workers",] == 2
    assert after["priorscope_data_free_bytes",] > 0
    assert after["process_resident_memory_bytes",] > 0
    # Whatever is asked for, the names stay few.
    assert not any("none-1" in part or "nowhere" in part for key in after for part in key)


def test_streams_are_counted_while_they_are_open(
    client: PriorscopeClient, until: Callable[[Callable[[], object]], None]
) -> None:
    def open_streams() -> float:
        return samples(client)["priorscope_event_streams",]

    until(lambda: open_streams() == 0)
    with client.http.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        next(lines)
        assert open_streams() == 1
    until(lambda: open_streams() == 0)
