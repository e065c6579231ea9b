"""The figures of trained runs: identities, and agreement between independent estimators."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
import torch

from models import log_likelihood as log_likelihoods
from models import metrics as metrics_of
from models.aggregated_posterior import AggregatedPosterior
from models.config import RunConfig
from models.data import Dataset
from models.density import Bounds, latent_bounds
from models.distributions import DiagonalGaussian
from models.elbo import evaluate
from models.estimate import Estimate
from models.grid_error import grid_error
from models.log_likelihood import (
    LikelihoodGrid,
    iw_log_likelihood,
    likelihood_grid,
    log_likelihood,
    plane_log_likelihood,
)
from models.metrics import Metrics, measure
from models.plane import plane
from models.surgery import dimension_mutual_information, surgery_by_draws, surgery_on_plane
from models.vae import VAE, build_vae

Trained = Callable[..., VAE]


@pytest.fixture(scope="session")
def few(digits: Dataset) -> Dataset:
    """Some of the images: the identities hold for any set of them."""
    chosen = torch.cat([digits.train.index[:250], digits.test.index[:60]])
    return replace(digits, rows=digits.at(chosen), counts=(250, 0, 60))


@pytest.fixture(scope="session")
def measured(trained: Trained, few: Dataset) -> Callable[..., Metrics]:
    return cache(lambda kind, latent_dim=2: measure(trained(kind, latent_dim), few, samples=4))


def agree(first: Estimate, second: Estimate, slack: float = 0.0) -> bool:
    error = math.hypot(first.standard_error or 0.0, second.standard_error or 0.0)
    return abs(first.value - second.value) <= 5 * error + slack


def test_both_decompositions_add_up(kind: str, measured: Callable[..., Metrics]) -> None:
    metrics = measured(kind)
    for split in (metrics.train, metrics.test):
        first = split.reconstruction.value - split.cross_entropy.value
        first += split.posterior_entropy.value
        second = split.reconstruction.value - split.mutual_information.value
        second -= split.marginal_kl.value
        assert first == pytest.approx(split.elbo.value, rel=1e-6)
        assert second == pytest.approx(split.elbo.value, rel=1e-6)
        assert split.marginal_kl.value > 0
        assert 0 < split.mutual_information.value < math.log(250)
        assert split.log_likelihood.value > split.elbo.value


def test_total_correlation_adds_up_to_the_marginal_kl(
    kind: str, measured: Callable[..., Metrics]
) -> None:
    metrics = measured(kind)
    split = metrics.total_correlation
    assert split is not None
    kl = split.total_correlation.value + sum(term.value for term in split.dimension_kl)
    kl -= split.prior_dependence.value
    assert kl == pytest.approx(metrics.train.marginal_kl.value, rel=1e-6)
    assert split.total_correlation.value > -1e-9
    assert all(term.value > -1e-9 for term in split.dimension_kl)
    if kind == "standard":
        assert split.prior_dependence.value == pytest.approx(0.0, abs=1e-3)


def test_quadrature_and_draws_agree_on_the_surgery(
    kind: str, trained: Trained, digits: Dataset
) -> None:
    vae = trained(kind)
    posterior, prior = vae.posterior(digits.test.x), vae.latent_prior()
    exact = surgery_on_plane(posterior, plane(prior, posterior))
    draws = surgery_by_draws(posterior, prior, samples=64)
    assert agree(exact.cross_entropy, draws.cross_entropy, 1e-3)
    assert agree(exact.mutual_information, draws.mutual_information, 1e-3)
    assert agree(exact.marginal_kl, draws.marginal_kl, 1e-3)


def test_quadrature_equals_a_large_importance_estimate(trained: Trained, digits: Dataset) -> None:
    """Each image apart, 20,000 samples, within the estimate's own error."""
    vae = trained("mog")
    x = digits.test.x[:6]
    train = vae.posterior(digits.train.x)
    prior = vae.latent_prior()
    grid = likelihood_grid(vae, prior, train.scale, latent_bounds(prior, train), rows=6)
    exact = log_likelihood(vae, x, grid)
    part = digits.test[:6]
    estimate = iw_log_likelihood(vae, part, evaluate(vae, part), samples=20_000)
    assert estimate.standard_error is not None
    assert estimate.standard_error < 0.02
    assert float(exact.mean()) == pytest.approx(
        estimate.value, abs=5 * estimate.standard_error + 2e-3
    )


def test_the_grid_is_fine_enough_for_the_quadrature(
    trained: Trained, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where all rows cannot be afforded on the finest, and it is fine enough on average."""
    monkeypatch.setattr(log_likelihoods, "_FEWEST_POINTS", 10)
    vae = trained("vampprior")
    prior, train = vae.latent_prior(), vae.posterior(digits.train.x)
    bounds = latent_bounds(prior, train)
    usual, affordable = (
        likelihood_grid(vae, prior, train.scale, bounds, rows) for rows in (50, 10**9)
    )
    assert len(affordable.points) < len(usual.points)
    fine = LikelihoodGrid.of(prior, bounds, 500)
    x = digits.test.x[:50]
    exact = log_likelihood(vae, x, fine)
    assert (log_likelihood(vae, x, usual) - exact).abs().mean() < 1e-3
    assert (log_likelihood(vae, x, affordable) - exact).abs().mean() < 3e-3


def test_some_rows_stand_for_all_with_an_error(
    trained: Trained, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    vae = trained("vampprior")
    prior, split = vae.latent_prior(), digits.train
    bounds = latent_bounds(prior, vae.posterior(split.x))
    grid, elbo = LikelihoodGrid.of(prior, bounds, 100), evaluate(vae, split)
    (exact,) = plane_log_likelihood(vae, [split], [elbo], grid)
    assert exact.standard_error is None
    monkeypatch.setattr(log_likelihoods, "_WORK", 150 * 100**2 * 64 * 17)
    (some,) = plane_log_likelihood(vae, [split], [elbo], grid)
    assert (some.estimator, some.samples) == ("quadrature", 150)
    assert some.standard_error is not None
    assert some.standard_error < 0.3, "log p(x) itself varies by 30 nats from image to image"
    assert agree(some, exact)
    all_of_them = iw_log_likelihood(vae, split, elbo, samples=200)
    monkeypatch.setattr(log_likelihoods, "_SAMPLED_VALUES", 150 * 200 * 64 * 17)
    bound = iw_log_likelihood(vae, split, elbo, samples=200)
    assert (bound.estimator, bound.samples) == ("importance_weighted", 150)
    assert agree(bound, all_of_them)


def test_a_likelihood_too_dear_for_a_grid_is_by_importance_weights(
    trained: Trained, few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    vae = trained("vampprior")
    exact = measure(vae, few, samples=16).test.log_likelihood
    monkeypatch.setattr(vae.decoder.head, "place_work", log_likelihoods._WORK)
    weighted = measure(vae, few, samples=16).test.log_likelihood
    assert (exact.estimator, weighted.estimator) == ("quadrature", "importance_weighted")
    assert weighted.standard_error is not None
    assert agree(exact, weighted, 0.05)


def test_posteriors_too_narrow_for_a_grid_are_measured_by_draws(
    trained: Trained, few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    vae = trained("vampprior")
    on_a_grid = measure(vae, few, samples=4)
    monkeypatch.setattr(metrics_of, "TOO_COARSE", -1.0)
    by_draws = measure(vae, few, samples=4)
    assert on_a_grid.grid is not None
    assert by_draws.grid is None
    assert by_draws.reverse_kl.estimator == "monte_carlo"
    assert agree(on_a_grid.reverse_kl, by_draws.reverse_kl, 2e-3)
    assert agree(on_a_grid.hole_mass["10"], by_draws.hole_mass["10"], 2e-3)
    assert agree(on_a_grid.train.marginal_kl, by_draws.train.marginal_kl, 2e-2)


def test_one_image_far_out_makes_the_grid_finer_not_coarser() -> None:
    """The box grows with it, and narrow posteriors would fall between the points."""
    scale = torch.full((50, 2), 0.05)
    near = metrics_of._resolution(Bounds(-4.0, 4.0, -4.0, 4.0), scale)
    far = metrics_of._resolution(Bounds(-4.0, 60.0, -4.0, 4.0), scale)
    assert near == 200
    assert 640 < far < 2048
    assert grid_error(scale, 64.0 / (far - 1)) <= 3e-4
    assert metrics_of._resolution(Bounds(-4.0, 60.0, -4.0, 4.0), scale / 100) == 2048


def test_binarised_greys_have_an_exact_likelihood(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all rows that of one binarisation; of some rows the mean over all of them."""
    settings = RunConfig.model_validate(
        {"prior": {"kind": "standard"}, "likelihood": {"kind": "bernoulli"}}
    )
    vae = build_vae(settings, digits).requires_grad_(False)
    prior, split = vae.latent_prior(), digits.train
    grid = LikelihoodGrid.of(prior, latent_bounds(prior, vae.posterior(split.x)), 40)
    elbo = evaluate(vae, split, samples=4)
    (exact,) = plane_log_likelihood(vae, [split], [elbo], grid)
    generator = torch.Generator().manual_seed(0)
    inks = vae.decoder.head.measured(split.x, generator)
    expected = log_likelihood(vae, inks, grid).mean()
    assert exact.value == pytest.approx(float(expected), abs=1e-6)
    monkeypatch.setattr(log_likelihoods, "_WORK", 400 * 40**2 * 64)
    (some,) = plane_log_likelihood(vae, [split], [elbo], grid)
    # An untrained decoder hardly depends on z: log p(x) is that of the greys, to a little.
    assert some.standard_error is not None
    assert some.standard_error < 0.01
    assert agree(some, elbo.reconstruction, 0.1)


def test_grid_and_draws_agree_on_the_holes(
    kind: str, trained: Trained, few: Dataset, measured: Callable[..., Metrics]
) -> None:
    """Hole mass and the rest on a trained run, against 100,000 draws worked out here."""
    vae, metrics = trained(kind), measured(kind)
    prior, train = vae.latent_prior(), AggregatedPosterior(vae.posterior(few.train.x))
    z = prior.sample((100_000,), torch.Generator().manual_seed(0))
    ratio = prior.log_prob(z).double() - train.log_prob(z)
    for tau in (3, 10, 100):
        share = float((ratio >= math.log(tau)).double().mean())
        assert metrics.hole_mass[str(tau)].value == pytest.approx(share, abs=5e-3)
    error = float(ratio.std()) / math.sqrt(len(ratio))
    assert metrics.reverse_kl.value == pytest.approx(float(ratio.mean()), abs=5 * error + 2e-3)
    assert metrics.grid is not None
    assert metrics.grid["prior_integral"] == pytest.approx(1.0, abs=1e-3)
    assert metrics.grid["aggregated_posterior_integral"] == pytest.approx(1.0, abs=1e-3)


def test_the_held_out_gap_agrees_with_leaving_one_out(trained: Trained, digits: Dataset) -> None:
    """E over training images of log q without that image, by hand; the test images are others."""
    vae = trained("standard")
    posterior = vae.posterior(digits.train.x)
    generator = torch.Generator().manual_seed(0)
    z = posterior.rsample(torch.randn(4, *posterior.loc.shape, generator=generator)).double()
    terms = DiagonalGaussian(posterior.loc.double(), posterior.scale.double())
    total = 0.0
    for row in range(0, 1000, 4):
        others = torch.arange(1000) != row
        kept = DiagonalGaussian(terms.loc[others], terms.scale[others])
        log_q = AggregatedPosterior(kept).log_prob(z[:, row])
        total += float((log_q - vae.latent_prior().log_prob(z[:, row])).mean()) / 250
    gap = measure(vae, digits, samples=2).held_out_gap.value
    assert gap == pytest.approx(total, abs=0.15)


def test_mutual_information_of_a_dimension_ignores_its_scale() -> None:
    torch.manual_seed(0)
    loc, scale = torch.randn(200, 2), torch.rand(200, 2) * 0.2 + 0.1
    first = dimension_mutual_information(DiagonalGaussian(loc, scale))
    factor = torch.tensor([100.0, 0.01])
    second = dimension_mutual_information(DiagonalGaussian(loc * factor, scale * factor))
    for one, other in zip(first, second, strict=True):
        assert one.value == pytest.approx(other.value, abs=1e-4)
        assert one.value > 0.5
    useless = DiagonalGaussian(torch.zeros(200, 1), torch.ones(200, 1))
    assert dimension_mutual_information(useless)[0].value == pytest.approx(0.0, abs=1e-6)


def test_a_line_is_measured_by_quadrature(
    trained: Trained, few: Dataset, measured: Callable[..., Metrics]
) -> None:
    vae, metrics = trained("mog", 1), measured("mog", 1)
    assert metrics.total_correlation is None
    assert metrics.grid is not None
    assert metrics.grid["step"] <= metrics.grid["smallest_scale"]
    assert metrics.grid["prior_integral"] == pytest.approx(1.0, abs=1e-3)
    prior, train = vae.latent_prior(), vae.posterior(few.train.x)
    assert agree(
        metrics.train.marginal_kl, surgery_by_draws(train, prior, samples=64).marginal_kl, 1e-3
    )
    estimate = iw_log_likelihood(vae, few.test, evaluate(vae, few.test), samples=5000)
    assert metrics.test.log_likelihood.standard_error is None
    assert agree(metrics.test.log_likelihood, estimate, 2e-2)
    z = prior.sample((100_000,), torch.Generator().manual_seed(0))
    ratio = prior.log_prob(z).double() - AggregatedPosterior(train).log_prob(z)
    share = float((ratio >= math.log(3.0)).double().mean())
    assert metrics.hole_mass["3"].value == pytest.approx(share, abs=5e-3)


def test_eight_dimensions_are_measured_with_their_errors(
    kind: str, measured: Callable[..., Metrics]
) -> None:
    metrics = measured(kind, 8)
    assert metrics.total_correlation is None
    assert len(metrics.dimension_mutual_information) == 8
    assert metrics.test.log_likelihood.estimator == "importance_weighted"
    estimates = [
        metrics.test.log_likelihood,
        metrics.test.marginal_kl,
        metrics.hole_mass["3"],
        metrics.hole_at_5_percent,
        metrics.total_variation,
        metrics.held_out_gap,
    ]
    for estimate in estimates:
        assert estimate.samples is not None
        assert estimate.standard_error is not None
        assert 0 < estimate.standard_error < 0.5
    assert metrics.hole_curve.mass[-1] == pytest.approx(1.0)
    assert metrics.hole_curve.mass == sorted(metrics.hole_curve.mass)
