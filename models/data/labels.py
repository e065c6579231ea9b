"""Classes: from what files call them to numbers and names."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.errors import DataError

MAX_CLASSES = 1000
_MAX_LENGTH = 200


def classes(
    values: NDArray[Any], where: str, names: Mapping[int, str] | None = None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the class number (N,) of each of ``values`` (N,), and the names of the classes.

    Numbers are ordered by size, words by the alphabet; these may be objects, so that a long one
    does not make all of them long. ``names`` are those of whole numbers that are known; ``where``
    says what the values are called in errors.

    Raises:
        DataError: the values are no classes: real numbers, or too many different ones.
    """
    kind = values.dtype.kind
    if kind == "f":
        values = _whole(values, where)
    elif kind not in "biuUSO":
        raise DataError(f"{where} holds {values.dtype} values; classes are numbers or words.")
    if kind == "U" and values.view(f"{values.dtype.byteorder}u4").max(initial=0) > sys.maxunicode:
        raise DataError(f"{where} holds words that are no text. Write them anew.")
    known, label = np.unique(values, return_inverse=True)
    if len(known) > MAX_CLASSES:
        raise DataError(
            f"{where} holds {len(known):,} different values; at most {MAX_CLASSES:,} classes are "
            "allowed. If these are no classes, leave them out."
        )
    return label.astype(np.int64), tuple(_name(value, names or {}) for value in known.tolist())


def _whole(values: NDArray[Any], where: str) -> NDArray[np.int64]:
    wrong = ~np.isfinite(values) | (np.trunc(values) != values) | (np.abs(values) > 2**53)
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"{where} holds {values[row]:g} in row {row}; classes are whole numbers or words. If "
            "these are no classes, leave them out."
        )
    return values.astype(np.int64)


def _name(value: Any, names: Mapping[int, str]) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")[:_MAX_LENGTH]
    if isinstance(value, bool):
        return str(value).lower()
    # Halves of characters beyond the 16-bit ones cannot be sent.
    text = str(value)[:_MAX_LENGTH].encode("utf-8", "replace").decode()
    return names.get(value, text)[:_MAX_LENGTH] or "(empty)"
