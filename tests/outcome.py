"""What a training led to, to be compared to the last bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor

from backend.storage import RunStore


class Outcome(NamedTuple):
    """All that a run is, but for dates, durations and what is said of its interruptions."""

    status: str
    error: str | None
    epoch: int
    best_epoch: int | None
    history: dict[str, Any]
    metrics: object
    weights: dict[str, bytes]
    snapshots: dict[int, dict[str, bytes]]


def outcome(store: RunStore, run_id: str) -> Outcome:
    """Read a run that has ended."""
    run, history = store.get(run_id), store.history(run_id)
    epochs = store.snapshot_epochs(run_id)
    return Outcome(
        run.status,
        run.error,
        run.progress.epoch,
        run.best_epoch,
        history.model_dump(exclude={"seconds"}),
        store.metrics(run_id),
        _bytes(store.load_weights(run_id)[1]),
        {epoch: _bytes(store.load_snapshot(run_id, epoch)) for epoch in epochs},
    )


def _bytes(tensors: Mapping[str, Tensor]) -> dict[str, bytes]:
    # Not those of the files, in which the order of words about the tensors is left to chance.
    return {name: tensor.numpy().tobytes() for name, tensor in tensors.items()}


def check_same(found: Outcome, expected: Outcome) -> None:
    """Compare part by part, for the whole is too long to read."""
    for name, part, wanted in zip(Outcome._fields, found, expected, strict=True):
        if isinstance(wanted, dict):
            assert part.keys() == wanted.keys(), name
            assert [key for key in wanted if part[key] != wanted[key]] == [], name
        assert part == wanted, name
