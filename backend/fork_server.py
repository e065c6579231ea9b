"""The process that trainings are forked from: it has imported what each of them needs."""

from __future__ import annotations

import multiprocessing
import sys
from multiprocessing.context import BaseContext

_PRELOADED = "backend.preloaded"

LOST = 255
"""The exit status of a process that may live: the one that it was forked from does not."""


def context() -> BaseContext:
    """Return how processes that train start.

    They are forked from a process that does nothing but import PyTorch and the rest once, when the
    first one starts. It computes nothing, so it has none of the threads and locks of libraries that
    a fork would break. Only on Linux: Apple's libraries do not survive a fork.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload([_PRELOADED])
    return forking
