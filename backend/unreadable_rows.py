"""Rows of the database that cannot be read any more."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence

from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from backend.run_rows import run_of
from backend.schemas import Epoch, Event
from backend.tables import RunRow

_UNREADABLE = (ValueError, TypeError, SQLAlchemyError)
_LONGEST = 120  # characters of a reason


def unreadable_runs(raw: sqlite3.Connection, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Find the runs whose rows the store cannot read; yield their ids and why.

    Nothing can be said of a store of an older version, which lacks some columns.
    """
    there = {row[1] for row in raw.execute("PRAGMA table_info(runs)")}
    if not there >= set(RunRow.__table__.columns.keys()):
        return
    with _session(raw) as session:
        for run_id in ids:
            try:
                row = session.get(RunRow, run_id)
                if row is not None:
                    run_of(row)
            except _UNREADABLE as error:
                yield run_id, reason(error)


def unreadable_events(raw: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    """Find the entries of the log that the store cannot read; yield their numbers and runs."""
    rows = raw.execute("SELECT id, run_id, kind, CAST(data AS TEXT) FROM events ORDER BY id")
    for number, run_id, kind, data in rows:
        try:
            event = Event(id=number, run_id=run_id, kind=kind, data=json.loads(data))
            if event.kind == "epoch":
                Epoch.model_validate(event.data)
        except _UNREADABLE:
            yield number, run_id


def reason(error: Exception) -> str:
    """Return in one line what a row's error says."""
    line = " ".join(str(getattr(error, "orig", None) or error).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _session(raw: sqlite3.Connection) -> Session:
    """Return a session over a connection that somebody else opened, and will close."""
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    return Session(engine)
