"""Settings, read from the environment (``PRIORSCOPE_*``)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
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
    token: str | None = Field(
        None,
        min_length=16,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        repr=False,
        description="What has to be shown by whoever wants in: 16 characters or more. Default: on "
        "127.0.0.1 none, so that every user of this computer may come in; on other addresses one "
        "drawn anew at each start. Commands with --server send it.",
    )
    allowed_hosts: str = Field(
        "",
        description="Further host names under which the server is reached, with commas; those of a "
        "reverse proxy, for example. Requests to other names are refused (DNS rebinding).",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="Least severity that is logged; info logs every request."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="json: a JSON object on each line of the log, for programs to read."
    )
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
    keep_runs: int | None = Field(
        None,
        ge=1,
        description="Ended runs that are kept; older ones are removed, with their files. Runs that "
        "wait, train or were interrupted do not count. Default: all are kept.",
    )
    keep_snapshots: int | None = Field(
        None,
        ge=0,
        description="Ended runs that keep all their snapshots; older ones keep the last. Default: "
        "all do.",
    )
    loaded_runs: int = Field(
        16, ge=1, description="Runs kept in memory for exploring; the least used one goes first."
    )
    explore_threads: int = Field(
        default_factory=_cores,
        ge=1,
        le=64,
        description="Threads that work out grids, holes and samples for explorers (a log-ratio "
        "takes two), and as many again that decode and encode. Default: the cores.",
    )
    max_waiting: int = Field(
        500,
        ge=1,
        description="Most questions of explorers that may wait for such a thread; more are refused "
        "with status 503.",
    )
    answer_seconds: float = Field(
        60.0,
        gt=0.0,
        le=3600.0,
        description="How long an explorer waits for an answer; after that it is worked out without "
        "anyone waiting, and status 503 says to ask again.",
    )
    cache_megabytes: int = Field(
        32, ge=0, le=100_000, description="Most millions of bytes of answers kept in memory."
    )
    max_streams: int = Field(
        256, ge=1, description="Most streams of events open at a time; each open page has one."
    )
    max_client_streams: int = Field(
        64, ge=1, description="Most streams of events open at a time to one address."
    )
    max_connections: int = Field(
        1000, ge=1, description="Most connections open at a time; more are closed with status 503."
    )
    patience_seconds: float = Field(
        30.0,
        gt=0.0,
        le=3600.0,
        description="How long a client may take for the head of a request, or stand still in the "
        "middle of a body or an answer, before its connection is closed.",
    )

    @field_validator("token", mode="before")
    @classmethod
    def _no_token(cls, token: object) -> object:
        """Take an empty variable for none, as files of Docker Compose pass on unset ones."""
        return token or None

    @property
    def host_names(self) -> frozenset[str]:
        """The names in ``allowed_hosts``, in lower case."""
        names = (name.strip().lower() for name in self.allowed_hosts.split(","))
        return frozenset(name for name in names if name)

    @property
    def database_file(self) -> Path:
        """The database, where ``database_url`` names no other one."""
        return self.data_dir.resolve() / "priorscope.db"

    @property
    def url(self) -> str:
        """The SQLAlchemy URL that is used."""
        return self.database_url or f"sqlite:///{self.database_file}"
