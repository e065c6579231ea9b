"""Files that were sent and wait to become a data set."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from starlette.requests import ClientDisconnect

from backend.dataset_schemas import Upload
from backend.durable_file import full_disk_named
from backend.errors import (
    InvalidRequestError,
    TooLargeError,
    TooManyUploadsError,
    UnknownUploadError,
    UnsupportedFormatError,
)
from backend.workspace import Workspace
from models.data.errors import DataError, UnknownFormatError
from models.data.formats import sniff
from models.data.options import Limits

_SECONDS_KEPT = 24 * 3600.0
_MOST = 64
_SPARE_BYTES = 100_000_000
_WRITTEN_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class _Kept:
    upload: Upload
    path: Path
    since: float


class Uploads:
    """The uploads of this process, in its workspace; each is a file of a name made here."""

    def __init__(self, workspace: Workspace, limits: Limits) -> None:
        self._folder = workspace.make("uploads")
        self._limits = limits
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._receiving = 0

    async def receive(self, filename: str, parts: AsyncIterator[bytes], size: int | None) -> Upload:
        """Store what comes; ``size`` is what the client says it will be.

        Raises:
            TooManyUploadsError: so many wait already.
            TooLargeError: the disk has not the room.
            DiskFullError: it has not any more.
            InvalidRequestError: the client stopped in the middle, or the file is hostile.
            UnsupportedFormatError: it is nothing that is read here.
        """
        self._check_room(size or 0)
        upload_id = secrets.token_hex(6)
        path = self._folder / upload_id
        self._receiving += 1
        try:
            with full_disk_named(self._folder):
                with path.open("wb") as file:
                    await _write(file, parts)
                upload = await asyncio.to_thread(self._inspect, upload_id, filename, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            self._receiving -= 1
        with self._lock:
            self._kept[upload_id] = _Kept(upload, path, time.monotonic())
        return upload

    def get(self, upload_id: str) -> tuple[Upload, Path]:
        """Return an upload and where it lies.

        Raises:
            UnknownUploadError: there is none.
        """
        with self._lock:
            if upload_id not in self._kept:
                raise UnknownUploadError(upload_id)
            kept = self._kept[upload_id]
        return kept.upload, kept.path

    def delete(self, upload_id: str) -> None:
        """Remove an upload.

        Raises:
            UnknownUploadError: there is none.
        """
        _, path = self.get(upload_id)
        with self._lock:
            self._kept.pop(upload_id, None)
        path.unlink(missing_ok=True)

    def expire(self, in_use: set[str]) -> None:
        """Remove uploads that were forgotten."""
        now = time.monotonic()
        with self._lock:
            kept = list(self._kept.items())
        for upload_id, entry in kept:
            if now - entry.since > _SECONDS_KEPT and upload_id not in in_use:
                self.delete(upload_id)

    def _check_room(self, size: int) -> None:
        if len(self._kept) + self._receiving >= _MOST:
            raise TooManyUploadsError(
                f"{_MOST} uploads are waiting to become data sets. Delete some of them first."
            )
        free = max(0, shutil.disk_usage(self._folder).free - _SPARE_BYTES)
        if size > free:
            raise TooLargeError(
                f"The file has {size / 1e6:,.0f} million bytes, but the disk of the data folder "
                f"has only {free / 1e6:,.0f} to spare."
            )

    def _inspect(self, upload_id: str, filename: str, path: Path) -> Upload:
        try:
            found = sniff(path, filename, self._limits)
        except UnknownFormatError as error:
            raise UnsupportedFormatError(str(error)) from error
        except DataError as error:
            raise InvalidRequestError(str(error)) from error
        return Upload(id=upload_id, filename=filename, bytes=path.stat().st_size, format=found)


async def _write(file: IO[bytes], parts: AsyncIterator[bytes]) -> None:
    """Write what comes, in large pieces and in a thread, for a disk may be slow."""
    waiting = bytearray()
    try:
        async for part in parts:
            waiting += part
            if len(waiting) >= _WRITTEN_AT_ONCE:
                await asyncio.to_thread(file.write, waiting)
                waiting = bytearray()
    except ClientDisconnect as error:
        raise InvalidRequestError("The connection ended in the middle of the file.") from error
    await asyncio.to_thread(file.write, waiting)
