"""``priorscope backup`` and ``priorscope restore``."""

from __future__ import annotations

import shlex
from pathlib import Path

from rich.console import Console

from backend.archive import BackupError, Manifest
from backend.backing_up import back_up
from backend.restoring import restore as restore_from
from backend.settings import Settings
from backend.visible_text import visible


def backup(settings: Settings, target: Path) -> int:
    """Write a backup, and say what is in it; return the exit status.

    Raises:
        PriorscopeError: it cannot be made.
    """
    with Console(stderr=True).status("Backing up"):
        made = back_up(settings, target)
    _say(f"{target} holds {_content(made.manifest)}: {made.bytes / 1e6:,.1f} million bytes.")
    if made.damaged:
        shown = ", ".join(made.damaged[:5])
        _say(
            f"{len(made.damaged)} of the files were damaged before, and are so in the backup: "
            f"{shown}. See “priorscope doctor”.",
            error=True,
        )
    return 1 if made.damaged else 0


def restore(settings: Settings, file: Path) -> None:
    """Bring back a backup, and say so.

    Raises:
        PriorscopeError: it cannot be brought back; then nothing is there.
    """
    if settings.database_url is not None:
        raise BackupError(
            "A backup holds a database of its own: unset PRIORSCOPE_DATABASE_URL to restore it."
        )
    with Console(stderr=True).status("Restoring"):
        manifest = restore_from(file, settings.data_dir)
    folder = shlex.quote(str(settings.data_dir))
    _say(
        f"Restored {_content(manifest)}, as of {manifest.made_at:%Y-%m-%d %H:%M} UTC. Go on with: "
        f"priorscope serve --data-dir {folder}"
    )


def _content(manifest: Manifest) -> str:
    runs = f"{manifest.runs:,} run{'' if manifest.runs == 1 else 's'}"
    return f"{runs} in {len(manifest.files):,} files"


def _say(sentence: str, *, error: bool = False) -> None:
    console = Console(stderr=error, highlight=False)
    console.print(visible(sentence), markup=False, soft_wrap=True)
