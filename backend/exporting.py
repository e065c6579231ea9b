"""A run as one zip file: settings, weights, figures, points and densities."""

from __future__ import annotations

import io
import zipfile
from typing import Any, get_args

import numpy as np
from pydantic import TypeAdapter

from backend.explore import Explorer
from backend.explore_schemas import Density
from backend.schemas import Run, SplitName
from backend.storage import RunStore
from models.metrics import Metrics

_METRICS: TypeAdapter[Metrics] = TypeAdapter(Metrics)
_RESOLUTION = 256
_NEVER = (1980, 1, 1, 0, 0, 0)  # of a member: the same run makes the same file


def export(run: Run, explorer: Explorer, store: RunStore) -> bytes:
    """Return a zip of what is known of a run, in formats that other programs read.

    ``config.json``: its configuration, as POST /api/runs takes it; ``run.json``: name, state, times
    and versions; ``history.json``: its epochs; ``weights.safetensors``: encoder, decoder and prior;
    ``metrics.json``: every figure, where the run has ended; ``points.npz``: loc and scale (N, L),
    label and index of each split, as ``train_loc`` and so on; ``grids.npz``: z1, z2, log_prior and
    log_aggregated_posterior (256 rows z2 by 256 columns z1), in more than two dimensions the
    marginals on the plane of the first principal components, with its origin (L,) and axes (2, L).

    Raises:
        NoCheckpointError: the run has no weights yet.
        DamagedArtefactError: its files are damaged.
    """
    weights = store.weights_file(run.id)
    members = {
        "config.json": run.config.model_dump_json(indent=2).encode(),
        "run.json": run.model_dump_json(indent=2, exclude={"config", "metrics"}).encode(),
        "history.json": store.history(run.id).model_dump_json(indent=2).encode(),
        "weights.safetensors": weights,
        "points.npz": _packed(_points(run, explorer)),
        "grids.npz": _packed(_grids(run, explorer)),
    }
    if run.ended:
        members["metrics.json"] = _METRICS.dump_json(explorer.metrics(run), indent=2)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(zipfile.ZipInfo(name, _NEVER), member, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _points(run: Run, explorer: Explorer) -> dict[str, Any]:
    arrays = {}
    for split in get_args(SplitName):
        points = explorer.points(run, split)
        for name in ("loc", "scale", "label", "index"):
            arrays[f"{split}_{name}"] = getattr(points, name)
    return arrays


def _grids(run: Run, explorer: Explorer) -> dict[str, Any]:
    def density(field: Any) -> Density:
        return explorer.density(run, field, _RESOLUTION, None, "train")

    prior, aggregated_posterior = density("prior"), density("aggregated_posterior")
    plane = prior.plane
    return {
        "z1": prior.z1,
        "z2": prior.z2,
        "log_prior": prior.values,
        "log_aggregated_posterior": aggregated_posterior.values,
        **({} if plane is None else {"origin": plane.origin, "axes": plane.axes}),
    }


def _packed(arrays: dict[str, Any]) -> bytes:
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()
