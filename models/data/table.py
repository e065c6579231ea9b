"""Tables of numbers: CSV and Parquet, read with polars."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.data.csv_dialect import Dialect, dialect_of, uneven_row
from models.data.errors import DataError, DataTooLargeError
from models.data.labels import classes
from models.data.options import MAX_FEATURES, ImportOptions, Limits
from models.data.rows import Numbers, image_shape_of, source_of
from models.data.source import Source, check_size, rows_per_block

LABEL_COLUMNS = ("label", "class", "target", "y")
_MOST_BYTES = 2_000_000_000  # of a CSV file
_MOST_VALUES = 250_000_000  # of a Parquet file, which may be small on the disk
_ADVICE = "Save the numbers as .npy instead, which is read piece by piece."
_FEW_VALUES = 5_000_000
_PLAIN = "column"  # while polars works on one: it takes names such as * and ^.$ for patterns
_SHOWN = 60
_Failures = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)


def read_csv(path: Path, name: str, options: ImportOptions, limits: Limits) -> Source:
    """Return what a CSV file holds.

    Raises:
        DataError: it is damaged, or a column that is not the classes' holds something else than
            numbers.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise DataTooLargeError(
            f"“{name}” has more than {_MOST_BYTES / 1e6:,.0f} million bytes. {_ADVICE}"
        )
    dialect = dialect_of(path, name)
    _check_even(path, name, dialect)
    source: Path | io.BytesIO = path
    if dialect.encoding != "utf-8-sig":
        source = io.BytesIO(path.read_text(dialect.encoding, errors="replace").encode())
    try:
        frame = pl.read_csv(
            source,
            separator=dialect.delimiter,
            has_header=dialect.has_header,
            decimal_comma=dialect.decimal_comma,
            infer_schema_length=None,
            glob=False,
        )
    except _Failures as error:
        said = uneven_row(path, dialect) or str(error).splitlines()[0][:200]
        raise DataError(f"“{name}” is no table that can be read: {said}") from error
    if len(set(dialect.names)) == len(dialect.names) == frame.width:
        # Polars leaves doubled quotes in names as they are.
        frame.columns = dialect.names
    return _source(frame, name, options, limits, dialect.notes)


def _check_even(path: Path, name: str, dialect: Dialect) -> None:
    """Refuse a file whose missing fields would take more memory than the file itself.

    Raises:
        DataError: a row has fewer fields than the first line.
    """
    columns, rows = len(dialect.names), 1
    with path.open("rb") as file:
        while piece := file.read(1_000_000):
            rows += piece.count(b"\n")
    # A field takes a byte at least, for what separates it from the next one.
    if rows * columns > max(path.stat().st_size, _FEW_VALUES) and (
        said := uneven_row(path, dialect)
    ):
        raise DataError(f"“{name}” is no table that can be read: {said}")


def read_parquet(path: Path, name: str, options: ImportOptions, limits: Limits) -> Source:
    """Return what a Parquet file holds.

    Raises:
        DataError: as ``read_csv``.
    """
    try:
        lazy = pl.scan_parquet(path, glob=False)
        rows = int(lazy.select(pl.len()).collect().item())
        columns = len(lazy.collect_schema())
        if rows * columns > _MOST_VALUES or columns > MAX_FEATURES:
            raise DataTooLargeError(
                f"“{name}” holds {rows:,} rows of {columns:,} columns; at most {_MOST_VALUES:,} "
                f"values are read. {_ADVICE}"
            )
        frame = lazy.collect()
    except _Failures as error:
        if isinstance(error, DataError):
            raise
        said = str(error).splitlines()[0][:200]
        raise DataError(f"“{name}” is a damaged Parquet file: {said}. Make it anew.") from error
    return _source(frame, name, options, limits, ())


def _source(
    frame: pl.DataFrame,
    name: str,
    options: ImportOptions,
    limits: Limits,
    notes: tuple[str, ...],
) -> Source:
    where = f"“{name}”"
    label_column = _label_column(frame, name, options)
    frame, dropped = _without_row_numbers(frame, label_column)
    columns = [column for column in frame.columns if column != label_column]
    image_shape = image_shape_of(len(columns), options, where, columns) if columns else ()
    check_size(where, frame.height, len(columns), 1 if image_shape else 4, limits)
    truths = [column for column in columns if frame.get_column(column).dtype == pl.Boolean]
    # Not select, to which a column called * is all of them.
    features = pl.DataFrame([_numbers(frame.get_column(column), name) for column in columns])
    label, label_names = _classes(frame, label_column, name)

    def blocks() -> Iterator[NDArray[Any]]:
        step = rows_per_block(8 * len(columns))
        for first in range(0, features.height, step):
            yield features[first : first + step].to_numpy()

    converted = f"True and false became 1 and 0 in {_list(truths)}."
    numbers = Numbers(
        where=where,
        label=label,
        label_names=label_names,
        image_shape=image_shape,
        feature_names=() if image_shape else tuple(column[:200] for column in columns),
        blocks=blocks,
        cell=lambda row, place: (
            f"Data row {row + 1}, column “{columns[place][:_SHOWN]}”, of {where}"
        ),
        notes=(*notes, *dropped, *((converted,) if truths else ())),
    )
    return source_of(numbers, limits)


def _label_column(frame: pl.DataFrame, name: str, options: ImportOptions) -> str | None:
    if "label_column" in options.model_fields_set:
        asked = options.label_column
        if asked is not None and asked not in frame.columns:
            raise DataError(
                f"“{name}” has no column “{asked[:_SHOWN]}”. It has {_list(frame.columns)}."
            )
        return asked
    usual = {column.strip().lower(): column for column in reversed(frame.columns)}
    return next((usual[each] for each in LABEL_COLUMNS if each in usual), None)


def _without_row_numbers(
    frame: pl.DataFrame, label_column: str | None
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Drop a first column without a name that only counts the rows, as pandas writes it."""
    first = frame.columns[0]
    if first not in ("", "Unnamed: 0", "index") or first == label_column:
        return frame, ()
    column = frame.get_column(first)
    if not column.dtype.is_integer() or column.null_count():
        return frame, ()
    steps = column.cast(pl.Float64).to_numpy() - np.arange(frame.height)
    if frame.height == 0 or steps.min() != steps.max() or steps[0] not in (0, 1):
        return frame, ()
    return frame.drop(first), ("The first column only counts the rows and is left out.",)


def _numbers(column: pl.Series, name: str) -> pl.Series:
    """Return the column as numbers.

    Raises:
        DataError: it holds something else.
    """
    named, column = column.name, column.alias(_PLAIN)
    if column.dtype == pl.String:
        numbers = column.str.strip_chars().cast(pl.Float64, strict=False)
        wrong = numbers.is_null() & column.is_not_null()
        if wrong.any():
            row = int(wrong.arg_max() or 0)
            raise DataError(
                f"Data row {row + 1}, column “{named[:_SHOWN]}”, of “{name}” is no number "
                f"but “{column[row][:_SHOWN]}”. If the column holds the classes, choose it as the "
                "label column; otherwise correct it, or leave the column out."
            )
        return numbers.alias(named)
    if not (column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null)):
        raise DataError(
            f"Column “{named[:_SHOWN]}” of “{name}” holds {column.dtype} values, not "
            "numbers. Leave the column out, or make it numbers."
        )
    return column.cast(pl.Float64).alias(named)


def _classes(
    frame: pl.DataFrame, label_column: str | None, name: str
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    if label_column is None:
        return np.zeros(frame.height, np.int64), ()
    column = frame.get_column(label_column).alias(_PLAIN)
    where = f"Column “{label_column[:_SHOWN]}” of “{name}”"
    if column.null_count():
        row = int(column.is_null().arg_max() or 0)
        raise DataError(f"{where} has no class in data row {row + 1}. Fill it in.")
    try:
        if not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
            column = column.cast(pl.String).str.strip_chars()
        values = column.to_numpy()
    except pl.exceptions.PolarsError as error:
        said = f"{where} holds {str(column.dtype)[:_SHOWN]} values; classes are numbers or words."
        raise DataError(said) from error
    return classes(values, where)


def _list(columns: list[str]) -> str:
    shown = ", ".join(f"“{column[:_SHOWN]}”" for column in columns[:10])
    return shown + (f" and {len(columns) - 10:,} others" if len(columns) > 10 else "")
