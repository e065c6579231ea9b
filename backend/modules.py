"""Which JavaScript modules a module imports, directly or not."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

# Statements begin their line; types that comments import do not.
_IMPORT = re.compile(
    r"^(?:import|export)\s(?:[^;'\"]*\sfrom\s*)?['\"](\.[^'\"]+)['\"]", re.MULTILINE
)


def modules_of(entry: str, read: Callable[[str], str]) -> list[str]:
    """Return the modules that ``entry`` needs to run, itself first, each once.

    ``read`` returns a module's text by its path; paths are relative to the same folder.

    Raises:
        KeyError: one of them is not there (whatever ``read`` raises).
    """
    found = [entry]
    for name in found:  # grows as it goes
        for target in _IMPORT.findall(read(name)):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            if path not in found:
                found.append(path)
    return found
