"""Whether the files of a stored data set are as they were written.

``SHA256SUMS`` lists them as ``sha256sum --check`` reads it. Sets from before there was one are
taken as they are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from models.data.errors import DataError

CHECKSUMS = "SHA256SUMS"

_LINE = re.compile(r"([0-9a-f]{64})  ([\w.]+)\n")
_LARGEST = 10_000  # bytes of the list


def checksums_of(files: Iterable[Path]) -> str:
    """Return the list of those files."""
    return "".join(f"{digest(file)}  {file.name}\n" for file in files)


def digest(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def verify(folder: Path, *names: str) -> None:
    """Compare files of a data set, all that are listed without names, with the list.

    Raises:
        DataError: one is not as it was written, or missing.
    """
    listed = _listed(folder)
    if listed is None:
        return
    for name in names or listed:
        try:
            same = digest(folder / name) == listed.get(name)
        except OSError:
            same = False
        if not same:
            raise damaged(folder, f"{name} is missing or not as it was written")


def damaged(folder: Path, how: str) -> DataError:
    """Return the error that says so, and what to do."""
    return DataError(
        f"The data set in {folder} is damaged: {how}. Remove it, or put it aside with “priorscope "
        "doctor --repair”, and add it again; one that was found here is unpacked again by itself."
    )


def _listed(folder: Path) -> dict[str, str] | None:
    try:
        with (folder / CHECKSUMS).open("rb") as file:
            text = file.read(_LARGEST).decode("ascii", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise damaged(folder, f"{CHECKSUMS} cannot be read") from error
    lines = [_LINE.fullmatch(line) for line in text.splitlines(keepends=True)]
    listed = {line[2]: line[1] for line in lines if line is not None}
    if not listed or len(listed) != len(lines):
        raise damaged(folder, f"{CHECKSUMS} is not whole")
    return listed
