"""What may be chosen when files become a data set, and how much of them is allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from models.data.splitting import SplitShares

MAX_FEATURES = 786_432
"""of one row: a colour picture of 512 x 512 pixels"""
MAX_SIDE = 4096
MIN_ROWS = 10

_SLUG = r"^[a-z0-9][a-z0-9_-]{0,59}$"


def is_slug(text: str) -> bool:
    """Say whether a data set could have this id."""
    return re.fullmatch(_SLUG, text) is not None


def _check_slug(text: str) -> str:
    if not is_slug(text):
        raise ValueError(
            "An id has 1 to 60 of the characters a-z, 0-9, _ and -, and begins with a letter or a "
            f"digit; got {text[:60]!r}."
        )
    return text


DatasetSlug = Annotated[
    str, AfterValidator(_check_slug), Field(json_schema_extra={"pattern": _SLUG})
]
Side = Annotated[int, Field(ge=1, le=MAX_SIDE)]


class ImportOptions(BaseModel):
    """How files become a data set; all has a default."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    id: DatasetSlug | None = Field(
        None,
        description="What the data set is called in addresses and commands: a-z, 0-9, _ and -. "
        "Default: made from the file's name.",
    )
    title: str | None = Field(
        None, min_length=1, max_length=120, description="Default: the file's name."
    )
    description: str | None = Field(
        None, max_length=1000, description="Default: what was found in the files."
    )
    label_column: str | None = Field(
        None,
        description="Of a table: the column of the classes; null: none. Left out: a column named "
        "label, class, target or y, if there is one.",
    )
    image_size: tuple[Side, Side] | None = Field(
        None,
        description="Height and width. Pictures are resized to it; null: all have one size "
        "already. Rows of numbers (tables, arrays of two axes) of that many values are taken for "
        "images.",
    )
    grey: bool = Field(False, description="Whether colour pictures become grey ones.")
    split: SplitShares = Field(
        default_factory=SplitShares,
        description="How rows become three splits. A test set that comes along stays the test "
        "set; train and validation then share the rest.",
    )


@dataclass(frozen=True)
class Limits:
    """How much is read."""

    bytes: int = 64_000_000_000
    """of a data set as it is stored, and of files when they are unpacked"""
    pixels: int = 50_000_000
    """of one picture before it is resized"""
    members: int = 2_000_000
    """of a zip file or a folder"""
    ratio: int = 200
    """of unpacked to packed size of a large member of a zip file"""
    look: int | None = None
    """bytes that are looked at before it is decided what values mean; None: all there are"""
