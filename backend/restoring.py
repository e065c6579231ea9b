"""Bringing back a backup, into an empty folder; the file may be anybody's."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import sqlite3
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import ValidationError

from backend.archive import DATABASE, MANIFEST, BackupError, FileEntry, Manifest, may_hold
from backend.data_folder import make_data_folder
from backend.database_file import untouched, unwritable
from backend.durable_file import full_disk_named, sync_folder
from backend.revisions import refuse_newer, stored_revision

_STAGE = ".restoring"
_LARGEST_MANIFEST = 200_000_000  # bytes, of some million files
_SPARE_BYTES = 50_000_000
_CHUNK = 1 << 20
_ENCRYPTED = 0x1
_RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


def restore(file: Path, folder: Path) -> Manifest:
    """Put the content of a backup into ``folder``, which is empty or not there.

    Everything is written and compared with its checksum before anything is put in place.

    Raises:
        BackupError: the folder holds something, or the file is damaged, hostile or no backup.
        StoreError: a newer Priorscope made it, or the folder cannot be written to.
        DiskFullError: there is no room.
    """
    _check_empty(folder)
    made = not folder.exists()
    make_data_folder(folder)
    stage = folder / _STAGE
    try:
        with full_disk_named(folder), _damage_named(file), ZipFile(file) as archive:
            shutil.rmtree(stage, ignore_errors=True)
            stage.mkdir()
            manifest = _manifest(archive)
            _check_room(folder, manifest)
            for entry in manifest.files:
                _extract(archive, entry, stage)
            _check_database(stage / DATABASE, manifest)
        _check_empty(folder)
        _place(stage, folder)
    except BaseException as error:
        shutil.rmtree(stage, ignore_errors=True)
        if made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError):
            raise unwritable(folder, error.strerror or str(error)) from error
        raise
    return manifest


def _check_empty(folder: Path) -> None:
    if not folder.exists():
        return
    # What a restore that was killed left is no reason to refuse.
    if not folder.is_dir() or {path.name for path in folder.iterdir()} - {_STAGE}:
        raise BackupError(
            f"{folder} is not empty. A backup is restored into a new folder, for nothing that is "
            "there may be lost: choose one with --data-dir."
        )


@contextlib.contextmanager
def _damage_named(file: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise BackupError(f"There is no file {file}.") from error
    except (BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise BackupError(f"{file} is no backup, or damaged: {str(error)[:200]}.") from error
    except OSError as error:
        # Where a damaged list leads to before the beginning of the file.
        if error.errno != errno.EINVAL:
            raise
        raise BackupError(f"{file} is no backup, or damaged: it leads out of itself.") from error


def _manifest(archive: ZipFile) -> Manifest:
    """Return the list of files, once it is known that the archive holds these and no others."""
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
        raise BackupError(f"This is no backup of Priorscope: there is no {MANIFEST} in it.")
    for info in infos:
        _check_member(info)
    try:
        manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    except ValidationError as error:
        raise BackupError(
            f"The {MANIFEST} of this backup cannot be read; perhaps a newer version of Priorscope "
            "wrote it."
        ) from error
    listed = [entry.path for entry in manifest.files]
    for path in listed:
        if not may_hold(path):
            raise BackupError(f"This backup names a file that none may hold: {path[:200]!r}.")
    if sorted(names) != sorted([MANIFEST, *listed]) or len(set(names)) != len(names):
        raise BackupError(f"This backup is damaged: it does not hold what its {MANIFEST} lists.")
    if DATABASE not in listed:
        raise BackupError("This backup is damaged: there is no database in it.")
    return manifest


def _check_member(info: ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or info.filename.endswith("/") or not info.filename:
        raise BackupError(f"This is no backup: {info.filename[:200]!r} is not an ordinary file.")
    if info.flag_bits & _ENCRYPTED or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise BackupError(f"This is no backup: {info.filename[:200]!r} is packed in another way.")


def _check_room(folder: Path, manifest: Manifest) -> None:
    needed = sum(entry.bytes for entry in manifest.files)
    free = shutil.disk_usage(folder).free - _SPARE_BYTES
    if needed > free:
        raise BackupError(
            f"The backup takes {needed / 1e6:,.0f} million bytes, but the disk of {folder} has "
            f"only {max(0, free) / 1e6:,.0f} to spare."
        )


def _extract(archive: ZipFile, entry: FileEntry, stage: Path) -> None:
    path = stage / entry.path
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), entry.bytes
    with archive.open(entry.path) as source, path.open("xb") as target:
        while chunk := source.read(min(_CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                break
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if left != 0 or digest.hexdigest() != entry.sha256:
        raise BackupError(f"This backup is damaged: the checksum of {entry.path} does not fit.")


def _check_database(path: Path, manifest: Manifest) -> None:
    refuse_newer(path)
    try:
        with untouched(path) as connection:
            (whole,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            ids = [row[0] for row in connection.execute("SELECT id FROM runs")]
    except sqlite3.Error as error:
        raise BackupError(f"The database in this backup is damaged: {error}.") from error
    # An id becomes the name of a folder.
    proper = all(isinstance(one, str) and _RUN_ID.fullmatch(one) for one in ids)
    if whole != "ok" or not proper or len(ids) != manifest.runs or stored_revision(path) is None:
        raise BackupError("The database in this backup is damaged, or not one of Priorscope.")


def _place(stage: Path, folder: Path) -> None:
    """Move everything into place, the database last: without it, nothing else counts."""
    for path in stage.rglob("*"):
        if path.is_dir():
            sync_folder(path)
    for path in sorted(stage.iterdir(), key=lambda path: path.name == DATABASE):
        sync_folder(folder)
        path.rename(folder / path.name)
    stage.rmdir()
    sync_folder(folder)
