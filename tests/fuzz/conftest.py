"""Counts of examples and seconds, for ``make fuzz``."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.fuzz import guard


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    before, began = guard.examples, time.perf_counter()
    try:
        return (yield)
    finally:
        tried = guard.examples - before
        took = time.perf_counter() - began
        item.user_properties.append(("fuzz", f"{tried:>8,} examples in {took:7.1f} s"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not guard.EXAMPLES:
        return
    terminalreporter.section("examples")
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in report.user_properties:
                if name == "fuzz":
                    terminalreporter.write_line(f"{value}  {outcome}  {report.nodeid}")
