"""What a data set is called and where it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.data.description import SourceName
from models.data.options import ImportOptions


@dataclass(frozen=True)
class Identity:
    """What a data set is called and where it comes from."""

    id: str
    title: str
    description: str
    source: SourceName
    origin: str = ""


def identity_of(options: ImportOptions, stem: str, source: SourceName, taken: set[str]) -> Identity:
    """Return what a data set is called; without an id, one like ``stem`` that is not taken."""
    wanted = slug(stem)
    numbered = (f"{wanted[:56]}-{number}" for number in range(2, len(taken) + 3))
    free = next(name for name in (options.id, wanted, *numbered) if name and name not in taken)
    title = options.title or stem[:120] or free
    return Identity(free, title, options.description or "", source)


def slug(name: str) -> str:
    """Return an id like a name: its letters and digits in lower case, with hyphens."""
    plain = re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-_")
    return plain[:60].rstrip("-_") or "data"
