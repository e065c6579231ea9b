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

NETWORK = {"hidden": [32]}
ENDLESS = {"epochs": 100_000, "patience": 100_000}


def brief(kind: str = "standard", epochs: int = 1, **training: Any) -> dict[str, Any]:
    """The body of POST /api/runs for a training that is soon over."""
    return {
        "prior": {"kind": kind},
        "network": NETWORK,
        "training": {"epochs": epochs, **training},
    }


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(Settings(data_dir=tmp_path / "data"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def finished(client: PriorscopeClient) -> dict[str, Run]:
    """A briefly trained run of every prior."""
    created = {kind: client.create_run(brief(kind, epochs=2, warmup_epochs=1)) for kind in PRIORS}
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
    run = client.create_run(brief("mog", warmup_epochs=0) | {"latent_dim": 3})
    assert list(client.events(run.id)), "nothing happened"
    return client.run(run.id)


@pytest.fixture
def endless(client: PriorscopeClient, until: Callable[[Any], None]) -> Iterator[Run]:
    """A run that trains until the test ends, with weights stored already."""
    created = client.create_run(brief(**ENDLESS))
    until(lambda: client.run(created.id).checkpoint > 0)
    yield client.run(created.id)
    if not client.run(created.id).ended:
        client.cancel_run(created.id)
        until(lambda: client.run(created.id).ended)


@pytest.fixture
def body() -> Callable[..., dict[str, Any]]:
    """Make the body of POST /api/runs for an endless training."""
    return lambda kind="standard", **training: brief(kind, **ENDLESS | training)
