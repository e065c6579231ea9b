"""Training one run in this process, into a store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from backend import training
from backend.schemas import Epoch, Run
from backend.storage import RunStore
from backend.training import StopSignal, train
from models.config import RunConfig
from models.train import EpochRecord, EpochRecords, TrainingDivergedError, fit


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def queue(store: RunStore, **options: Any) -> Run:
    return store.create(RunConfig.model_validate({"prior": {"kind": "standard"}, **options}))


def test_the_weights_that_stay_are_the_best_ones(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    vaes = []

    def remember(vae: Any, *arguments: Any, **options: Any) -> EpochRecords:
        vaes.append(vae)
        return fit(vae, *arguments, **options)

    monkeypatch.setattr(training, "fit", remember)
    run = queue(store, training={"epochs": 3})
    seen: list[Epoch] = []
    train(store, run.id, watch=seen.append)
    ended = store.get(run.id)
    assert ended.status == "finished"
    assert [epoch.epoch for epoch in seen] == [1, 2, 3]
    number, weights = store.load_weights(run.id)
    assert number == ended.checkpoint
    for name, tensor in vaes[0].state_dict().items():
        torch.testing.assert_close(weights[name], tensor, rtol=0, atol=0)


def test_a_training_that_diverges_fails_with_the_reason_and_keeps_its_weights(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverge(*arguments: Any, **options: Any) -> EpochRecords:
        records = fit(*arguments, **options)
        monkeypatch.setattr(records, "_records", two_of(records._records))
        return records

    def two_of(records: Iterator[EpochRecord]) -> Iterator[EpochRecord]:
        yield next(records)
        yield next(records)
        raise TrainingDivergedError("The ELBO is no longer a finite number in epoch 3.")

    monkeypatch.setattr(training, "fit", diverge)
    run = queue(store)
    train(store, run.id)
    ended = store.get(run.id)
    assert (ended.status, ended.progress.epoch) == ("failed", 2)
    assert ended.error == "The ELBO is no longer a finite number in epoch 3."
    assert ended.metrics is None
    assert store.history(run.id).epoch == [1, 2]
    assert store.load_weights(run.id)[0] == ended.checkpoint


def test_the_unexpected_fails_the_run_and_is_logged(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(*_: Any, **__: Any) -> EpochRecords:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(training, "fit", break_down)
    run = queue(store)
    train(store, run.id)
    ended = store.get(run.id)
    assert (ended.status, ended.checkpoint) == ("failed", 0)
    assert ended.error is not None
    assert "ZeroDivisionError: by zero" in ended.error
    assert "Traceback" in caplog.text


def test_an_interruption_keeps_the_weights_but_measures_nothing(store: RunStore) -> None:
    run, stop = queue(store), StopSignal()

    def interrupt(epoch: Epoch) -> None:
        if epoch.epoch == 2:
            stop.here = "interrupted"

    train(store, run.id, stop, interrupt)
    ended = store.get(run.id)
    assert (ended.status, ended.progress.epoch, ended.metrics) == ("interrupted", 2, None)
    assert store.load_weights(run.id)[0] == ended.checkpoint


def test_a_training_cancelled_in_its_first_epoch_has_nothing(store: RunStore) -> None:
    run, stop = queue(store), StopSignal()
    stop.here = "cancelled"
    train(store, run.id, stop)
    ended = store.get(run.id)
    assert (ended.status, ended.checkpoint, ended.metrics) == ("cancelled", 0, None)


def test_a_run_that_is_not_queued_any_more_is_left_alone(store: RunStore) -> None:
    run = queue(store)
    store.request_stop(run.id, "cancelled")
    events = store.last_event_id()
    train(store, run.id)
    train(store, "deleted meanwhile")
    assert store.get(run.id).status == "cancelled"
    assert store.last_event_id() == events
