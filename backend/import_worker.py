"""What happens in the processes that read the files of strangers."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from models.data.errors import DataError
from models.data.identity import Identity
from models.data.importing import Look, Origin, import_dataset, look_at
from models.data.options import ImportOptions, Limits

_SECONDS_BETWEEN = 0.2


class ImportProgress(BaseModel):
    """How far an import is; ``total`` is None while that is not known."""

    message: str
    done: int = 0
    total: int | None = None


@dataclass(frozen=True)
class ImportTask:
    """An import: from where, how, and the empty folder that it goes to."""

    origin: Origin
    options: ImportOptions
    identity: Identity
    limits: Limits
    folder: Path
    progress: Path


def prepare(niceness: int) -> None:
    """Make this process give way to others, and end with its parent, however that one ends."""
    if hasattr(os, "nice"):
        os.nice(niceness)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def preview(origin: Origin, options: ImportOptions, limits: Limits) -> Look | str:
    """Look at some rows; return what was seen, or a sentence that says why that is not possible."""
    try:
        return look_at(origin, options, limits)
    except DataError as error:
        return str(error)


def run_import(task: ImportTask) -> str | None:
    """Write the data set; return None, or a sentence that says why that is not possible."""
    written = 0.0

    def report(message: str, done: int, total: int | None) -> None:
        nonlocal written
        now = time.monotonic()
        if now - written > _SECONDS_BETWEEN or done == total:
            written = now
            state = ImportProgress(message=message, done=done, total=total)
            temporary = task.progress.with_suffix(".tmp")
            # Where the disk is full, the data set is what fails of it, not the report.
            with contextlib.suppress(OSError):
                temporary.write_text(state.model_dump_json())
                temporary.replace(task.progress)

    try:
        import_dataset(task.folder, task.origin, task.options, task.identity, task.limits, report)
    except DataError as error:
        return str(error)
    except OSError as error:
        return f"The disk of the data folder does not do what it should: {error.strerror or error}."
    return None


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
