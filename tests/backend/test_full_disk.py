"""A disk that is full, or cannot be written to: a real one, in a namespace of the server's own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from backend.client import ProblemError
from backend.settings import Settings
from backend.storage import RunStore
from tests.backend import disks
from tests.conftest import COMMAND, ROOT

if TYPE_CHECKING:
    from tests.conftest import Serve

Until = Callable[[Callable[[], object]], None]
Body = Callable[..., dict[str, Any]]

IMPORT = """
import sys
from pathlib import Path
import numpy as np
from backend.import_worker import ImportTask, run_import
from models.data import writing
from models.data.identity import Identity
from models.data.importing import FileOrigin
from models.data.options import ImportOptions, Limits

disk, source = Path(sys.argv[1]), Path(sys.argv[2])
# Without the look beforehand, so that it happens in the middle.
writing._SPARE_BYTES = -(10**9)
(disk / "set").mkdir()
origin, identity = FileOrigin(source, source.name), Identity("rows", "Rows", "", "upload")
task = ImportTask(
    origin, ImportOptions(), identity, Limits(), disk / "set", disk / "progress.json"
)
print(run_import(task))
"""


def test_a_full_disk_costs_no_more_than_what_is_new(
    serve: Serve, tmp_path: Path, body: Body, until: Until
) -> None:
    """A training and two requests find no room; all that was stored is whole, and it goes on."""
    server = serve(
        tmp_path / "data", within=disks.tiny(tmp_path / "data", 16_000), workers=1, log_level="info"
    )
    client, data = server.client, disks.seen_by(server.process.pid, tmp_path / "data")
    run = client.create_run(body())
    until(lambda: client.run(run.id).checkpoint)
    ballast = disks.fill(data)

    # A write of the database.
    def rename() -> None:
        for number in range(2000):  # as much as its journal has room for
            client.rename_run(run.id, f"another name, the {number}.")

    with pytest.raises(ProblemError, match=f"The disk of {tmp_path / 'data'} is full") as refused:
        rename()
    assert refused.value.status == 507
    assert refused.value.problem.type == "urn:priorscope:problem:disk-full"
    with pytest.raises(ProblemError, match="disk: 0 million bytes are free") as unready:
        client.health()
    assert unready.value.status == 503

    # The training fails, and says why as soon as there is room for that.
    until(lambda: "failed: The disk of" in server.log.read_text())
    before = client.run(run.id)
    assert client.points(run.id).count == 447
    ballast.unlink()
    until(lambda: client.run(run.id).status == "failed")
    failed = client.run(run.id)
    assert f"The disk of {tmp_path / 'data'}" in (failed.error or "")
    assert "is full" in (failed.error or "")
    assert failed.checkpoint == before.checkpoint > 0
    assert client.points(run.id).count == 447
    assert not list(data.rglob("*.tmp"))
    assert client.history(run.id).epoch == list(range(1, failed.progress.epoch + 1))

    # It goes on where it was.
    client.resume_run(run.id)
    until(lambda: client.run(run.id).progress.epoch > failed.progress.epoch)
    assert "Traceback" not in server.log.read_text()
    # It would train beside all other tests.
    client.cancel_run(run.id)
    until(lambda: client.run(run.id).ended)


def test_an_import_that_finds_no_room_says_so(tmp_path: Path) -> None:
    """In the process that imports, on a disk that is full in the middle of the rows."""
    source = tmp_path / "rows.csv"
    source.write_text("a,b\n" + "1.5,2.5\n" * 300_000)
    within = disks.tiny(tmp_path / "disk", 1000)
    ended = subprocess.run(
        [*within, sys.executable, "-c", IMPORT, str(tmp_path / "disk"), str(source)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    folder = tmp_path / "disk"
    assert ended.stdout == (
        f"The data set cannot be written to the disk of {folder}: No space left on device.\n"
    )


def serve_within(words: list[str], data_dir: Path) -> subprocess.CompletedProcess[str]:
    command = [*words, *COMMAND, "serve", "--port", "0", "--data-dir", str(data_dir)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("filled", [False, True])
def test_a_folder_that_cannot_be_written_to_is_said(filled: bool, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    if filled:
        RunStore(Settings(data_dir=data_dir)).close()
    ended = serve_within(disks.read_only(data_dir), data_dir)
    assert ended.returncode == 1
    assert f"The data folder {data_dir} cannot be written to (Read-only file sys" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "--data-dir" in ended.stderr


def test_a_disk_that_is_full_from_the_start_is_said(tmp_path: Path) -> None:
    words = disks.tiny(tmp_path / "data", 64)
    words[words.index("-ec") + 1] = words[words.index("-ec") + 1].replace(
        "exec", 'head -c 64k /dev/zero > "$0/ballast" || true; exec'
    )
    ended = serve_within(words, tmp_path / "data")
    assert ended.returncode == 1
    assert f"The disk of {tmp_path / 'data'} is full." in ended.stderr
    assert ended.stderr.count("\n") == 1
