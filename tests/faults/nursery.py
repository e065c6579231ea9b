"""A process that has imported everything and forks others, to be killed: each lives at once.

It never trains itself, for PyTorch's automatic differentiation does not survive a fork.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MODULE = "tests.faults.nursery"


class Nursery:
    """Starts processes and kills them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        # Those who time a task do not time the imports.
        assert self._process.stdout.readline() == "ready\n"

    def run(
        self,
        task: str,
        *arguments: object,
        seconds: float | None = None,
        point: int | None = None,
        seed: int = 0,
    ) -> bool:
        """Run a task; return whether it ended by itself.

        It is killed after ``seconds``, or kills itself at its ``point``-th change of the data
        folder, if it gets there.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {
            "task": task,
            "arguments": [str(argument) for argument in arguments],
            "seconds": seconds,
            "point": point,
            "seed": seed,
        }
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        status = int(self._process.stdout.readline())
        assert status in (0, -signal.SIGKILL), f"{asked} failed with status {status}"
        return status == 0

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _serve() -> None:
    from tests.faults import crash_points, tasks

    # Libraries for linear algebra have threads, which are idle.
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    answers = os.fdopen(os.dup(1), "w")
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        child = os.fork()
        if child == 0:
            os.dup2(2, 1)
            status = 1
            try:
                if asked["point"] is not None:
                    crash_points.arm(asked["point"], asked["seed"])
                tasks.TASKS[asked["task"]](*asked["arguments"])
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        if asked["seconds"] is not None:
            time.sleep(asked["seconds"])
            os.kill(child, signal.SIGKILL)
        _, ended = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(ended), file=answers, flush=True)


if __name__ == "__main__":
    _serve()
