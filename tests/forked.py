"""Servers in processes that are forked from one that has imported everything.

The tests start some eighty. To import PyTorch and the rest takes each of them longer than all
that most of them are asked.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["backend.cli", "backend.interface", "backend.server"])


class Forked:
    """A command of Priorscope, as far as it has to look like a ``subprocess.Popen``."""

    def __init__(self, words: Sequence[str], folder: Path, env: dict[str, str], log: Path) -> None:
        reader, writer = _CONTEXT.Pipe(duplex=False)
        with reader, writer:
            self._process = _CONTEXT.Process(target=_run, args=(words, folder, env, writer, log))
            self._process.start()
            self.stdout = os.fdopen(os.dup(reader.fileno()))

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(["priorscope"], timeout)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _run(
    words: Sequence[str], folder: Path, env: dict[str, str], output: Connection, log: Path
) -> None:
    """Become the command: a session, a folder, an environment and streams of its own."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    errors = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output.fileno(), 1)
    os.dup2(errors, 2)
    output.close()
    os.close(errors)
    sys.argv = ["priorscope", *words]
    from backend.cli import main

    main()
