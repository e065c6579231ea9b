"""Runs on vectors and on colour pictures: the same questions, answered with values or colours."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
import torch

from backend.client import PriorscopeClient, ProblemError
from backend.explore_schemas import DecodeRequest
from backend.loaded_run import LoadedRun
from backend.schemas import Run
from models.config import RunConfig
from models.data import Dataset, Split
from models.proposals import complete, propose
from models.vae import build_vae


@pytest.fixture(scope="module")
def wine(client: PriorscopeClient) -> Run:
    """A briefly trained run on 13 measurements of wines."""
    body = {"dataset": "wine", "prior": {"kind": "vampprior", "num_components": 5}}
    run = client.create_run(body | {"training": {"epochs": 3, "warmup_epochs": 1}})
    assert list(client.events(run.id))
    ended = client.run(run.id)
    assert ended.status == "finished", ended.error
    return ended


def test_what_a_request_leaves_out_suits_its_data(client: PriorscopeClient, wine: Run) -> None:
    proposal = client.dataset("wine").proposal
    assert wine.config.likelihood == proposal.likelihood
    assert wine.config.likelihood.kind == "gaussian"
    assert wine.config.network == proposal.network
    asked = {"epochs": 3, "warmup_epochs": 1}
    assert wine.config.training == proposal.training.model_copy(update=asked)
    assert wine.config.training.batch_size != 64
    digits = client.create_run(RunConfig.model_validate({"prior": {"kind": "mog"}}))
    assert digits.config == RunConfig.model_validate({"prior": {"kind": "mog"}})
    again = client.create_run({"prior": {"kind": "mog"}}, frozen_from=wine.id)
    for run in (digits, again):
        # It may have ended by now.
        with contextlib.suppress(ProblemError):
            client.cancel_run(run.id)
    assert again.config.network == wine.config.network
    assert again.config.training == proposal.training


def test_vectors_are_answered_in_their_own_units(client: PriorscopeClient, wine: Run) -> None:
    ranges = np.array(client.dataset("wine").feature_ranges)
    z = [[0.0, 0.0], [1.0, -1.0]]
    decoded = client.decode(wine.id, z, draws=3, nearest=2)
    assert (decoded.images, decoded.draws) == (None, None)
    assert decoded.values is not None
    assert decoded.values.shape == (2, 13)
    assert ((decoded.values > ranges[:, 0]) & (decoded.values < ranges[:, 1])).all()
    assert decoded.draw_values is not None
    assert decoded.draw_values.shape == (2, 3, 13)
    rows = client.dataset_images("wine", split="train").values
    assert rows is not None
    scaled = (rows - rows.mean(0)) / rows.std(0)
    query = (decoded.values - rows.mean(0)) / rows.std(0)
    distance = np.linalg.norm(scaled[None] - query[:, None], axis=2)
    np.testing.assert_allclose(decoded.nearest.distance, np.sort(distance)[:, :2], rtol=1e-3)
    samples = client.samples(wine.id, n=4)
    assert samples.images is None
    assert samples.values is not None
    assert samples.values.shape == (4, 13)
    anatomy = client.anatomy(wine.id)
    assert anatomy.pseudo_inputs is None
    pseudo_inputs = anatomy.pseudo_input_values
    assert pseudo_inputs is not None
    assert pseudo_inputs.shape == (5, 13)
    slack = 1e-3 * (ranges[:, 1] - ranges[:, 0])
    assert (pseudo_inputs >= ranges[:, 0] - slack).all()
    assert (pseudo_inputs <= ranges[:, 1] + slack).all()
    for hole in client.holes(wine.id, tau=1.5).holes:
        assert hole.at_peak is not None
        assert hole.at_peak.image is None
        assert hole.at_peak.value is not None
        assert hole.at_peak.value.shape == (13,)


def test_encoding_a_vector_finds_its_point(client: PriorscopeClient, wine: Run) -> None:
    points = client.points(wine.id)
    assert points.count == points.total == len(points.loc)
    rows = client.dataset_images("wine", split="test", index=[0, 3]).values
    encoded = client.encode(wine.id, rows)
    np.testing.assert_allclose(encoded.loc, points.loc[[0, 3]], atol=1e-4)
    assert encoded.reconstruction is None
    again = client.decode(wine.id, encoded.loc.tolist()).values
    np.testing.assert_allclose(encoded.reconstruction_values, again, rtol=1e-4)


def test_figures_say_what_they_are_of(client: PriorscopeClient, wine: Run, run: Run) -> None:
    metrics = client.metrics(wine.id)
    assert "own units" in metrics.log_likelihood_of or "as given" in metrics.log_likelihood_of
    assert "density" in metrics.log_likelihood_of
    of_digits = client.metrics(run.id)
    assert "17 levels" in of_digits.log_likelihood_of
    for figures, count in ((metrics, 13), (of_digits, 64)):
        bits = figures.test.bits_per_dimension
        assert bits is not None
        expected = -figures.test.log_likelihood.value / (count * np.log(2))
        assert bits.value == pytest.approx(expected)
        assert bits.estimator == figures.test.log_likelihood.estimator


@pytest.mark.parametrize(
    ("x", "field", "message"),
    [
        ([[1.0] * 12], "x.0", "list of 13 numbers"),
        ([[1.0] * 13, [1.0] * 14], "x.1", "list of 13 numbers"),
        ([[[1.0] * 13]], "x.0", "list of 13 numbers"),
        ([["red"] * 13], "x.0", "list of 13 numbers"),
        ([[1e300] * 13], "x.0", "finite"),
    ],
)
def test_other_vectors_are_refused(
    client: PriorscopeClient, wine: Run, x: Any, field: str, message: str
) -> None:
    answer = client.http.post(f"/api/runs/{wine.id}/encode", json={"x": x})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert message in error["message"]


def test_vectors_make_no_manifold(client: PriorscopeClient, wine: Run) -> None:
    with pytest.raises(ProblemError, match="vectors") as refused:
        client.manifold(wine.id, resolution=4)
    assert refused.value.status == 422


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"dataset": "wine", "likelihood": {"kind": "bernoulli"}}, "likelihood", "“gaussian”"),
        ({"likelihood": {"kind": "gaussian"}}, "likelihood", "17 levels.*“categorical”"),
        ({"dataset": "wine", "network": {"kind": "convolutional"}}, "network", "vectors"),
        ({"network": {"kind": "convolutional", "channels": [4] * 4}}, "network", "give 3 numbers"),
        ({"training": {"device": "cuda"}}, "training.device", "“auto” or “cpu”"),
    ],
)
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_what_does_not_fit_is_refused_before_it_trains(
    client: PriorscopeClient, body: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(ProblemError, match=message) as refused:
        client.create_run({"prior": {"kind": "mog"}, **body})
    assert refused.value.status == 422
    assert [error.field for error in refused.value.problem.errors or []] == [field]


def test_a_run_says_where_it_trained(wine: Run) -> None:
    assert wine.versions.device == "cpu"
    assert wine.versions.precision == "float32"


def test_colours_come_back_as_colours() -> None:
    """Red, green and blue pictures, through decoding, encoding, manifold and pseudo-inputs."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(0, 256, (60, 16 * 17 * 3), generator=generator).to(torch.uint8)
    rows = Split(x, torch.zeros(60, dtype=torch.long), torch.arange(60))
    dataset = Dataset("c", "", "", (16, 17, 3), 256, (), (), rows, (40, 10, 10))
    asked = RunConfig.model_validate({"prior": {"kind": "vampprior", "num_components": 3}})
    config = complete(asked, propose(dataset))
    assert config.likelihood.kind == "discretized_logistic"
    assert config.network.kind == "convolutional"
    vae = build_vae(config, dataset)
    run = LoadedRun(config, dataset, 1, vae.state_dict())
    decoded = run.decode(DecodeRequest(z=[[0.0, 1.0]], draws=2, nearest=1))
    assert decoded.images is not None
    assert decoded.images.shape == (1, 16, 17, 3)
    assert decoded.draws is not None
    assert decoded.draws.shape == (1, 2, 16, 17, 3)
    assert decoded.values is None
    pictures = x[40:42].view(2, 16, 17, 3)
    encoded = run.encode(pictures.tolist())
    torch.testing.assert_close(torch.from_numpy(encoded.loc), vae.posterior(x[40:42]).loc.detach())
    assert encoded.reconstruction is not None
    assert encoded.reconstruction.shape == (2, 16, 17, 3)
    manifold = run.manifold(3, None, None)
    assert manifold.sprite.shape == (48, 51, 3)
    assert manifold.shape == [16, 17, 3]
    pseudo_inputs = run.space.anatomy().pseudo_inputs
    assert pseudo_inputs is not None
    assert pseudo_inputs.shape == (3, 16, 17, 3)
