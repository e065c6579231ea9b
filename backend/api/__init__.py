"""The HTTP interface: thin routes, a file for each noun."""

from fastapi import APIRouter

from backend.api import animations, datasets, docs, events, explore, health, overview, priors, runs

router = APIRouter(prefix="/api")
for part in (health, priors, datasets, runs, explore, overview, animations, events, docs):
    router.include_router(part.router)
