"""The JavaScript modules that a module needs, in the order in which they run."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

# Statements begin their line; types that comments import do not.
_IMPORT = re.compile(
    r"^(?:import|export)\s(?:[^;'\"]*\sfrom\s*)?['\"](\.[^'\"]+)['\"]", re.MULTILINE
)


class CircularImportError(ValueError):
    """Modules that import each other."""


def target_of(name: str, reference: str) -> str:
    """Return the path of the module that module ``name`` calls ``reference``."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), reference))


def modules_of(entry: str, read: Callable[[str], str]) -> list[str]:
    """Return the modules that ``entry`` needs, each once and after all that it needs itself.

    That is the order in which a browser runs them. ``read`` returns a module's text by its path;
    paths are relative to the same folder.

    Raises:
        KeyError: one of them is not there (whatever ``read`` raises).
        CircularImportError: some import each other.
    """
    done: list[str] = []

    def visit(name: str, importers: tuple[str, ...]) -> None:
        if name in importers:
            raise CircularImportError(" imports ".join((*importers, name)))
        if name not in done:
            for reference in _IMPORT.findall(read(name)):
                visit(target_of(name, reference), (*importers, name))
            done.append(name)

    visit(entry, ())
    return done
