"""Which reader is for a file or a folder."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Literal

from models.data.errors import DataError, UnknownFormatError
from models.data.found import in_folder
from models.data.idx import IdxSet, is_idx, on_disk, read_idx, single
from models.data.options import ImportOptions, Limits
from models.data.source import Source

Format = Literal["arrays", "pictures", "table", "idx"]

_HEAD = 65_536

_KNOWN = (
    "Known are .npz and .npy arrays, zip files of pictures, CSV and Parquet tables, and IDX files."
)


def sniff(path: Path, name: str, limits: Limits) -> Format:
    """Return the format of a file, by its content.

    Raises:
        UnknownFormatError: it is none that is read here.
        DataError: it is a damaged or hostile zip file.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise UnknownFormatError(f"“{name}” is empty. {_KNOWN}")
    if is_idx(head) or is_idx(_unpacked(head)):
        return "idx"
    raise UnknownFormatError(f"“{name}” is of a format that is not read here. {_KNOWN}")


def open_source(path: Path, name: str, options: ImportOptions, limits: Limits) -> Source:
    """Return what a file or a folder holds; ``name`` is what it is called in errors.

    Raises:
        DataError: it is damaged, hostile, or of no known format.
    """
    if path.is_dir():
        return _open_folder(path, name, options, limits)
    match sniff(path, name, limits):
        case "idx":
            return read_idx(single(on_disk(path, name)), limits)
        case other:
            raise UnknownFormatError(other)


def _open_folder(path: Path, name: str, options: ImportOptions, limits: Limits) -> Source:
    if sets := in_folder(path):
        return read_idx(only(sets, name), limits)
    raise DataError(f"There is no data set in the folder “{name}”. {_KNOWN}")


def only(sets: list[IdxSet], name: str) -> IdxSet:
    """Return the one data set there is.

    Raises:
        DataError: there are several.
    """
    if len(sets) > 1:
        names = ", ".join(found.name for found in sets)
        raise DataError(
            f"“{name}” holds several data sets: {names}. Put the files of one of them into a "
            "folder of their own."
        )
    return sets[0]


def _unpacked(head: bytes) -> bytes:
    """Return the first bytes of what a gzip file holds; nothing of another file."""
    if head[:2] != b"\x1f\x8b":
        return b""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 8)
    except zlib.error:
        return b""
