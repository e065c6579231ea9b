"""Repairs of a data folder. What can be of value is moved to ``quarantine``, never deleted."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from filelock import Timeout

from backend.checkpoints import Checkpoints
from backend.clock import now
from backend.database import file_of
from backend.durable_file import replace_file
from backend.errors import PriorscopeError, StoreError
from backend.examination import QUARANTINE, Finding
from backend.settings import Settings
from backend.storage import RunStore

_PATIENCE_SECONDS = 0.2
_OF_NO_RUN = "run_id NOT IN (SELECT id FROM runs) AND kind <> 'deleted'"


class Repairs:
    """Repairs findings, one after another; nobody else may have the data folder meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._checkpoints = Checkpoints(settings.data_dir / "runs")
        moment = now()
        self._day = f"{moment:%Y-%m-%d}"
        self.quarantine = _free_name(settings.data_dir / QUARANTINE / f"{moment:%Y%m%d-%H%M%S}")

    def apply(self, finding: Finding) -> str:
        """Repair it; return what was done, in a sentence.

        Raises:
            PriorscopeError: that did not work, and everything is as before.
        """
        try:
            match finding.remedy:
                case "put aside":
                    return self._put_aside(finding)
                case "put aside, mark the run":
                    return f"{self._put_aside(finding)} {self._mark(finding)}".lstrip()
                case "remove":
                    return self._remove(finding)
                case "rebuild":
                    return self._rebuild(finding)
                case "take out":
                    return self._take_out(finding)
                case "none":
                    return ""
        except Timeout as error:
            raise StoreError(f"{finding.what} is left alone: its run is being trained.") from error
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{finding.what} could not be repaired: {error}.") from error

    def _put_aside(self, finding: Finding) -> str:
        if finding.path is None:
            return ""
        if finding.run is None:
            self._move(finding.path)
        else:
            with self._checkpoints.lock(finding.run).acquire(timeout=_PATIENCE_SECONDS):
                self._move(finding.path)
        return f"{finding.what} was moved to {self.quarantine}."

    def _move(self, path: Path) -> None:
        target = self.quarantine / path.relative_to(self._settings.data_dir)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)

    def _mark(self, finding: Finding) -> str:
        assert finding.run is not None
        store = RunStore(self._settings)
        try:
            how = "were damaged and put aside" if finding.path else "are gone"
            store.lose_weights(
                finding.run,
                f"The weights of this run {how} (priorscope doctor, {self._day}). Its figures and "
                "its history are kept; there is nothing to explore any more.",
            )
        finally:
            store.close()
        return f"Run {finding.run} says so."

    def _remove(self, finding: Finding) -> str:
        assert finding.path is not None
        if finding.path.is_dir():
            shutil.rmtree(finding.path)
        else:
            finding.path.unlink(missing_ok=True)
        return f"{finding.what} was removed."

    def _rebuild(self, finding: Finding) -> str:
        """Work out the indexes anew, which is all that can be without guessing."""
        assert finding.path is not None
        self.quarantine.mkdir(parents=True, exist_ok=True)
        for path in (finding.path, finding.path.with_name(finding.path.name + "-wal")):
            if path.exists():
                shutil.copy2(path, self.quarantine)
        try:
            with closing(sqlite3.connect(finding.path)) as connection:
                connection.execute("REINDEX")
                found = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
        except sqlite3.Error as error:
            found = [str(error)]
        if found != ["ok"]:
            raise StoreError(
                f"{finding.what} cannot be repaired ({found[0]}); a copy is in {self.quarantine}. "
                "Bring back a backup with “priorscope restore”, into another folder."
            )
        return f"{finding.what} has new indexes; as it was, it is in {self.quarantine}."

    def _take_out(self, finding: Finding) -> str:
        file = file_of(self._settings.url)
        if file is None:
            raise StoreError(f"{finding.what}: this is only repaired in a database of SQLite.")
        run = (finding.run or "",)
        parts: list[tuple[str, str, Sequence[str]]]
        if finding.events:
            name = "unreadable"
            parts = [("events", f"id IN ({', '.join(map(str, finding.events))})", ())]
        elif finding.run is None:
            name = "of-none"
            parts = [("events", _OF_NO_RUN, ())]
        else:
            name = finding.run if _is_name(finding.run) else "nameless"
            parts = [("runs", "id = ?", run), ("events", "run_id = ?", run)]
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.text_factory = lambda content: content.decode("utf-8", "backslashreplace")
            connection.execute("BEGIN IMMEDIATE")
            for table, condition, values in parts:
                chosen = f"{table} WHERE {condition}"
                self._write_rows(f"{table}-{name}", connection, chosen, values)
                connection.execute(f"DELETE FROM {chosen}", values)
        if finding.run is not None and _is_name(finding.run):
            folder = self._checkpoints.folder / finding.run
            if folder.exists():
                self._move(folder)
        return f"{finding.what}: taken out of the database, into {self.quarantine}."

    def _write_rows(
        self, name: str, connection: sqlite3.Connection, chosen: str, values: Sequence[str]
    ) -> None:
        rows = connection.execute(f"SELECT * FROM {chosen}", values)
        names = [column[0] for column in rows.description]
        lines = [json.dumps(dict(zip(names, row, strict=True)), default=repr) for row in rows]
        self.quarantine.mkdir(parents=True, exist_ok=True)
        content = "".join(f"{line}\n" for line in lines).encode()
        replace_file(self.quarantine / f"{name}.jsonl", content)


def attempt(repairs: Repairs, finding: Finding) -> str:
    """Repair a finding; return what was done, or why that did not work."""
    try:
        return repairs.apply(finding)
    except PriorscopeError as error:
        return error.detail


def _is_name(run_id: str) -> bool:
    """Whether an id, which may be damaged, is no path."""
    return run_id.isalnum()


def _free_name(path: Path) -> Path:
    """Return the path, or one like it that nothing has: a clock may show the same time twice."""
    free, number = path, 1
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free
