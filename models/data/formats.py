"""Which format a file is of, by its content."""

from __future__ import annotations

import zlib
from pathlib import Path, PurePosixPath
from typing import Literal

from models.data.errors import DataError, UnknownFormatError
from models.data.idx import is_idx, is_idx_name
from models.data.npy import MAGIC
from models.data.options import Limits
from models.data.picture import is_picture
from models.data.zip_members import is_zip, opened_zip

Format = Literal["arrays", "pictures", "table", "idx"]

KNOWN = (
    "Known are .npz and .npy arrays, zip files of pictures, CSV and Parquet tables, and IDX files."
)
PARQUET = b"PAR1"

_HEAD = 65_536
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NO_TEXT = bytes(set(range(32)) - {9, 10, 12, 13}) + b"\x7f"
_MARKUP = (b"<", b"{", b"[")  # HTML, XML and JSON are text, but no tables


def sniff(path: Path, name: str, limits: Limits) -> Format:
    """Return the format of a file.

    Raises:
        UnknownFormatError: it is none that is read here.
        DataError: it is a damaged or hostile zip file.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise UnknownFormatError(f"“{name}” is empty. {KNOWN}")
    if is_zip(head):
        return _sniff_zip(path, name, limits)
    if head.startswith(MAGIC):
        return "arrays"
    if is_idx(head) or is_idx(_unpacked(head)):
        return "idx"
    if head.startswith(PARQUET) or _is_text(head):
        return "table"
    one = " For pictures, send a zip file of them." if is_picture(name) else ""
    raise UnknownFormatError(f"“{name}” is of a format that is not read here.{one} {KNOWN}")


def _sniff_zip(path: Path, name: str, limits: Limits) -> Format:
    with opened_zip(path, name, limits) as (_archive, members):
        names = [info.filename for info in members]
    bases = [PurePosixPath(each).name for each in names]
    if any(base.endswith(".npy") for base in bases):
        return "arrays"
    if any(is_idx_name(base) for base in bases):
        return "idx"
    if any(is_picture(each) for each in names):
        return "pictures"
    if not names:
        raise DataError(f"“{name}” is an empty zip file.")
    raise UnknownFormatError(
        f"The zip file “{name}” holds neither pictures nor arrays nor IDX files, but such as "
        f"“{bases[0][:100]}”. {KNOWN}"
    )


def _is_text(head: bytes) -> bool:
    if head.startswith(_UTF16):
        return True
    return not head.lstrip().startswith(_MARKUP) and head.translate(None, _NO_TEXT) == head


def _unpacked(head: bytes) -> bytes:
    """Return the first bytes of what a gzip file holds; nothing of another file."""
    if head[:2] != b"\x1f\x8b":
        return b""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 8)
    except zlib.error:
        return b""
