"""Runs in memory, right until the next commit to the database."""

from __future__ import annotations

from collections.abc import Callable

from backend.database_version import DatabaseVersion
from backend.schemas import Run

_MOST = 200


class KnownRuns:
    """The runs that were read since the last commit of any process. Threads may share it."""

    def __init__(self, version: DatabaseVersion) -> None:
        self._version = version
        self._runs: dict[str, tuple[int, Run]] = {}

    def find(self, run_id: str) -> Run | None:
        """Return the run as the database has it now; None where that has to be read."""
        return self._find(run_id, self._version.read())

    def get(self, run_id: str, read: Callable[[str], Run]) -> Run:
        """Return the run as the database has it now; ``read`` reads it, and may fail."""
        # Asked before it is read: what is committed meanwhile makes it read again.
        version = self._version.read()
        run = self._find(run_id, version)
        if run is None:
            run = read(run_id)
            if version is not None:
                self._keep(version, run)
        return run

    def _find(self, run_id: str, version: int | None) -> Run | None:
        known, run = self._runs.get(run_id, (None, None))
        return run if version is not None and known == version else None

    def _keep(self, version: int, run: Run) -> None:
        if len(self._runs) >= _MOST:
            self._runs.clear()
        self._runs[run.id] = version, run
