"""Training other priors on the encoder and decoder of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from backend.cli import main
from backend.client import PriorscopeClient, ProblemError
from backend.schemas import Run
from models.config import RunConfig
from models.priors import PRIORS

if TYPE_CHECKING:
    from tests.conftest import ServerProcess

Until = Callable[[Callable[[], object]], None]
SEED = 5  # unlike the source's
EPOCHS = 10  # the sources' own prior is good from the start and takes that long to be better


def train(client: PriorscopeClient, body: Any, source: str, name: str | None = None) -> Run:
    created = client.create_run(body, name, frozen_from=source)
    assert list(client.events(created.id))
    ended = client.run(created.id)
    assert ended.status == "finished", ended.error
    return ended


@pytest.fixture(scope="module")
def frozen(client: PriorscopeClient, run: Run) -> dict[str, Run]:
    """Every prior on the networks of one run."""
    training = {"epochs": EPOCHS, "seed": SEED}
    created = {
        kind: client.create_run({"prior": {"kind": kind}, "training": training}, frozen_from=run.id)
        for kind in PRIORS
    }
    for each in created.values():
        assert list(client.events(each.id))
    return {kind: client.run(each.id) for kind, each in created.items()}


def test_the_latent_space_is_the_sources(
    client: PriorscopeClient, run: Run, frozen: dict[str, Run]
) -> None:
    points, z = client.points(run.id), [[0.3, -0.4], [2.0, 1.0]]
    pictures = client.decode(run.id, z).images
    assert run.frozen_from is None
    for kind, each in frozen.items():
        assert (each.status, each.error) == ("finished", None)
        assert each.frozen_from == run.id
        assert each.name == f"{PRIORS[kind].title} · digits · seed {SEED} · frozen"
        np.testing.assert_array_equal(client.points(each.id).loc, points.loc)
        np.testing.assert_array_equal(client.points(each.id, epoch=0).scale, points.scale)
        np.testing.assert_array_equal(client.decode(each.id, z).images, pictures)


def test_what_the_networks_determine_measures_the_same_to_the_last_bit(
    run: Run, frozen: dict[str, Run]
) -> None:
    assert run.metrics is not None
    assert run.metrics_seed == run.config.training.seed == 0
    for each in frozen.values():
        assert (each.metrics_seed, each.config.training.seed) == (0, SEED)
        assert each.metrics is not None
        for split in ("train", "test"):
            mine, theirs = getattr(each.metrics, split), getattr(run.metrics, split)
            assert mine.reconstruction == theirs.reconstruction
            assert mine.posterior_entropy == theirs.posterior_entropy
    divergences = {kind: each.metrics.train.marginal_kl.value for kind, each in frozen.items()}
    assert len(set(divergences.values())) == 6


def test_the_prior_learns_and_is_told_live(
    client: PriorscopeClient, frozen: dict[str, Run]
) -> None:
    for kind, each in frozen.items():
        epochs = 1 if kind == "standard" else EPOCHS
        assert client.snapshots(each.id) == list(range(epochs + 1))
        history = client.history(each.id)
        assert history.epoch == list(range(1, epochs + 1))
        assert len(set(history.validation.reconstruction)) == 1
        if kind != "standard":
            assert history.validation.cross_entropy[-1] < history.validation.cross_entropy[0]


def test_a_run_frozen_from_a_frozen_one_names_the_root_and_needs_neither(
    client: PriorscopeClient, run: Run, frozen: dict[str, Run]
) -> None:
    body = {"prior": {"kind": "mog", "num_components": 2}, "training": {"epochs": 1}}
    middle = train(client, body, run.id)
    leaf = train(client, body, middle.id, "A leaf")
    assert (leaf.frozen_from, leaf.name) == (run.id, "A leaf")
    client.delete_run(middle.id)
    np.testing.assert_array_equal(client.points(leaf.id).loc, client.points(run.id).loc)
    assert client.samples(leaf.id, n=2).images.shape == (2, 8, 8)
    assert client.run(leaf.id).frozen_from == run.id


def test_all_that_the_source_has_may_be_repeated(client: PriorscopeClient, run: Run) -> None:
    whole = run.config.model_copy(update={"training": run.config.training})
    for config in (RunConfig.model_validate(whole.model_dump()), run.config.model_dump()):
        created = client.create_run(config, frozen_from=run.id)
        assert created.config == run.config
        assert list(client.events(created.id))


def test_options_of_the_source_are_taken_over(client: PriorscopeClient) -> None:
    network = {"kind": "mlp", "hidden": [16], "activation": "tanh"}
    split = {"kind": "stratified", "seed": 2}
    source = client.create_run(
        {
            "prior": {"kind": "standard"},
            "network": network,
            "split": split,
            "training": {"epochs": 1},
        }
    )
    assert list(client.events(source.id))
    body = {"prior": {"kind": "mog"}, "network": {"activation": "tanh"}, "training": {"epochs": 1}}
    frozen = train(client, body, source.id)
    assert frozen.config.network.model_dump() == network
    assert frozen.config.split.model_dump() == split
    np.testing.assert_array_equal(client.points(frozen.id).loc, client.points(source.id).loc)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"latent_dim": 3}, "latent_dim"),
        ({"network": {"hidden": [64]}}, "network.hidden"),
        ({"network": {"activation": "tanh"}}, "network.activation"),
        ({"network": {"kind": "convolutional"}}, "network"),
        ({"split": {"kind": "stratified"}}, "split"),
        ({"dataset": "mnist"}, "dataset"),
        ({"prior": {"kind": "mog", "num_components": 0}}, "prior.num_components"),
    ],
)
def test_what_differs_from_the_source_is_named(
    client: PriorscopeClient, run: Run, given: dict[str, Any], field: str
) -> None:
    body = {"prior": {"kind": "mog"}, **given}
    with pytest.raises(ProblemError) as refused:
        client.create_run(body, frozen_from=run.id)
    assert refused.value.status == 422
    assert [error.field for error in refused.value.problem.errors or []] == [field]


def test_a_source_that_is_none_is_refused(
    client: PriorscopeClient, endless: Run, body: Callable[..., dict[str, Any]], until: Until
) -> None:
    mog = {"prior": {"kind": "mog"}}
    with pytest.raises(ProblemError, match="There is no run “none”") as unknown:
        client.create_run(mog, frozen_from="none")
    assert unknown.value.status == 404
    with pytest.raises(ProblemError, match="once its training has ended") as running:
        client.create_run(mog, frozen_from=endless.id)
    assert running.value.status == 409
    waiting = [client.create_run(body(seed=seed)) for seed in range(2)]
    client.cancel_run(waiting[1].id)
    with pytest.raises(ProblemError, match="has no weights to freeze") as empty:
        client.create_run(mog, frozen_from=waiting[1].id)
    assert empty.value.status == 409
    client.cancel_run(waiting[0].id)
    until(lambda: client.run(waiting[0].id).ended)


def test_the_command_freezes_too(
    client: PriorscopeClient,
    server: ServerProcess,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Measuring takes the longest, and is the same everywhere.
    monkeypatch.setattr("backend.training.measure", lambda *_, **__: None)
    for where in (("--server", server.url), ("--data-dir", str(server.data_dir))):
        options = ("--prior", "mog", "--epochs", "1", "--frozen-from", run.id, *where)
        monkeypatch.setattr("sys.argv", ["priorscope", "train", *options])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        assert ended.value.code == 0, shown.err
        assert "frozen” finished after 1 of 1 epochs" in shown.out
    newest = client.runs(limit=2).items
    assert [each.frozen_from for each in newest] == [run.id, run.id]
