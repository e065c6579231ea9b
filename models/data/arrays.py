"""Arrays of numpy: ``.npy`` with the rows, or ``.npz`` with ``x`` and, perhaps, ``y``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.errors import DataError
from models.data.labels import classes
from models.data.npy import NpyArray, NpyFile, read_header
from models.data.options import ImportOptions, Limits
from models.data.rows import Numbers, image_shape_of, source_of
from models.data.source import Source, check_size
from models.data.zip_members import member_opener, opened_zip

_PARTS = (
    (-1, "x", "y"),
    (-1, "x_train", "y_train"),
    (-1, "train_images", "train_labels"),
    (1, "x_val", "y_val"),
    (1, "x_validation", "y_validation"),
    (1, "val_images", "val_labels"),
    (2, "x_test", "y_test"),
    (2, "test_images", "test_labels"),
)
"""Split and the names of rows and classes: plain ones, those of Keras, and those of MedMNIST."""


@dataclass(frozen=True)
class _Part:
    """Rows of one array, their classes and their split (-1: any)."""

    x: NpyArray
    y: NpyArray | None
    split: int


def read_npy(path: Path, name: str, options: ImportOptions, limits: Limits) -> Source:
    """Return what a ``.npy`` file holds.

    Raises:
        DataError: it is damaged or hostile, or its values are no rows of numbers.
    """
    file = NpyFile(f"“{name}”", lambda: path.open("rb"), path.stat().st_size)
    return _source([_Part(read_header(file), None, -1)], name, options, limits)


def read_npz(path: Path, name: str, options: ImportOptions, limits: Limits) -> Source:
    """Return what a ``.npz`` file holds.

    Raises:
        DataError: as ``read_npy``.
    """
    with opened_zip(path, name, limits) as (_archive, members):
        arrays = {
            info.filename.removesuffix(".npy"): NpyFile(
                f"“{info.filename}” in “{name}”",
                member_opener(path, name, info.filename, limits),
                info.file_size,
            )
            for info in members
            if info.filename.endswith(".npy")
        }
    parts = [
        _Part(read_header(arrays[x]), read_header(arrays[y]) if y in arrays else None, split)
        for split, x, y in _PARTS
        if x in arrays
    ]
    if not any(part.split == -1 for part in parts):
        found = ", ".join(sorted(arrays)[:10]) or "nothing"
        raise DataError(
            f"“{name}” has no array x; it holds {found}. Save it with "
            "numpy.savez(file, x=rows, y=classes); y may be left out."
        )
    return _source(parts, name, options, limits)


def _source(parts: list[_Part], name: str, options: ImportOptions, limits: Limits) -> Source:
    where, shape = f"“{name}”", parts[0].x.shape[1:]
    for part in parts:
        if part.x.dtype.kind not in "biuf" or not part.x.shape or part.x.shape[1:] != shape:
            raise DataError(
                f"{part.x.file.name} holds {part.x.dtype} values of shape {part.x.shape}; needed "
                "are numbers, one row after another, of one shape in all arrays."
            )
    rows = sum(part.x.shape[0] for part in parts)
    turned, image_shape, notes = _axes(shape, options, parts[0].x.file.name)
    features = math.prod(shape)
    check_size(where, rows, features, 1 if image_shape else 4, limits)
    label, label_names = _classes(parts, rows)

    def blocks() -> Iterator[NDArray[Any]]:
        for part in parts:
            for block in part.x.blocks():
                yield (np.moveaxis(block, 1, -1) if turned else block).reshape(len(block), -1)

    numbers = Numbers(
        where=where,
        label=label,
        label_names=label_names,
        image_shape=image_shape,
        feature_names=() if image_shape else tuple(f"x{n}" for n in range(1, features + 1)),
        blocks=blocks,
        cell=lambda row, place: _cell(parts, row, place, image_shape if turned else shape, turned),
        own_split=_own_split(parts),
        notes=notes,
    )
    return source_of(numbers, limits)


def _axes(
    shape: tuple[int, ...], options: ImportOptions, where: str
) -> tuple[bool, tuple[int, ...], tuple[str, ...]]:
    """Return whether the channels of a row come first, the shape of the images, and notes.

    Raises:
        DataError: the rows are neither vectors nor images.
    """
    match shape:
        case (features,):
            return False, image_shape_of(features, options, where), ()
        case (height, width):
            return False, (height, width), ()
        case (height, width, 1):
            return False, (height, width), ()
        case (height, width, 3):
            return False, (height, width, 3), ()
        case (1, height, width):
            return False, (height, width), ()
        case (3, height, width):
            return True, (height, width, 3), ("The channels came first; they are last now.",)
        case _:
            raise DataError(
                f"The rows of {where} have the shape {shape}. Needed are vectors (N, D), grey "
                "images (N, height, width), or colour images (N, height, width, 3)."
            )


def _classes(parts: list[_Part], rows: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    found = [part.y for part in parts if part.y is not None]
    if not found:
        return np.zeros(rows, np.int64), ()
    if len(found) < len(parts):
        raise DataError(f"{parts[0].x.file.name} and its like: some have classes, others have not.")
    for part in parts:
        assert part.y is not None
        count = part.x.shape[0]
        if part.y.shape not in ((count,), (count, 1)):
            raise DataError(
                f"{part.y.file.name} has the shape {part.y.shape}, but {part.x.file.name} "
                f"{count:,} rows: one class is needed for each row."
            )
    where = " and ".join(array.file.name for array in found)
    return classes(np.concatenate([array.all().ravel() for array in found]), where)


def _own_split(parts: list[_Part]) -> NDArray[np.int8] | None:
    if all(part.split == -1 for part in parts):
        return None
    splits = np.array([part.split for part in parts], np.int8)
    return np.repeat(splits, [part.x.shape[0] for part in parts])


def _cell(parts: list[_Part], row: int, place: int, shape: tuple[int, ...], turned: bool) -> str:
    """Name a value as numpy does: ``x[16, 3]``, with indices from 0."""
    indices = [int(index) for index in np.unravel_index(place, shape)]
    if turned:
        indices = [indices[2], indices[0], indices[1]]
    for part in parts:
        if row < part.x.shape[0]:
            return f"[{', '.join(map(str, (row, *indices)))}] of {part.x.file.name}"
        row -= part.x.shape[0]
    raise IndexError(row)
