"""Zip files of strangers: what is in them, once it is known to be harmless."""

from __future__ import annotations

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
_DRIVE = re.compile(r"[A-Za-z]:[/\\]")
_END = b"PK\x05\x06"
_END_BYTES = 22
_COMMENT_BYTES = 65_535
_MANY = 0xFFFF  # says that the true number is in a zip64 record
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
    count = _claimed_members(path)
    if count > limits.members:
        raise DataTooLargeError(
            f"“{name}” has {count:,} members; at most {limits.members:,} are allowed."
        )
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise DataError(f"“{name}” is a damaged zip file ({error}). Make it anew.") from error
    with archive:
        files = [info for info in archive.infolist() if not info.is_dir()]
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
def opened_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    """Open a member.

    Raises:
        DataError: it is damaged; found while it is read, too.
    """
    try:
        with archive.open(info) as file:
            yield file
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise DataError(f"“{info.filename}” is damaged ({error}). Make the zip anew.") from error


def member_opener(
    path: Path, name: str, member: str, limits: Limits
) -> Callable[[], AbstractContextManager[IO[bytes]]]:
    """Return what opens a member of a zip file, as often as it is asked."""

    @contextmanager
    def opened() -> Iterator[IO[bytes]]:
        with (
            opened_zip(path, name, limits) as (archive, _members),
            opened_member(archive, archive.getinfo(member)) as file,
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
    if member.is_absolute() or ".." in member.parts or _DRIVE.match(info.filename):
        raise DataError(f"{where} names a place outside of the zip file. Make it anew without.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise DataError(f"{where} is a link. Make the zip file anew with the file itself.")
    if info.flag_bits & 0x1:
        raise DataError(f"{where} is encrypted. Make the zip file anew without a password.")
    if info.file_size > _LARGE and info.file_size > limits.ratio * max(1, info.compress_size):
        raise DataTooLargeError(
            f"{where} would grow {info.file_size / max(1, info.compress_size):,.0f} times when "
            f"unpacked; at most {limits.ratio} times is credible."
        )


def _claimed_members(path: Path) -> int:
    """Return the number of members that the file's last record claims; 0 where there is none.

    Listing them takes memory for each, so their number has to be known before.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END_BYTES - _COMMENT_BYTES - _END64_BYTES - _LOCATOR_BYTES))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_BYTES:
        return 0
    (count,) = struct.unpack("<H", tail[at + 10 : at + 12])
    at64 = tail.rfind(_END64, 0, at)
    if count == _MANY and at64 >= 0 and len(tail) >= at64 + 40:
        (count,) = struct.unpack("<Q", tail[at64 + 32 : at64 + 40])
    return int(count)
