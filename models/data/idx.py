"""IDX files, as MNIST, Fashion-MNIST, KMNIST and EMNIST are distributed (LeCun's format)."""

from __future__ import annotations

import gzip
import math
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from models.data.errors import DataError
from models.data.idx_names import class_names, is_transposed
from models.data.labels import classes
from models.data.options import Limits
from models.data.source import Block, Source, check_size, rows_per_block, sample_of_start

_BYTES = 0x08
_MOST_PACKED = 1100  # times smaller than its content is more than gzip can do

_TECHNICAL = frozenset({"raw", "gzip", "idx", "data"})

_NAME = re.compile(
    r"^(?P<prefix>.*?)[-_.]?(?P<part>train|t10k|test)-(?P<what>images|labels)[-.]idx[13]-ubyte"
    r"(\.gz)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class IdxFile:
    """A file, or a member of a zip file: its name, how to open it, its size as it lies there."""

    name: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    bytes: int
    stamp: str = ""
    """another one means that the file was changed"""


def on_disk(path: Path, name: str) -> IdxFile:
    """Return a file of the disk, and what it is called in errors."""
    stat = path.stat()
    stamp = f"{path.name} {stat.st_size} {stat.st_mtime_ns}"
    return IdxFile(f"“{name}”", lambda: path.open("rb"), stat.st_size, stamp)


@dataclass(frozen=True)
class IdxSet:
    """The files of one data set: images and labels of a training and, perhaps, a test part."""

    name: str
    files: Mapping[tuple[str, str], IdxFile]
    """by part (train, test) and what (images, labels)"""


def idx_sets(folders: Sequence[str], files: Mapping[str, IdxFile]) -> list[IdxSet]:
    """Find the data sets among the files of a folder, given by their base names.

    Where the files' names begin with one, as those of EMNIST do, that is the data set's name;
    otherwise it is that of the innermost of ``folders`` that is no technical one.
    """
    usual = next((name for name in reversed(folders) if name.lower() not in _TECHNICAL), "data")
    found: dict[str, dict[tuple[str, str], IdxFile]] = {}
    for base_name, file in files.items():
        if match := _NAME.match(base_name):
            part = "train" if match["part"].lower() == "train" else "test"
            name = match["prefix"] or usual
            found.setdefault(name, {})[part, match["what"].lower()] = file
    return [IdxSet(name, parts) for name, parts in found.items() if ("train", "images") in parts]


def is_idx(start: bytes) -> bool:
    """Say whether a file that starts like this is an IDX file of bytes."""
    return len(start) >= 4 and start[:3] == b"\x00\x00\x08" and 1 <= start[3] <= 4


def is_idx_name(name: str) -> bool:
    """Say whether files of such data sets have names like this."""
    return _NAME.match(name) is not None


def single(file: IdxFile) -> IdxSet:
    """Return the data set of one file of images."""
    return IdxSet(file.name, {("train", "images"): file})


def read_idx(found: IdxSet, limits: Limits) -> Source:
    """Return what a set of IDX files holds.

    Raises:
        DataError: a file is damaged, or the files do not belong together.
    """
    parts = [part for part in ("train", "test") if (part, "images") in found.files]
    images = [found.files[part, "images"] for part in parts]
    shapes = [_shape(file, 3) for file in images]
    if len({shape[1:] for shape in shapes}) > 1:
        raise DataError(
            f"{images[0].name} holds images of {_times(shapes[0][1:])} pixels, {images[1].name} of "
            f"{_times(shapes[1][1:])}: they do not belong together."
        )
    counts = [shape[0] for shape in shapes]
    height, width = shapes[0][1:]
    check_size(images[0].name, sum(counts), height * width, 1, limits)
    label, names = _classes(found, parts, counts)
    transposed = is_transposed(found.name)

    def blocks() -> Iterator[Block]:
        for file, shape in zip(images, shapes, strict=True):
            for block in _rows(file, shape):
                yield _upright(block, height, width) if transposed else block

    own_split = None
    if len(parts) == 2:
        own_split = np.repeat(np.array([-1, 2], np.int8), counts)
    return Source(
        label=label,
        label_names=names,
        image_shape=(width, height) if transposed else (height, width),
        num_values=256,
        feature_names=(),
        blocks=blocks,
        sample=lambda count: sample_of_start(blocks(), sum(counts), count),
        own_split=own_split,
        notes=("The pictures are stored lying, and were turned upright.",) if transposed else (),
    )


def _classes(
    found: IdxSet, parts: list[str], counts: list[int]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    files = [found.files.get((part, "labels")) for part in parts]
    if all(file is None for file in files):
        return np.zeros(sum(counts), np.int64), ()
    labels: list[NDArray[np.uint8]] = []
    for file, part, count in zip(files, parts, counts, strict=True):
        images = found.files[part, "images"].name
        if file is None:
            raise DataError(f"The labels of {images} are missing; the other part has labels.")
        (claimed,) = _shape(file, 1)
        if claimed != count:
            raise DataError(
                f"{file.name} holds {claimed:,} labels, but {images} {count:,} images: they do not "
                "belong together."
            )
        labels.extend(_rows(file, (claimed,)))
    where = " and ".join(file.name for file in files if file is not None)
    return classes(np.concatenate(labels).ravel(), where, class_names(found.name))


def _shape(file: IdxFile, axes: int) -> tuple[int, ...]:
    """Return the shape that the header claims.

    Raises:
        DataError: the header is none, or claims more or less than there is.
    """
    with _opened(file) as (content, packed):
        head = content.read(4)
        if not is_idx(head):
            raise DataError(
                f"{file.name} is no IDX file of bytes: it starts with {head.hex(' ') or 'nothing'} "
                "instead of 00 00 08 and the number of axes."
            )
        if head[3] != axes:
            wanted = {1: "labels (1 axis)", 3: "images (3 axes)"}[axes]
            raise DataError(f"{file.name} holds data of {head[3]} axes, not {wanted}.")
        lengths = content.read(4 * axes)
        if len(lengths) < 4 * axes:
            raise DataError(f"{file.name} ends in the middle of its header.")
        shape = tuple(int(length) for length in np.frombuffer(lengths, ">u4"))
        size = math.prod(shape)
        there = file.bytes - 4 - 4 * axes
        if size != there if not packed else size > _MOST_PACKED * file.bytes:
            at_most = f"{there:,} follow" if not packed else "so short a file cannot hold so many"
            raise DataError(
                f"{file.name} is damaged: its header claims {_times(shape)} = {size:,} bytes, but "
                f"{at_most}. Fetch the file again."
            )
        return shape


def _rows(file: IdxFile, shape: tuple[int, ...]) -> Iterator[NDArray[np.uint8]]:
    """Yield the content as blocks of rows (n, D)."""
    width = math.prod(shape[1:])
    step = rows_per_block(width)
    with _opened(file) as (content, _packed):
        content.read(4 + 4 * len(shape))
        for start in range(0, shape[0], step):
            rows = min(step, shape[0] - start)
            data = content.read(rows * width)
            if len(data) < rows * width:
                raise DataError(
                    f"{file.name} is damaged: it ends in row {start + len(data) // width:,} of "
                    f"{shape[0]:,}. Fetch the file again."
                )
            yield np.frombuffer(data, np.uint8).reshape(rows, width)
        if content.read(1):
            raise DataError(
                f"{file.name} is damaged: more follows after the {shape[0]:,} rows that its header "
                "claims. Fetch the file again."
            )


@contextmanager
def _opened(file: IdxFile) -> Iterator[tuple[IO[bytes] | gzip.GzipFile, bool]]:
    """Open a file, packed or not, and say which."""
    with file.open() as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        try:
            yield gzip.GzipFile(fileobj=raw) if packed else raw, packed
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise DataError(
                f"{file.name} is damaged: it cannot be unpacked ({error}). Fetch the file again."
            ) from error


def _upright(block: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Exchange rows and columns of pictures (n, h * w)."""
    turned = block.reshape(len(block), height, width).transpose(0, 2, 1)
    return turned.reshape(len(block), -1)


def _times(lengths: tuple[int, ...]) -> str:
    return "×".join(str(length) for length in lengths)
