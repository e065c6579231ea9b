"""The log: lines for people, or JSON for programs; each names the request that it belongs to."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from backend.settings import Settings
from backend.visible_text import visible

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Of the request that is being answered."""


def configure(settings: Settings) -> None:
    """Write the log of this process to stderr, as the settings have it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)


class TextLines(logging.Formatter):
    """A line for each record; what else belongs to it is indented, so that nothing poses as one."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        time = datetime.fromtimestamp(record.created).strftime("%Y-%m-%d %H:%M:%S")
        request = request_id.get()
        about = f" [{request}]" if request else ""
        line = f"{time} {record.levelname:<7} {record.name}{about}: {visible(record.getMessage())}"
        return "\n    ".join([line, *map(visible, _trace(self, record))])


class JsonLines(logging.Formatter):
    """A JSON object on each line, in ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if request := request_id.get():
            entry["request_id"] = request
        entry |= getattr(record, "fields", {})
        if trace := _trace(self, record):
            entry["trace"] = "\n".join(trace)
        return json.dumps(entry, default=str)


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    if not record.exc_info or record.exc_info[1] is None:
        return []
    return formatter.formatException(record.exc_info).splitlines()
