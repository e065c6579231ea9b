"""Several runs at once, for a page that opens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend.api.caching import NOT_MODIFIED
from backend.api.dependencies import Exploring, Store
from backend.api.problems import problems
from backend.api.shared_route import SharedRoute
from backend.explore_schemas import Overview

router = APIRouter(tags=["explore"], route_class=SharedRoute)


@router.get("/overview", responses={**problems(404, 422), **NOT_MODIFIED})
def overview(
    store: Store,
    explorer: Exploring,
    run: Annotated[
        list[str], Query(min_length=1, max_length=12, description="A run's id; repeatable.")
    ],
    resolution: Annotated[
        int, Query(ge=8, le=128, description="Cells along each side of the coarse densities.")
    ] = 64,
) -> Overview:
    """Return what panels of runs show first: points, coarse densities, epochs of snapshots."""
    return explorer.overview([store.get(run_id) for run_id in run], resolution)
