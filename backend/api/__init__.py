"""The HTTP interface: thin routes, a file for each noun."""

from fastapi import APIRouter

from backend.api import (
    animations,
    datasets,
    docs,
    events,
    explore,
    health,
    imports,
    overview,
    priors,
    runs,
    uploads,
)

router = APIRouter(prefix="/api")
for part in (
    health,
    priors,
    datasets,
    uploads,
    imports,
    runs,
    explore,
    overview,
    animations,
    events,
    docs,
):
    router.include_router(part.router)
