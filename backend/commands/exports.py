"""``priorscope export``: a run as a zip file."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from backend.commands.connection import connect
from backend.errors import PriorscopeError
from backend.explore import Explorer
from backend.exporting import export
from backend.settings import Settings
from backend.storage import RunStore
from backend.visible_text import visible


def write(settings: Settings, run_id: str, target: Path) -> None:
    """Write a run of the data folder.

    Raises:
        UnknownRunError: no run has this id.
        NoCheckpointError, DamagedArtefactError: it has no weights, or damaged ones.
        PriorscopeError: the file is there already, or cannot be written.
    """
    store = RunStore(settings)
    try:
        content = export(store.get(run_id), Explorer(store, settings), store)
    finally:
        store.close()
    _write(target, content)


def write_from(server: str, run_id: str, target: Path) -> None:
    """Write a run of a server, likewise.

    Raises:
        PriorscopeError: the server refuses, or cannot be reached.
    """
    with connect(server) as client:
        content = client.export_run(run_id)
    _write(target, content)


def _write(target: Path, content: bytes) -> None:
    try:
        with target.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise PriorscopeError(
            f"{target} is there already. Name another file, or remove that one."
        ) from error
    except OSError as error:
        raise PriorscopeError(f"{target} cannot be written ({error.strerror}).") from error
    Console(highlight=False).print(
        visible(f"{target}: {len(content):,} bytes."), markup=False, soft_wrap=True
    )
