from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, inspect

from backend.errors import NoCheckpointError, RunStateError, StoreError, UnknownRunError
from backend.run_filter import RunFilter
from backend.run_rows import default_name
from backend.schemas import Epoch, Terms
from backend.settings import Settings
from backend.storage import RunStore
from backend.tables import Base
from models.config import RunConfig, TrainingConfig
from models.data import GivenSplit, StratifiedSplit
from models.estimate import Estimate
from models.likelihoods import LIKELIHOODS
from models.metrics import METRICS_VERSION, Metrics, SampledCurve, SplitMetrics
from models.networks import ConvolutionalOptions, MlpOptions
from models.priors import PRIORS
from tests.backend.test_upgrading import old_store


def config(kind: str = "standard", **training: Any) -> RunConfig:
    return RunConfig.model_validate({"prior": {"kind": kind}, "training": training})


def epoch(number: int, *, is_best: bool = True) -> Epoch:
    terms = Terms(elbo=-100.0, reconstruction=-90.0, cross_entropy=13.0, posterior_entropy=3.0)
    return Epoch(
        epoch=number,
        seconds=0.5,
        learning_rate=1e-3,
        beta=1.0,
        train=terms,
        validation=terms,
        is_best=is_best,
    )


def metrics(elbo: float) -> Metrics:
    number = Estimate(elbo, None, "closed_form", None)
    split = SplitMetrics(*[number] * 7)
    masses = {"3": number, "10": Estimate(-elbo, None, "closed_form", None), "100": number}
    return Metrics(
        version=METRICS_VERSION,
        train=split,
        test=split,
        hole_mass=masses,
        uncovered_mass=masses,
        held_out_mass=masses,
        hole_at_5_percent=number,
        total_variation=number,
        reverse_kl=number,
        held_out_gap=number,
        total_correlation=None,
        dimension_mutual_information=[number],
        grid=None,
        hole_curve=SampledCurve(epsilon=[0.0, 1.0], mass=[0.5, 1.0]),
    )


# Opening


def test_a_fresh_database_has_the_tables_of_the_models(store: RunStore, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/data/priorscope.db")
    with engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version", "events", "runs"}
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


def test_a_store_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    old_store(tmp_path / "data", runs=1)
    opened = RunStore(Settings(data_dir=tmp_path / "data"))
    run = opened.get("run0")
    assert (run.name, run.frozen_from, run.metrics_seed) == ("Old 0", None, 0)
    assert run.config.split == GivenSplit()
    assert list(opened.snapshot_epochs("run0")) == []
    opened.close()


def test_opening_again_keeps_everything(store: RunStore, tmp_path: Path) -> None:
    run = store.create(config())
    again = RunStore(Settings(data_dir=tmp_path / "data"))
    assert again.get(run.id) == run
    again.close()


def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="Choose another one"):
        RunStore(Settings(data_dir=tmp_path / "file" / "data"))


def test_another_database_url_is_used(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/elsewhere.db"
    opened = RunStore(Settings(data_dir=tmp_path / "data", database_url=url))
    opened.create(config())
    opened.close()
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "data" / "priorscope.db").exists()


def test_those_that_open_a_fresh_store_together_do_not_collide(tmp_path: Path) -> None:
    def work() -> None:
        opened = RunStore(Settings(data_dir=tmp_path / "data"))
        for _ in range(20):
            opened.create(config())
        opened.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        for done in [pool.submit(work) for _ in range(4)]:
            done.result()
    opened = RunStore(Settings(data_dir=tmp_path / "data"))
    assert opened.list().total == 80
    assert len(opened.events_after(0)) == 80
    opened.close()


# Runs

_network = st.builds(
    MlpOptions,
    hidden=st.lists(st.integers(1, 512), min_size=1, max_size=4),
    activation=st.sampled_from(["leaky_relu"]),
) | st.builds(ConvolutionalOptions, channels=st.lists(st.integers(1, 64), min_size=1, max_size=4))
_training = st.builds(
    TrainingConfig,
    epochs=st.integers(1, 1000),
    batch_size=st.integers(1, 1000),
    learning_rate=st.floats(1e-6, 1.0),
    seed=st.integers(0, 2**31 - 1),
)
_configs = st.builds(
    RunConfig,
    split=st.builds(GivenSplit) | st.builds(StratifiedSplit, seed=st.integers(0, 1000)),
    prior=st.sampled_from(list(PRIORS)).map(lambda kind: PRIORS[kind].options()),
    latent_dim=st.integers(1, 64),
    likelihood=st.sampled_from(list(LIKELIHOODS.values())).map(lambda options: options()),
    network=_network,
    training=_training,
)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(wanted=_configs, name=st.text(min_size=1, max_size=120))
def test_a_configuration_survives_the_database(
    store: RunStore, wanted: RunConfig, name: str
) -> None:
    run = store.get(store.create(wanted, name).id)
    assert run.config == wanted
    assert run.config.prior == wanted.prior
    assert run.name == name
    assert run.status == "queued"
    assert run.progress.epochs == wanted.training.epochs


def test_the_default_name_says_prior_data_and_seed(store: RunStore) -> None:
    assert default_name(config("vampprior", seed=3)) == "VampPrior · digits · seed 3"
    assert store.create(config("mog")).name == "Mixture of Gaussians · digits · seed 0"


def test_only_one_claims_a_run(store: RunStore) -> None:
    run = store.create(config())
    claimed = store.claim(run.id)
    assert claimed is not None
    assert claimed.status == "running"
    assert claimed.started_at is not None
    assert store.claim(run.id) is None
    assert store.claim("nobody") is None


def test_the_list_is_filtered_sorted_and_paged(store: RunStore) -> None:
    values = {"standard": -99.0, "mog": -97.0, "flow": None, "gtm": -98.0}
    ids = {}
    for kind, elbo in values.items():
        run = store.create(config(kind), f"{kind} 100%_sure")
        ids[kind] = run.id
        if elbo is not None:
            store.finish(run.id, "finished", metrics=metrics(elbo))

    def listed(chosen: RunFilter | None = None, **options: Any) -> list[str]:
        return [run.config.prior.kind for run in store.list(chosen, **options).items]

    assert listed() == ["gtm", "flow", "mog", "standard"]
    assert listed(sort="created_at") == ["standard", "mog", "flow", "gtm"]
    assert listed(sort="elbo") == ["standard", "gtm", "mog", "flow"]
    assert listed(sort="-elbo") == ["mog", "gtm", "standard", "flow"]
    assert listed(sort="name") == sorted(values)
    assert listed(sort="-prior") == sorted(values, reverse=True)
    assert listed(limit=2, offset=1) == ["flow", "mog"]
    assert store.list(limit=2, offset=1).total == 4
    assert listed(RunFilter(status=["queued"])) == ["flow"]
    assert listed(RunFilter(prior=["mog", "gtm"], status=["finished"])) == ["gtm", "mog"]
    assert listed(RunFilter(dataset=["none"])) == []
    assert listed(RunFilter(query="MOG")) == ["mog"]
    assert listed(RunFilter(query="sure flow")) == ["flow"]
    assert listed(RunFilter(query="100_")) == []
    assert listed(RunFilter(query=ids["gtm"])) == ["gtm"]


def test_ending_a_run_is_final(store: RunStore) -> None:
    run = store.create(config())
    store.finish(run.id, "failed", error="A reason.")
    store.finish(run.id, "finished", metrics=metrics(-90.0))
    ended = store.get(run.id)
    assert (ended.status, ended.error, ended.metrics) == ("failed", "A reason.", None)
    assert ended.finished_at is not None


def test_stopping(store: RunStore) -> None:
    queued, running = store.create(config()), store.create(config())
    store.claim(running.id)
    assert store.request_stop(queued.id, "cancelled").status == "cancelled"
    assert store.stop_requested(running.id) is None
    assert store.request_stop(running.id, "cancelled").status == "running"
    assert store.stop_requested(running.id) == "cancelled"
    with pytest.raises(RunStateError, match="is cancelled"):
        store.request_stop(queued.id, "cancelled")


def test_deleting_removes_run_events_and_files(store: RunStore, tmp_path: Path) -> None:
    run, other = store.create(config()), store.create(config())
    store.claim(run.id)
    store.save_weights(run.id, {"weight": torch.ones(3)})
    store.record(run.id, [], None, {0: {"loc": torch.ones(3)}})
    with pytest.raises(RunStateError, match="Cancel it first"):
        store.delete(run.id)
    store.finish(run.id, "cancelled")
    store.delete(run.id)
    with pytest.raises(UnknownRunError, match=run.id):
        store.get(run.id)
    assert not (tmp_path / "data" / "runs" / run.id).exists()
    (deleted,) = store.events_after(0, run_id=run.id)
    assert (deleted.kind, deleted.data) == ("deleted", {"run": run.id})
    assert store.get(other.id) == other


@pytest.mark.parametrize(
    "act",
    [
        lambda store: store.get("x"),
        lambda store: store.rename("x", "y"),
        lambda store: store.delete("x"),
        lambda store: store.history("x"),
        lambda store: store.request_stop("x", "cancelled"),
    ],
)
def test_an_unknown_run_is_named(store: RunStore, act: Callable[[RunStore], object]) -> None:
    with pytest.raises(UnknownRunError, match="“x”"):
        act(store)


# Events and weights


def test_every_change_is_logged_in_order(store: RunStore) -> None:
    run = store.create(config())
    store.claim(run.id)
    store.record(run.id, [epoch(1), epoch(2), epoch(3, is_best=False)], 12.5)
    store.save_weights(run.id, {"weight": torch.ones(3)})
    store.rename(run.id, "another")
    store.finish(run.id, "finished", metrics=metrics(-99.0))
    events = store.events_after(0)
    assert [event.kind for event in events] == [
        *("status", "status", "epoch", "epoch", "epoch", "progress", "progress", "status", "status")
    ]
    assert [event.id for event in events] == sorted({event.id for event in events})
    assert [e.data["epoch"] for e in events if e.kind == "epoch"] == [1, 2, 3]
    assert events[6].data == {
        "run": run.id,
        "epoch": 3,
        "epochs": run.progress.epochs,
        "seconds_left": 12.5,
        "checkpoint": 1,
        "snapshot": None,
    }
    assert events[-1].data == store.get(run.id).model_dump(mode="json")
    assert store.events_after(events[3].id) == events[4:]
    assert store.events_after(0, limit=2) == events[:2]
    assert store.last_event_id() == events[-1].id


def test_numbers_of_deleted_events_do_not_come_back(store: RunStore) -> None:
    run = store.create(config())
    store.delete(run.id)
    last = store.last_event_id()
    store.create(config())
    assert [event.id for event in store.events_after(0)] == [last, last + 1]


def test_the_history_is_made_of_the_epochs(store: RunStore) -> None:
    run = store.create(config())
    assert store.history(run.id).epoch == []
    store.record(run.id, [epoch(1), epoch(2), epoch(3, is_best=False)], None)
    history = store.history(run.id)
    assert history.epoch == [1, 2, 3]
    assert history.best_epoch == store.get(run.id).best_epoch == 2
    assert history.validation.cross_entropy == [13.0, 13.0, 13.0]
    assert history.seconds == [0.5, 0.5, 0.5]


def test_weights_are_replaced_and_counted(store: RunStore) -> None:
    run = store.create(config())
    with pytest.raises(NoCheckpointError):
        store.load_weights(run.id)
    for value in (1.0, 2.0):
        store.save_weights(run.id, {"weight": torch.full((2, 3), value)})
    number, weights = store.load_weights(run.id)
    assert number == store.get(run.id).checkpoint == 2
    torch.testing.assert_close(weights["weight"], torch.full((2, 3), 2.0))


def test_snapshots_are_kept_by_epoch(store: RunStore, tmp_path: Path) -> None:
    run = store.create(config())
    assert list(store.snapshot_epochs(run.id)) == []
    store.record(run.id, [], None, {0: {"loc": torch.zeros(2)}})
    store.record(run.id, [epoch(9)], 1.0, {10: {"loc": torch.ones(2)}, 9: {"loc": torch.ones(1)}})
    # What a crash leaves behind is none.
    (tmp_path / "data" / "runs" / run.id / "snapshots" / "11.tmp").write_bytes(b"half of a fi")
    assert list(store.snapshot_epochs(run.id)) == [0, 9, 10]
    assert torch.equal(store.load_snapshot(run.id, 10)["loc"], torch.ones(2))
    told = [e.data["snapshot"] for e in store.events_after(0) if e.kind == "progress"]
    assert told == [0, 10]
    assert store.get(run.id).progress.epoch == 9
    with pytest.raises(NoCheckpointError, match="epoch 3"):
        store.load_snapshot(run.id, 3)


def test_a_crash_while_writing_leaves_the_last_weights(store: RunStore, tmp_path: Path) -> None:
    run = store.create(config())
    store.save_weights(run.id, {"weight": torch.ones(1)})
    (tmp_path / "data" / "runs" / run.id / "weights.tmp").write_bytes(b"half of a fi")
    assert store.load_weights(run.id)[0] == 1
    store.save_weights(run.id, {"weight": torch.zeros(1)})
    assert store.load_weights(run.id)[1]["weight"].item() == 0.0


def test_a_trainer_is_known_by_its_lock(store: RunStore) -> None:
    run = store.create(config())
    assert not store.checkpoints.is_training(run.id)
    with store.checkpoints.lock(run.id):
        assert store.checkpoints.is_training(run.id)
    assert not store.checkpoints.is_training(run.id)
