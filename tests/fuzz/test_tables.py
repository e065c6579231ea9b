"""CSV, with its dialect, and Parquet."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tests.backend.hostile import csv, parquet
from tests.fuzz.guard import fuzzing
from tests.fuzz.mutation import hostile
from tests.fuzz.reading import read

BODY = "0.5;1,5;ja\n1,5;2;nein\n" * 8
CSV = [
    b"a,*,^.*$\n" + b"1,2,3\n" * 12,
    csv(),
    f"a;é;label\n{BODY}".encode("utf-8-sig"),
    f"a;é;label\n{BODY}".encode("utf-16"),
    f"a;é;label\n{BODY}".encode("cp1252"),
    b'"a ""b""","c\nd"\n' + b'1,"2"\n3,4\n' * 8,
    b"1\t2\t3\r\n" * 12,
    b",x,class\n" + b"".join(b"%d,%d,a\n" % (n, n) for n in range(12)),
]

cells = st.one_of(
    st.sampled_from(["1", "-0.5", "1e999", "nan", "inf", "1,5", "", '"', '""', "true", "\0", "１"]),
    st.sampled_from(["9" * 400, "x" * 140_000, "\ud800", "\u2028", "=1+1", "0x1", "1_0", "\r"]),
    st.text(max_size=6),
)


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Text that looks like a table, in some encoding."""
    delimiter = draw(st.sampled_from([",", ";", "\t", "|", " "]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r", "\n\n"]))
    width = draw(st.integers(1, 4))
    usual = st.lists(st.sampled_from(["1", "2.5", "-3"]), min_size=width, max_size=width)
    rows = draw(st.lists(usual | st.lists(cells, max_size=5), max_size=14))
    rows += [["1"] * width] * draw(st.sampled_from([0, 12]))
    text = end.join(delimiter.join(row) for row in rows)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-be"]))
    return text.encode(encoding, "surrogatepass" if encoding == "utf-8" else "replace")


columns = st.sampled_from([{}, {"label_column": None}, {"label_column": "label"}])


@fuzzing
@given(content=hostile(*CSV) | tables(), options=columns)
def test_csv(content: bytes, options: dict[str, Any]) -> None:
    read(content, "t.csv", **options)


def test_short_rows_take_no_more_memory_than_they_are() -> None:
    header = b",".join(b"c%d" % n for n in range(10_000))
    said = read(header + b"\n" + b"1\n" * 200_000, "t.csv")
    assert "Data row 1 has 1 fields, but the first line 10000" in str(said)


def test_a_long_class_is_not_as_long_in_every_row() -> None:
    rows = b"".join(b"%d,a\n" % n for n in range(20_000))
    read(b"x,label\n" + rows + b"1," + b"b" * 100_000 + b"\n", "t.csv")


def _written(frame: pl.DataFrame, **options: Any) -> bytes:
    file = io.BytesIO()
    frame.write_parquet(file, **options)
    return file.getvalue()


PARQUET = [
    parquet(),
    _written(pl.DataFrame({"x": [0.5] * 20, "label": ["a", "ç"] * 10}), compression="snappy"),
    _written(pl.DataFrame({"x": [True] * 20, "y": [1, None] * 10}), compression="uncompressed"),
    _written(pl.DataFrame({"x": ["1", "2"] * 10}), use_pyarrow=False, row_group_size=5),
]

_values: dict[Any, list[Any]] = {
    pl.List(pl.Int64): [[1], []],
    pl.Struct({"a": pl.Int64}): [{"a": 1}, {"a": 2}],
    pl.Binary: [b"\xff", b""],
    pl.Date: [date(2020, 1, 1), date(1, 1, 1)],
    pl.Decimal(20, 2): [Decimal("1.50"), Decimal("2.00")],
    pl.Categorical: ["a", "b"],
    pl.Enum(["a", "b"]): ["a", "b"],
    pl.Null: [None, None],
    pl.Boolean: [True, False],
    pl.Float32: [float("nan"), 1e38],
    pl.Float64: [1e300, 1.0],
    pl.UInt64: [2**64 - 1, 0],
    pl.Int128: [2**100, 1],
    pl.String: ["1", "x\ty" * 100],
    pl.Duration: [1, 2],
}
frames = st.dictionaries(
    st.sampled_from(["a", "b", "", "label", "y", "*", "^.$", "c" * 300, "\u2028"]),
    st.sampled_from(list(_values)),
    min_size=1,
    max_size=4,
).map(
    lambda kinds: pl.DataFrame({n: pl.Series(_values[k] * 10, dtype=k) for n, k in kinds.items()})
)


@fuzzing
@given(content=hostile(*PARQUET, magic=b"PAR1") | frames.map(_written), options=columns)
def test_parquet(content: bytes, options: dict[str, Any]) -> None:
    read(content, "t.parquet", **options)
