"""Bytes that are nearly right: valid files with something flipped, cut, put in or made extreme."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

_EXTREMES = [
    value.to_bytes(size, order)
    for size in (1, 2, 4, 8)
    for value in {0, 1, 2 ** (8 * size) - 1, 2 ** (8 * size - 1), 2 ** (8 * size - 1) - 1}
    for order in ("little", "big")
]

Change = Callable[[bytes, int, int, bytes], bytes]

_CHANGES: dict[str, Change] = {
    "flip": lambda data, at, _, new: _over(data, at, bytes([data[at] ^ (new or b"\xff")[0]])),
    "overwrite": lambda data, at, _, new: _over(data, at, new),
    "insert": lambda data, at, _, new: data[:at] + new + data[at:],
    "remove": lambda data, at, length, _: data[:at] + data[at + length :],
    "cut": lambda data, at, _length, _new: data[:at],
    "repeat": lambda data, at, length, _: data[:at] + data[at : at + length] + data[at:],
    "blank": lambda data, at, length, _: _over(data, at, bytes(min(length, len(data) - at))),
}


def _over(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


_new = st.sampled_from(_EXTREMES) | st.binary(min_size=1, max_size=8)
_change = st.tuples(
    st.sampled_from(sorted(_CHANGES)),
    # Half of them at the beginning, where headers are; the other half all over, from the end.
    st.integers(0, 200) | st.integers(-100_000, -1),
    st.integers(1, 400),
    _new,
)


def changed(data: bytes, changes: Sequence[tuple[str, int, int, bytes]]) -> bytes:
    """Apply changes in turn."""
    for name, at, length, new in changes:
        if data:
            data = _CHANGES[name](data, at % len(data), length, new)
    return data


def mutated(*valid: bytes, most: int = 5) -> st.SearchStrategy[bytes]:
    """Valid files with a few changes."""
    changes = st.lists(_change, min_size=1, max_size=most)
    return st.builds(changed, st.sampled_from(valid), changes)


def spliced(*valid: bytes) -> st.SearchStrategy[bytes]:
    """The beginning of one valid file and the end of another."""
    one = st.sampled_from(valid)
    place = st.integers(0, 100_000)
    return st.builds(lambda a, b, i, j: a[: i % len(a)] + b[j % len(b) :], one, one, place, place)


def hostile(*valid: bytes, magic: bytes = b"") -> st.SearchStrategy[bytes]:
    """Nearly valid files, halves of them, and bytes that are nothing after the ``magic``."""
    noise = st.binary(max_size=400)
    return st.one_of(mutated(*valid), spliced(*valid), noise.map(lambda rest: magic + rest), noise)
