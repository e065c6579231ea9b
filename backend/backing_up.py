"""Making a backup, while a server works and trains."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from backend import __version__
from backend.archive import DATABASE, MANIFEST, BackupError, FileEntry, Manifest, may_hold
from backend.artefact import read_artefact
from backend.clock import now
from backend.database import Database
from backend.database_file import copy_snapshot, snapshot, unwritable
from backend.durable_file import full_disk_named, put_file
from backend.errors import DamagedArtefactError
from backend.settings import Settings
from backend.workspace import Workspace

_CHUNK = 1 << 20
_NO_LINKS = {errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS}
_LOOKS = 10


@dataclass(frozen=True)
class Backup:
    """A backup that was made."""

    manifest: Manifest
    bytes: int
    damaged: tuple[str, ...]
    """files that were damaged already"""


def back_up(settings: Settings, target: Path) -> Backup:
    """Write database, files of runs and data sets, as they are at one moment, into one file.

    While they are linked to, nobody writes to the database. So whatever goes on, what is in the
    backup is what a crash at that moment would have left, which loses nothing.

    Raises:
        BackupError: there is such a file already, or the database is no file.
        DiskFullError: there is no room; nothing of it stays.
        StoreError: the data folder cannot be used.
    """
    if target.exists():
        raise BackupError(f"There is {target} already. Choose another name, or remove it.")
    if not target.parent.is_dir():
        raise BackupError(f"There is no folder {target.parent} to write {target.name} to.")
    if not settings.data_dir.is_dir():
        raise BackupError(f"There is no data folder {settings.data_dir}.")
    mark = secrets.token_hex(4)
    database = target.with_name(f".{target.name}.{mark}.db")
    archive = target.with_name(f".{target.name}.{mark}.tmp")
    try:
        workspace = Workspace(settings.data_dir)
    except OSError as error:
        raise unwritable(settings.data_dir, error.strerror or str(error)) from error
    try:
        with full_disk_named(target.parent):
            staged = workspace.make("backup")
            _stage(settings, staged, database)
            backup = _write(staged, database, archive)
            put_file(target, archive)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror or error}.") from error
    finally:
        database.unlink(missing_ok=True)
        archive.unlink(missing_ok=True)
        workspace.close()
    return backup


def _stage(settings: Settings, staged: Path, copy: Path) -> None:
    """Copy the database, and link to the files that belong to it."""
    database = Database(settings.url, settings.data_dir)
    try:
        if database.file is None:
            raise BackupError(
                "The database is not a file of SQLite: back it up with its own tools, and the data "
                "folder with yours."
            )
        with contextlib.ExitStack() as later:
            # Trainers wait while this writes nothing: their files and rows change no more.
            with database.write() as session:
                session.connection()  # a transaction begins when it is first needed
                original = later.enter_context(snapshot(database.file))
                for folder in _folders(settings.data_dir, original):
                    _link(settings.data_dir, folder, staged)
            # They need not wait for this, which may take long.
            copy_snapshot(original, copy)
    except sqlite3.Error as error:
        raise BackupError(
            f"The database cannot be read: {error}. See “priorscope doctor”."
        ) from error
    finally:
        database.close()


def _folders(data_dir: Path, database: sqlite3.Connection) -> list[Path]:
    """Return the folders of all runs, of added data sets and of found ones that runs need."""
    rows = database.execute("SELECT id, dataset FROM runs").fetchall()
    added = (data_dir / "datasets").glob("[!.]*")
    return [
        *(Path("runs") / row[0] for row in rows),
        *(Path("datasets") / folder.name for folder in added),
        *(Path("cache") / "datasets" / dataset for dataset in sorted({row[1] for row in rows})),
    ]


def _link(data_dir: Path, folder: Path, staged: Path) -> None:
    """Link to a folder's files, again where one is replaced meanwhile; whole or not at all."""
    for _ in range(_LOOKS):
        before = _files(data_dir, folder)
        try:
            for path in before:
                (staged / path).parent.mkdir(parents=True, exist_ok=True)
                _link_file(data_dir / path, staged / path)
        except FileNotFoundError:
            shutil.rmtree(staged / folder, ignore_errors=True)
            continue
        if _files(data_dir, folder) == before:
            return
        shutil.rmtree(staged / folder, ignore_errors=True)
    raise BackupError(f"The files in {data_dir / folder} change all the time. Try again.")


def _files(data_dir: Path, folder: Path) -> dict[str, tuple[int, int, int]]:
    found = {}
    for path in (data_dir / folder).rglob("*"):
        name = path.relative_to(data_dir).as_posix()
        if may_hold(name) and path.is_file() and not path.is_symlink():
            status = path.stat()
            found[name] = status.st_ino, status.st_mtime_ns, status.st_size
    return found


def _link_file(source: Path, target: Path) -> None:
    # Files are replaced and never changed: a link to one holds its content.
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(source, target)


def _write(staged: Path, database: Path, archive: Path) -> Backup:
    paths = {path.relative_to(staged).as_posix(): path for path in _all_files(staged)}
    damaged = tuple(name for name, path in sorted(paths.items()) if _is_damaged(path))
    with closing(sqlite3.connect(database)) as connection:
        (runs,) = connection.execute("SELECT COUNT(*) FROM runs").fetchone()
    with ZipFile(archive, "x") as file:
        entries = [_add(file, DATABASE, database)]
        entries += [_add(file, name, path) for name, path in sorted(paths.items())]
        manifest = Manifest(priorscope=__version__, made_at=now(), runs=runs, files=entries)
        file.writestr(_info(MANIFEST), manifest.model_dump_json(indent=1))
    return Backup(manifest, archive.stat().st_size, damaged)


def _all_files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _is_damaged(path: Path) -> bool:
    if path.suffix != ".safetensors":
        return False
    try:
        read_artefact(path)
    except DamagedArtefactError:
        return True
    return False


def _add(file: ZipFile, name: str, path: Path) -> FileEntry:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, file.open(_info(name), "w", force_zip64=True) as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    return FileEntry(path=name, bytes=size, sha256=digest.hexdigest())


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name)
    # Weights are as good as random: to pack them takes long and saves nothing.
    info.compress_type = ZIP_STORED if name.endswith(".safetensors") else ZIP_DEFLATED
    info.external_attr = 0o100600 << 16
    return info
