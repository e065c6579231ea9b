"""Runs in memory are those of the database, whoever changes it."""

from __future__ import annotations

import contextlib
import multiprocessing
from pathlib import Path

import pytest

from backend.database_version import DatabaseVersion
from backend.errors import UnknownRunError
from backend.schemas import Run
from backend.settings import Settings
from backend.storage import RunStore
from models.config import RunConfig
from models.priors.gaussian import StandardOptions


@pytest.fixture
def run(store: RunStore) -> Run:
    return store.create(RunConfig(prior=StandardOptions()))


def rename(data_dir: Path, run_id: str, name: str) -> None:
    other = RunStore(Settings(data_dir=data_dir))
    other.rename(run_id, name)
    other.close()


def test_a_run_is_at_hand_once_it_was_read(store: RunStore, run: Run) -> None:
    assert store.at_hand(run.id) is None
    read = store.get(run.id)
    assert store.at_hand(run.id) is read is store.get(run.id)
    assert read == run


def test_until_it_changes_here(store: RunStore, run: Run) -> None:
    store.get(run.id)
    store.rename(run.id, "another")
    assert store.at_hand(run.id) is None
    assert store.get(run.id).name == "another"
    assert store.at_hand(run.id) == store.get(run.id)
    store.delete(run.id)
    assert store.at_hand(run.id) is None
    with pytest.raises(UnknownRunError):
        store.get(run.id)


def test_or_in_another_process(store: RunStore, run: Run, tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    for name in ("one", "two"):
        store.get(run.id)
        process = spawn.Process(target=rename, args=(tmp_path / "data", run.id, name))
        process.start()
        process.join()
        assert process.exitcode == 0
        assert store.at_hand(run.id) is None
        assert store.get(run.id).name == name


def test_or_while_it_is_read(
    store: RunStore, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = store._get

    def slowly(run_id: str) -> Run:
        found = read(run_id)
        rename(tmp_path / "data", run_id, "meanwhile")
        return found

    monkeypatch.setattr(store, "_get", slowly)
    assert store.get(run.id).name == run.name
    monkeypatch.undo()
    assert store.at_hand(run.id) is None
    assert store.get(run.id).name == "meanwhile"


def test_what_is_not_committed_is_not_known(store: RunStore, run: Run) -> None:
    with contextlib.suppress(RuntimeError), store._write() as session:
        store.get(run.id)
        session.connection().exec_driver_sql("UPDATE runs SET name = 'never'")
        assert store.get(run.id).name == run.name
        raise RuntimeError
    assert store.get(run.id).name == run.name


def test_memory_is_bounded(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.known_runs._MOST", 3)
    ids = [store.create(RunConfig(prior=StandardOptions())).id for _ in range(5)]
    for run_id in ids:
        assert store.get(run_id) is store.at_hand(run_id)
    assert [store.at_hand(run_id) is None for run_id in ids] == [True] * 3 + [False] * 2


def test_where_no_file_is_there_is_no_version(tmp_path: Path) -> None:
    for file in (None, tmp_path / "none.db"):
        version = DatabaseVersion(file)
        assert version.read() is None
        version.close()
    assert list(tmp_path.iterdir()) == []


def test_a_version_tells_of_commits_alone(store: RunStore, run: Run, tmp_path: Path) -> None:
    version = DatabaseVersion(tmp_path / "data" / "priorscope.db")
    first = version.read()
    store.list()
    assert version.read() == first is not None
    store.rename(run.id, "another")
    assert version.read() != first
    version.close()
    assert version.read() is None


def test_a_store_that_is_closed_knows_nothing(store: RunStore, run: Run) -> None:
    store.get(run.id)
    store.close()
    assert store.at_hand(run.id) is None
