"""What `priorscope doctor` finds in a data folder, and what it makes of it."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import torch

from backend import cli
from backend.artefact import write_artefact
from backend.commands import doctoring
from backend.datasets import Datasets
from backend.errors import NoCheckpointError, PriorscopeError, StoreError
from backend.examination import Examination, Finding
from backend.repairing import Repairs, attempt
from backend.schemas import Run
from backend.settings import Settings
from backend.storage import RunStore
from models.config import RunConfig
from tests.backend import hostile
from tests.backend.conftest import brief
from tests.backend.test_datasets import add
from tests.conftest import ServerProcess

Doctor = Callable[..., tuple[int, str]]

CONFIG = RunConfig.model_validate(brief())
RUNS = 3


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of a data folder with ended runs and a data set."""
    monkeypatch.setattr("backend.examination._SECOND_LOOK", 0.0)
    made = Settings(data_dir=tmp_path / "data")
    store = RunStore(made)
    for number in range(RUNS):
        run = store.create(CONFIG, f"number {number}")
        store.claim(run.id)
        store.record(run.id, [], None, {0: {"loc": torch.zeros(2)}, 5: {"loc": torch.ones(2)}})
        store.save_weights(run.id, {"weight": torch.full((3,), float(number))})
        store.finish(run.id, "finished")
    store.close()
    add(Datasets(made), tmp_path, "rows", hostile.npy(hostile.ROWS))
    return made


@pytest.fixture
def doctor(settings: Settings, capfd: pytest.CaptureFixture[str]) -> Doctor:
    """Run the command in this process; return its status and all that it printed."""

    def run(*, repair: bool = False) -> tuple[int, str]:
        capfd.readouterr()
        status = doctoring.doctor(settings, repair)
        shown = capfd.readouterr()
        return status, shown.out + shown.err

    return run


def runs_of(settings: Settings) -> list[Run]:
    store = RunStore(settings)
    runs = store.list(sort="created_at").items
    store.close()
    return runs


def weights(settings: Settings, run: Run) -> Path:
    return settings.data_dir / "runs" / run.id / "weights.safetensors"


def damage(path: Path) -> bytes:
    """Change the last bit; return what is there now."""
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    return path.read_bytes()


def quarantined(settings: Settings) -> dict[str, bytes]:
    """All that was put aside, by its path without the moment."""
    root = settings.data_dir / "quarantine"
    files = (path for path in root.rglob("*") if path.is_file())
    return {"/".join(path.relative_to(root).parts[1:]): path.read_bytes() for path in files}


def execute(settings: Settings, *statements: str) -> None:
    with closing(sqlite3.connect(settings.data_dir / "priorscope.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def findings(settings: Settings) -> list[Finding]:
    return list(Examination(settings).report().findings)


def test_nothing_is_wrong_with_what_was_just_made(settings: Settings, doctor: Doctor) -> None:
    before = {path: path.read_bytes() for path in settings.data_dir.rglob("*") if path.is_file()}
    assert doctor() == (
        0,
        "All is well: the database, 3 runs with 9 files, and 1 data set in the folder.\n",
    )
    assert doctor(repair=True)[0] == 0
    after = {path: path.read_bytes() for path in settings.data_dir.rglob("*") if path.is_file()}
    assert after == before


def test_damaged_weights_are_put_aside_and_the_run_says_so(
    settings: Settings, doctor: Doctor
) -> None:
    hurt, missing, whole = runs_of(settings)
    content = damage(weights(settings, hurt))
    snapshot = weights(settings, hurt).parent / "snapshots" / "5.safetensors"
    cut = snapshot.read_bytes()[:-3]
    snapshot.write_bytes(cut)
    weights(settings, missing).unlink()
    status, shown = doctor()
    assert status == 1
    assert f"runs/{hurt.id}/weights.safetensors" in shown
    assert f"Its checksum does not fit. It is of run {hurt.id} “number 0”." in shown
    assert shown.count("Its checksum does not fit.") == 2
    assert f"It is missing, though run {missing.id} “number 1” has stored weights." in shown
    assert shown.count("Moves it to quarantine/; the run says so.") == 1
    assert "│ The run says so." in shown
    assert runs_of(settings) == [hurt, missing, whole]

    status, shown = doctor(repair=True)
    assert (status, "All is well now" in shown) == (0, True)
    assert quarantined(settings) == {
        f"runs/{hurt.id}/weights.safetensors": content,
        f"runs/{hurt.id}/snapshots/5.safetensors": cut,
    }
    store = RunStore(settings)
    for run, how in ((hurt, "were damaged and put aside"), (missing, "are gone")):
        marked = store.get(run.id)
        assert (marked.status, marked.checkpoint) == ("finished", 0)
        assert f"The weights of this run {how}" in (marked.error or "")
        assert store.events_after(0, run_id=run.id)[-1].data["error"] == marked.error
        with pytest.raises(NoCheckpointError):
            store.load_weights(run.id)
    assert list(store.snapshot_epochs(hurt.id)) == [0]
    assert store.get(whole.id) == whole
    assert store.load_weights(whole.id)[1]["weight"].tolist() == [2.0] * 3
    store.close()
    assert doctor()[0] == 0


def test_files_without_a_run_are_put_aside(settings: Settings, doctor: Doctor) -> None:
    stray = settings.data_dir / "runs" / "0123456789ab"
    stray.mkdir()
    (stray / "weights.safetensors").write_bytes(b"perhaps of value")
    # A mere question whether a run is trained leaves a lock: that is nothing.
    (settings.data_dir / "runs" / "ba9876543210").mkdir()
    (settings.data_dir / "runs" / "ba9876543210" / "trainer.lock").touch()
    (found,) = findings(settings)
    assert (found.what, found.remedy) == ("runs/0123456789ab", "put aside")
    assert doctor(repair=True)[0] == 0
    assert quarantined(settings) == {"runs/0123456789ab/weights.safetensors": b"perhaps of value"}


def test_what_dead_processes_left_is_removed(settings: Settings, doctor: Doctor) -> None:
    (run, *_) = runs_of(settings)
    half = weights(settings, run).with_suffix(".tmp")
    half.write_bytes(b"half of a fi")
    for name in ("datasets/.gone-1", "cache/datasets/.half", "incoming/abandoned"):
        (settings.data_dir / name).mkdir(parents=True)
    # What a living trainer has in hand is its own.
    store = RunStore(settings)
    with store.checkpoints.lock(run.id):
        assert len(findings(settings)) == 3
    store.close()
    left = findings(settings)
    assert {found.remedy for found in left} == {"remove"}
    assert {found.what for found in left} == {
        f"runs/{run.id}/weights.tmp",
        "datasets/.gone-1",
        "cache/datasets/.half",
        "incoming/abandoned",
    }
    assert doctor(repair=True)[0] == 0
    assert not half.exists()
    assert quarantined(settings) == {}


def test_damaged_and_missing_data_sets_are_named(settings: Settings, doctor: Doctor) -> None:
    store = RunStore(settings)
    needs = store.create(CONFIG.model_copy(update={"dataset": "rows"}), "needs rows")
    store.close()
    content = damage(settings.data_dir / "datasets" / "rows" / "x.npy")
    status, shown = doctor()
    assert (status, "x.npy is missing or not as it was written" in shown) == (1, True)
    # Afterwards it is missing, which cannot be repaired here.
    status, shown = doctor(repair=True)
    assert status == 1
    assert quarantined(settings)["datasets/rows/x.npy"] == content
    assert f"needed by run {needs.id} “needs rows”" in shown
    assert "priorscope data add rows" in shown
    assert "This is left." in shown


def test_a_damaged_index_is_made_anew(settings: Settings, doctor: Doctor) -> None:
    before, path = runs_of(settings), settings.data_dir / "priorscope.db"
    with closing(sqlite3.connect(path)) as connection:
        # An index that does not know of the rows that are there.
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = sql || ' WHERE 0' WHERE type = 'index'")
        connection.commit()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("REINDEX")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ' WHERE 0', '')")
        connection.commit()
    content = path.read_bytes()
    status, shown = doctor()
    assert (status, "missing from index" in shown) == (1, True)
    status, shown = doctor(repair=True)
    assert (status, "has new indexes" in shown) == (0, True)
    assert quarantined(settings)["priorscope.db"] == content
    assert runs_of(settings) == before


def test_a_database_beyond_repair_is_left_as_it_is(settings: Settings, doctor: Doctor) -> None:
    path = settings.data_dir / "priorscope.db"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * 8192 + content[4096 + 8192 :])
    changed = path.read_bytes()
    status, shown = doctor(repair=True)
    assert status == 1
    assert "cannot be repaired" in shown
    assert "priorscope restore" in shown
    assert path.read_bytes() == changed
    assert quarantined(settings)["priorscope.db"] == changed
    # Without a database that can be trusted, no file is taken for one without a run.
    assert len(list((settings.data_dir / "runs").rglob("*.safetensors"))) == 3 * RUNS
    path.unlink()
    status, shown = doctor(repair=True)
    assert (status, "It is missing or empty, but there are files of runs." in shown) == (1, True)
    assert len(list((settings.data_dir / "runs").rglob("*.safetensors"))) == 3 * RUNS


def test_a_row_that_cannot_be_read_does_not_hide_the_others(
    settings: Settings, doctor: Doctor
) -> None:
    hurt, *others = runs_of(settings)
    with closing(sqlite3.connect(settings.data_dir / "priorscope.db")) as connection:
        connection.execute("UPDATE runs SET config = '{\"pri' WHERE id = ?", (hurt.id,))
        connection.execute("INSERT INTO events (run_id, kind, data) VALUES ('x', 'epoch', '{}')")
        connection.commit()
    status, shown = doctor()
    assert (status, "Its configuration in the database cannot be read" in shown) == (1, True)
    assert "1 events of runs that there are not" in shown
    assert doctor(repair=True)[0] == 0
    assert runs_of(settings) == others
    put_aside = quarantined(settings)
    assert b"number 0" in put_aside[f"runs-{hurt.id}.jsonl"]
    assert b'"kind": "status"' in put_aside[f"events-{hurt.id}.jsonl"]
    assert b'"run_id": "x"' in put_aside["events-of-none.jsonl"]
    assert f"runs/{hurt.id}/weights.safetensors" in put_aside


def test_weights_that_do_not_say_which_they_are(settings: Settings, doctor: Doctor) -> None:
    hurt, *_ = runs_of(settings)
    write_artefact(weights(settings, hurt), {"weight": torch.ones(3)}, {})
    status, shown = doctor()
    assert (status, "It does not say which checkpoint it is of." in shown) == (1, True)
    assert doctor(repair=True)[0] == 0


@pytest.mark.parametrize(
    "change",
    [
        "status = 'bogus'",
        "versions = 'nope'",
        "metrics = '[1, 2]'",
        "created_at = 'yesterday'",
        "epoch = 'many'",
        "name = CAST(x'ff' AS TEXT)",
    ],
)
def test_whatever_of_a_row_cannot_be_read(settings: Settings, doctor: Doctor, change: str) -> None:
    hurt, *others = runs_of(settings)
    execute(settings, f"UPDATE runs SET {change} WHERE id = '{hurt.id}'")
    with pytest.raises(PriorscopeError, match=r"database|UTF-8"):
        runs_of(settings)
    status, shown = doctor()
    assert (status, "It cannot be read from the database (" in shown) == (1, True)
    assert doctor(repair=True)[0] == 0
    assert runs_of(settings) == others
    assert f"runs-{hurt.id}.jsonl" in quarantined(settings)


def test_a_row_whose_id_is_a_path_leads_nowhere(settings: Settings, doctor: Doctor) -> None:
    hurt, *others = runs_of(settings)
    outside = settings.data_dir.parent / "outside"
    outside.mkdir()
    execute(
        settings,
        f"UPDATE runs SET id = '../../outside' WHERE id = '{hurt.id}'",
        f"UPDATE events SET run_id = '../../outside' WHERE run_id = '{hurt.id}'",
    )
    assert doctor(repair=True)[0] == 0
    assert runs_of(settings) == others
    assert outside.exists()
    assert b"../../outside" in quarantined(settings)["runs-nameless.jsonl"]


def test_events_that_cannot_be_read_are_taken_out_alone(settings: Settings, doctor: Doctor) -> None:
    hurt, *_ = runs = runs_of(settings)
    execute(
        settings,
        f"INSERT INTO events (run_id, kind, data) VALUES ('{hurt.id}', 'epoch', '{{\"epo')",
        f"INSERT INTO events (run_id, kind, data) VALUES ('{hurt.id}', 'epoch', '{{}}')",
    )
    status, shown = doctor()
    assert (status, "2 of them cannot be read" in shown) == (1, True)
    assert doctor(repair=True)[0] == 0
    assert quarantined(settings)["events-unreadable.jsonl"].count(b"\n") == 2
    store = RunStore(settings)
    assert store.history(hurt.id).epoch == []
    assert len(store.events_after(0)) > 0
    store.close()
    assert runs_of(settings) == runs


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DROP TABLE events", "there is no table events"),
        ("DELETE FROM alembic_version", "no row that says of which version it is"),
    ],
)
def test_a_database_that_lacks_something_is_not_said_to_be_well(
    settings: Settings, doctor: Doctor, change: str, said: str
) -> None:
    execute(settings, change)
    assert "can do nothing about this" in doctor()[1]
    status, shown = doctor(repair=True)
    assert (status, said in shown, "priorscope restore" in shown) == (1, True, True)
    with pytest.raises(StoreError, match="is damaged"):
        RunStore(settings).events_after(0)


def test_beside_a_server_it_only_looks(
    server: ServerProcess, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stray = server.data_dir / "runs" / "fedcba987654"
    stray.mkdir(parents=True)
    (stray / "weights.safetensors").write_bytes(b"perhaps of value")
    command = ["priorscope", "doctor", "--repair", "--data-dir", str(server.data_dir)]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    shown = capsys.readouterr()
    assert "runs/fedcba987654" in shown.out
    assert "Nothing was repaired." in shown.err
    assert f"“priorscope serve” at {server.url} (process {server.process.pid}" in shown.err
    (stray / "weights.safetensors").unlink()
    stray.rmdir()


def test_a_run_that_is_being_trained_is_left_alone(settings: Settings) -> None:
    (run, *_) = runs_of(settings)
    damage(weights(settings, run))
    (found,) = findings(settings)
    store = RunStore(settings)
    with store.checkpoints.lock(run.id):
        assert "is being trained" in attempt(Repairs(settings), found)
    store.close()
    assert weights(settings, run).exists()
