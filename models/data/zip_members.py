"""Zip files of strangers: what is in them, once it is known to be harmless."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from models.data.errors import DataError, DataTooLargeError
from models.data.options import Limits

_LARGE = 1_000_000  # bytes from which on a member has to have a credible ratio
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What others need to unpack grows with numbers that the file names: up to 4 GB for LZMA."""
_DRIVE = re.compile(r"[A-Za-z]:[/\\]")
_ENTRY = b"PK\x01\x02"
_ENTRY_BYTES = 46
_END = b"PK\x05\x06"
_END_BYTES = 22
_COMMENT_BYTES = 65_535
_LOCATOR = b"PK\x06\x07"
_END64 = b"PK\x06\x06"
_END64_BYTES = 56
_LOCATOR_BYTES = 20


def is_zip(head: bytes) -> bool:
    """Say whether a file that starts like this is a zip file."""
    return head[:4] in (b"PK\x03\x04", _END)


@contextmanager
def opened_zip(
    path: Path, name: str, limits: Limits
) -> Iterator[tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]]:
    """Open a zip file and list its files, without folders, in the order of their names.

    Nothing is ever unpacked to a path that a member names; such names are refused all the same.

    Raises:
        DataError: it is damaged, encrypted, or names places outside of it.
        DataTooLargeError: it has too many members, or they would become too large.
    """
    count = _members(path, limits.members)
    if count > limits.members:
        raise DataTooLargeError(
            f"“{name}” has {count:,} members or more; at most {limits.members:,} are allowed."
        )
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise DataError(f"“{name}” is a damaged zip file ({error}). Make it anew.") from error
    with archive:
        files = [info for info in archive.infolist() if not info.filename.endswith("/")]
        for info in files:
            _check(info, name, limits)
        _check_names(files, name)
        size = sum(info.file_size for info in files)
        if size > limits.bytes:
            raise DataTooLargeError(
                f"“{name}” would have {size / 1e6:,.0f} million bytes unpacked; at most "
                f"{limits.bytes / 1e6:,.0f} are allowed (PRIORSCOPE_MAX_DATASET_MEGABYTES)."
            )
        yield archive, sorted(files, key=lambda info: info.filename)


@contextmanager
def opened_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str
) -> Iterator[IO[bytes]]:
    """Open a member of the zip file that is called ``name``.

    Raises:
        DataError: it is damaged; found while it is read, too.
    """
    try:
        with archive.open(info) as file:
            yield file
    except DataError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        ValueError,
    ) as e:
        raise DataError(
            f"“{info.filename[:200]}” in “{name}” is damaged ({str(e)[:200]}). Make the zip anew."
        ) from e


def member_opener(
    path: Path, name: str, member: str, limits: Limits
) -> Callable[[], AbstractContextManager[IO[bytes]]]:
    """Return what opens a member of a zip file, as often as it is asked."""

    @contextmanager
    def opened() -> Iterator[IO[bytes]]:
        with (
            opened_zip(path, name, limits) as (archive, _members),
            opened_member(archive, archive.getinfo(member), name) as file,
        ):
            yield file

    return opened


def _check_names(files: list[zipfile.ZipInfo], name: str) -> None:
    seen: set[str] = set()
    for info in files:
        if info.filename in seen:
            raise DataError(
                f"“{name}” has several members called “{info.filename[:200]}”. Make it anew."
            )
        seen.add(info.filename)


def _check(info: zipfile.ZipInfo, name: str, limits: Limits) -> None:
    member = PurePosixPath(info.filename.replace("\\", "/"))
    where = f"The member “{info.filename[:200]}” of “{name}”"
    if not info.filename:
        raise DataError(f"A member of “{name}” has no name. Make the zip file anew.")
    if member.is_absolute() or ".." in member.parts or _DRIVE.match(info.filename):
        raise DataError(f"{where} names a place outside of the zip file. Make it anew without.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise DataError(f"{where} is a link. Make the zip file anew with the file itself.")
    if info.flag_bits & 0x1:
        raise DataError(f"{where} is encrypted. Make the zip file anew without a password.")
    if info.compress_type not in _METHODS:
        raise DataError(
            f"{where} is packed by method {info.compress_type}, which is not read here. Make the "
            "zip file anew with the usual method, deflate."
        )
    if info.file_size > _LARGE and info.file_size > limits.ratio * max(1, info.compress_size):
        raise DataTooLargeError(
            f"{where} would grow {info.file_size / max(1, info.compress_size):,.0f} times when "
            f"unpacked; at most {limits.ratio} times is credible."
        )


def _members(path: Path, most: int) -> int:
    """Return how many members a zip file has, as far as it can be told without listing them.

    Listing takes memory for each, so their number has to be known before. The last record claims
    one, which nobody who lists them looks at: where the list is long enough for more than ``most``,
    its entries are counted.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END_BYTES - _COMMENT_BYTES - _END64_BYTES - _LOCATOR_BYTES))
        start = file.tell()
        tail = file.read()
        counts = [0]
        for count, length, at in _claims(tail):
            counts.append(count)
            end = start + at
            if count <= most and min(length, end) > most * _ENTRY_BYTES:
                file.seek(end - min(length, end))
                counts.append(_entries(file, end, most))
    return max(counts)


def _claims(tail: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield what records at the end claim: members, bytes of their list, and where that ends."""
    at = tail.rfind(_END)
    if tail[-_END_BYTES:].startswith(_END) and tail.endswith(b"\0\0"):
        at = len(tail) - _END_BYTES
    if at < 0 or len(tail) < at + _END_BYTES:
        return
    yield *struct.unpack_from("<HI", tail, at + 10), at
    at64 = tail.rfind(_END64, 0, at)
    if tail[:at][-_LOCATOR_BYTES:].startswith(_LOCATOR) and 0 <= at64 <= at - _END64_BYTES:
        yield *struct.unpack_from("<QQ", tail, at64 + 32), at64


def _entries(file: IO[bytes], end: int, most: int) -> int:
    """Count the entries of the list that begins here, up to one more than ``most``."""
    count = 0
    while count <= most and file.tell() < end:
        entry = file.read(_ENTRY_BYTES)
        if len(entry) < _ENTRY_BYTES or not entry.startswith(_ENTRY):
            break
        file.seek(sum(struct.unpack_from("<3H", entry, 28)), io.SEEK_CUR)
        count += 1
    return count
