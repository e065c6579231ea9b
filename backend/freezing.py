"""Which runs can be frozen, and what a run on top of one is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from backend.errors import FieldError, InvalidRequestError, NoCheckpointError, RunStateError
from backend.schemas import CreateRun, Run
from models.config import RunConfig

SHARED = ("dataset", "split", "latent_dim", "likelihood", "network")
"""What a run has in common with the one that it is frozen from."""


def frozen_config(asked: CreateRun, source: Run) -> RunConfig:
    """Return the configuration of a run that trains its prior on the networks of ``source``.

    Raises:
        RunStateError: the source still trains.
        NoCheckpointError: it has no weights.
        InvalidRequestError: the request asks for something else than the source has.
    """
    if not source.ended:
        raise RunStateError(
            f"“{source.name}” is {source.status}. Its encoder and decoder can be frozen once its "
            "training has ended."
        )
    if source.checkpoint == 0:
        raise NoCheckpointError(f"“{source.name}” is {source.status} and has no weights to freeze.")
    errors = tuple(
        FieldError(
            field,
            f"This is {mine!r} in the run that is frozen, “{source.name}”. Leave it out: the "
            "networks and the data come from there.",
        )
        for field, mine in _differences(asked, source.config, SHARED)
    )
    if errors:
        raise InvalidRequestError(
            " ".join(f"{error.field}: {error.message}" for error in errors), errors
        )
    # All of it counts as given: nothing is filled in that the source did not have.
    whole = RunConfig.model_validate(source.config.model_dump())
    return asked.model_copy(update={name: getattr(whole, name) for name in SHARED})


def _differences(
    asked: BaseModel, source: BaseModel, names: tuple[str, ...]
) -> Iterator[tuple[str, Any]]:
    """Yield path and the source's value of each field that was given and differs."""
    for name in names:
        if name not in asked.model_fields_set:
            continue
        theirs, mine = getattr(asked, name), getattr(source, name)
        if isinstance(theirs, BaseModel) and type(theirs) is type(mine):
            for path, value in _differences(theirs, mine, tuple(type(mine).model_fields)):
                yield f"{name}.{path}", value
        elif theirs != mine:
            yield name, mine.model_dump() if isinstance(mine, BaseModel) else mine
