"""The tables, for ``storage.py`` and the migrations only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Index, String, Text, TypeDecorator, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept without a time zone (SQLite has none) and given back in UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC and drop the zone."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Add the zone."""
        return value and value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The tables' common base."""


class RunRow(Base):
    """A run; some columns repeat parts of config and metrics, for sorting and filters."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(16), index=True)
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    prior: Mapped[str] = mapped_column(String(64))
    dataset: Mapped[str] = mapped_column(String(120))
    epoch: Mapped[int] = mapped_column(default=0)
    epochs: Mapped[int]
    seconds_left: Mapped[float | None]
    checkpoint: Mapped[int] = mapped_column(default=0)
    best_epoch: Mapped[int | None]
    metrics: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    elbo: Mapped[float | None]
    log_likelihood: Mapped[float | None]
    marginal_kl: Mapped[float | None]
    hole_mass: Mapped[float | None]
    error: Mapped[str | None] = mapped_column(Text)
    stop: Mapped[str | None] = mapped_column(String(16))
    """The status that a running run was asked to stop with."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    versions: Mapped[dict[str, Any]] = mapped_column(JSON)
    frozen_from: Mapped[str | None] = mapped_column(String(32))
    """Id of the run whose encoder and decoder this one has; no foreign key, for it may be gone."""
    metrics_seed: Mapped[int | None]
    """Of the draws that the metrics rest on; None, as in older stores: that of the training."""
    trained_by: Mapped[str | None] = mapped_column(String(16))
    """“server” or “command”; None: it has not begun, or an older version trained it."""
    resumable: Mapped[bool] = mapped_column(default=False, server_default=false())
    resumed: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was queued again to go on."""
    resumed_at: Mapped[int | None]
    """The epoch that it went on after; -1: it began anew."""
    interruption: Mapped[str | None] = mapped_column(Text)
    """What had happened before that, to be read after “after”."""


class EventRow(Base):
    """The log of everything that happened to runs; a run's history is its ``epoch`` entries."""

    __tablename__ = "events"
    # Numbers of deleted entries must not come back: streams resume by them.
    __table_args__ = (Index("ix_events_run", "run_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
