"""How a process uses the memory that it has."""

from __future__ import annotations

import contextlib
import ctypes

# Of mallopt(3): above which size freed memory at the heap's end goes back to the system, and from
# which size on a block is got from the system alone.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_NEVER = 2**31 - 1


def keep_freed_memory() -> None:
    """Let large blocks that are freed be used again, instead of going back to the system.

    By default the next one comes anew, and every page of it has to be zeroed first: a third of the
    time that it takes to validate on the digits. Only glibc can do this, and only for the main
    thread; elsewhere nothing happens. At its peak the process is no larger for it.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_TRIM_THRESHOLD, _NEVER)
        mallopt(_M_MMAP_THRESHOLD, _NEVER)
