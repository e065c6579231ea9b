"""A measured figure, and its ratio to a baseline."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One line of the table; ``ratio`` is how many times better the value is than the baseline."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    baseline_name: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the baseline takes; of exponents that would say nothing."""
        if self.baseline is None or not self.value or self.unit == "exponent":
            return None
        return self.baseline / self.value


def median(action: Callable[[], object], repeats: int) -> float:
    """Return the median seconds of ``repeats`` calls, after one that is not counted."""
    action()
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)
