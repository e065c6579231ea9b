"""Texts of others on a terminal, in a log or in a file: every character in sight, none obeyed."""

from __future__ import annotations


def visible(text: str) -> str:
    """Escape what would end a line, command a terminal, or reorder and hide other text."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
