"""Trainers that are killed, again and again, and what their runs come to in the end."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from backend.schemas import Run
from models.config import RunConfig
from tests.faults.conftest import check_database, some
from tests.faults.nursery import Nursery
from tests.faults.undisturbed import Undisturbed, check_finished

KINDS = ["standard", "mog", "vampprior", "gtm", "gtm_vampprior", "flow"]
POINTS = 120  # changes of the data folder in one whole training


def config(kind: str, epochs: int) -> RunConfig:
    """A training of a tenth of a second; epoch 21 has a snapshot only where it is the last one."""
    network, training = {"hidden": [4]}, {"epochs": epochs, "batch_size": 200, "warmup_epochs": 1}
    return RunConfig.model_validate(
        {"prior": {"kind": kind}, "latent_dim": 1, "network": network, "training": training}
    )


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Undisturbed:
    folder = tmp_path_factory.mktemp("short")
    return Undisturbed(folder, nursery, [config("mog", 3)])


def kill_at_points(
    points: list[int],
    short: Undisturbed,
    nursery: Nursery,
    chance: random.Random,
    folder: Path,
    kills: list[str],
) -> None:
    """Kill a training at each of the points, those that go on at others, and compare the end."""
    (run,) = short.runs
    for point in points:
        place = folder / str(point)
        shutil.copytree(short.waiting, place)
        seed = chance.randrange(2**31)
        about = f"killed at point {point}, then with seed {seed}"
        later = random.Random(seed)
        next_point = point
        while not nursery.run("train_writing", place, run.id, point=next_point, seed=seed):
            kills.append("trainers")
            check_database(place)
            # Most often soon, so that what goes on gets nowhere; sometimes it has finished before.
            next_point = later.choice([later.randrange(1, 20), later.randrange(1, POINTS), 10**9])
        try:
            check_finished(place, short, run)
        except AssertionError as error:
            raise AssertionError(about) from error
        shutil.rmtree(place)


def test_killed_at_some_points_a_run_ends_as_if_undisturbed(
    short: Undisturbed, nursery: Nursery, chance: random.Random, kills: list[str], tmp_path: Path
) -> None:
    points = sorted(chance.sample(range(1, POINTS), 6))
    kill_at_points(points, short, nursery, chance, tmp_path, kills)


@pytest.mark.faults
def test_killed_at_any_point_a_run_ends_as_if_undisturbed(
    short: Undisturbed, nursery: Nursery, chance: random.Random, kills: list[str], tmp_path: Path
) -> None:
    points = sorted(chance.sample(range(1, POINTS), some(60)))
    kill_at_points(points, short, nursery, chance, tmp_path, kills)


def kill_once(
    folder: Path,
    undisturbed: Undisturbed,
    nursery: Nursery,
    chance: random.Random,
    run: Run,
) -> tuple[Path, float]:
    """Kill a training in a copy of the folder; return that, and how long to wait at the most.

    Where it ends before, the machine is faster than when the trainings were timed: once more, from
    the beginning, with less time.
    """
    longest = undisturbed.seconds[run.id]
    place = folder.with_name(f"{folder.name}-{run.id}")
    shutil.copytree(folder, place)
    while nursery.run("train_writing", place, run.id, seconds=chance.uniform(0.0, longest)):
        longest /= 2
        shutil.rmtree(place)
        shutil.copytree(folder, place)
    return place, longest


@pytest.mark.faults
def test_killed_at_any_moment_all_runs_end_as_if_undisturbed(
    nursery: Nursery, chance: random.Random, kills: list[str], tmp_path: Path
) -> None:
    """Every prior, and one that is trained alone; what has finished stays as it is."""
    undisturbed = Undisturbed(tmp_path, nursery, [config(kind, 21) for kind in KINDS])
    for turn in range(some(3)):
        folder = tmp_path / str(turn)
        shutil.copytree(undisturbed.waiting, folder)
        finished: list[Run] = []
        for run in undisturbed.runs:
            lives = chance.randrange(3, 7)
            folder, longest = kill_once(folder, undisturbed, nursery, chance, run)
            for left in reversed(range(lives)):
                kills.append("trainers")
                check_database(folder)
                for other in finished:
                    check_finished(folder, undisturbed, other)
                seconds = chance.uniform(0.0, longest) if left else None
                if nursery.run("train_writing", folder, run.id, seconds=seconds):
                    break
            finished.append(run)
            check_finished(folder, undisturbed, run)
