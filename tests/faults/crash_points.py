"""Where a process can be made to kill itself: before everything that changes the data folder."""

from __future__ import annotations

import os
import random
import signal
import stat
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event


def arm(point: int, seed: int) -> None:
    """Let this process be killed, by its own hand, before its ``point``-th change (1: the first).

    Changes are statements and commits of the database, and what replaces, removes or syncs files. A
    file about to be synced may be cut off before, somewhere: it counts as written only afterwards.
    """
    left = point

    def is_here() -> bool:
        nonlocal left
        left -= 1
        return left == 0

    def reached(*_: object, **__: object) -> None:
        if is_here():
            _die()

    def sync(descriptor: int) -> None:
        if is_here():
            _cut(descriptor, random.Random(seed))
            _die()
        _sync(descriptor)

    _sync = os.fsync
    os.fsync = sync
    for name in ("replace", "rename", "unlink", "rmdir", "mkdir"):
        setattr(os, name, _before(getattr(os, name), reached))
    event.listen(Engine, "before_cursor_execute", reached)
    event.listen(Engine, "commit", reached)


def _before(function: Callable[..., Any], reached: Callable[[], None]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        reached()
        return function(*arguments, **options)

    return call


def _cut(descriptor: int, chance: random.Random) -> None:
    about = os.fstat(descriptor)
    if stat.S_ISREG(about.st_mode) and chance.random() < 0.5:
        os.ftruncate(descriptor, chance.randrange(about.st_size + 1))


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
