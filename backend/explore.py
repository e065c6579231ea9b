"""Exploring trained runs: loading them, checking what is asked, keeping what was worked out."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import lru_cache

from backend.errors import InvalidRequestError, NoCheckpointError, RunStateError
from backend.explore_schemas import (
    AnatomyInfo,
    Decoded,
    DecodeRequest,
    Density,
    Encoded,
    FieldName,
    Holes,
    Samples,
)
from backend.hole_finder import holes_of
from backend.loaded_run import LoadedRun
from backend.schemas import Run, SplitName
from backend.settings import Settings
from backend.storage import RunStore
from models.density import Bounds
from models.metrics import METRICS_VERSION, Metrics

_MAX_DRAWS = 65_536


class Explorer:
    """Loads runs from the store and keeps those used last."""

    def __init__(self, store: RunStore, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._lock = threading.Lock()
        self._measuring = threading.Lock()
        self._holes_of = lru_cache(maxsize=16)(holes_of)
        self._loaded: OrderedDict[tuple[str, int], LoadedRun] = OrderedDict()

    def load(self, run: Run) -> LoadedRun:
        """Return the run with its latest weights.

        Raises:
            NoCheckpointError: it has none yet.
        """
        if run.checkpoint == 0:
            raise NoCheckpointError(_nothing_yet(run))
        # One at a time: six panels asking for the same run should load it once.
        with self._lock:
            key = (run.id, run.checkpoint)
            if key not in self._loaded:
                checkpoint, weights = self._store.load_weights(run.id)
                self._drop(run.id)
                self._loaded[key] = LoadedRun(run.config, checkpoint, weights)
            self._loaded.move_to_end(key)
            return self._loaded[key]

    def density(
        self,
        run: Run,
        field: FieldName,
        resolution: int,
        bounds: tuple[float, float, float, float] | None,
        split: SplitName,
    ) -> Density:
        """Evaluate a field on a grid of resolution x resolution cells.

        Raises:
            InvalidRequestError: resolution over the limit, bounds reversed, or no plane.
            NoCheckpointError: the run has no weights yet.
        """
        if resolution > self._settings.max_resolution:
            raise InvalidRequestError.at(
                "resolution",
                f"{resolution} is over the limit of {self._settings.max_resolution} "
                "(PRIORSCOPE_MAX_RESOLUTION).",
            )
        box = None if bounds is None else _box(*bounds)
        return self.load(run).density(field, resolution, box, split)

    def decode(self, run: Run, asked: DecodeRequest) -> Decoded:
        """Decode points, and draw pictures at each.

        Raises:
            InvalidRequestError: too many points or draws, or points of another length.
            NoCheckpointError: the run has no weights yet.
        """
        points, draws = len(asked.z), asked.draws
        self._check_count("z", points)
        if points * draws > _MAX_DRAWS:
            raise InvalidRequestError.at(
                "draws",
                f"{points} points with {draws} draws each are {points * draws} pictures; "
                f"at most {_MAX_DRAWS} are drawn at a time.",
            )
        return self.load(run).decode(asked)

    def encode(self, run: Run, x: list[list[list[float]]]) -> Encoded:
        """Encode pictures of brightness 0..255.

        Raises:
            InvalidRequestError: too many pictures, or of another shape.
            NoCheckpointError: the run has no weights yet.
        """
        self._check_count("x", len(x))
        return self.load(run).encode(x)

    def anatomy(self, run: Run) -> AnatomyInfo:
        """Return what the run's prior is made of.

        Raises:
            NoCheckpointError: the run has no weights yet.
        """
        return self.load(run).anatomy()

    def holes(self, run: Run, tau: float) -> Holes:
        """Return the run's holes; worked out once for the last few (run, checkpoint, tau).

        Raises:
            NoCheckpointError: the run has no weights yet.
        """
        return self._holes_of(self.load(run), tau)

    def metrics(self, run: Run) -> Metrics:
        """Return the run's metrics; those of an older version of the estimators are made anew.

        Raises:
            RunStateError: the run still trains.
            NoCheckpointError: it has ended without weights.
        """
        if not run.ended:
            raise RunStateError(
                f"“{run.name}” is {run.status}. It is measured when its training has ended."
            )
        loaded = self.load(run)
        # Several who ask at once wait for one measurement.
        with self._measuring:
            metrics = self._store.metrics(run.id)
            if metrics is None or metrics.version != METRICS_VERSION:
                metrics = loaded.measure()
                self._store.save_metrics(run.id, metrics)
        return metrics

    def samples(self, run: Run, count: int, seed: int) -> Samples:
        """Draw from the prior.

        Raises:
            InvalidRequestError: too many.
            NoCheckpointError: the run has no weights yet.
        """
        self._check_count("n", count)
        return self.load(run).samples(count, seed)

    def _check_count(self, field: str, count: int) -> None:
        if count > self._settings.max_points:
            raise InvalidRequestError.at(
                field,
                f"{count} points are over the limit of {self._settings.max_points} "
                "(PRIORSCOPE_MAX_POINTS). Ask several times.",
            )

    def _drop(self, run_id: str) -> None:
        """Drop older checkpoints of the run, and the run used least if there are too many."""
        for key in [key for key in self._loaded if key[0] == run_id]:
            del self._loaded[key]
        while len(self._loaded) >= self._settings.loaded_runs:
            self._loaded.popitem(last=False)


def _box(z1_min: float, z1_max: float, z2_min: float, z2_max: float) -> Bounds:
    if z1_min >= z1_max or z2_min >= z2_max:
        raise InvalidRequestError.at(
            "bounds",
            "The bounds are reversed or empty; they are z1_min,z1_max,z2_min,z2_max with "
            "z1_min < z1_max and z2_min < z2_max.",
        )
    return Bounds(z1_min, z1_max, z2_min, z2_max)


def _nothing_yet(run: Run) -> str:
    match run.status:
        case "queued":
            return f"“{run.name}” is still waiting. Explore it once its first epoch has ended."
        case "running":
            return f"“{run.name}” has just begun. Explore it once its first epoch has ended."
        case _:
            return f"“{run.name}” is {run.status} and has no weights. Train it anew."
