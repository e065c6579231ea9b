"""From files, or OpenML, to a stored data set; and a look at what it would be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.description import Description, Statistics, Tally, class_counts
from models.data.identity import Identity
from models.data.opening import open_source
from models.data.openml import OpenmlOrigin, read_openml
from models.data.options import ImportOptions, Limits
from models.data.reshaping import reshaped
from models.data.source import Source
from models.data.writing import cut, write_dataset

Report = Callable[[str, int, int | None], None]
"""Is told what is being done, and how many rows of how many are done; may raise to stop."""

_LOOKED_AT = 2000  # rows, for the statistics of a preview
_LOOKED_AT_VALUES = 20_000_000
_SHOWN = 32


@dataclass(frozen=True)
class FileOrigin:
    """A file or a folder, and what it is called."""

    path: Path
    name: str


Origin = FileOrigin | OpenmlOrigin


@dataclass(frozen=True)
class Look:
    """What a data set would be like."""

    description: str
    image_shape: tuple[int, ...]
    num_values: int | None
    feature_names: tuple[str, ...]
    label_names: tuple[str, ...]
    counts: tuple[int, int, int]
    class_counts: tuple[int, ...]
    statistics: Statistics
    feature_ranges: tuple[tuple[float, float], ...] | None
    looked_at: int
    bytes: int
    notes: tuple[str, ...]
    x: NDArray[Any]
    """some rows, (n, D)"""
    label: NDArray[np.int64]
    numbers: NDArray[np.int64]
    """of those rows, in file order"""


def look_at(origin: Origin, options: ImportOptions, limits: Limits) -> Look:
    """Look at some of the rows.

    Raises:
        DataError: the files cannot become a data set.
    """
    source = _open(origin, options, limits)
    rows = max(_SHOWN, min(_LOOKED_AT, _LOOKED_AT_VALUES // source.num_features))
    x, numbers = source.sample(rows)
    tally = Tally(source.num_features, source.num_values)
    tally.add(x)
    counts = np.bincount(cut(source, options.split), minlength=3).tolist()
    shown = np.unique(np.linspace(0, len(x) - 1, min(_SHOWN, len(x))).round().astype(int))
    return Look(
        description=describe_source(source, origin),
        image_shape=source.image_shape,
        num_values=source.num_values,
        feature_names=source.feature_names,
        label_names=source.label_names,
        counts=(counts[0], counts[1], counts[2]),
        class_counts=class_counts(source.label, len(source.label_names)),
        statistics=tally.statistics(),
        feature_ranges=tally.ranges(),
        looked_at=len(x),
        bytes=source.bytes,
        notes=source.notes,
        x=x[shown],
        label=source.label[numbers[shown]],
        numbers=numbers[shown],
    )


def import_dataset(
    folder: Path,
    origin: Origin,
    options: ImportOptions,
    identity: Identity,
    limits: Limits,
    report: Report,
) -> Description:
    """Write the data set to an empty folder.

    Raises:
        DataError: the files cannot become a data set.
    """
    report(_beginning(origin), 0, None)
    source = _open(origin, options, limits)
    described = Identity(
        identity.id,
        identity.title,
        identity.description or describe_source(source, origin),
        identity.source,
    )
    return write_dataset(
        folder,
        source,
        described,
        options.split,
        lambda done, total: report("Writing rows.", done, total),
    )


def describe_source(source: Source, origin: Origin) -> str:
    """Say in a sentence what files hold."""
    origin_name = origin.name
    if isinstance(origin, OpenmlOrigin):
        origin_name = f"OpenML ({origin.name})"
    if source.image_shape:
        height, width, *channels = source.image_shape
        colour = "colour" if channels else "grey"
        what = f"{source.num_rows:,} {colour} images of {height}×{width} pixels"
    else:
        what = f"{source.num_rows:,} vectors of {source.num_features:,} numbers"
    classes = f" in {len(source.label_names):,} classes" if source.label_names else ""
    return f"{what}{classes}, from {origin_name}."


def _open(origin: Origin, options: ImportOptions, limits: Limits) -> Source:
    if isinstance(origin, OpenmlOrigin):
        return reshaped(read_openml(origin, options, limits), options)
    return open_source(origin.path, origin.name, options, limits)


def _beginning(origin: Origin) -> str:
    if isinstance(origin, OpenmlOrigin):
        return f"Fetching “{origin.name}” from openml.org."
    return "Looking at the files."
