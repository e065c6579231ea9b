"""From options of a command to the run that they describe."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from backend.errors import PriorscopeError
from backend.field_errors import explain
from backend.schemas import CreateRun


def configure(
    prior: str,
    dataset: str | None,
    epochs: int | None,
    seed: int | None,
    assignments: Sequence[str],
    name: str | None = None,
    frozen_from: str | None = None,
) -> CreateRun:
    """Return the run that the options describe.

    Raises:
        PriorscopeError: an option is unknown or its value is not possible.
    """
    body: dict[str, Any] = {"prior": {"kind": prior}, "training": {}}
    body |= _given(dataset=dataset, name=name, frozen_from=frozen_from)
    body["training"] |= _given(epochs=epochs, seed=seed)
    for assignment in assignments:
        _assign(body, assignment)
    try:
        return CreateRun.model_validate(body)
    except ValidationError as error:
        sentences = [f"{e.field}: {e.message}" for e in explain(error.errors(), body)]
        raise PriorscopeError(" ".join(sentences)) from error


def _given(**options: object) -> dict[str, object]:
    return {name: value for name, value in options.items() if value is not None}


def _assign(body: dict[str, Any], assignment: str) -> None:
    """Set a field by its path: ``prior.num_components=32``."""
    path, equals, text = assignment.partition("=")
    *parents, last = path.split(".")
    if not equals or not all(path.split(".")):
        raise PriorscopeError(
            f"--set takes KEY=VALUE, such as prior.weights=uniform; got {(text or path)[:80]!r}."
        )
    here = body
    for parent in parents:
        here = here.setdefault(parent, {})
        if not isinstance(here, dict):
            raise PriorscopeError(
                f"--set {assignment[:80]}: {parent[:80]} is a value and has no fields."
            )
    try:
        here[last] = json.loads(text)
    except (ValueError, RecursionError):
        # No JSON, a number of thousands of digits, or thousands of lists in one another.
        here[last] = text
