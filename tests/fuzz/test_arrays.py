"""``.npy`` and ``.npz``."""

from __future__ import annotations

import io
import struct
import zipfile

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.backend.hostile import IMAGES, LABELS, ROWS, npy, npz
from tests.fuzz.guard import fuzzing
from tests.fuzz.mutation import hostile, mutated
from tests.fuzz.reading import read

NPY = [npy(ROWS), npy(IMAGES), npy(np.asfortranarray(ROWS)), npy(ROWS > 9), npy(IMAGES / 255)]
COLOUR = np.arange(12 * 3 * 5 * 4, dtype=np.uint8).reshape(12, 3, 5, 4)
WORDS = np.array(["ab", "ç", ""] * 6 + ["d", "e"])
NPZ = [
    npz(x=ROWS, y=LABELS),
    npz(x=COLOUR),
    npz(x=ROWS, y=WORDS),
    npz(x=ROWS, y=np.char.encode(WORDS, "utf-8")),
    npz(x_train=IMAGES, y_train=LABELS, x_test=IMAGES, y_test=LABELS),
]

numbers = st.integers(-2, 30) | st.sampled_from([2**31, 2**63, 2**64, 10**30, 10**4000])
lengths = numbers | st.sampled_from([20, 4, True, None, 1.5, "20"])
kinds = st.sampled_from(
    [
        *("<f8", ">f2", "|u1", "|b1", "<i8", "<f16", "<c16", "|O", "<m8[s]", "<M8", "|V8", "<U0"),
        *(
            "|S0",
            "<U1",
            "|S3",
            "<U999999999",
            "|S2147483647",
            "<i4, <f8",
            "(2,2)f8",
            "f8,",
            "",
            "x",
        ),
        *([("a", "<f8")], ("<f8", (2,)), [("a", "<f8", (2, 2))], ["f8"], 5, None),
    ]
)


def _header(descr: object, by_columns: object, shape: object, padding: int) -> bytes:
    text = repr({"descr": descr, "fortran_order": by_columns, "shape": shape}).encode()
    text += b" " * padding + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", min(len(text), 65_535)) + text


headers = st.builds(
    _header,
    kinds,
    st.booleans() | st.sampled_from([0, None, "no"]),
    st.lists(lengths, max_size=4).map(tuple) | st.lists(lengths) | st.just(20),
    st.integers(0, 70),
)
nested = st.builds(
    lambda start, times, end: (
        b"\x93NUMPY\x01\x00"
        + struct.pack("<H", len(start) * times + len(end))
        + start * times
        + end
    ),
    st.sampled_from([b"-", b"(", b"[", b"{1:", b"1+", b"not ", b"x."]),
    st.integers(1, 3000),
    st.sampled_from([b"", b"1", b"}\n"]),
)
files = st.one_of(
    hostile(*NPY, magic=b"\x93NUMPY\x01\x00"),
    st.builds(lambda head, rest: head + rest, headers, st.binary(max_size=800)),
    st.builds(lambda head, times: head + bytes(times), headers, st.integers(0, 3000)),
    nested,
)
sizes = st.sampled_from([{}, {"image_size": (8, 8)}, {"image_size": (3, 5), "grey": True}])


@fuzzing
@given(content=files, options=sizes)
def test_npy(content: bytes, options: dict[str, object]) -> None:
    read(content, "x.npy", **options)


@fuzzing
@given(content=hostile(*NPZ, magic=b"PK\x03\x04"), options=sizes)
def test_npz(content: bytes, options: dict[str, object]) -> None:
    read(content, "x.npz", **options)


members = st.sampled_from(
    ["x", "y", "x_train", "y_train", "x_test", "y_test", "x_val", "y_val", "train_images", "../x"]
)
labels = st.builds(
    lambda kind, data: (
        npy(np.zeros(20, kind))[: -20 * np.dtype(kind).itemsize or None]
        + (data * 400)[: 20 * np.dtype(kind).itemsize]
    ),
    st.sampled_from(["<U1", "<U3", "|S2", "|b1", "<f4", "<f8", "<f2", "<u8", "<i1", "<f16"]),
    st.binary(min_size=1, max_size=40),
)


@fuzzing
@given(
    arrays=st.dictionaries(
        members, st.sampled_from(NPY) | labels | mutated(*NPY, most=2) | files, max_size=4
    ),
    compressed=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA]),
)
def test_npz_of_hostile_arrays(arrays: dict[str, bytes], compressed: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compressed) as archive:
        for name, content in arrays.items():
            archive.writestr(f"{name}.npy", content)
    read(file.getvalue(), "x.npz")
