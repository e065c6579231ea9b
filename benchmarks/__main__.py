"""``python -m benchmarks``: run them all, print a table, write results.json."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from benchmarks import aggregated_posterior, load, page, training

RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    """Run every benchmark."""
    results = [*aggregated_posterior.run(), *training.run(), *page.run(), *load.run()]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}"
    table = Table("what", "measured", "baseline", "ratio", title=machine)
    for result in results:
        baseline = (
            f"{result.baseline:.3g} {result.unit} ({result.baseline_name})"
            if result.baseline is not None
            else ""
        )
        ratio = f"{result.ratio:.3g}" if result.ratio is not None else ""
        table.add_row(result.name, f"{result.value:.3g} {result.unit}", baseline, ratio)
    Console().print(table)
    lines = [asdict(result) | {"ratio": result.ratio, "machine": machine} for result in results]
    RESULTS.write_text(json.dumps(lines, indent=2) + "\n")


if __name__ == "__main__":
    main()
