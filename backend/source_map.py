"""Where the lines of a script come from, as browsers' tools read it (source map, version 3)."""

from __future__ import annotations

import json
from collections.abc import Iterable

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

Origin = tuple[int, int]
"""The number of a source, and the line there, both from 0."""


def source_map(sources: list[str], origins: Iterable[Origin | None]) -> str:
    """Return the map of a script, as JSON, from the origin of each of its lines.

    Each line has one segment at most, for its first column: what it holds are differences to the
    segment before (ECMA-426, “mappings”).
    """
    segments, before = [], (0, 0)
    for origin in origins:
        if origin is None:
            segments.append("")
            continue
        steps = (0, origin[0] - before[0], origin[1] - before[1], 0)
        segments.append("".join(map(_digits, steps)))
        before = origin
    mappings = ";".join(segments)
    return json.dumps({"version": 3, "sources": sources, "names": [], "mappings": mappings})


def _digits(number: int) -> str:
    """Return an integer in base64 VLQ: five bits a digit, lowest first, the sign in the first."""
    rest = abs(number) << 1 | (number < 0)
    digits = ""
    while True:
        rest, digit = rest >> 5, rest & 31
        digits += _DIGITS[digit | (32 if rest else 0)]
        if not rest:
            return digits
