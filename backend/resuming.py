"""Which runs can go on, and what is said of those that did."""

from __future__ import annotations

from backend.schemas import Status, Trainer

AFTER: dict[Status, str] = {
    "interrupted": "its training had been interrupted",
    "cancelled": "it had been cancelled",
    "failed": "it had failed",
}
"""What had happened before somebody let a run go on."""

ANEW = -1
"""In place of the epoch that a run went on after: there was none."""

SERVER_STOPPED = "the server had been stopped"
SERVER_DIED = "the server had ended unexpectedly"
PROCESS_STOPPED = "its training process had been stopped"
PROCESS_DIED = "its training process had ended unexpectedly"


def refusal(
    name: str, status: Status, trained_by: Trainer | None, *, resumable: bool
) -> str | None:
    """Return why a run cannot go on, in a sentence; None: it can."""
    match status:
        case "queued":
            return f"“{name}” waits for its turn already."
        case "running":
            return f"“{name}” is training already."
        case "finished":
            return (
                f"“{name}” was trained to its end: there is nothing to go on with. "
                "Start a new run, with more epochs or more patience."
            )
        case _ if resumable:
            return None
        case _ if trained_by is None:
            return (
                f"“{name}” was trained by an older Priorscope, which stored nothing to go on from. "
                "Run it again."
            )
        case _:
            return (
                f"“{name}” would only diverge again, for it would do the same. "
                "Run it again with other settings."
            )


def note(
    status: Status, resumed: int, resumed_at: int | None, interruption: str | None
) -> str | None:
    """Return what is worth knowing of a run that was interrupted and goes on, or went on."""
    if resumed == 0:
        return None
    if status == "queued":
        return f"Goes on when its turn comes, after {interruption}."
    if resumed_at is None:
        return f"Is about to go on, after {interruption}." if status == "running" else None
    if resumed_at == ANEW:
        return f"Began anew after {interruption}: there was nothing whole to go on from."
    times = "Resumed" if resumed == 1 else f"Resumed {resumed} times, last"
    where = f"at epoch {resumed_at}" if resumed_at else "in its first epoch"
    return f"{times} {where}, after {interruption}."


def no_room(detail: str) -> str:
    """Return what is said of a run that the disk had no room for; ``detail`` names the disk."""
    return f"{detail} Once there is room, the training can go on where it was."
