"""Data sets over HTTP: what they are like, uploads, imports."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backend.arrays import ByteArray, Float32Array, IndexArray
from backend.schemas import Request
from backend.server_schemas import Response
from models.data.description import Kind, SourceName, Statistics
from models.data.formats import Format
from models.data.options import ImportOptions
from models.misfits import Misfits
from models.proposals import Proposal

ImportStatus = Literal["running", "finished", "failed", "cancelled"]


class Counts(Response):
    """Rows in each split."""

    train: int
    validation: int
    test: int
    total: int


class DatasetInfo(Response):
    """A data set of images or of vectors of real numbers."""

    id: str
    title: str
    description: str
    kind: Kind
    source: SourceName = Field(
        description="builtin: comes with Priorscope; found: lay on the server's computer already."
    )
    removable: bool
    image_shape: list[int] = Field(
        description="Height and width; of colour images also 3; empty for vectors."
    )
    num_values: int | None = Field(
        description="Values are levels 0..num_values-1. Null: real numbers."
    )
    feature_names: list[str] = Field(description="Of the values of vectors; empty for images.")
    feature_ranges: list[tuple[float, float]] | None = Field(
        description="Lowest and highest value of each feature in the training rows; null: images."
    )
    label_names: list[str] = Field(description="Of the classes; empty where there are none.")
    class_counts: list[int] = Field(description="Training rows of each class.")
    counts: Counts
    statistics: Statistics
    notes: list[str] = Field(description="What was changed when it was added, in sentences.")
    bytes: int = Field(description="Of all values.")
    memory_mapped: bool = Field(
        description="Whether it stays on the disk while it is used; it can't be cut anew then."
    )
    proposal: Proposal = Field(description="What a run gets where it leaves something out.")
    misfits: Misfits = Field(description="What does not fit the data, and why.")


class DatasetImages(Response):
    """Rows of a data set: pictures or vectors, their labels, and their numbers in file order."""

    images: ByteArray | None = Field(
        description="(n, h, w) or (n, h, w, 3), scaled to 0..255. Null: vectors."
    )
    values: Float32Array | None = Field(
        description="(n, D), in the data's own units. Null: pictures."
    )
    label: IndexArray
    index: IndexArray


class Upload(Response):
    """A file that was sent and waits to become a data set."""

    id: str
    filename: str
    bytes: int
    format: Format = Field(
        description="arrays: .npz or .npy; pictures: a zip of them; table: CSV or Parquet; "
        "idx: an IDX file, or a zip of them."
    )


class Preview(Response):
    """What a data set would be like, from a look at some of its rows."""

    id: str
    title: str
    description: str
    kind: Kind
    image_shape: list[int]
    num_values: int | None
    feature_names: list[str]
    feature_ranges: list[tuple[float, float]] | None = Field(
        description="Of the rows that were looked at; null: images."
    )
    label_names: list[str]
    class_counts: list[int] = Field(description="Rows of each class, of all splits.")
    counts: Counts
    statistics: Statistics = Field(description="Of the rows that were looked at.")
    looked_at: int = Field(description="Rows that the statistics are of.")
    rows: int
    bytes: int
    memory_mapped: bool
    notes: list[str] = Field(description="What is resized, dropped or converted, in sentences.")
    proposal: Proposal = Field(description="What a run would get where it leaves something out.")
    sample: DatasetImages = Field(description="Up to 32 rows.")


class OpenmlChoice(Request):
    """A data set of openml.org."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.()+-]*$",
        max_length=200,
        description="Such as mnist_784.",
    )
    version: int | None = Field(None, ge=1, description="Null: the newest active one.")


class CreateDataset(ImportOptions):
    """Where a data set comes from, `upload` or `openml`, and how it is made."""

    upload: str | None = Field(None, description="Id of an upload.")
    openml: OpenmlChoice | None = None

    def options(self) -> ImportOptions:
        """Return the options alone."""
        given = self.model_dump(exclude={"upload", "openml"}, exclude_unset=True)
        return ImportOptions.model_validate(given)


class Import(Response):
    """A data set that is being made, or was."""

    id: str
    title: str = Field(description="What it is called, or was to be.")
    status: ImportStatus
    message: str = Field(description="What is being done.")
    done: int = Field(description="Rows written.")
    total: int | None = Field(description="Null: not known yet.")
    dataset: str | None = Field(description="Id of the data set, once it is finished.")
    error: str | None = Field(description="Why it failed, and what to do.")
