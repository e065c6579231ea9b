"""Settings, read from the environment (``PRIORSCOPE_*``)."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _cores() -> int:
    """Return how many cores this process may use, which containers and taskset may limit."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Settings(BaseSettings):
    """What an installation may change; each field is also ``PRIORSCOPE_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="PRIORSCOPE_", extra="forbid", frozen=True)

    data_dir: Path = Field(
        Path("priorscope-data"),
        description="Folder of the database and the checkpoints; made where it is missing.",
    )
    database_url: str | None = Field(
        None,
        description="SQLAlchemy URL of the database. Default: an SQLite file in the data folder.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 means every one.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    workers: int = Field(
        default_factory=_cores,
        ge=1,
        description="Runs trained at a time, each in a process of its own. Default: the cores.",
    )
    demo: bool = Field(
        False, description="On an empty store, queue the comparison of all priors on the digits."
    )
    open: bool = Field(
        False, description="Open the page in a browser once the server listens, on a desktop."
    )
    max_resolution: int = Field(
        512, ge=8, le=4096, description="Most cells along each side of a density grid."
    )
    max_points: int = Field(
        4096, ge=1, le=1_000_000, description="Most points decoded or sampled in one request."
    )
    max_frames: int = Field(300, ge=1, le=10_000, description="Most frames of one animation.")
    max_megapixels: int = Field(
        300,
        ge=1,
        le=10_000,
        description="Most millions of pixels in all frames of one animation together.",
    )
    max_body_megabytes: int = Field(
        128, ge=1, le=10_000, description="Most millions of bytes in the body of one request."
    )
    max_upload_megabytes: int = Field(
        4096, ge=1, le=1_000_000, description="Most millions of bytes of one uploaded file."
    )
    max_dataset_megabytes: int = Field(
        64_000,
        ge=1,
        le=100_000_000,
        description="Most millions of bytes that a data set may take, and its files unpacked.",
    )
    memory_map_megabytes: int = Field(
        512,
        ge=0,
        le=100_000_000,
        description="Data sets of more millions of bytes stay on the disk instead of in memory.",
    )
    data_path: str = Field(
        "",
        description="Further folders to look for data sets of IDX files in, as PATH separates "
        "them. Looked into anyway: /usr/local/share/datasets and /usr/share/datasets.",
    )
    max_queue: int = Field(
        200, ge=1, description="Most runs that may wait; more are refused with status 429."
    )
    loaded_runs: int = Field(
        16, ge=1, description="Runs kept in memory for exploring; the least used one goes first."
    )

    @property
    def url(self) -> str:
        """The SQLAlchemy URL that is used."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'priorscope.db'}"
