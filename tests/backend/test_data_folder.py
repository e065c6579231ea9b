"""One server to a data folder; who only adds or reads is welcome beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.data_folder import OccupiedError, occupant, occupy
from backend.errors import StoreError
from backend.revisions import stored_revision
from backend.settings import Settings
from backend.storage import RunStore
from tests.backend.test_upgrading import copies, old_store
from tests.conftest import COMMAND, ROOT, ServerProcess

HOLD = """
import sys
from pathlib import Path
from backend.data_folder import occupy
with occupy(Path(sys.argv[1]), "An older one") as occupation:
    occupation.announce("http://127.0.0.1:9")
    print(flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has ``data`` to itself, until it is killed."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "data")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_a_second_server_is_refused(server: ServerProcess) -> None:
    note = (server.data_dir / "server.json").read_bytes()
    second = subprocess.run(
        [*COMMAND, "serve", "--port", "0", "--data-dir", str(server.data_dir)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (second.returncode, second.stdout) == (1, "")
    assert f"“priorscope serve” at {server.url} (process {server.process.pid}, since" in (
        second.stderr
    )
    assert "stop it first, or choose another --data-dir" in second.stderr
    assert second.stderr.count("\n") == 1
    # The first one is as it was.
    assert (server.data_dir / "server.json").read_bytes() == note
    assert server.client.health().status == "ok"


def test_the_lock_goes_with_its_holder(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    said = occupant(data_dir)
    assert said is not None
    assert said.startswith(f"An older one at http://127.0.0.1:9 (process {holder.pid}, since ")
    with pytest.raises(OccupiedError, match=f"process {holder.pid}"), occupy(data_dir, "Me"):
        pass
    # Others may add and read.
    store = RunStore(Settings(data_dir=data_dir))
    assert store.list().total == 0
    store.close()
    holder.kill()
    holder.wait()
    assert occupant(data_dir) is None
    with occupy(data_dir, "Me"):
        assert json.loads((data_dir / "server.json").read_bytes())["what"] == "Me"
        assert occupant(data_dir) is None  # nobody else
    with occupy(data_dir, "Me again"):
        pass


def test_who_holds_it_is_not_needed_to_be_refused(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert holder.poll() is None
    (tmp_path / "data" / "server.json").write_text("{")
    with (
        pytest.raises(OccupiedError, match="Another Priorscope has it"),
        occupy(tmp_path / "data", "Me"),
    ):
        pass


def test_a_store_is_not_migrated_under_an_older_server(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    old_store(tmp_path / "data")
    with pytest.raises(StoreError, match=r"An older one at .* Stop that first"):
        RunStore(Settings(data_dir=tmp_path / "data"))
    assert copies(tmp_path / "data") == []
    assert stored_revision(tmp_path / "data" / "priorscope.db") == "0001"
    holder.kill()
    holder.wait()
    store = RunStore(Settings(data_dir=tmp_path / "data"))
    assert store.get("run0").name == "Old 0"
    store.close()
