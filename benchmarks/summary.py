"""``python -m benchmarks.summary``: the table of docs/speed.md, from results.json."""

from __future__ import annotations

import json
import re
from typing import Any

from benchmarks.__main__ import RESULTS

_SHOWN = (
    r"digits to textbook quality, .*",
    r"aggregated posterior 256x256.*|the same, .*",
    r"decode one z over HTTP, (p50|p99|one client|two clients)$",
    r"decode one z over HTTP, p50, against .*",
    r"density 200x200 of .*, computed, p50",
    r"(density 200x200|points|holes|metrics|manifold 24x24), (first|kept by .*)",
    r"growth of .*",
    r"from the command until .*",
    r"first useful paint .*|hover to picture, .*",
    r"twelve panels .* own ranges, longest .*",
    r"50 explorers .*, (p50|p99|errors|without a pause)",
    r"six workers, .*",
    r"memory of .*",
)


def main() -> None:
    """Print it."""
    lines = json.loads(RESULTS.read_text())
    print("| What | Measured | Beside it | Times better |\n|---|---|---|---|")
    for pattern in _SHOWN:
        for line in lines:
            if re.fullmatch(pattern, line["name"]):
                print(_row(line))


def _row(line: dict[str, Any]) -> str:
    baseline = ratio = ""
    if line["baseline"] is not None:
        baseline = f"{_number(line['baseline'])} {line['unit']}, {line['baseline_name']}"
    if line["ratio"] is not None:
        ratio = _number(line["ratio"])
    return f"| {line['name']} | {_number(line['value'])} {line['unit']} | {baseline} | {ratio} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    main()
