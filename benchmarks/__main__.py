"""``python -m benchmarks [NAME ...]``: run all or those, print a table, write results.json."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from benchmarks import (
    aggregated_posterior,
    decoding,
    epoch,
    exploring,
    growth,
    load,
    page,
    start,
    training,
    workers,
)
from benchmarks.result import Result

RESULTS = Path(__file__).parent / "results.json"
BENCHMARKS: dict[str, Callable[[], list[Result]]] = {
    "training": training.run,
    "epoch": epoch.run,
    "aggregated_posterior": aggregated_posterior.run,
    "decoding": decoding.run,
    "exploring": exploring.run,
    "growth": growth.run,
    "page": page.run,
    "start": start.run,
    "workers": workers.run,
    "load": load.run,
}


def main() -> None:
    """Run the benchmarks that the command line names; their lines replace those of before."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"no benchmark is called {unknown[0]}; there are {', '.join(BENCHMARKS)}")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}"
    for name in names:
        results = BENCHMARKS[name]()
        Console().print(_table(name, results))
        lines = [_line(name, result, machine) for result in results]
        # Written after each, so that what was measured is kept when a later one fails.
        RESULTS.write_text(json.dumps(_merged(name, lines), indent=2) + "\n")


def _table(name: str, results: list[Result]) -> Table:
    table = Table("what", "measured", "baseline", "ratio", title=name)
    for result in results:
        baseline = (
            f"{result.baseline:.3g} {result.unit} ({result.baseline_name})"
            if result.baseline is not None
            else ""
        )
        ratio = f"{result.ratio:.3g}" if result.ratio is not None else ""
        table.add_row(result.name, f"{result.value:.3g} {result.unit}", baseline, ratio)
    return table


def _line(name: str, result: Result, machine: str) -> dict[str, Any]:
    return {"benchmark": name, **asdict(result), "ratio": result.ratio, "machine": machine}


def _merged(name: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines with those of other benchmarks that were written before, in their order."""
    before = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    kept = [line for line in before if line.get("benchmark", name) != name]
    order = list(BENCHMARKS)
    known = [line for line in kept + lines if line["benchmark"] in order]
    return sorted(known, key=lambda line: order.index(line["benchmark"]))


if __name__ == "__main__":
    main()
