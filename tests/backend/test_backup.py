"""Backups: made while a server trains, brought back whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend import backing_up, cli, restoring
from backend.archive import BackupError
from backend.backing_up import back_up
from backend.commands import doctoring
from backend.datasets import Datasets
from backend.errors import DiskFullError, PriorscopeError, StoreError
from backend.restoring import restore
from backend.schemas import Run
from backend.settings import Settings
from backend.storage import RunStore
from models.config import RunConfig
from tests.backend import hostile
from tests.backend.conftest import brief
from tests.backend.test_datasets import add
from tests.conftest import ROOT, ServerProcess

CONFIG = RunConfig.model_validate(brief())

KILLED = """
import os, signal, sys
from pathlib import Path
from backend.backing_up import back_up
from backend.restoring import restore
from backend.settings import Settings

what, folder = sys.argv[1], Path(sys.argv[2])
ticking, ticks = 0, 0

def hook(event, arguments):
    global ticks
    if event in ("open", "os.rename", "os.remove", "os.link", "os.mkdir", "sqlite3.connect"):
        ticks += 1
        if ticks == ticking:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
for point in range(1, 1000, 5):
    child = os.fork()
    if child == 0:
        ticking, ticks = point, 0
        if what == "backup":
            back_up(Settings(data_dir=folder / "data"), folder / f"{point}.zip")
        else:
            restore(folder / "whole.zip", folder / f"restored-{point}")
        os._exit(0)
    if os.waitpid(child, 0)[1] != signal.SIGKILL:
        break
"""


def run_command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> object:
    monkeypatch.setattr(sys, "argv", ["priorscope", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


def fill(data_dir: Path, folder: Path) -> None:
    """Make a small store: runs in several states, one data set."""
    store = RunStore(Settings(data_dir=data_dir))
    for number, status in enumerate(("finished", "failed", "queued")):
        run = store.create(CONFIG, f"number {number}")
        if status == "queued":
            continue
        store.claim(run.id)
        store.record(run.id, [], None, {0: {"loc": torch.zeros(2)}, 5: {"loc": torch.ones(2)}})
        store.save_weights(run.id, {"weight": torch.full((3,), float(number))})
        store.finish(run.id, status)
    store.close()
    add(Datasets(Settings(data_dir=data_dir)), folder, "rows", hostile.npy(hostile.ROWS))


def check_same(before: Path, after: Path, runs: list[Run]) -> None:
    """Compare everything about these runs in two data folders."""
    old, new = RunStore(Settings(data_dir=before)), RunStore(Settings(data_dir=after))
    for run in runs:
        assert new.get(run.id) == old.get(run.id)
        assert new.history(run.id) == old.history(run.id)
        assert new.metrics(run.id) == old.metrics(run.id)
        events = old.events_after(0, run_id=run.id, limit=10_000)
        assert new.events_after(0, run_id=run.id, limit=10_000) == events
        assert list(new.snapshot_epochs(run.id)) == list(old.snapshot_epochs(run.id))
        for epoch in old.snapshot_epochs(run.id):
            check_equal(new.load_snapshot(run.id, epoch), old.load_snapshot(run.id, epoch))
        if run.checkpoint:
            (number, weights), (old_number, old_weights) = (
                store.load_weights(run.id) for store in (new, old)
            )
            assert number == old_number == run.checkpoint
            check_equal(weights, old_weights)
    old.close()
    new.close()


def check_equal(ones: dict[str, torch.Tensor], others: dict[str, torch.Tensor]) -> None:
    assert ones.keys() == others.keys()
    assert all(torch.equal(ones[name], others[name]) for name in ones)


def all_runs(data_dir: Path) -> list[Run]:
    store = RunStore(Settings(data_dir=data_dir))
    runs = store.list(limit=200).items
    store.close()
    return runs


@pytest.mark.usefixtures("finished")
def test_everything_comes_back_though_the_server_trains(
    server: ServerProcess,
    endless: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, restored = tmp_path / "monday.zip", tmp_path / "restored"
    assert run_command(monkeypatch, "backup", file, "--data-dir", server.data_dir) == 0
    assert f"{file} holds" in capsys.readouterr().out
    assert run_command(monkeypatch, "restore", file, "--data-dir", restored) == 0
    assert f"priorscope serve --data-dir {restored}" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir() if path.name[0] == "."] == []

    runs = all_runs(restored)
    ended = [run for run in runs if run.ended]
    assert len([run for run in ended if run.metrics is not None]) >= 6
    check_same(server.data_dir, restored, ended)
    # The one in training is as a crash would have left it: its files are no older than its row.
    (training,) = [run for run in runs if run.id == endless.id]
    assert training.status == "running"
    store = RunStore(Settings(data_dir=restored))
    assert store.load_weights(training.id)[0] >= training.checkpoint > 0
    history = store.history(training.id).epoch
    assert history == list(range(1, training.progress.epoch + 1))
    store.close()
    assert doctoring.doctor(Settings(data_dir=restored), repair=False) == 0


@pytest.fixture
def store_folder(tmp_path: Path) -> Path:
    fill(tmp_path / "data", tmp_path)
    return tmp_path / "data"


@pytest.fixture
def made(store_folder: Path, tmp_path: Path) -> Path:
    """A backup of a small store."""
    back_up(Settings(data_dir=store_folder), tmp_path / "whole.zip")
    return tmp_path / "whole.zip"


def test_data_sets_come_back_too(made: Path, store_folder: Path, tmp_path: Path) -> None:
    manifest = restore(made, tmp_path / "new")
    assert manifest.runs == 3
    check_same(store_folder, tmp_path / "new", all_runs(store_folder))
    for data_dir in (store_folder, tmp_path / "new"):
        assert Datasets(Settings(data_dir=data_dir)).load("rows").num_features == 4
    # The file is a zip that other tools can read, whose checksums anyone can work out.
    with zipfile.ZipFile(made) as archive:
        listed = json.loads(archive.read("manifest.json"))["files"]
        for entry in listed:
            content = archive.read(entry["path"])
            assert hashlib.sha256(content).hexdigest() == entry["sha256"]
            assert len(content) == entry["bytes"]


def test_nobody_waits_for_the_copy_which_is_of_one_moment(
    store_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the database is copied, which takes long where it is large, others write to it."""
    copy = backing_up.copy_snapshot
    before = all_runs(store_folder)

    def write_first(original: sqlite3.Connection, target: Path) -> None:
        with closing(sqlite3.connect(store_folder / "priorscope.db", timeout=0)) as connection:
            connection.execute("UPDATE runs SET name = 'later'")
            connection.commit()
        copy(original, target)

    monkeypatch.setattr(backing_up, "copy_snapshot", write_first)
    back_up(Settings(data_dir=store_folder), tmp_path / "early.zip")
    restore(tmp_path / "early.zip", tmp_path / "new")
    assert all_runs(tmp_path / "new") == before
    assert {run.name for run in all_runs(store_folder)} == {"later"}


def test_nothing_is_overwritten(made: Path, store_folder: Path, tmp_path: Path) -> None:
    content = made.read_bytes()
    with pytest.raises(BackupError, match="already"):
        back_up(Settings(data_dir=store_folder), made)
    assert made.read_bytes() == content
    for folder in (store_folder, made):
        with pytest.raises(BackupError, match="is not empty"):
            restore(made, folder)
    (tmp_path / "empty").mkdir()
    assert restore(made, tmp_path / "empty").runs == 3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data, target: (data, target / "none" / "x.zip"), "There is no folder"),
        (lambda data, target: (data / "none", target / "x.zip"), "There is no data folder"),
    ],
)
def test_a_backup_that_cannot_be_made_is_refused(
    change: Callable[[Path, Path], tuple[Path, Path]],
    sentence: str,
    store_folder: Path,
    tmp_path: Path,
) -> None:
    data_dir, target = change(store_folder, tmp_path)
    with pytest.raises(BackupError, match=sentence):
        back_up(Settings(data_dir=data_dir), target)


def test_damage_is_not_passed_on_in_silence(
    store_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    weights = next((store_folder / "runs").glob("*/weights.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    status = run_command(monkeypatch, "backup", tmp_path / "x.zip", "--data-dir", store_folder)
    assert status == 1
    assert "1 of the files were damaged before" in capsys.readouterr().err


# Hostile and damaged files

Parts = dict[str, bytes]


def parts_of(archive: Path) -> Parts:
    with zipfile.ZipFile(archive) as file:
        return {name: file.read(name) for name in file.namelist()}


def manifest_of(parts: Parts) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(parts["manifest.json"])
    return made


def with_manifest(parts: Parts, manifest: dict[str, Any]) -> Parts:
    return {**parts, "manifest.json": json.dumps(manifest).encode()}


def with_file(parts: Parts, path: str, content: bytes = b"evil") -> Parts:
    """Add a file, or change it, with everything that should go with it."""
    manifest = manifest_of(parts)
    entry = {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    others = [one for one in manifest["files"] if one["path"] != path]
    return with_manifest({**parts, path: content}, {**manifest, "files": [*others, entry]})


def without(parts: Parts, path: str) -> Parts:
    return {name: content for name, content in parts.items() if name != path}


def changed_database(parts: Parts, *statements: str) -> Parts:
    connection = sqlite3.connect(":memory:")
    connection.deserialize(parts["priorscope.db"])
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    content = connection.serialize()
    connection.close()
    return with_file(parts, "priorscope.db", content)


OUTSIDE = [
    *("../evil", "/tmp/evil", "runs/../../evil.safetensors", "..\\evil", "C:\\evil"),
    *("runs/a/b/c/weights.safetensors", "runs/./weights.safetensors", "server.json"),
    *("runs/aa/.hidden.safetensors", "runs/aa/weights.py", "datasets/UPPER/x.npy", "runs"),
    *("runs/aa/weights.safetensors\n", "datasets/rows/x.npy/deep.npy", ".restoring/x"),
]
CHANGES: dict[str, tuple[Callable[[Parts], Parts], str]] = {
    **{
        f"a path {path!r}": (lambda p, q=path: with_file(p, q), "none may hold") for path in OUTSIDE
    },
    "an unlisted file": (lambda p: {**p, "runs/aa/weights.safetensors": b""}, "does not hold what"),
    "a missing file": (lambda p: without(p, "datasets/rows/x.npy"), "does not hold what"),
    "no manifest": (lambda p: without(p, "manifest.json"), "no manifest.json in it"),
    "a manifest of nonsense": (lambda p: {**p, "manifest.json": b"{"}, "cannot be read"),
    "a later version": (
        lambda p: with_manifest(p, {**manifest_of(p), "version": 2}),
        "perhaps a newer version",
    ),
    "other content": (lambda p: {**p, "datasets/rows/x.npy": b"x"}, "checksum of datasets/rows"),
    "more content": (
        lambda p: {**p, "datasets/rows/x.npy": p["datasets/rows/x.npy"] + bytes(10_000_000)},
        "checksum of datasets/rows",
    ),
    "no database": (
        lambda p: with_manifest(
            without(p, "priorscope.db"),
            {
                **manifest_of(p),
                "files": [e for e in manifest_of(p)["files"] if "db" not in e["path"]],
            },
        ),
        "no database in it",
    ),
    "a database of nonsense": (
        lambda p: with_file(p, "priorscope.db", b"nonsense" * 1000),
        "database in this backup is damaged",
    ),
    "a newer database": (
        lambda p: changed_database(p, "UPDATE alembic_version SET version_num = '9999'"),
        "newer version of Priorscope",
    ),
    "a run whose id is a path": (
        lambda p: changed_database(p, "UPDATE runs SET id = '../../evil' WHERE name LIKE '%1'"),
        "damaged, or not one of Priorscope",
    ),
    "fewer runs than it says": (
        lambda p: changed_database(p, "DELETE FROM runs WHERE name LIKE '%1'"),
        "damaged, or not one of Priorscope",
    ),
    "more than the disk holds": (
        lambda p: with_manifest(
            p,
            {
                **manifest_of(p),
                "files": [{**entry, "bytes": 10**15} for entry in manifest_of(p)["files"]],
            },
        ),
        "only",
    ),
}


def check_refused(archive: Path, sentence: str) -> None:
    """Nothing appears, neither in the folder nor beside it."""
    around = sorted(archive.parent.rglob("*"))
    with pytest.raises((BackupError, StoreError), match=sentence):
        restore(archive, archive.parent / "deep" / "new")
    shutil.rmtree(archive.parent / "deep")  # empty: the folder itself is gone
    assert sorted(archive.parent.rglob("*")) == around


@pytest.mark.parametrize("what", CHANGES)
def test_a_hostile_backup_is_refused_whole(what: str, made: Path, tmp_path: Path) -> None:
    change, sentence = CHANGES[what]
    with zipfile.ZipFile(tmp_path / "changed.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in change(parts_of(made)).items():
            file.writestr(name, content)
    check_refused(tmp_path / "changed.zip", sentence)


KINDS = [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFDIR]


@pytest.mark.parametrize("kind", KINDS)
def test_only_ordinary_files_are_taken(kind: int, made: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "changed.zip", "w") as file:
        for name, content in parts_of(made).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (kind if name.endswith("x.npy") else stat.S_IFREG) << 16
            file.writestr(info, content)
    check_refused(tmp_path / "changed.zip", "not an ordinary file")


def test_a_name_counts_once(made: Path, tmp_path: Path) -> None:
    shutil.copy(made, tmp_path / "changed.zip")
    with zipfile.ZipFile(tmp_path / "changed.zip", "a") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file.writestr("datasets/rows/x.npy", b"another")
    check_refused(tmp_path / "changed.zip", "does not hold what")


def test_no_file_and_no_zip_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="There is no file"):
        restore(tmp_path / "none.zip", tmp_path / "new")
    (tmp_path / "text.zip").write_text("no zip")
    with pytest.raises(BackupError, match="is no backup, or damaged"):
        restore(tmp_path / "text.zip", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Path]:
    """A backup, and the place for damaged ones."""
    folder = tmp_path_factory.mktemp("sound")
    fill(folder / "data", folder)
    back_up(Settings(data_dir=folder / "data"), folder / "whole.zip")
    return (folder / "whole.zip").read_bytes(), folder


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damage_anywhere_is_noticed_or_harmless(
    sound: tuple[bytes, Path], data: st.DataObject
) -> None:
    content, folder = sound
    start = data.draw(st.integers(0, len(content)))
    length = data.draw(st.integers(0, 2000))
    file, new = folder / "damaged.zip", folder / "new"
    file.write_bytes(
        content[:start] + data.draw(st.binary(max_size=50)) + content[start + length :]
    )
    try:
        restore(file, new)
    except PriorscopeError:
        assert not new.exists()
    else:
        check_same(folder / "data", new, all_runs(folder / "data"))
        shutil.rmtree(new)


# Crashes and full disks


@pytest.mark.parametrize("what", ["backup", "restore"])
def test_one_that_is_killed_leaves_all_or_nothing(what: str, made: Path, tmp_path: Path) -> None:
    """SIGKILL at every file that is opened, moved, linked to or removed."""
    subprocess.run([sys.executable, "-c", KILLED, what, str(tmp_path)], cwd=ROOT, check=True)
    if what == "backup":
        for number, file in enumerate(tmp_path.glob("[1-9]*.zip")):
            assert restore(file, tmp_path / f"new-{number}").runs == 3
        # The next one clears up what the dead ones left in the data folder.
        back_up(Settings(data_dir=tmp_path / "data"), tmp_path / "last.zip")
        assert not [path for path in (tmp_path / "data" / "incoming").iterdir() if path.is_dir()]
        return
    folders = list(tmp_path.glob("restored-*"))
    assert len(folders) > 5
    whole = [folder for folder in folders if (folder / "priorscope.db").exists()]
    assert 0 < len(whole) < len(folders)
    for folder in whole:
        check_same(tmp_path / "data", folder, all_runs(tmp_path / "data"))
    # What is not whole is empty enough to try again, or refused.
    for folder in set(folders) - set(whole):
        if {path.name for path in folder.iterdir()} <= {".restoring"}:
            restore(made, folder)
            check_same(tmp_path / "data", folder, all_runs(tmp_path / "data"))


def test_no_room_leaves_nothing(
    made: Path, store_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is said to be full by every write of a file that is restored, or backed up."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restoring.os, "fsync", full)
    with pytest.raises(DiskFullError, match="is full"):
        restore(made, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    monkeypatch.undo()
    monkeypatch.setattr("backend.backing_up.ZipFile", full)
    with pytest.raises(DiskFullError, match="is full"):
        back_up(Settings(data_dir=store_folder), tmp_path / "more.zip")
    assert not [path for path in tmp_path.iterdir() if "more.zip" in path.name]


def test_a_killed_backup_never_holds_the_database(store_folder: Path, tmp_path: Path) -> None:
    """Where it dies while trainers wait for it, they go on."""
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom backend import backing_up\n"
        "def wait(*_):\n    print('holding', flush=True)\n    time.sleep(600)\n"
        "backing_up._link = wait\n"
        "backing_up.back_up(backing_up.Settings(data_dir=Path(sys.argv[1])), Path(sys.argv[2]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(store_folder), str(tmp_path / "held.zip")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    with closing(sqlite3.connect(store_folder / "priorscope.db", timeout=0)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connection.execute("UPDATE runs SET name = name")
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        connection.execute("UPDATE runs SET name = name")
