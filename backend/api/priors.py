"""The kinds of priors, and what defines a run."""

from typing import Any

from fastapi import APIRouter

from backend.schemas import CreateRun, PriorInfo
from models.priors import PRIORS

router = APIRouter(tags=["priors"])


@router.get("/priors")
def priors() -> list[PriorInfo]:
    """List the kinds of priors; `options` is the JSON Schema of a prior's options."""
    return [
        PriorInfo(
            kind=prior.kind,
            title=prior.title,
            description=prior.description,
            options=prior.options.model_json_schema(),
        )
        for prior in PRIORS.values()
    ]


@router.get("/run-schema")
def run_schema() -> dict[str, Any]:
    """Return the JSON Schema of the body of POST /api/runs, with defaults and limits."""
    return CreateRun.model_json_schema()
