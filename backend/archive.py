"""What a backup is: a zip file, and in its ``manifest.json`` all files with their checksums."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.errors import PriorscopeError

MANIFEST = "manifest.json"
DATABASE = "priorscope.db"

# All that a backup may hold. Whatever else a file of that kind names is refused: no path leads out
# of the folder that it is restored to.
_NAMES = re.compile(
    r"priorscope\.db"
    r"|runs/[A-Za-z0-9_-]{1,32}/(snapshots/)?[A-Za-z0-9_-]{1,40}\.safetensors"
    r"|(cache/)?datasets/[a-z0-9][a-z0-9_-]{0,59}/[A-Za-z0-9_]{1,40}(\.npy|\.json)?"
)


class BackupError(PriorscopeError):
    """A backup cannot be made, or a file is none."""

    status, slug, title = 422, "backup", "Not a backup"


class FileEntry(BaseModel):
    """A file in a backup."""

    model_config = ConfigDict(extra="forbid")
    path: str
    bytes: int = Field(ge=0, lt=2**63)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What is in a backup, and what it was made of."""

    format: Literal["priorscope-backup"] = "priorscope-backup"
    version: Literal[1] = 1
    priorscope: str
    made_at: datetime
    runs: int = Field(ge=0, lt=2**63)
    files: list[FileEntry]


def may_hold(path: str) -> bool:
    """Say whether a backup may hold a file of this path, relative to the data folder."""
    return _NAMES.fullmatch(path) is not None
