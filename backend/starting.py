"""Starting a process without delay."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Keep the garbage collector from what the block imports, then and later.

    Modules stay for good. To go through all of them again and again while they become more takes
    a third of the time that it takes to import PyTorch and the rest.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextlib.contextmanager
def giving_way() -> Iterator[None]:
    """Let another thread go on after half a millisecond, instead of after 5, while the block runs.

    Whoever serves requests beside an import gets a turn for each of them; this makes the page and
    its modules half as late.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
