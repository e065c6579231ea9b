"""What processes there are."""

from __future__ import annotations

import subprocess
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether there is such a process, and not only its number, which nobody has asked for yet."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def lineages() -> dict[int, list[int]]:
    """For each process that lives, its parent, the parent of that, and so on."""
    command = ["ps", "-axo", "pid=,ppid=,stat="]
    listing = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split() for line in listing.stdout.splitlines()]
    parents = {int(pid): int(parent) for pid, parent, state in rows if state[0] != "Z"}

    def above(pid: int) -> list[int]:
        parent = parents.get(pid)
        return [parent, *above(parent)] if parent else []

    return {pid: above(pid) for pid in parents}
