from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest
import torch

from models import elbo, encoding
from models.config import RunConfig
from models.data import Dataset
from models.device import DeviceUnavailableError, choose_device, choose_precision
from models.elbo import evaluate, mean_terms
from models.encoding import encode
from models.train import EpochRecord, Training, TrainingDivergedError, fit
from models.vae import VAE, build_vae

Config = Callable[..., RunConfig]


def train(settings: RunConfig, data: Dataset) -> tuple[VAE, list[EpochRecord]]:
    vae = build_vae(settings, data)
    return vae, list(fit(vae, data, settings.training))


def test_it_learns(kind: str, config: Config, digits: Dataset) -> None:
    """The levels drawn evenly cost 64 log 17 = 181 nats."""
    _, records = train(config(kind), digits)
    assert records[-1].validation["elbo"] > -130
    assert [record.epoch for record in records] == list(range(1, len(records) + 1))


def test_the_parts_of_the_elbo_add_up(config: Config, digits: Dataset) -> None:
    _, records = train(config("mog", epochs=2), digits)
    for terms in (records[-1].train, records[-1].validation):
        parts = terms["reconstruction"] - terms["cross_entropy"] + terms["posterior_entropy"]
        assert terms["elbo"] == pytest.approx(parts, abs=1e-3)


def test_one_seed_one_result(kind: str, config: Config, digits: Dataset) -> None:
    (first, records), (second, again), (third, _) = (
        train(config(kind, epochs=2, seed=seed), digits) for seed in (4, 4, 5)
    )
    assert records[-1].validation == again[-1].validation
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name]), name
    assert not torch.equal(first.encoder.network[0].weight, third.encoder.network[0].weight)


def test_the_best_weights_are_kept(config: Config, digits: Dataset) -> None:
    settings = config("standard", epochs=60, learning_rate=0.02, weight_decay=0.0, patience=5)
    vae, records = train(settings, digits)
    best = max(records, key=lambda record: record.validation["elbo"])
    assert len(records) < 60, "patience ends the training"
    assert records[-1].best_epoch == best.epoch < records[-1].epoch
    assert records[-1].epoch == best.epoch + 5
    assert [record.epoch for record in records if record.is_best][-1] == best.epoch
    assert not vae.training
    value = evaluate(vae, digits.validation, samples=64).elbo.value
    assert value == pytest.approx(best.validation["elbo"], abs=0.5)


def test_patience_waits_for_the_warm_up(config: Config, digits: Dataset) -> None:
    settings = config(
        "standard", epochs=12, warmup_epochs=8, patience=1, learning_rate=1e-9, weight_average=0.0
    )
    _, records = train(settings, digits)
    assert len(records) >= 9
    assert records[3].beta == pytest.approx(4 / 9)
    assert records[8].beta == 1.0


def test_cancelling_stops_between_batches_and_keeps_the_best(
    config: Config, digits: Dataset
) -> None:
    settings = config("standard", epochs=20)
    batches = math.ceil(len(digits.train) / settings.training.batch_size)
    asked = count()
    vae = build_vae(settings, digits)
    cancelled = lambda: next(asked) >= 3 * batches + 2  # noqa: E731
    records = list(fit(vae, digits, settings.training, cancelled=cancelled))
    assert len(records) == 3
    assert next(asked) == 3 * batches + 3
    reference = build_vae(settings, digits)
    best = {}
    for record in islice(fit(reference, digits, settings.training), 3):
        if record.is_best:
            best = {name: value.clone() for name, value in reference.state_dict().items()}
    for name, value in vae.state_dict().items():
        assert torch.equal(value, best[name]), name


def test_a_run_cancelled_at_once_has_its_initial_weights(config: Config, digits: Dataset) -> None:
    settings = config("mog")
    vae = build_vae(settings, digits)
    assert list(fit(vae, digits, settings.training, cancelled=lambda: True)) == []
    assert all(value.isfinite().all() for value in vae.state_dict().values())


@pytest.mark.parametrize("learning_rate", [0.9, 0.3])
def test_divergence_is_said_in_a_sentence(
    learning_rate: float, config: Config, digits: Dataset
) -> None:
    settings = config("flow", epochs=40, learning_rate=learning_rate, patience=40, weight_decay=0.0)
    with pytest.raises(TrainingDivergedError, match=r"in epoch \d+.*smaller learning rate"):
        train(settings, digits)


def test_a_not_a_number_is_found(config: Config, digits: Dataset) -> None:
    settings = config("standard")
    vae = build_vae(settings, digits)
    records = fit(vae, digits, settings.training)
    next(records)
    with torch.no_grad():
        vae.decoder.network[0].weight.fill_(math.nan)
    with pytest.raises(TrainingDivergedError, match="validation ELBO is no longer a finite number"):
        next(records)
    assert all(value.isfinite().all() for value in vae.state_dict().values())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size", 32),
        ("learning_rate", 1e-3),
        ("schedule", "constant"),
        ("weight_decay", 0.0),
        ("weight_average", 0.0),
        ("beta", 4.0),
        ("warmup_epochs", 0),
        ("epochs", 3),
        ("validation_samples", 2),
        ("seed", 7),
    ],
)
def test_every_setting_has_an_effect(
    name: str, value: object, config: Config, digits: Dataset
) -> None:
    usual = {"epochs": 2, "warmup_epochs": 1}
    _, expected = train(config("mog", **usual), digits)
    _, changed = train(config("mog", **{**usual, name: value}), digits)
    assert changed[-1].validation != expected[-1].validation


@pytest.mark.parametrize(("epochs", "steps"), [(1, 4), (5, 20), (100, 200)])
def test_the_learning_rate_grows_at_first(
    epochs: int, steps: int, config: Config, digits: Dataset
) -> None:
    """16 steps an epoch: over a quarter of all, and over 200 at the most."""
    settings = config("standard", epochs=epochs, schedule="constant", learning_rate=0.01).training
    training = Training(build_vae(config("standard"), digits), digits, settings, lambda: False)
    rates = []
    for training.step in range(steps + 2):
        rates.append(training._learning_rate())
    expected = [0.01 * (step + 1) / steps for step in range(steps)]
    assert rates == pytest.approx([*expected, 0.01, 0.01])


def test_how_many_draws_validate_does_not_change_what_is_learned(
    config: Config, digits: Dataset
) -> None:
    _, expected = train(config("mog", epochs=2), digits)
    _, records = train(config("mog", epochs=2, validation_samples=1), digits)
    assert records[-1].train == expected[-1].train
    assert records[-1].validation != expected[-1].validation


def test_the_average_follows_every_fourth_step_and_at_the_end_of_an_epoch(
    config: Config, digits: Dataset
) -> None:
    """Ten steps: the steps before a move count as if the learner had been there all the time."""
    settings = config("standard", epochs=2, batch_size=100, weight_average=0.6).training
    training = Training(build_vae(config("standard"), digits), digits, settings, lambda: False)
    (average, *_), (learner, *_) = training.followed
    expected, at = average.clone(), 0
    taken = training._step

    def step(rows: torch.Tensor, beta: float) -> torch.Tensor:
        sums = taken(rows, beta)
        if training.step % 10 in (4, 8, 0):
            nonlocal expected, at
            kept = min(0.6, training.step / (training.step + 10)) ** (training.step - at)
            expected, at = kept * expected + (1.0 - kept) * learner.detach(), training.step
        return sums

    training._step = step
    for _ in training.epochs():
        torch.testing.assert_close(average.detach(), expected)
    assert training.step == 20


def test_fixed_noise_makes_epochs_comparable(trained: Callable[..., VAE], digits: Dataset) -> None:
    vae = trained("standard")
    noise = torch.randn(11, len(digits.validation), 2)
    terms = mean_terms(vae, digits.validation, noise)
    assert terms == mean_terms(vae, digits.validation, noise)
    elbo = vae.elbo_terms(digits.validation.x, noise).elbo.mean()
    assert terms["elbo"] == pytest.approx(float(elbo), abs=1e-3)


def test_networks_in_half_precision_learn_too(config: Config, digits: Dataset) -> None:
    """The rest is in single precision: weights, likelihood, prior."""
    settings = config("flow", epochs=2, warmup_epochs=1)
    halved = settings.training.model_copy(update={"precision": "bfloat16"})
    _, whole = train(settings, digits)
    vae, half = train(settings.model_copy(update={"training": halved}), digits)
    assert half[-1].validation != whole[-1].validation
    assert half[-1].validation["elbo"] == pytest.approx(whole[-1].validation["elbo"], abs=3.0)
    assert {value.dtype for value in vae.state_dict().values()} == {torch.float32}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_device_that_is_not_there_is_named(config: Config, digits: Dataset) -> None:
    with pytest.raises(DeviceUnavailableError, match="no CUDA device here"):
        train(config("standard", device="cuda"), digits)
    assert choose_device("auto") == choose_device("cpu") == torch.device("cpu")
    for convolutional in (True, False):
        assert choose_precision("auto", torch.device("cpu"), convolutional) == torch.float32
    assert choose_precision("auto", torch.device("cuda"), convolutional=False) == torch.float32


def test_rows_mapped_from_a_file_train_the_same(
    config: Config, digits: Dataset, tmp_path: Path
) -> None:
    x = digits.rows.x.numpy()
    mapped = np.memmap(tmp_path / "x", dtype=np.uint8, mode="w+", shape=x.shape)
    mapped[:] = x
    rows = replace(digits.rows, x=torch.from_numpy(mapped))
    settings = config("vampprior", epochs=2)
    _, expected = train(settings, digits)
    _, records = train(settings, replace(digits, rows=rows))
    assert records[-1].validation == expected[-1].validation


def test_many_rows_are_evaluated_in_parts(
    trained: Callable[..., VAE], digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    vae, split = trained("mog"), digits.validation
    noise = torch.randn(3, len(split), 2, generator=torch.Generator().manual_seed(0))
    whole, at_once = evaluate(vae, split, samples=4), mean_terms(vae, split, noise)
    posterior = encode(vae.encoder, split.x)
    for module in (encoding, elbo):
        monkeypatch.setattr(module, "ROWS", 100)
    parts = evaluate(vae, split, samples=4)
    assert parts.elbo.value == pytest.approx(whole.elbo.value, abs=1e-4)
    torch.testing.assert_close(parts.of_rows, whole.of_rows, rtol=0, atol=1e-3)
    assert mean_terms(vae, split, noise) == pytest.approx(at_once, abs=1e-4)
    torch.testing.assert_close(encode(vae.encoder, split.x).loc, posterior.loc)
    monkeypatch.setattr(elbo, "_DRAWN_VALUES", 8 * len(split) * 64 * 17)
    assert evaluate(vae, split, samples=64).elbo.samples == 8
