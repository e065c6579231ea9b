"""How a CSV file is written: encoding, delimiter, decimal sign, header."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.data.errors import DataError
from models.data.options import MAX_FEATURES

_DELIMITERS = (",", ";", "\t", "|")
_LINES = 100  # that are looked at
_LINE_CHARACTERS = 20_000_000
_COMMA = re.compile(r"\s*[-+]?\d+,\d+\s*")
_POINT = re.compile(r"\s*[-+]?\d+\.\d+\s*")


@dataclass(frozen=True)
class Dialect:
    """How a file is to be read, and what should be said about that."""

    encoding: str
    delimiter: str
    decimal_comma: bool
    has_header: bool
    names: tuple[str, ...]
    """of the columns"""
    notes: tuple[str, ...]


def dialect_of(path: Path, name: str) -> Dialect:
    """Find out how a CSV file is written.

    Raises:
        DataError: it has no lines, or a line that never ends.
    """
    encoding = _encoding(path)
    notes = []
    if encoding == "cp1252":
        notes.append("The file is not UTF-8; it was read as Windows-1252.")
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = list(_first_lines(file))
    if not lines:
        raise DataError(f"“{name}” holds no lines.")
    delimiter = max(_DELIMITERS, key=lines[0].count)
    if lines[0].count(delimiter) == 0:
        delimiter = ","
    if len(lines[0]) == _LINE_CHARACTERS or lines[0].count(delimiter) > MAX_FEATURES:
        raise DataError(f"The first line of “{name}” is too long; is the file a table?")
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error as error:
        raise DataError(f"“{name}” is no table that can be read: {error}.") from error
    cells = list(itertools.chain(*rows[1:]))
    decimal_comma = (
        delimiter != ","
        and any(map(_COMMA.fullmatch, cells))
        and not any(map(_POINT.fullmatch, cells))
    )
    if decimal_comma:
        notes.append("Commas in numbers were read as decimal signs.")
    has_header = not all(_is_number(cell) for cell in rows[0])
    if not has_header:
        notes.append("The first line holds numbers, so the columns are called x1, x2 and so on.")
    numbered = (f"x{number}" for number in range(1, len(rows[0]) + 1))
    names = tuple(rows[0] if has_header else numbered)
    return Dialect(encoding, delimiter, decimal_comma, has_header, names, tuple(notes))


def _first_lines(file: io.TextIOBase) -> Iterator[str]:
    """Yield those of the first lines that are not blank, of so many characters in all."""
    left = _LINE_CHARACTERS
    for _ in range(_LINES):
        line = file.readline(left)
        left -= len(line)
        if line.strip():
            yield line
        if left == 0:
            return


def uneven_row(path: Path, dialect: Dialect) -> str | None:
    """Return a sentence on the first row that has not as many fields as the first line."""
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as file:
        for number, row in enumerate(_rows(file, dialect)):
            if row and len(row) != len(dialect.names):
                where = f"Data row {number if dialect.has_header else number + 1}"
                return f"{where} has {len(row)} fields, but the first line {len(dialect.names)}."
    return None


def _rows(file: io.TextIOBase, dialect: Dialect) -> Iterator[list[str]]:
    try:
        yield from csv.reader(file, delimiter=dialect.delimiter)
    except csv.Error:
        return


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while piece := file.read(1_000_000):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
