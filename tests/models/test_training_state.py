"""A training that is taken up again, against one that was never disturbed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count, islice

import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor

from models.config import RunConfig
from models.data import Dataset
from models.frozen import fit_prior, freeze
from models.train import EpochRecord, EpochRecords, fit
from models.training_state import StateMisfitError, is_between_epochs
from models.vae import VAE, build_vae

Config = Callable[..., RunConfig]
State = dict[str, Tensor]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def kept(records: EpochRecords) -> State:
    """The state, as it comes back from a file."""
    return load(save({name: t.contiguous() for name, t in records.state().items()}))


def numbers(records: list[EpochRecord]) -> list[EpochRecord]:
    return [replace(record, seconds=0.0) for record in records]


def check_equal(first: VAE, second: VAE) -> None:
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name]), name


def test_between_epochs(kind: str, config: Config, digits: Dataset) -> None:
    """Patience ends it, on the same epoch, and the best weights are from before the break."""
    settings = config(kind, epochs=7, warmup_epochs=1, patience=3, learning_rate=0.05)
    whole, again = build_vae(settings, digits), build_vae(settings, digits)
    expected = list(fit(whole, digits, settings.training))
    records = fit(build_vae(settings, digits), digits, settings.training)
    first = list(islice(records, 2))
    state = kept(records)
    assert is_between_epochs(state)
    then = list(fit(again, digits, settings.training, state=state))
    assert numbers(first + then) == numbers(expected)
    check_equal(again, whole)


@pytest.mark.parametrize("batches", [1, 2, 20, 23, 40])
def test_within_an_epoch(batches: int, config: Config, digits: Dataset) -> None:
    settings = config("vampprior", epochs=3, warmup_epochs=1)
    whole, again = build_vae(settings, digits), build_vae(settings, digits)
    expected = list(fit(whole, digits, settings.training))
    asked = count()
    records = fit(
        build_vae(settings, digits),
        digits,
        settings.training,
        cancelled=lambda: next(asked) >= batches,
    )
    first = list(records)
    # Stopped once more, before it has done anything.
    records = fit(
        build_vae(settings, digits),
        digits,
        settings.training,
        cancelled=lambda: True,
        state=kept(records),
    )
    assert list(records) == []
    state = kept(records)
    assert int(state["step"]) == batches
    then = list(fit(again, digits, settings.training, state=state))
    assert numbers(first + then) == numbers(expected)
    check_equal(again, whole)


def test_of_a_prior_alone(
    kind: str, config: Config, trained: Callable[..., VAE], digits: Dataset
) -> None:
    settings = config(kind, epochs=4)

    def fresh() -> VAE:
        vae = build_vae(settings, digits)
        freeze(vae, trained("mog").state_dict())
        return vae

    whole, again = fresh(), fresh()
    expected = list(fit_prior(whole, digits, settings.training))
    records = fit_prior(fresh(), digits, settings.training)
    first = list(islice(records, 1))
    then = list(fit_prior(again, digits, settings.training, state=kept(records)))
    assert numbers(first + then) == numbers(expected)
    check_equal(again, whole)


def test_what_is_over_stays_over(config: Config, digits: Dataset) -> None:
    settings = config("mog", epochs=30, warmup_epochs=0, patience=1, learning_rate=0.2)
    whole, again = build_vae(settings, digits), build_vae(settings, digits)
    records = fit(whole, digits, settings.training)
    states = [kept(records) for _ in records]
    assert len(states) < 30
    assert list(fit(again, digits, settings.training, state=states[-1])) == []
    check_equal(again, whole)


@pytest.mark.parametrize("other", [{"latent_dim": 3}, {"prior": {"kind": "flow"}}])
def test_the_state_of_another_training_is_refused(
    other: dict[str, object], config: Config, digits: Dataset
) -> None:
    settings = config("mog", epochs=2)
    records = fit(build_vae(settings, digits), digits, settings.training)
    next(records)
    another = RunConfig.model_validate({**settings.model_dump(), **other})
    with pytest.raises(StateMisfitError, match=r"(there and|in one of the two)"):
        fit(build_vae(another, digits), digits, another.training, state=kept(records))
