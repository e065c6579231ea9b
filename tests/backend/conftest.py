from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.client import PriorscopeClient
from backend.schemas import Run
from backend.settings import Settings
from backend.storage import RunStore
from models.priors import PRIORS

QUICK = {"epochs": 2, "warmup_epochs": 1}
ENDLESS = {"epochs": 100_000, "patience": 100_000}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(Settings(data_dir=tmp_path / "data"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def finished(client: PriorscopeClient) -> dict[str, Run]:
    """A briefly trained run of every prior."""
    created = {
        kind: client.create_run({"prior": {"kind": kind}, "training": QUICK}) for kind in PRIORS
    }
    for run in created.values():
        assert list(client.events(run.id)), "nothing happened"
    return {kind: client.run(run.id) for kind, run in created.items()}


@pytest.fixture(scope="session")
def run(finished: dict[str, Run]) -> Run:
    """A finished run."""
    return finished["vampprior"]


@pytest.fixture(scope="session")
def solid(client: PriorscopeClient) -> Run:
    """A finished run whose latent space has three dimensions."""
    small = {"network": {"hidden": [16]}, "training": {"epochs": 1, "warmup_epochs": 0}}
    run = client.create_run({"prior": {"kind": "mog"}, "latent_dim": 3} | small)
    assert list(client.events(run.id)), "nothing happened"
    return client.run(run.id)


@pytest.fixture
def endless(client: PriorscopeClient, until: Callable[[Any], None]) -> Iterator[Run]:
    """A run that trains until the test ends, with weights stored already."""
    created = client.create_run({"prior": {"kind": "standard"}, "training": ENDLESS})
    until(lambda: client.run(created.id).checkpoint > 0)
    yield client.run(created.id)
    if not client.run(created.id).ended:
        client.cancel_run(created.id)
        until(lambda: client.run(created.id).ended)


@pytest.fixture
def body() -> Callable[..., dict[str, Any]]:
    """Make the body of POST /api/runs for an endless training."""
    return lambda kind="standard", **training: {
        "prior": {"kind": kind},
        "training": ENDLESS | training,
    }
