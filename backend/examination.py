"""What is wrong with a data folder; nothing is changed by looking."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout
from pydantic import ValidationError
from sqlalchemy import create_engine, text

from backend.artefact import read_artefact
from backend.checkpoints import Checkpoints
from backend.database import file_of
from backend.database_file import untouched
from backend.datasets import Datasets
from backend.errors import DamagedArtefactError
from backend.settings import Settings
from backend.unreadable_rows import unreadable_events, unreadable_runs
from models.config import RunConfig
from models.data.builtin import BUILTIN
from models.data.checksums import verify
from models.data.description import read_description
from models.data.errors import DataError
from models.data.loading import load

Remedy = Literal["put aside", "put aside, mark the run", "remove", "rebuild", "take out", "none"]
"""What a repair does: ``rebuild`` the database's indexes, ``take out`` rows of the database."""

QUARANTINE = "quarantine"

_SECOND_LOOK = 1.0  # seconds; what is in the making now is done by then, or has changed
_SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """Something that is wrong."""

    what: str
    """the file or folder, as seen from the data folder, or what else it is"""
    how: str
    remedy: Remedy
    advice: str = ""
    path: Path | None = None
    run: str | None = None
    events: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Row:
    """What is known of a run without trusting the rest of its row."""

    id: str
    name: str
    status: str
    checkpoint: int
    dataset: str
    config: str


@dataclass(frozen=True)
class Report:
    """All that was looked at, and what is wrong with it."""

    findings: tuple[Finding, ...]
    runs: int
    files: int
    datasets: int


class Examination:
    """Looks through a data folder once."""

    def __init__(self, settings: Settings, say: Callable[[str], None] = lambda _: None) -> None:
        """``say`` is told what is being looked at."""
        self._settings = settings
        self._folder = settings.data_dir
        self._checkpoints = Checkpoints(self._folder / "runs")
        self._say = say
        self._files = self._datasets = 0

    def report(self) -> Report:
        """Look at everything."""
        findings = list(self._database())
        rows = None if findings else self._rows()
        if rows is not None:
            findings += self._bad_rows(rows)
            findings += self._strays(rows)
        findings += self._artefacts(rows)
        findings += self._dataset_folders()
        if rows is not None:
            findings += self._missing_datasets(rows)
        findings += self._unfinished()
        return Report(tuple(findings), len(rows or ()), self._files, self._datasets)

    def _database(self) -> Iterator[Finding]:
        file = file_of(self._settings.url)
        if file is None:
            return
        self._say("the database")
        if _is_empty(file):
            if any(map(_holds_files, _folders(self._folder / "runs"))):
                how = "It is missing or empty, but there are files of runs."
                advice = "Bring it back with “priorscope restore”, into another folder."
                yield Finding(file.name, how, "none", advice)
            return
        missing: list[str] = []
        try:
            with untouched(file) as connection:
                missing = _missing_tables(connection)
                faults = [
                    row[0]
                    for row in connection.execute("PRAGMA integrity_check(20)")
                    if row[0] != "ok"
                ]
                faults += [
                    f"a row of {row[0]} refers to one of {row[2]} that there is not"
                    for row in connection.execute("PRAGMA foreign_key_check")
                ]
        except sqlite3.Error as error:
            faults = [str(error)]
        if missing:
            how = f"It is damaged: there is no {' and no '.join(missing)}."
            advice = "Bring back a backup with “priorscope restore”, into another folder."
            yield Finding(file.name, how, "none", advice)
        elif faults:
            advice = "Where that is not enough: “priorscope restore”, into another folder."
            how = f"It is damaged: {'; '.join(faults[:_SHOWN])}."
            yield Finding(file.name, how, "rebuild", advice, file)

    def _rows(self) -> list[_Row] | None:
        """Return the runs; None where there is no database yet."""
        question = "SELECT id, name, status, checkpoint, dataset, CAST(config AS TEXT) FROM runs"
        file = file_of(self._settings.url)
        if file is None:
            engine = create_engine(self._settings.url)
            with closing(engine.connect()) as connection:
                found = [tuple(row) for row in connection.execute(text(question))]
            engine.dispose()
        elif _is_empty(file):
            return None
        else:
            with untouched(file) as raw:
                # Text that is damaged may be no UTF-8 any more.
                raw.text_factory = lambda content: content.decode("utf-8", "replace")
                found = list(raw.execute(question))
        return [_Row(*row) for row in found]

    def _bad_rows(self, rows: list[_Row]) -> Iterator[Finding]:
        bad = {}
        for row in rows:
            try:
                RunConfig.model_validate_json(row.config)
            except ValidationError:
                bad[row.id] = "Its configuration in the database cannot be read"
        file = file_of(self._settings.url)
        if file is not None:
            with untouched(file) as raw:
                for run_id, why in unreadable_runs(raw, [row.id for row in rows]):
                    bad.setdefault(run_id, f"It cannot be read from the database ({why})")
        for row in rows:
            if row.id in bad:
                how = f"{bad[row.id]}, which hides all runs."
                yield Finding(_title(row), how, "take out", run=row.id)
        if file is not None:
            yield from self._bad_events(file, bad.keys())

    def _bad_events(self, file: Path, bad: Collection[str]) -> Iterator[Finding]:
        """Look through the log; the entries of runs that are taken out go with them."""
        with untouched(file) as raw:
            (count,) = raw.execute(
                "SELECT COUNT(*) FROM events WHERE kind <> 'deleted' "
                "AND run_id NOT IN (SELECT id FROM runs)"
            ).fetchone()
            unreadable = [number for number, run in unreadable_events(raw) if run not in bad]
        if count:
            how = f"{count} events of runs that there are not."
            yield Finding("events in the database", how, "take out")
        if unreadable:
            how = f"{len(unreadable)} of them cannot be read, which hides those after them."
            yield Finding("events in the database", how, "take out", events=tuple(unreadable))

    def _strays(self, rows: list[_Row]) -> Iterator[Finding]:
        """Look for files without a run; of a run that is being made, its row comes last."""
        folders = [path for path in _folders(self._folder / "runs") if _holds_files(path)]
        strays = [path for path in folders if path.name not in {row.id for row in rows}]
        if strays:
            time.sleep(_SECOND_LOOK)
            known = {row.id for row in self._rows() or ()}
            for path in strays:
                if path.name not in known and path.exists():
                    how = "These files belong to no run in the database."
                    yield self._finding(path, how, "put aside")

    def _artefacts(self, rows: list[_Row] | None) -> Iterator[Finding]:
        named = {row.id: row for row in rows or ()}
        for folder in _folders(self._folder / "runs"):
            row = named.get(folder.name)
            if rows is not None and row is None:
                continue
            self._say(f"run {folder.name}")
            for path in sorted(folder.rglob("*.safetensors")):
                yield from self._artefact(path, row)
        for row in named.values():
            yield from self._missing_weights(row)

    def _artefact(self, path: Path, row: _Row | None) -> Iterator[Finding]:
        self._files += 1
        weights = path.name == "weights.safetensors"
        try:
            if weights:
                self._checkpoints.load(path.parent.name)
            else:
                read_artefact(path)
        except FileNotFoundError:
            self._files -= 1  # replaced or removed while we look
        except DamagedArtefactError as error:
            how = f"{error.reason[0].upper()}{error.reason[1:]}"
            if row is None:
                yield self._finding(path, f"{how}.", "none")
                return
            yield Finding(
                self._relative(path),
                f"{how}. It is of {_title(row)}.",
                "put aside, mark the run" if weights else "put aside",
                path=path,
                run=row.id,
            )

    def _missing_weights(self, row: _Row) -> Iterator[Finding]:
        path = self._checkpoints.folder / row.id / "weights.safetensors"
        if row.checkpoint and not path.exists():
            how = f"It is missing, though {_title(row)} has stored weights."
            yield Finding(self._relative(path), how, "put aside, mark the run", run=row.id)

    def _dataset_folders(self) -> Iterator[Finding]:
        for root in (self._folder / "datasets", self._folder / "cache" / "datasets"):
            for folder in _folders(root):
                self._say(f"data set {folder.name}")
                self._datasets += 1
                try:
                    read_description(folder)
                    verify(folder)
                    load(folder, mapped=True)
                except DataError as error:
                    if folder.exists():
                        how = str(error).partition(" is damaged: ")[2].partition(". ")[0]
                        yield self._finding(folder, f"It is damaged: {how}.", "put aside")

    def _missing_datasets(self, rows: list[_Row]) -> Iterator[Finding]:
        there = set(Datasets(self._settings).ids()) | set(BUILTIN)
        there |= {path.name for path in _folders(self._folder / "cache" / "datasets")}
        for dataset in sorted({row.dataset for row in rows} - there):
            users = [_title(row) for row in rows if row.dataset == dataset]
            more = f" and {len(users) - _SHOWN} more" if len(users) > _SHOWN else ""
            how = f"It is missing, and needed by {', '.join(users[:_SHOWN])}{more}."
            advice = f"Add it again: “priorscope data add {dataset} …”."
            yield Finding(f"data set {dataset}", how, "none", advice)

    def _unfinished(self) -> Iterator[Finding]:
        """Look for what dead processes left; what living ones have in hand is theirs."""
        suspects = {path: _stamp(path) for path in self._leftovers()}
        if suspects:
            time.sleep(_SECOND_LOOK)
        for path, before in suspects.items():
            if _stamp(path) == before and before is not None:
                yield self._finding(path, "A process that died left it unfinished.", "remove")

    def _leftovers(self) -> Iterator[Path]:
        for path in (self._folder / "runs").glob("*/**/*.tmp"):
            run_id = path.relative_to(self._folder / "runs").parts[0]
            if not self._checkpoints.is_training(run_id):
                yield path
        yield from self._folder.glob(".*.tmp")
        yield from (self._folder / "datasets").glob(".*")
        for path in (self._folder / "cache" / "datasets").glob(".*"):
            if path.is_dir() and _is_free(path.with_name(f"{path.name}.lock")):
                yield path
        for path in _folders(self._folder / "incoming"):
            if _is_free(path.with_suffix(".lock")):
                yield path

    def _finding(self, path: Path, how: str, remedy: Remedy) -> Finding:
        return Finding(self._relative(path), how, remedy, path=path)

    def _relative(self, path: Path) -> str:
        return str(path.relative_to(self._folder))


def _missing_tables(connection: sqlite3.Connection) -> list[str]:
    """Return the tables that are not there, in words, or the row without which none can be read."""
    found = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    tables = ("runs", "events", "alembic_version")
    missing = [f"table {name}" for name in tables if name not in found]
    if missing or connection.execute("SELECT 1 FROM alembic_version").fetchone():
        return missing
    return ["row that says of which version it is"]


def _is_empty(file: Path) -> bool:
    return not file.exists() or file.stat().st_size == 0


def _folders(root: Path) -> list[Path]:
    """Return the folders in ``root``, but for hidden ones."""
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if path.is_dir() and path.name[0] != ".")


def _holds_files(folder: Path) -> bool:
    """Say whether there is more than locks; a question whether a run is trained leaves one."""
    return any(path.is_file() and path.suffix != ".lock" for path in folder.rglob("*"))


def _is_free(lock: Path) -> bool:
    if not lock.exists():
        return True
    try:
        with FileLock(lock).acquire(blocking=False):
            return True
    except Timeout:
        return False


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _title(row: _Row) -> str:
    return f"run {row.id} “{row.name}”"
