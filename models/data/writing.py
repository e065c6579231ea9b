"""Writing a source to a folder as a stored data set, block by block."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from models.data.checksums import CHECKSUMS, checksums_of
from models.data.description import DESCRIPTION, Description, Tally, class_counts
from models.data.errors import DataError, DataTooLargeError
from models.data.identity import Identity
from models.data.source import Source
from models.data.splitting import SplitShares, deal, portions

Progress = Callable[[int, int], None]
"""Is told how many rows of how many are done; may raise to stop."""

_SPARE_BYTES = 100_000_000  # that stay free on the disk


def write_dataset(
    folder: Path,
    source: Source,
    identity: Identity,
    shares: SplitShares | None,
    progress: Progress = lambda _done, _total: None,
) -> Description:
    """Write all rows to an empty folder; on return they survive a power cut.

    Rows are read once and written to three places of one file that only move forward, so that
    neither a reader nor a disk has to jump about. Without ``shares``, the split is ``cut_tail``.

    Raises:
        DataError: a row is not as it should be, or a split would be empty.
        DataTooLargeError: the disk has not the room.
    """
    _check_room(folder, source.bytes)
    split = cut_tail(source) if shares is None else cut(source, shares)
    counts = tuple(np.bincount(split, minlength=3).tolist())
    tally = Tally(source.num_features, source.num_values)
    try:
        _write_rows(folder / "x.npy", source, split, tally, progress)
        order = np.argsort(split, kind="stable")
        _write_array(folder, "label", source.label[order])
        _write_array(folder, "index", order)
        description = _describe(source, identity, counts, tally, split)
        _write(folder / DESCRIPTION, description.model_dump_json(indent=1).encode())
        files = sorted(path for path in folder.iterdir() if path.is_file())
        _write(folder / CHECKSUMS, checksums_of(files).encode())
    except OSError as error:
        raise DataTooLargeError(
            f"The data set cannot be written to the disk of {folder.parent}: {error.strerror}."
        ) from error
    return description


def _describe(
    source: Source,
    identity: Identity,
    counts: tuple[int, ...],
    tally: Tally,
    split: NDArray[np.int8],
) -> Description:
    return Description(
        id=identity.id,
        title=identity.title,
        description=identity.description,
        source=identity.source,
        image_shape=source.image_shape,
        num_values=source.num_values,
        feature_names=source.feature_names,
        label_names=source.label_names,
        counts=(counts[0], counts[1], counts[2]),
        statistics=tally.statistics(),
        feature_ranges=tally.ranges(),
        class_counts=class_counts(source.label[split == 0], len(source.label_names)),
        notes=(*source.notes, *constant_features(source, tally)),
        origin=identity.origin,
    )


def cut(source: Source, shares: SplitShares) -> NDArray[np.int8]:
    """Return the split (N,) of every row: the files' own, the rest dealt by ``shares``.

    Raises:
        DataError: a split would be empty.
    """
    own = source.own_split
    split = np.full(source.num_rows, -1, np.int8) if own is None else own.copy()
    free = split == -1
    wanted = [number for number in range(3) if not (split == number).any()]
    if free.any():
        wanted = sorted({0, *wanted})
        parts = [(shares.train, shares.validation, shares.test)[number] for number in wanted]
        counts = portions(int(free.sum()), tuple(parts))
        dealt = deal(source.label[free], counts, shares.seed)
        split[free] = np.array(wanted, np.int8)[dealt]
    _check_counts(split)
    return split


def cut_tail(source: Source) -> NDArray[np.int8]:
    """Return the split of files with a test set: validation is the training file's end.

    It is as long as the test set, as EMNIST's paper has it, but a third of the file at the most.
    Where a class would be missing there, because the file is sorted, the rows are dealt by chance.
    """
    if source.own_split is None:
        return cut(source, SplitShares())
    split = np.where(source.own_split == 2, 2, 0).astype(np.int8)
    (train,) = np.nonzero(split == 0)
    size = min(int((split == 2).sum()), len(train) // 3)
    counts = (len(train) - size, size)
    split[train[counts[0] :]] = 1
    labels = source.label[train]
    if len(np.unique(labels[counts[0] :])) < len(np.unique(labels)):
        split[train] = deal(labels, counts, seed=0)
    _check_counts(split)
    return split


def constant_features(source: Source, tally: Tally) -> tuple[str, ...]:
    """Return a note on the features of vectors that never change, if there are any."""
    if source.image_shape:
        return ()
    names = [
        name for name, same in zip(source.feature_names, tally.is_constant(), strict=True) if same
    ]
    if not names:
        return ()
    shown = ", ".join(f"“{name}”" for name in names[:5]) + (" and others" if len(names) > 5 else "")
    return (f"All training rows have one and the same value of {shown}: it tells nothing.",)


def _check_counts(split: NDArray[np.int8]) -> None:
    train, validation, test = np.bincount(split, minlength=3).tolist()
    if min(train, validation, test) == 0:
        raise DataError(
            f"Of the {len(split):,} rows {train:,} would train, {validation:,} validate and "
            f"{test:,} test; none of these may be 0. Choose other shares."
        )


def _check_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free - _SPARE_BYTES
    if size > free:
        raise DataTooLargeError(
            f"The data set takes {size / 1e6:,.0f} million bytes, but the disk of {folder.parent} "
            f"has only {max(0, free) / 1e6:,.0f} to spare. Make room, or choose another data "
            "folder."
        )


def _write_rows(
    path: Path, source: Source, split: NDArray[np.int8], tally: Tally, progress: Progress
) -> None:
    shape = (source.num_rows, source.num_features)
    dtype = np.dtype(np.float32 if source.num_values is None else np.uint8)
    with contextlib.ExitStack() as files:
        places: list[IO[bytes]] = [files.enter_context(path.open("wb"))]
        _write_header(places[0], shape, dtype)
        start = places[0].tell()
        places += [files.enter_context(path.open("r+b")) for _ in range(2)]
        first_rows = np.cumsum([0, *np.bincount(split, minlength=3)[:2]])
        for place, first_row in zip(places, first_rows.tolist(), strict=True):
            place.seek(start + first_row * shape[1] * dtype.itemsize)
        done = 0
        for block in source.blocks():
            parts = split[done : done + len(block)]
            for number, place in enumerate(places):
                rows = np.ascontiguousarray(block[parts == number], dtype)
                place.write(rows.data)
                if number == 0:
                    tally.add(rows)
            done += len(block)
            progress(done, shape[0])
        for place in places:
            place.flush()
        os.fsync(places[0].fileno())
    written = path.stat().st_size
    if done != shape[0] or written != start + math.prod(shape) * dtype.itemsize:
        raise DataError(f"Only {done:,} of {shape[0]:,} rows could be read.")


def _write_header(file: IO[bytes], shape: tuple[int, int], dtype: np.dtype[np.generic]) -> None:
    header = {
        "descr": np.lib.format.dtype_to_descr(dtype),
        "fortran_order": False,
        "shape": shape,
    }
    np.lib.format.write_array_header_1_0(file, header)
    file.flush()


def _write(path: Path, content: bytes) -> None:
    """Write a file; on return it survives a power cut."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _write_array(folder: Path, name: str, array: NDArray[Any]) -> None:
    """Write an array; on return it survives a power cut."""
    with (folder / f"{name}.npy").open("wb") as file:
        np.lib.format.write_array(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
