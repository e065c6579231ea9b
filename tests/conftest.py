"""Fixtures for tests that need a server: a real process, a free port, a fresh data folder."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from backend.client import PriorscopeClient
from backend.starting import importing
from tests.forked import Forked
from tests.processes import lineages

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "backend.cli"]


class ByFile(LoadScopeScheduling):
    """Shares tests out by file, but for those of the backend, which share what they train.

    A process stays in its folder while it can: there its server runs and its runs are trained.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "tests/backend" if "/backend/" in file else file

    def _assign_work_unit(self, node: WorkerController) -> None:
        mine, *others = [
            {_folder(scope) for scope in self.assigned_work[each]}
            for each in sorted(self.nodes, key=lambda each: each is not node)
        ]
        elsewhere = set().union(*others)

        def distance(scope: str) -> int:
            return 0 if _folder(scope) in mine else 2 if _folder(scope) in elsewhere else 1

        self.workqueue.move_to_end(min(self.workqueue, key=distance), last=False)
        super()._assign_work_unit(node)


def _folder(scope: str) -> str:
    return "/".join(scope.split("/")[:2])


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    return ByFile(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Import all tests, and what they need, without looking for garbage in between."""
    with importing():
        return (yield)


class ServerProcess:
    """A `priorscope serve` in a process of its own."""

    def __init__(
        self, data_dir: Path, *options: str, within: Sequence[str] = (), **settings: object
    ) -> None:
        """``within`` are the words of a command that runs another one, such as ``nice``."""
        self.data_dir = data_dir
        self.log = data_dir.with_name(f"{time.monotonic_ns()}.log")
        words = ["serve", "--port", "0", "--data-dir", str(data_dir), *options]
        env = os.environ | {f"PRIORSCOPE_{key.upper()}": str(settings[key]) for key in settings}
        start = partial(_started, within) if within else Forked
        self.process = start(words, ROOT, env, self.log)
        self.url = self._read_url()
        self.client = PriorscopeClient(self.url)

    def _read_url(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "http://" in line:
                return next(word for word in line.split() if word.startswith("http://"))
        raise AssertionError(f"The server did not start:\n{self.log.read_text()}")

    def processes(self) -> list[int]:
        """The processes that the server, and those, started and that still live."""
        return [pid for pid, above in lineages().items() if self.process.pid in above]

    def workers(self) -> list[int]:
        """Those of them that train: a process that the server started has forked them."""
        return [pid for pid, above in lineages().items() if self.process.pid in above[1:2]]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal to the server alone; return its exit status."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(number)
        assert self.process.stdout is not None
        try:
            return self.process.wait(timeout=60)
        finally:
            # One that does not end by itself would train beside all other tests.
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()


def _started(
    within: Sequence[str], words: Sequence[str], folder: Path, env: dict[str, str], log: Path
) -> subprocess.Popen[str]:
    with log.open("w") as errors:
        return subprocess.Popen(
            [*within, *COMMAND, *words],
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            # A group of its own: a Ctrl-C sent to it must not reach the tests.
            start_new_session=True,
        )


Serve = Callable[..., ServerProcess]


@pytest.fixture(scope="session")
def started() -> Iterator[list[ServerProcess]]:
    """The servers that were started; those that still run are stopped at the end."""
    started: list[ServerProcess] = []
    yield started
    _stop(started)


@pytest.fixture(autouse=True)
def _left_behind(started: list[ServerProcess]) -> Iterator[None]:
    """Stop what a test started itself: one that fails would leave its trainings to all others."""
    before = len(started)
    yield
    _stop(started[before:])


def _stop(servers: list[ServerProcess]) -> None:
    with contextlib.ExitStack() as stack:
        for server in servers:
            stack.callback(server.stop)


@pytest.fixture(scope="session")
def serve(started: list[ServerProcess]) -> Serve:
    """Start servers."""

    def start(
        data_dir: Path, *options: str, within: Sequence[str] = (), **settings: object
    ) -> ServerProcess:
        server = ServerProcess(data_dir, *options, within=within, **settings)
        started.append(server)
        return server

    return start


# Of the folder from which Python imports this before all else. PyTorch then comes when the test
# says so, however fast the machine is.
_HELD = """
import importlib.abc, importlib.util, pathlib, sys, time

class Held(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name != "torch":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        run = spec.loader.exec_module

        # Not while it is looked for: that would hold up all other imports, too.
        def run_when_released(module):
            while not pathlib.Path({release!r}).exists():
                time.sleep(0.02)
            run(module)

        spec.loader.exec_module = run_when_released
        return spec

sys.meta_path.insert(0, Held())
"""


class Held:
    """Starts servers that do not get PyTorch until it is released."""

    def __init__(self, serve: Serve, folder: Path) -> None:
        self._serve = serve
        self._release = folder / "release"
        hook = folder / "hook"
        hook.mkdir()
        (hook / "sitecustomize.py").write_text(_HELD.format(release=str(self._release)))
        self.within = ("env", f"PYTHONPATH={hook}:{ROOT}")
        self.data_dir = folder / "data"

    def start(self, **settings: object) -> ServerProcess:
        return self._serve(self.data_dir, within=self.within, **settings)

    def release(self) -> None:
        self._release.touch()


@pytest.fixture
def held(serve: Serve, tmp_path: Path) -> Iterator[Held]:
    held = Held(serve, tmp_path)
    yield held
    held.release()


@pytest.fixture(scope="session")
def server(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> ServerProcess:
    """One server for all tests that do it no harm."""
    return serve(tmp_path_factory.mktemp("server") / "data", workers=2)


@pytest.fixture(scope="session")
def client(server: ServerProcess) -> PriorscopeClient:
    return server.client


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], object]], None]:
    """Wait until something is so; the limit only keeps a failure from hanging."""

    def wait(condition: Callable[[], object], seconds: float = 300.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)

    return wait
