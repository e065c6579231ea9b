"""What a row of the tables says, and how it is changed; for ``storage.py`` only."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from backend.errors import UnknownRunError
from backend.resuming import note
from backend.schemas import Event, EventKind, Progress, Run, Status
from backend.tables import EventRow, RunRow
from models.config import RunConfig
from models.metrics import Metrics
from models.priors import PRIORS

STATUS: TypeAdapter[Status] = TypeAdapter(Status)
METRICS: TypeAdapter[Metrics] = TypeAdapter(Metrics)


def default_name(config: RunConfig, *, frozen: bool = False) -> str:
    """Return a name such as “VampPrior · digits · seed 0”, with “ · frozen” where that is so."""
    title = PRIORS[config.prior.kind].title
    name = f"{title} · {config.dataset} · seed {config.training.seed}"
    return f"{name} · frozen" if frozen else name


def row_of(session: Session, run_id: str) -> RunRow:
    """Return the row of a run.

    Raises:
        UnknownRunError: there is none.
    """
    row = session.get(RunRow, run_id)
    if row is None:
        raise UnknownRunError(run_id)
    return row


def run_of(row: RunRow) -> Run:
    """Return what the row says.

    Raises:
        ValueError: what is in it makes no run.
    """
    if not row.id.isalnum():
        raise ValueError("its id is none")
    config = RunConfig.model_validate(row.config)
    seed = config.training.seed if row.metrics_seed is None else row.metrics_seed
    made = {
        "config": config,
        "metrics_seed": seed,
        "progress": Progress(epoch=row.epoch, epochs=row.epochs, seconds_left=row.seconds_left),
        "note": note(
            STATUS.validate_python(row.status), row.resumed, row.resumed_at, row.interruption
        ),
    }
    stored = {name: getattr(row, name) for name in Run.model_fields.keys() - made.keys()}
    return Run(**stored, **made)


def event_of(row: EventRow) -> Event:
    """Return what the row says.

    Raises:
        ValueError: what is in it makes no entry of the log.
    """
    return Event.model_validate(row, from_attributes=True)


def epochs_of(run_id: str) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that an event is an epoch of that run."""
    return EventRow.run_id == run_id, EventRow.kind == "epoch"


def set_metrics(row: RunRow, metrics: Metrics | None) -> None:
    """Write what was measured, or that nothing was."""
    if metrics is None:
        row.metrics = row.elbo = row.log_likelihood = row.marginal_kl = row.hole_mass = None
        return
    row.metrics = METRICS.dump_python(metrics, mode="json")
    row.elbo = metrics.test.elbo.value
    row.log_likelihood = metrics.test.log_likelihood.value
    row.marginal_kl = metrics.train.marginal_kl.value
    row.hole_mass = metrics.hole_mass["10"].value


def log(session: Session, run_id: str, kind: EventKind, data: dict[str, Any]) -> None:
    """Add an event."""
    session.add(EventRow(run_id=run_id, kind=kind, data=data))
    # One at a time, for otherwise their numbers need not follow the order in which they were added.
    session.flush()


def log_status(session: Session, row: RunRow) -> Run:
    """Add an event that holds all that the row says, and return that."""
    run = run_of(row)
    log(session, row.id, "status", run.model_dump(mode="json"))
    return run
