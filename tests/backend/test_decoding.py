"""Where decoding is done: under the eyes of all who ask only if it takes no time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from backend import loaded_run
from backend.explore import Explorer
from backend.explore_schemas import DecodeRequest
from backend.schemas import Run
from backend.settings import Settings
from backend.storage import RunStore
from backend.training import train
from models.config import RunConfig


def asked(**options: object) -> DecodeRequest:
    return DecodeRequest.model_validate({"z": [[0.1, 0.2]], "nearest": 0} | options)


@pytest.fixture
def run(store: RunStore) -> Run:
    torch.set_num_threads(1)
    training = {"epochs": 1, "batch_size": 1000, "validation_samples": 1}
    body = {"prior": {"kind": "standard"}, "network": {"hidden": [8]}, "training": training}
    created = store.create(RunConfig.model_validate(body))
    train(store, created.id)
    return store.get(created.id)


def test_a_place_is_decoded_at_once_where_the_last_one_took_no_time(
    store: RunStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaded_run, "_BRIEF_SECONDS", 60.0)
    explorer = Explorer(store, Settings())
    assert not explorer.decodes_briefly(run, asked())
    explorer.load(run)
    assert not explorer.decodes_briefly(run, asked())
    explorer.decode(run, asked())
    assert explorer.decodes_briefly(run, asked(z=[[5.0, 5.0]]))
    for other in (
        asked(z=[[0.1, 0.2], [0.3, 0.4]]),
        asked(draws=1),
        asked(nearest=1),
        asked(reencode=False),
    ):
        explorer.decode(run, asked(z=other.z, draws=other.draws))
        assert not explorer.decodes_briefly(run, other)
    monkeypatch.setattr(loaded_run, "_BRIEF_SECONDS", 0.0)
    assert not explorer.decodes_briefly(run, asked())


def test_what_is_in_memory_does_not_wait_for_what_is_being_loaded(
    store: RunStore, run: Run
) -> None:
    explorer = Explorer(store, Settings())
    first = explorer.decode(run, asked())
    # As another thread holds it while it loads a large run.
    with explorer._lock, ThreadPoolExecutor() as pool:
        again = pool.submit(explorer.decode, run, asked()).result(timeout=60)
    assert (again.log_prior == first.log_prior).all()


def test_many_threads_load_a_run_once(store: RunStore, run: Run) -> None:
    explorer = Explorer(store, Settings())
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda _: explorer.load(run), range(64)))
    assert all(one is loaded[0] for one in loaded)
