"""Starting a process without delay."""

from __future__ import annotations

import contextlib
import gc
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
