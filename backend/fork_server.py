"""The process that trainings are forked from: it has imported what each of them needs."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from multiprocessing.context import BaseContext

_PRELOADED = "backend.preloaded"
_LONGEST = 70  # bytes, of 107 that the address of a socket may have

LOST = 255
"""The exit status of a process that may live: the one that it was forked from does not."""


def context() -> BaseContext:
    """Return how processes that train start.

    They are forked from a process that does nothing but import PyTorch and the rest once, when the
    first one starts. It computes nothing, so it has none of the threads and locks of libraries that
    a fork would break. Only on Linux: Apple's libraries do not survive a fork.
    """
    if sys.platform != "linux" or not _has_place_for_socket():
        return multiprocessing.get_context("spawn")
    # Python before 3.12.8 would look for what is preloaded in the working directory first, where
    # other packages may have the same name.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload([_PRELOADED])
    return forking


def _has_place_for_socket() -> bool:
    """Whether the address of a socket among temporary files can be short enough."""
    try:
        return len(os.fsencode(tempfile.gettempdir())) <= _LONGEST
    except FileNotFoundError:
        return False
