"""Exploring a run: possible as soon as it has stored weights, while it still trains too."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import TypeAdapter, ValidationError

from backend.api.caching import NOT_MODIFIED
from backend.api.dependencies import ExistingRun, Exploring, Store
from backend.api.problems import problems
from backend.api.shared_route import SharedRoute
from backend.errors import InvalidRequestError
from backend.explore_schemas import (
    AnatomyInfo,
    Density,
    Encoded,
    EncodeRequest,
    FieldName,
    Holes,
    Manifold,
    PlaneDetails,
    Points,
    Samples,
    SnapshotEpochs,
)
from backend.exporting import export
from backend.plane_request import PlaneRequest
from backend.schemas import Coordinate, SplitName
from models.metrics import Metrics
from models.plane_density import Reading

router = APIRouter(prefix="/runs/{run_id}", tags=["explore"], route_class=SharedRoute)

_BOUNDS = TypeAdapter(list[Coordinate])
_CACHED = {**problems(404, 409, 422), **NOT_MODIFIED}
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}
_Bounds = Annotated[
    str | None,
    Query(
        description="z1_min,z1_max,z2_min,z2_max, within ±1e6; of a line z1_min,z1_max. "
        "Default: a box that holds the prior and the encoded images."
    ),
]
_Epoch = Annotated[
    int | None,
    Query(
        ge=0,
        le=10**9,
        description="Answer with the last snapshot at or before this epoch; 0 is the state before "
        "training. Default: the stored weights, which are the best epoch's once a run has ended.",
    ),
]


_Plane = Annotated[
    str | None,
    Query(
        max_length=20_000,
        description="In more than two dimensions: axes:1,3 (two coordinates), pca or pca:1,2 (two "
        "principal components of q over the training rows), or points:a1,..,aL;b1,..,bL;c1,..,cL "
        "(through three points). Default: pca.",
    ),
]
_At = Annotated[
    str | None,
    Query(
        max_length=20_000,
        description="L numbers: the point that a plane of axes or components goes through; only "
        "what lies beside the plane matters. Default: the mean of q.",
    ),
]


# At hand, hence asynchronous: see dependencies.py.
async def _on_plane(
    plane: _Plane = None,
    at: _At = None,
    reading: Annotated[
        Reading | None,
        Query(description="In more than two dimensions. Default: marginal."),
    ] = None,
) -> PlaneRequest:
    return PlaneRequest(plane, at, reading)


async def _through_plane(plane: _Plane = None, at: _At = None) -> PlaneRequest:
    return PlaneRequest(plane, at)


_OnPlane = Annotated[PlaneRequest, Depends(_on_plane)]
_ThroughPlane = Annotated[PlaneRequest, Depends(_through_plane)]


@router.get("/plane", responses=_CACHED)
def plane(run: ExistingRun, explorer: Exploring, asked: _ThroughPlane) -> PlaneDetails:
    """Return a plane of a latent space of more than two dimensions, and how it can be moved."""
    return explorer.plane(run, asked)


@router.get("/snapshots", responses=_CACHED)
def snapshots(run: ExistingRun, explorer: Exploring) -> SnapshotEpochs:
    """Return the epochs of which the latent space is stored; none for runs of older versions."""
    return explorer.snapshots(run)


@router.get("/points", responses=_CACHED)
def points(
    run: ExistingRun, explorer: Exploring, split: SplitName = "test", epoch: _Epoch = None
) -> Points:
    """Return the posteriors of a split's images: location, scale, label, row in file order."""
    return explorer.points(run, split, epoch)


@router.get("/density", responses=_CACHED)
def density(
    run: ExistingRun,
    explorer: Exploring,
    asked: _OnPlane,
    field: Annotated[
        FieldName, Query(description="log p(z), log q(z), or log p(z) - log q(z).")
    ] = "prior",
    resolution: Annotated[
        int, Query(ge=8, le=4096, description="Cells along each side; at most 512 by default.")
    ] = 200,
    bounds: _Bounds = None,
    split: Annotated[SplitName, Query(description="Whose posteriors make up q(z).")] = "train",
    epoch: _Epoch = None,
) -> Density:
    """Return a field on a grid, [row = z2][col = z1]: of a latent line or plane, or on one."""
    return explorer.density(run, field, resolution, _parse(bounds), split, epoch, asked)


@router.get("/metrics", responses=_CACHED)
def metrics(run: ExistingRun, explorer: Exploring) -> Metrics:
    """Return every figure of a run that has ended, each with its estimator and error."""
    return explorer.metrics(run)


@router.get("/holes", responses=_CACHED)
def holes(
    run: ExistingRun,
    explorer: Exploring,
    asked: _OnPlane,
    tau: Annotated[
        float, Query(gt=1.0, le=1e6, description="Where p(z) / q(z) is at least this.")
    ] = 10.0,
    epoch: _Epoch = None,
) -> Holes:
    """Return the holes, ranked by the prior's mass, with what is decoded there (not for epochs)."""
    return explorer.holes(run, tau, epoch, asked)


@router.get("/anatomy", responses=_CACHED)
def anatomy(run: ExistingRun, explorer: Exploring, epoch: _Epoch = None) -> AnatomyInfo:
    """Return what the prior is made of: components, pseudo-inputs, a grid mapped into the plane."""
    return explorer.anatomy(run, epoch)


@router.post("/encode", responses=problems(404, 409, 422))
def encode(run: ExistingRun, explorer: Exploring, body: EncodeRequest) -> Encoded:
    """Encode pictures, and decode them again."""
    return explorer.encode(run, body.x)


@router.get("/samples", responses=_CACHED)
def samples(
    run: ExistingRun,
    explorer: Exploring,
    n: Annotated[int, Query(ge=1, le=10**6, description="At most 4096 by default.")] = 64,
    seed: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> Samples:
    """Draw from the prior, and decode what was drawn."""
    return explorer.samples(run, n, seed)


@router.get("/manifold", responses=_CACHED)
def manifold(
    run: ExistingRun,
    explorer: Exploring,
    asked: _ThroughPlane,
    resolution: Annotated[
        int, Query(ge=1, le=1000, description="Pictures along each side; at most 64 by default.")
    ] = 24,
    bounds: _Bounds = None,
) -> Manifold:
    """Decode the latent plane, or a plane of a larger space, on a grid into one large picture."""
    return explorer.manifold(run, resolution, _parse(bounds), asked)


@router.get("/export", response_class=Response, responses={**_ZIP, **_CACHED})
def export_run(run: ExistingRun, explorer: Exploring, store: Store) -> Response:
    """Return the run as a zip file: settings, history, weights, figures, points and densities."""
    return Response(
        export(run, explorer, store),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="priorscope-{run.id}.zip"'},
    )


def _parse(bounds: str | None) -> list[float] | None:
    if bounds is None:
        return None
    try:
        return _BOUNDS.validate_python(bounds.split(","))
    except ValidationError as error:
        raise InvalidRequestError.at(
            "bounds",
            f"“{bounds[:80]}” has to be finite numbers within ±1e6: z1_min,z1_max,z2_min,z2_max.",
        ) from error
