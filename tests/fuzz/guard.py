"""What every example is held to: an end, little memory, and no file where none belongs."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
"""of each test; 0: a few, always the same ones"""

fuzzing = settings(
    max_examples=EXAMPLES or 25,
    derandomize=EXAMPLES == 0,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
_SECONDS = 20
_MOST_BYTES = 400_000_000  # more than before; examples are a few thousand bytes
_ROOM = (
    6_000_000_000  # of addresses, so that a parser that wants it all fails and the machine lives
)

examples = 0


class Hang(BaseException):
    """The parser did not come to an end."""


@contextlib.contextmanager
def guarded() -> Iterator[Path]:
    """Yield an empty folder; fail where the block hangs, takes much memory, or leaves files.

    The folder is for input and output; the working folder is another one, which must stay empty.
    """
    global examples
    examples += 1
    before = Path.cwd()
    with TemporaryDirectory() as folder, TemporaryDirectory() as elsewhere:
        os.chdir(elsewhere)
        try:
            with _timed(), _little_memory():
                yield Path(folder)
            assert not list(Path(elsewhere).iterdir()), "a file was left in the working folder"
        finally:
            os.chdir(before)


@contextlib.contextmanager
def _timed() -> Iterator[None]:
    def hang(_signal: int, _frame: FrameType | None) -> None:
        raise Hang(f"no end after {_SECONDS} seconds")

    previous = signal.signal(signal.SIGALRM, hang)
    signal.alarm(_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


@contextlib.contextmanager
def _little_memory() -> Iterator[None]:
    if not Path("/proc/self/clear_refs").exists():
        yield
        return
    # 5 makes the peak begin anew.
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmHWM")
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize") + _ROOM, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
    taken = _status("VmHWM") - before
    assert taken < _MOST_BYTES, f"{taken:,} bytes were taken"


def _status(name: str) -> int:
    """Return a number of bytes out of what the system knows of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name))
