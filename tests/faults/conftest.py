"""What the fault suite shares: chance, processes to kill, and what must be so after each kill.

`FAULTS_SEED=7 FAULTS_SHARE=0.3 make test-faults` repeats the moments of a run with that seed, and
does less than the whole. Kills at random moments depend on the machine's speed, too.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.nursery import Nursery

SEED = int(os.environ.get("FAULTS_SEED", "0"))
SHARE = float(os.environ.get("FAULTS_SHARE", "1"))
"""Of the whole suite: fewer kills of each kind"""


def some(count: int) -> int:
    """That many, or the share of them that is asked for."""
    return max(1, round(count * SHARE))


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Random numbers of this test's own; its seed is told where it fails."""
    print(f"FAULTS_SEED={SEED}")
    return random.Random(f"{SEED} {request.node.name}")


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def kills(record_property: Callable[[str, object], None]) -> list[str]:
    """To be filled with what was killed; the summary counts it."""
    killed: list[str] = []
    record_property("kills", killed)
    return killed


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how many kills there were of what."""
    counts: Counter[str] = Counter()
    for status in ("passed", "failed"):
        for report in terminalreporter.stats.get(status, []):
            counts.update(dict(report.user_properties).get("kills", []))
    if counts:
        listed = ", ".join(f"{count} {what}" for what, count in counts.items())
        terminalreporter.write_line(f"FAULTS_SEED={SEED}: {counts.total()} kills ({listed})")


def check_database(folder: Path) -> None:
    """SQLite finds nothing wrong with the database."""
    connection = sqlite3.connect(folder / "priorscope.db")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()
