"""IDX, as it is, packed with gzip, and in a zip file."""

from __future__ import annotations

import gzip
import struct

from hypothesis import given
from hypothesis import strategies as st

from tests.backend.hostile import IMAGES, LABELS, idx, zipped
from tests.fuzz.guard import fuzzing
from tests.fuzz.mutation import hostile, mutated
from tests.fuzz.reading import read

IDX = [idx(IMAGES), idx(LABELS), idx(IMAGES[:3])]
PACKED = [gzip.compress(each, mtime=0) for each in IDX]

lengths = st.integers(0, 30) | st.sampled_from([2**8, 2**16, 2**31, 2**32 - 1])
heads = st.builds(
    lambda axes, shape: bytes([0, 0, 8, axes]) + struct.pack(f">{len(shape)}I", *shape),
    st.integers(0, 5),
    st.lists(lengths, max_size=5),
)
built = st.builds(lambda head, size: head + bytes(size), heads, st.integers(0, 3000))
plain = hostile(*IDX, magic=b"\0\0\x08\x03") | built


@fuzzing
@given(content=plain)
def test_idx(content: bytes) -> None:
    read(content, "train-images-idx3-ubyte")


@fuzzing
@given(
    content=hostile(*PACKED, magic=b"\x1f\x8b\x08\0\0\0\0\0\0\0")
    | plain.map(gzip.compress)
    | st.builds(lambda a, b: gzip.compress(a) + gzip.compress(b), plain, plain)
)
def test_packed_idx(content: bytes) -> None:
    read(content, "x.gz")


names = st.sampled_from(
    [
        *("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte.gz"),
        *("t10k-labels-idx1-ubyte.gz", "emnist-letters-train-images-idx3-ubyte", "a/raw/readme"),
        *("emnist-letters-train-labels-idx1-ubyte", "MNIST/raw/train-images-idx3-ubyte.gz"),
    ]
)
valid = st.sampled_from([*IDX, *PACKED])


@fuzzing
@given(members=st.dictionaries(names, valid | mutated(*IDX, *PACKED, most=2), max_size=5))
def test_zip_of_idx(members: dict[str, bytes]) -> None:
    read(zipped(members), "m.zip")


@fuzzing
@given(
    content=hostile(
        zipped({"train-images-idx3-ubyte": IDX[0], "train-labels-idx1-ubyte.gz": PACKED[1]}),
        magic=b"PK\x03\x04",
    )
)
def test_damaged_zip_of_idx(content: bytes) -> None:
    read(content, "m.zip")
