"""Several JavaScript modules as one: a request for each of a hundred takes half a second.

This is no build: the server joins the modules when it is asked for them, as they are now, and names
their own lines in a source map, so that a browser's tools show the files of the folder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from backend.modules import modules_of, target_of
from backend.source_map import Origin, source_map

_FROM = r"\{(?P<names>[^}]*)\}\s*from\s*['\"](?P<reference>\.[^'\"]+)['\"];?"
_IMPORT = re.compile(rf"^import\s*{_FROM}", re.MULTILINE)
_PASSED_ON = re.compile(rf"^export\s*{_FROM}", re.MULTILINE)
_RUN = re.compile(r"^import\s*['\"]\.[^'\"]+['\"];?", re.MULTILINE)
_EXPORT = re.compile(
    r"^export(?= (?:(?:async )?function\*?|class|const) (?P<name>[\w$]+))", re.MULTILINE
)
_OTHER = re.compile(r"^(?:import|export)\b(?!\().*", re.MULTILINE)
_AS = re.compile(r"\s+as\s+")
_COMMENT = re.compile(r"//.*|/\*[\s\S]*?\*/")


class JoiningError(ValueError):
    """A module with a statement that is not understood here."""


@dataclass
class Joined:
    """One module in place of several: lines, and for each the module and its line there."""

    sources: list[str]
    lines: list[str] = field(default_factory=list)
    origins: list[Origin | None] = field(default_factory=list)

    def add(self, text: str, source: int | None = None) -> None:
        """Add lines; ``source`` is the number of the module whose lines they are, all of them."""
        new = text.split("\n")
        self.lines += new
        self.origins += [None if source is None else (source, line) for line in range(len(new))]

    def text(self) -> str:
        """Return the module."""
        return "\n".join(self.lines) + "\n"

    def source_map(self) -> str:
        """Return its source map; sources are relative to the folder above."""
        return source_map([f"../{name}" for name in self.sources], self.origins)


def join(
    entry: str, read: Callable[[str], str], after: tuple[str, Collection[str]] | None = None
) -> Joined:
    """Join a module and all that it needs into one.

    Each becomes a function that runs once and returns what the module exports; they run in the
    order in which a browser would run them. Lines stay lines. ``after`` is the name of another
    joined module, which has run before, and the modules that it holds: those are taken from there.
    ``read`` returns a module's text by its path.

    Understood are ``import {…} from``, ``import '…'``, ``export {…} from`` and the export of a
    function, a class or one constant by its name, each at the beginning of a line and imports
    before what uses them: nothing whose value may change later, for values are passed on once.

    Raises:
        JoiningError: a module has an import or an export of another form, or imports what another
            does not export.
        CircularImportError: modules import each other.
        KeyError: a module is not there.
    """
    other, there = after or ("", ())
    if entry in there:
        raise JoiningError(f"{entry} is imported by what it should come after.")
    exports: dict[str, dict[str, str]] = {}
    modules = modules_of(entry, read)
    joined = Joined([module for module in modules if module not in there])
    joined.add(
        f"import {{ $modules }} from './{other}';" if after else "export const $modules = {};"
    )
    for module in modules:
        text, values = _function_of(module, read(module), exports)
        exports[module] = values
        if module in there:
            continue
        joined.add(f"$modules[{json.dumps(module)}] = (() => {{")
        joined.add(text, joined.sources.index(module))
        joined.add(f"return {{ {', '.join(f'{key}: {value}' for key, value in values.items())} }};")
        joined.add("})();")
    if exports[entry]:
        names = ", ".join(exports[entry])
        joined.add(f"export const {{ {names} }} = $modules[{json.dumps(entry)}];")
    return joined


def _function_of(
    module: str, text: str, exports: Mapping[str, Collection[str]]
) -> tuple[str, dict[str, str]]:
    """Return a module as the inside of a function, and its exports: their values by their names.

    ``exports`` are the names that each module exports which has run before.
    """
    values: dict[str, str] = {}

    def taken(match: re.Match[str]) -> Iterator[tuple[str, str]]:
        """Yield each name that is taken from another module, and what it is called here."""
        source = target_of(module, match["reference"])
        for each in filter(None, map(str.strip, _COMMENT.sub("", match["names"]).split(","))):
            there, *here = _AS.split(each)
            if there not in exports[source]:
                raise JoiningError(
                    f"{module} takes {there} from {source}, which does not export it in a way that "
                    "backend/joining.py understands."
                )
            yield there, (here or [there])[0]

    def imported(match: re.Match[str]) -> str:
        names = ", ".join(f"{there}: {here}" for there, here in taken(match))
        lines = "\n" * match[0].count("\n")
        return f"const {{ {names} }} = {_place(module, match)};{lines}"

    def passed_on(match: re.Match[str]) -> str:
        for there, here in taken(match):
            values[here] = f"{_place(module, match)}.{there}"
        return "\n" * match[0].count("\n")

    def exported(match: re.Match[str]) -> str:
        values[match["name"]] = match["name"]
        return " " * len(match[0])

    text = _IMPORT.sub(imported, text)
    text = _PASSED_ON.sub(passed_on, text)
    text = _EXPORT.sub(exported, _RUN.sub("", text))
    if other := _OTHER.search(text):
        line = text.count("\n", 0, other.start()) + 1
        raise JoiningError(
            f"{module}, line {line}: {other[0]} is not understood; see backend/joining.py"
        )
    return text, values


def _place(module: str, match: re.Match[str]) -> str:
    return f"$modules[{json.dumps(target_of(module, match['reference']))}]"
