"""All routes of the interface."""

from fastapi import FastAPI

from backend.api import (
    animations,
    datasets,
    decoding,
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


def add_routes(app: FastAPI) -> None:
    """Add every route, all on one level, those that are asked for most often first.

    FastAPI tries one route after the other, and anew on each level of routers within routers.
    """
    for part in (
        decoding,
        explore,
        runs,
        events,
        overview,
        datasets,
        priors,
        health,
        uploads,
        imports,
        animations,
        docs,
    ):
        app.include_router(part.router, prefix="/api")
