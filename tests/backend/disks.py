"""Disks with faults, for one process alone: mounted in a namespace of its own, gone with it.

Permissions would not do, for the administrator, as whom tests may run, is above them.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

_UNSHARE = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec"]


def tiny(folder: Path, kilobytes: int) -> list[str]:
    """Return the words before a command for which ``folder`` is a disk of that size."""
    folder.mkdir(parents=True, exist_ok=True)
    return _within(f'mount -t tmpfs -o size={kilobytes}k tmpfs "$0"', folder)


def read_only(folder: Path) -> list[str]:
    """Return the words before a command that cannot write to ``folder``."""
    return _within('mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"', folder)


def seen_by(process: int, folder: Path) -> Path:
    """Return the folder as that process sees it."""
    return Path(f"/proc/{process}/root") / folder.relative_to("/")


def fill(folder: Path) -> Path:
    """Write a file until the disk is full; return it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        # Once more where somebody else has made room meanwhile.
        while shutil.disk_usage(folder).free >= 4096:
            block = 1 << 20
            while block:
                try:
                    file.write(bytes(block))
                except OSError:
                    block //= 2
    return ballast


def _within(mount: str, folder: Path) -> list[str]:
    words = [*_UNSHARE, f'{mount}; exec "$@"', str(folder)]
    try:
        subprocess.run([*words, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting in a namespace of one's own is not possible here")
    return words
