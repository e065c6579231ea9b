"""What a training led to, to be compared to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

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
    snapshots: dict[int, bytes]


def outcome(store: RunStore, run_id: str, data_dir: Path) -> Outcome:
    """Read a run that has ended."""
    run, history = store.get(run_id), store.history(run_id)
    _, weights = store.load_weights(run_id)
    folder = data_dir / "runs" / run_id
    return Outcome(
        run.status,
        run.error,
        run.progress.epoch,
        run.best_epoch,
        history.model_dump(exclude={"seconds"}),
        store.metrics(run_id),
        {name: tensor.numpy().tobytes() for name, tensor in weights.items()},
        {
            int(path.stem): path.read_bytes()
            for path in (folder / "snapshots").glob("*.safetensors")
        },
    )


def check_same(found: Outcome, expected: Outcome) -> None:
    """Compare part by part, for the whole is too long to read."""
    for name, part, wanted in zip(Outcome._fields, found, expected, strict=True):
        assert part == wanted, f"{name} is another"
