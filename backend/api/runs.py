"""Runs: create, list, show, rename, cancel, delete; their history."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from backend.api.caching import NOT_MODIFIED, CachedRun
from backend.api.dependencies import ExistingRun, Jobs, RunId, Store
from backend.api.problems import problems
from backend.planning import plan
from backend.run_filter import RunFilter
from backend.schemas import CreateRun, History, RenameRun, Run, RunPage, SortKey, Status

router = APIRouter(prefix="/runs", tags=["runs"])


@router.post(
    "",
    status_code=201,
    responses={
        201: {"headers": {"Location": {"schema": {"type": "string"}}}},
        **problems(404, 409, 422, 429, 507),
    },
)
def create_run(body: CreateRun, jobs: Jobs, store: Store, response: Response) -> Run:
    """Queue a run for training. Everything but `prior` has a default.

    With `frozen_from` only the prior is trained, on the encoder and decoder of that run.
    """
    config, source = plan(body, store)
    run = jobs.submit(config, body.name, source)
    response.headers["Location"] = f"/api/runs/{run.id}"
    return run


@router.get("", responses=problems(422))
def list_runs(
    store: Store,
    status: Annotated[list[Status], Query(default_factory=list, description="Repeatable.")],
    prior: Annotated[
        list[str], Query(default_factory=list, description="A prior's kind; repeatable.")
    ],
    dataset: Annotated[
        list[str], Query(default_factory=list, description="A data set's id; repeatable.")
    ],
    query: Annotated[
        str,
        Query(description="Words, each in name, prior, data set or id.", max_length=200),
    ] = "",
    sort: Annotated[SortKey, Query(description="“-” before the key: descending.")] = "-created_at",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> RunPage:
    """List runs, page by page."""
    chosen = RunFilter(status=status, prior=prior, dataset=dataset, query=query)
    return store.list(chosen, sort=sort, limit=limit, offset=offset)


@router.get("/{run_id}", responses=problems(404))
def show_run(run: ExistingRun) -> Run:
    """Show a run: state, progress, configuration, metrics."""
    return run


@router.patch("/{run_id}", responses=problems(404, 422, 507))
def rename_run(run_id: RunId, body: RenameRun, store: Store) -> Run:
    """Give a run another name."""
    return store.rename(run_id, body.name)


@router.delete("/{run_id}", status_code=204, responses=problems(404, 409, 507))
def delete_run(run_id: RunId, jobs: Jobs) -> None:
    """Remove a run with its files. A running one has to be cancelled first."""
    jobs.delete(run_id)


@router.post("/{run_id}/cancel", status_code=202, responses=problems(404, 409, 507))
def cancel_run(run_id: RunId, jobs: Jobs) -> Run:
    """Stop a run soon; what was trained is kept, its best weights stored and measured.

    Its state is kept too: `resume` lets it go on.
    """
    return jobs.cancel(run_id)


@router.post("/{run_id}/resume", status_code=202, responses=problems(404, 409, 429, 507))
def resume_run(run_id: RunId, jobs: Jobs) -> Run:
    """Let an interrupted, cancelled or failed run go on from its last stored state.

    On one thread of one machine it ends as it would have ended undisturbed, to the last bit. Where
    no state had been stored it begins anew. Runs that a server left when it was stopped or killed
    go on by themselves when one is started again; those of a command, and cancelled ones, are asked
    for here. Refused (409) for runs that wait, train, have finished, or diverged.
    """
    return jobs.resume(run_id)


@router.get(
    "/{run_id}/history",
    responses={**problems(404), **NOT_MODIFIED},
    dependencies=[CachedRun],
)
def history(run_id: RunId, store: Store) -> History:
    """Return the ELBO and its terms, epoch by epoch, in nats per image."""
    return store.history(run_id)
