"""Exploring trained runs: loading them, checking what is asked, keeping what was worked out."""

from __future__ import annotations

import contextlib
import math
import threading
from collections import OrderedDict
from functools import lru_cache
from typing import Any

from backend.errors import InvalidRequestError, NoCheckpointError, RunStateError
from backend.explore_schemas import (
    AnatomyInfo,
    Decoded,
    DecodeRequest,
    Density,
    Encoded,
    FieldName,
    Holes,
    Manifold,
    Overview,
    Panel,
    PlaneDetails,
    Points,
    Samples,
    SnapshotEpochs,
)
from backend.hole_finder import holes_of
from backend.latent_space import LatentSpace
from backend.loaded_run import LoadedRun
from backend.plane_request import USUAL_PLANE, PlaneRequest, Section
from backend.schemas import Run, SplitName
from backend.settings import Settings
from backend.storage import RunStore
from models.density import Bounds
from models.metrics import METRICS_VERSION, Metrics
from models.snapshot import restore_snapshot

_MAX_DRAWS = 65_536
_SNAPSHOTS = 32  # kept in memory; each is small until its holes are asked for


class Explorer:
    """Loads runs from the store and keeps those used last."""

    def __init__(self, store: RunStore, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._lock = threading.Lock()
        self._measuring = threading.Lock()
        self._holes_of = lru_cache(maxsize=16)(holes_of)
        self._snapshot_of = lru_cache(maxsize=_SNAPSHOTS)(self._load_snapshot)
        self._loaded: OrderedDict[tuple[str, int, bool], LoadedRun] = OrderedDict()

    def load(self, run: Run) -> LoadedRun:
        """Return the run with its latest weights.

        Raises:
            NoCheckpointError: it has none yet.
        """
        if run.checkpoint == 0:
            raise NoCheckpointError(_nothing_yet(run))
        # Without the lock, under which others may be loading theirs for seconds.
        loaded = self._known(run)
        if loaded is not None:
            return loaded
        # One at a time: six panels asking for the same run should load it once.
        with self._lock:
            return self._known(run) or self._load(run)

    def space(self, run: Run, epoch: int | None) -> LatentSpace:
        """Return the run's latent space now, or at the last snapshot no later than ``epoch``.

        Raises:
            NoCheckpointError: there is nothing to explore yet.
            InvalidRequestError: there is no snapshot so early, or none at all.
        """
        if epoch is None:
            return self.load(run).space
        stored = self._store.snapshot_epochs(run.id)
        if not stored and not run.ended:
            raise NoCheckpointError(_nothing_yet(run))
        if not stored:
            raise InvalidRequestError.at("epoch", f"No snapshot of “{run.name}” was ever stored.")
        if epoch < stored[0]:
            raise InvalidRequestError.at(
                "epoch",
                f"The first snapshot of “{run.name}” that is kept is that of epoch {stored[0]}.",
            )
        return self._snapshot_of(run.id, max(number for number in stored if number <= epoch))

    def snapshots(self, run: Run) -> SnapshotEpochs:
        """Return the epochs that ``space`` knows."""
        return SnapshotEpochs(epochs=list(self._store.snapshot_epochs(run.id)))

    def points(self, run: Run, split: SplitName, epoch: int | None = None) -> Points:
        """Return the posteriors of a split's images.

        Raises:
            NoCheckpointError, InvalidRequestError: as for ``space``.
        """
        return self.space(run, epoch).points(split)

    def plane(self, run: Run, asked: PlaneRequest) -> PlaneDetails:
        """Return a plane of a space of more than two dimensions, and how it can be moved.

        Raises:
            InvalidRequestError: there is no such plane, or the space has no planes to choose.
            NoCheckpointError: the run has no weights yet.
        """
        section = self._section(run, asked)
        if section is None:
            raise InvalidRequestError.at(
                "plane",
                f"This run's latent space has {run.config.latent_dim} dimensions; a plane is "
                "chosen where there are more than 2.",
            )
        return self.load(run).space.plane_details(section)

    def density(
        self,
        run: Run,
        field: FieldName,
        resolution: int,
        bounds: list[float] | None,
        split: SplitName,
        epoch: int | None = None,
        asked: PlaneRequest = USUAL_PLANE,
    ) -> Density:
        """Evaluate a field on a grid of resolution x resolution cells.

        Raises:
            InvalidRequestError: resolution over the limit, bounds reversed, or no such plane.
            NoCheckpointError, InvalidRequestError: as for ``space``.
        """
        if resolution > self._settings.max_resolution:
            raise InvalidRequestError.at(
                "resolution",
                f"{resolution} is over the limit of {self._settings.max_resolution} "
                "(PRIORSCOPE_MAX_RESOLUTION).",
            )
        box = None if bounds is None else _box(bounds, run.config.latent_dim)
        section = self._section(run, asked)
        return self.space(run, epoch).density(field, resolution, box, split, section)

    def overview(self, runs: list[Run], resolution: int) -> Overview:
        """Return what panels show first: of those runs that have weights, and a plane."""
        return Overview(
            panels=[
                Panel(
                    run=run.id,
                    points=space.points("test"),
                    prior=space.density("prior", resolution, None, "train", None),
                    aggregated_posterior=space.density(
                        "aggregated_posterior", resolution, None, "train", None
                    ),
                    snapshots=list(self._store.snapshot_epochs(run.id)),
                )
                for run in runs
                if run.checkpoint > 0 and run.config.latent_dim == 2
                for space in [self.load(run).space]
            ]
        )

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

    def decodes_briefly(self, run: Run, asked: DecodeRequest) -> bool:
        """Return whether ``decode`` takes so little time that nobody minds waiting for it."""
        loaded = self._known(run)
        return loaded is not None and loaded.decodes_briefly(asked)

    def encode(self, run: Run, x: list[Any]) -> Encoded:
        """Encode pictures of brightness 0..255, or vectors.

        Raises:
            InvalidRequestError: too many rows, or of another shape.
            NoCheckpointError: the run has no weights yet.
        """
        self._check_count("x", len(x))
        return self.load(run).encode(x)

    def anatomy(self, run: Run, epoch: int | None = None) -> AnatomyInfo:
        """Return what the run's prior is made of.

        Raises:
            NoCheckpointError, InvalidRequestError: as for ``space``.
        """
        return self.space(run, epoch).anatomy()

    def holes(
        self,
        run: Run,
        tau: float,
        epoch: int | None = None,
        asked: PlaneRequest = USUAL_PLANE,
    ) -> Holes:
        """Return the run's holes; worked out once for the last few (weights or snapshot, tau).

        Raises:
            InvalidRequestError: there is no such plane, or it is to be a slice.
            NoCheckpointError, InvalidRequestError: as for ``space``.
        """
        if asked.reading == "slice":
            raise InvalidRequestError.at(
                "reading",
                "A slice has no holes: what p and q are on it, no draw of them ever meets. Holes "
                "are found on marginals; they are cylinders in the whole space.",
            )
        section = self._section(run, asked)
        if epoch is not None:
            return self._holes_of(self.space(run, epoch), None, section, tau)
        loaded = self.load(run)
        return self._holes_of(loaded.space, loaded, section, tau)

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
                metrics = loaded.measure(run.metrics_seed)
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

    def manifold(
        self,
        run: Run,
        resolution: int,
        bounds: list[float] | None,
        asked: PlaneRequest = USUAL_PLANE,
    ) -> Manifold:
        """Decode the centres of resolution x resolution cells of the latent plane.

        Raises:
            InvalidRequestError: too many cells, bounds reversed, or no such plane.
            NoCheckpointError: the run has no weights yet.
        """
        if resolution**2 > self._settings.max_points:
            raise InvalidRequestError.at(
                "resolution",
                f"{resolution} x {resolution} pictures are over the limit of "
                f"{self._settings.max_points} (PRIORSCOPE_MAX_POINTS); ask for at most "
                f"{math.isqrt(self._settings.max_points)}.",
            )
        box = None if bounds is None else _box(bounds, run.config.latent_dim)
        return self.load(run).manifold(resolution, box, self._section(run, asked))

    def _section(self, run: Run, asked: PlaneRequest) -> Section | None:
        """Return the plane asked for; None in spaces that are drawn as a whole.

        It is always found from the stored weights, so that it stays put as past epochs go by.
        """
        if run.config.latent_dim <= 2:
            asked.refuse_unless_empty(run.config.latent_dim)
            return None
        return asked.resolve(self.load(run).space.components)

    def _known(self, run: Run) -> LoadedRun | None:
        """Return the run if it is in memory, which it stays for longer then."""
        key = _state(run)
        with contextlib.suppress(KeyError):
            self._loaded.move_to_end(key)
            return self._loaded[key]
        return None

    def _load(self, run: Run) -> LoadedRun:
        checkpoint, weights = self._store.load_weights(run.id)
        self._drop(run.id)
        dataset = self._store.datasets.load(run.config.dataset, run.config.split)
        # While it trains, weights come every second: encoding all of a large data set each time
        # would take the cores from the training.
        loaded = LoadedRun(run.config, dataset, checkpoint, weights, whole=run.ended)
        self._loaded[_state(run)] = loaded
        return loaded

    def _load_snapshot(self, run_id: str, epoch: int) -> LatentSpace:
        config = self._store.get(run_id).config
        return LatentSpace(
            config,
            self._store.datasets.load(config.dataset, config.split),
            restore_snapshot(config.prior, self._store.load_snapshot(run_id, epoch)),
            checkpoint=0,
            epoch=epoch,
        )

    def _check_count(self, field: str, count: int) -> None:
        if count > self._settings.max_points:
            raise InvalidRequestError.at(
                field,
                f"{count} points are over the limit of {self._settings.max_points} "
                "(PRIORSCOPE_MAX_POINTS). Ask several times.",
            )

    def _drop(self, run_id: str) -> None:
        """Drop older checkpoints of the run, and the run used least if there are too many."""
        for key in [key for key in list(self._loaded) if key[0] == run_id]:
            del self._loaded[key]
        while len(self._loaded) >= self._settings.loaded_runs:
            self._loaded.popitem(last=False)


def _state(run: Run) -> tuple[str, int, bool]:
    return run.id, run.checkpoint, run.ended


def _box(bounds: list[float], latent_dim: int) -> Bounds:
    on_line = latent_dim == 1
    wanted = "z1_min,z1_max" if on_line else "z1_min,z1_max,z2_min,z2_max"
    if len(bounds) != (2 if on_line else 4):
        raise InvalidRequestError.at(
            "bounds", f"There are {len(bounds)} numbers; for this run they are {wanted}."
        )
    pairs = [bounds[side : side + 2] for side in range(0, len(bounds), 2)]
    if any(low >= high for low, high in pairs):
        raise InvalidRequestError.at(
            "bounds",
            f"The bounds are reversed or empty; they are {wanted} with z1_min < z1_max"
            f"{'' if on_line else ' and z2_min < z2_max'}.",
        )
    return Bounds(bounds[0], bounds[1], 0.0, 0.0) if on_line else Bounds(*bounds)


def _nothing_yet(run: Run) -> str:
    match run.status:
        case "queued":
            return f"“{run.name}” is still waiting. Explore it once its first epoch has ended."
        case "running":
            return f"“{run.name}” has just begun. Explore it once its first epoch has ended."
        case _:
            return f"“{run.name}” is {run.status} and has no weights. Train it anew."
