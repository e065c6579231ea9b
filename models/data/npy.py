"""Arrays as numpy stores them, read in pieces; never with pickle."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from models.data.errors import DataError, DataTooLargeError
from models.data.source import rows_per_block

MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 65_545
_MOST_AXES = 8
_AT_ONCE = 1_000_000_000  # most bytes of an array that has to be read whole
_ADVICE = "Save it anew with numpy.save or numpy.savez."


@dataclass(frozen=True)
class NpyFile:
    """A file, or a member of a zip file: its name, how to open it, its size when unpacked."""

    name: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    bytes: int


@dataclass(frozen=True)
class NpyArray:
    """An array that is known by its header alone; its rows are its first axis."""

    file: NpyFile
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    by_columns: bool
    start: int
    """bytes before the values"""

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return math.prod(self.shape[1:]) * self.dtype.itemsize

    def blocks(self) -> Iterator[NDArray[Any]]:
        """Yield pieces (n, ...) in order.

        Raises:
            DataError: the values end too early.
            DataTooLargeError: they are stored column by column, and too many to be read at once.
        """
        if self.by_columns and len(self.shape) > 1:
            yield self._whole()
            return
        step = rows_per_block(self.row_bytes)
        with self.file.open() as content:
            content.read(self.start)
            for first in range(0, self.shape[0], step):
                rows = min(step, self.shape[0] - first)
                data = self._read(content, rows * self.row_bytes, first)
                yield self._values(data).reshape(rows, *self.shape[1:])

    def all(self) -> NDArray[Any]:
        """Return the whole array."""
        blocks = list(self.blocks())
        return np.concatenate(blocks) if blocks else np.empty(self.shape, self.dtype)

    def _whole(self) -> NDArray[Any]:
        size = self.shape[0] * self.row_bytes
        if size > _AT_ONCE:
            raise DataTooLargeError(
                f"{self.file.name} is stored column by column (Fortran order), which can be read "
                f"up to {_AT_ONCE / 1e6:,.0f} million bytes only. Save "
                "numpy.ascontiguousarray(array) instead."
            )
        with self.file.open() as content:
            content.read(self.start)
            data = self._read(content, size, 0)
        return self._values(data).reshape(self.shape, order="F")

    def _values(self, data: bytes) -> NDArray[Any]:
        # Whatever is not 0 is true, and has to become 1.
        return (
            np.frombuffer(data, np.uint8) != 0
            if self.dtype.kind == "b"
            else np.frombuffer(data, self.dtype)
        )

    def _read(self, content: IO[bytes], size: int, row: int) -> bytes:
        data = content.read(size)
        if len(data) < size:
            raise DataError(f"{self.file.name} is damaged: it ends after row {row:,}. {_ADVICE}")
        return data


def read_header(file: NpyFile) -> NpyArray:
    """Return the array that a file claims to hold, before anything is made of that size.

    Raises:
        DataError: it is no array of numbers or words, or its header claims more or less than there
            is.
    """
    with file.open() as content:
        head = io.BytesIO(content.read(_LONGEST_HEADER))
    try:
        version = np.lib.format.read_magic(head)
        if version != (1, 0):
            raise ValueError(f"version {version} is for arrays with named fields")
        shape, by_columns, dtype = np.lib.format.read_array_header_1_0(head)
    except Exception as error:
        # A header is Python source, and numpy raises whatever its parser stumbles over.
        said = (str(error) or type(error).__name__).splitlines()[0][:200]
        raise DataError(
            f"{file.name} is no array that can be read here: {said}. {_ADVICE}"
        ) from error
    start = head.tell()
    if dtype.hasobject:
        raise DataError(
            f"{file.name} holds Python objects, which are never read: that would run foreign code. "
            "Save an array of numbers, with one shape for all rows."
        )
    if dtype.kind not in "biufUS":
        raise DataError(f"{file.name} holds {dtype} values. Save an array of numbers.")
    if dtype.itemsize == 0 or len(shape) > _MOST_AXES or not all(map(_is_length, shape)):
        said = f"{dtype} values in the shape {_shown(shape)}"
        raise DataError(f"{file.name} is damaged: it claims {said}. {_ADVICE}")
    size = math.prod(shape) * dtype.itemsize
    if size != file.bytes - start:
        raise DataError(
            f"{file.name} is damaged: its header claims shape {_shown(shape)}, {size:,} bytes, but "
            f"{max(0, file.bytes - start):,} follow. {_ADVICE}"
        )
    return NpyArray(file, tuple(shape), dtype, by_columns, start)


def _is_length(length: int) -> bool:
    return 0 <= length < 2**63


def _shown(shape: tuple[int, ...]) -> str:
    text = str(shape)
    return text if len(text) <= 100 else f"{text[:100]}…"
