"""Choosing and ordering runs, in SQL for ``storage.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from backend.schemas import SortKey, Status
from backend.tables import RunRow


@dataclass(frozen=True)
class RunFilter:
    """Which runs to list: empty fields let all pass."""

    status: Sequence[Status] = ()
    prior: Sequence[str] = ()
    dataset: Sequence[str] = ()
    query: str = ""
    """Words, each of which has to be in the name, prior, data set or id."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what has to be true of a run."""
        wanted = (
            (RunRow.status, self.status),
            (RunRow.prior, self.prior),
            (RunRow.dataset, self.dataset),
        )
        return [
            *(column.in_(values) for column, values in wanted if values),
            *(_holds(word) for word in self.query.split()),
        ]


def order(sort: SortKey) -> Sequence[ColumnElement[Any] | InstrumentedAttribute[str]]:
    """Return what to order by: the key, runs without it last, then the newest first."""
    column: ColumnElement[Any] = getattr(RunRow, sort.removeprefix("-"))
    if sort in ("name", "-name"):
        column = func.lower(column)
    first = column.desc() if sort.startswith("-") else column.asc()
    return [first.nulls_last(), RunRow.created_at.desc(), RunRow.id]


def _holds(word: str) -> ColumnElement[bool]:
    columns = (RunRow.name, RunRow.prior, RunRow.dataset, RunRow.id)
    return or_(*(column.icontains(word, autoescape=True) for column in columns))
