"""Data sets of openml.org, by name, through scikit-learn."""

from __future__ import annotations

import contextlib
import socket
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import numpy as np
from numpy.typing import NDArray

from models.data.errors import DataError
from models.data.labels import classes
from models.data.options import ImportOptions, Limits
from models.data.rows import Numbers, image_shape_of, source_of
from models.data.source import Source, check_size, rows_per_block

Fetch = Callable[..., Any]
"""Called as ``sklearn.datasets.fetch_openml`` is."""

_SECONDS = 30.0  # without an answer
_NOTED = 3


@dataclass(frozen=True)
class OpenmlOrigin:
    """A data set of OpenML, where to fetch it to, and where to keep what was fetched whole."""

    name: str
    version: int | None
    work: Path
    cache: Path

    @property
    def kept(self) -> Path:
        """The folder in the cache."""
        return self.cache / f"{self.name.lower()}-{self.version or 'active'}"


def read_openml(
    origin: OpenmlOrigin, options: ImportOptions, limits: Limits, fetch: Fetch | None = None
) -> Source:
    """Fetch a data set, or take it from the cache, and return what it holds.

    ``options.label_column`` is another target than the data set's own; null: none.

    Raises:
        DataError: OpenML cannot be reached or has no such data set, or it is not of numbers.
    """
    where = f"“{origin.name}” of OpenML"
    target = {}
    if "label_column" in options.model_fields_set:
        target["target_column"] = options.label_column
    home = origin.kept if origin.kept.exists() else origin.work
    with _explained(origin), _short_waits(), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = (fetch or _scikit_learn())(
            origin.name,
            version="active" if origin.version is None else origin.version,
            data_home=home,
            as_frame=False,
            parser="liac-arff",
            n_retries=1,
            **target,
        )
    if home == origin.work:
        _keep(origin)
    values = _dense(found.data, where)
    names = tuple(str(name)[:200] for name in found.feature_names)
    image_shape = image_shape_of(values.shape[1], options, where, names)
    check_size(where, len(values), values.shape[1], 1 if image_shape else 4, limits)
    label, label_names = _classes(found.target, len(values), where)

    def blocks() -> Iterator[NDArray[Any]]:
        step = rows_per_block(8 * values.shape[1])
        return (values[first : first + step] for first in range(0, len(values), step))

    numbers = Numbers(
        where=where,
        label=label,
        label_names=label_names,
        image_shape=image_shape,
        feature_names=() if image_shape else names,
        blocks=blocks,
        cell=lambda row, place: f"Row {row + 1}, column “{names[place][:60]}”, of {where}",
        notes=tuple(_notes(found, said)),
    )
    return source_of(numbers, limits)


def _scikit_learn() -> Fetch:
    # Late: importing scikit-learn takes a second.
    from sklearn.datasets import fetch_openml

    fetch: Fetch = fetch_openml
    return fetch


def _keep(origin: OpenmlOrigin) -> None:
    """Move what was fetched to the cache; somebody else may have been faster."""
    origin.cache.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        origin.work.rename(origin.kept)


def _dense(data: Any, where: str) -> NDArray[np.float64]:
    if not isinstance(data, np.ndarray):
        data = data.toarray()
    if data.ndim != 2 or data.dtype.kind not in "biuf":
        raise DataError(f"{where} holds {data.dtype} values, not rows of numbers.")
    return np.asarray(data, np.float64)


def _classes(target: Any, rows: int, where: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    if target is None or np.size(target) == 0:
        return np.zeros(rows, np.int64), ()
    values = np.asarray(target)
    if values.ndim != 1:
        raise DataError(
            f"{where} has {values.shape[1]} targets for each row. Choose one as the label column, "
            "or none."
        )
    if values.dtype.kind == "O":
        values = values.astype(str)
    return classes(values, f"The target of {where}")


def _notes(found: Any, said: list[warnings.WarningMessage]) -> Iterator[str]:
    categories = [name for name, known in (found.categories or {}).items() if known]
    coded = [name for name in categories if name in found.feature_names]
    if coded:
        shown = ", ".join(f"“{name}”" for name in coded[:5])
        more = f" and {len(coded) - 5} more" if len(coded) > 5 else ""
        yield f"Words became numbers, in the order of OpenML's list of them, in {shown}{more}."
    sentences = (str(warning.message).splitlines()[0] for warning in said)
    yield from [text for text in sentences if "network error" not in text][:_NOTED]


@contextlib.contextmanager
def _explained(origin: OpenmlOrigin) -> Iterator[None]:
    version = "" if origin.version is None else f", version {origin.version}"
    where = f"“{origin.name}”{version}"
    try:
        yield
    except HTTPError as error:
        raise DataError(
            f"{where} cannot be fetched: OpenML answered {error.code} {error.reason}. Try again "
            "later."
        ) from error
    except (URLError, TimeoutError, ConnectionError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise DataError(
            f"{where} cannot be fetched: openml.org cannot be reached ({reason}). Only data sets "
            "of OpenML need the internet; files on this computer can be added without it."
        ) from error
    except (ValueError, KeyError, ImportError) as error:
        said = str(error).splitlines()[0][:300]
        raise DataError(f"{where} cannot be read from OpenML: {said}") from error


@contextlib.contextmanager
def _short_waits() -> Iterator[None]:
    """Give up connections that stay silent; scikit-learn would wait for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
