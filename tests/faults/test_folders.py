"""Processes that are killed while they bring a store up to date or import a data set."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from sqlalchemy import create_engine, text

from backend.settings import Settings
from backend.storage import RunStore
from backend.upgrading import migrations
from backend.workspace import Workspace
from models.config import RunConfig
from tests.faults.conftest import check_database, some
from tests.faults.nursery import Nursery

OLD = """INSERT INTO runs (id, name, status, config, prior, dataset, epoch, epochs, checkpoint,
created_at, versions) VALUES (:id, :id, :status, :config, 'mog', 'digits', 1, 9, 1,
'2026-01-01 00:00:00', '{"priorscope": "0", "torch": "2", "numpy": "2", "python": "3"}')"""


def make_old_store(folder: Path) -> None:
    """Make a store of the first version: a run that has finished, and one that was left running."""
    folder.mkdir(parents=True)
    config = RunConfig.model_validate({"prior": {"kind": "mog"}}).model_dump_json()
    old = {"config": config.replace("given", "file_order")}
    engine, scripts = create_engine(f"sqlite:///{folder}/priorscope.db"), migrations()
    with engine.begin() as connection:
        scripts.attributes["connection"] = connection
        command.upgrade(scripts, "0001")
        for status in ("finished", "running"):
            connection.execute(text(OLD), {"id": status, "status": status, **old})
    engine.dispose()


def revision(folder: Path) -> str:
    connection = sqlite3.connect(folder / "priorscope.db")
    (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    connection.close()
    return str(found)


def check_migrated(folder: Path) -> None:
    check_database(folder)
    store = RunStore(Settings(data_dir=folder))
    try:
        for status in ("finished", "running"):
            run = store.get(status)
            assert (run.name, run.status, run.config.split.kind) == (status, status, "given")
            assert (run.progress.epoch, run.resumable, run.note) == (1, False, None)
    finally:
        store.close()
    assert not list(folder.glob(".*.tmp")), "half a copy is left"


def kill_while_migrating(
    count: int, nursery: Nursery, chance: random.Random, kills: list[str], folder: Path
) -> None:
    """Kill at every point in turn, from the first on, then at random moments."""
    original = folder / "original"
    make_old_store(original)
    whole = folder / "whole"
    shutil.copytree(original, whole)
    began = time.monotonic()
    assert nursery.run("open_store", whole)
    longest = time.monotonic() - began
    before, after = revision(original), revision(whole)
    for turn in range(count):
        place = folder / str(turn)
        shutil.copytree(original, place)
        moment = {"point": turn // 2 + 1} if turn % 2 else {"seconds": chance.uniform(0.0, longest)}
        # Twice, for the second one finds what the first one left.
        for _ in range(2):
            if nursery.run("open_store", place, seed=chance.randrange(2**31), **moment):
                break
            kills.append("migrations")
            check_database(place)
            assert revision(place) in (before, after), moment
        check_migrated(place)
        shutil.rmtree(place)


def kill_while_importing(
    count: int, nursery: Nursery, chance: random.Random, kills: list[str], folder: Path
) -> None:
    """The data set is there, whole, or nothing of it is, once the next one has tidied up."""
    file, data_dir = folder / "pictures.npz", folder / "data"
    x = np.random.default_rng(0).integers(0, 256, (300, 8, 8), dtype=np.uint8)
    np.savez(file, x=x, y=np.arange(300) % 3)
    began = time.monotonic()
    assert nursery.run("import_file", data_dir, file, "whole")
    longest = time.monotonic() - began
    known, placed = {"whole"}, {path.name for path in (data_dir / "datasets" / "whole").iterdir()}
    for turn in range(count):
        name = f"set-{turn}"
        moment = (
            {"point": chance.randrange(1, 60)}
            if turn % 2
            else {"seconds": chance.uniform(0.0, longest)}
        )
        if not nursery.run(
            "import_file", data_dir, file, name, seed=chance.randrange(2**31), **moment
        ):
            kills.append("imports")
        check_database(data_dir)
        Workspace(data_dir).close()
        left = [path.name for path in (data_dir / "incoming").iterdir() if path.is_dir()]
        assert left == [], "something half-made is left"
        store = RunStore(Settings(data_dir=data_dir))
        if (data_dir / "datasets" / name).exists():
            known.add(name)
            assert {path.name for path in (data_dir / "datasets" / name).iterdir()} == placed
        assert {
            each for each in store.datasets.ids() if each.startswith(("set-", "whole"))
        } == known
        for each in known & {name}:
            assert len(store.datasets.load(each).rows.x) == 300
        store.close()


def test_a_store_is_migrated_whole_or_not_at_all(
    nursery: Nursery, chance: random.Random, kills: list[str], tmp_path: Path
) -> None:
    kill_while_migrating(6, nursery, chance, kills, tmp_path)


def test_a_data_set_is_imported_whole_or_not_at_all(
    nursery: Nursery, chance: random.Random, kills: list[str], tmp_path: Path
) -> None:
    kill_while_importing(6, nursery, chance, kills, tmp_path)


@pytest.mark.faults
def test_a_store_is_migrated_whole_or_not_at_all_wherever_it_is_killed(
    nursery: Nursery, chance: random.Random, kills: list[str], tmp_path: Path
) -> None:
    kill_while_migrating(some(100), nursery, chance, kills, tmp_path)


@pytest.mark.faults
def test_a_data_set_is_imported_whole_or_not_at_all_wherever_it_is_killed(
    nursery: Nursery, chance: random.Random, kills: list[str], tmp_path: Path
) -> None:
    kill_while_importing(some(40), nursery, chance, kills, tmp_path)
