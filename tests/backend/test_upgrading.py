"""Stores of older and newer versions."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine

from backend import upgrading
from backend.errors import DiskFullError, StoreError
from backend.revisions import stored_revision
from backend.settings import Settings
from backend.storage import RunStore
from models.config import RunConfig
from models.data import GivenSplit
from tests.conftest import COMMAND, ROOT

RUNS = 20

KILLED = """
import os, signal, sys
from pathlib import Path
import alembic.command
from sqlalchemy import Engine, event
from backend.database import Database

folder = Path(sys.argv[1])
ticking, ticks = 0, 0

def tick(*_):
    global ticks
    ticks += 1
    if ticks == ticking:
        os.kill(os.getpid(), signal.SIGKILL)

def hook(what, arguments):
    if what in ("open", "os.rename", "os.remove", "sqlite3.connect", "sqlite3.connect/handle"):
        tick()

sys.addaudithook(hook)
for moment in ("after_cursor_execute", "commit", "begin"):
    event.listen(Engine, moment, tick)
for point in range(1, 1000, 2):
    data = folder / str(point)
    data.mkdir()
    (data / "priorscope.db").write_bytes((folder / "old.db").read_bytes())
    child = os.fork()
    if child == 0:
        ticking, ticks = point, 0
        Database(f"sqlite:///{data}/priorscope.db", data).close()
        os._exit(0)
    if os.waitpid(child, 0)[1] != signal.SIGKILL:
        break
"""


def old_store(data_dir: Path, runs: int = RUNS) -> Path:
    """Make a database as the first version left it; return its file."""
    data_dir.mkdir(exist_ok=True)
    path = data_dir / "priorscope.db"
    engine = create_engine(f"sqlite:///{path}")
    migrations = upgrading.migrations()
    with engine.begin() as migrations.attributes["connection"]:
        command.upgrade(migrations, "0001")
    engine.dispose()
    config = json.loads(RunConfig.model_validate({"prior": {"kind": "mog"}}).model_dump_json())
    config["split"] = {"kind": "file_order"}
    versions = {"priorscope": "0", "torch": "2", "numpy": "2", "python": "3"}
    with closing(sqlite3.connect(path)) as connection:
        for number in range(runs):
            connection.execute(
                "INSERT INTO runs (id, name, status, config, prior, dataset, epoch, epochs, "
                "checkpoint, created_at, versions) VALUES (?, ?, 'finished', ?, 'mog', 'digits', "
                "1, 1, 1, '2026-01-01 00:00:00.000000', ?)",
                (f"run{number}", f"Old {number}", json.dumps(config), json.dumps(versions)),
            )
        connection.commit()
    return path


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def rows(path: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.execute("SELECT id, name, config FROM runs"))


def copies(data_dir: Path) -> list[Path]:
    return sorted(data_dir.glob("priorscope.of-*.db"))


def check_runs(data_dir: Path) -> None:
    store = RunStore(Settings(data_dir=data_dir))
    runs = store.list(limit=2 * RUNS).items
    assert sorted(run.name for run in runs) == sorted(f"Old {number}" for number in range(RUNS))
    assert all(run.config.split == GivenSplit() for run in runs)
    store.close()


def test_an_old_store_is_copied_before_it_is_migrated(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = rows(old_store(tmp_path / "data"))
    check_runs(tmp_path / "data")
    (copy,) = copies(tmp_path / "data")
    assert copy.name.startswith("priorscope.of-0001.")
    assert str(copy) in caplog.text
    assert rows(copy) == before
    assert stored_revision(copy) == "0001"
    # Once is enough; and where there is nothing to lose, there is nothing to keep.
    check_runs(tmp_path / "data")
    assert copies(tmp_path / "data") == [copy]
    old_store(tmp_path / "empty", runs=0)
    RunStore(Settings(data_dir=tmp_path / "empty")).close()
    assert copies(tmp_path / "empty") == []


def test_a_migration_that_is_killed_anywhere_leaves_the_old_store_or_the_new_one(
    tmp_path: Path,
) -> None:
    """SIGKILL after every statement and at every file that is opened, moved or removed."""
    before = rows(old_store(tmp_path))
    (tmp_path / "priorscope.db").rename(tmp_path / "old.db")
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=True)
    killed = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert len(killed) > 15
    seen = set()
    for data_dir in killed:
        path = data_dir / "priorscope.db"
        revision = stored_revision(path)
        seen.add(revision == "0001")
        assert (rows(path) == before) == (revision == "0001")
        check_runs(data_dir)
        assert copies(data_dir)
        assert all(rows(copy) == before for copy in copies(data_dir))
        assert not list(data_dir.glob(".*"))
    assert seen == {True, False}


def test_no_room_for_the_copy_leaves_the_old_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(old_store(tmp_path / "data"))

    def no_room(*_: object) -> None:
        raise DiskFullError("The disk is full.")

    monkeypatch.setattr(upgrading, "copy_database", no_room)
    with pytest.raises(DiskFullError):
        RunStore(Settings(data_dir=tmp_path / "data"))
    assert rows(tmp_path / "data" / "priorscope.db") == before
    monkeypatch.undo()
    check_runs(tmp_path / "data")


@pytest.mark.parametrize("crashed", [False, True])
def test_a_newer_store_is_refused_untouched(crashed: bool, tmp_path: Path) -> None:
    """Byte for byte, and without a new file; also where its last writer was killed."""
    data_dir = tmp_path / "data"
    RunStore(Settings(data_dir=data_dir)).close()
    connection = sqlite3.connect(data_dir / "priorscope.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.execute("CREATE TABLE news (id INTEGER)")
    connection.commit()
    if crashed:
        shutil.copytree(data_dir, tmp_path / "crashed")
        data_dir = tmp_path / "crashed"
        assert (data_dir / "priorscope.db-wal").stat().st_size > 0
    connection.close()
    before = content(data_dir)
    with pytest.raises(StoreError, match=r"newer version of Priorscope .*9999.* left as it is"):
        RunStore(Settings(data_dir=data_dir))
    serve = [*COMMAND, "serve", "--port", "0", "--data-dir", str(data_dir)]
    ended = subprocess.run(serve, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "Update Priorscope" in ended.stderr
    assert ended.stderr.count("\n") == 1
    after = content(data_dir)
    # SQLite's account of who reads is no part of the store.
    before.pop("priorscope.db-shm", None)
    after.pop("priorscope.db-shm", None)
    assert after == before


def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "priorscope.db").write_bytes(b"This is no database. " * 1000)
    with pytest.raises(StoreError, match=r"is damaged .*priorscope doctor.*priorscope restore"):
        RunStore(Settings(data_dir=tmp_path))
