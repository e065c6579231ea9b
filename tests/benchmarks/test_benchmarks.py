"""The parts of the benchmarks that are not about time."""

from __future__ import annotations

import json
import math

import pytest
import torch

from benchmarks import textbook
from benchmarks.__main__ import BENCHMARKS, RESULTS
from benchmarks.aggregated_posterior import broadcast
from benchmarks.result import Result
from models.aggregated_posterior import AggregatedPosterior
from models.density import Bounds, integral, latent_grid
from models.distributions import DiagonalGaussian, DiagonalGaussianMixture


@pytest.mark.parametrize("kind", textbook.PRIORS)
def test_every_density_of_the_textbook_loop_integrates_to_one(kind: str) -> None:
    torch.manual_seed(0)
    vae = textbook.TextbookVAE(kind, features=12, levels=5)
    z1, z2 = latent_grid(Bounds(-12.0, 12.0, -12.0, 12.0), 400)
    points = torch.stack(torch.meshgrid(z1, z2, indexing="ij"), dim=-1).float()
    with torch.no_grad():
        log_density = vae.prior.log_prob(points.view(-1, 2)).view(400, 400)
    assert integral(log_density, z1, z2) == pytest.approx(1.0, abs=1e-3)


def test_its_mixture_is_ours() -> None:
    torch.manual_seed(0)
    prior = textbook.TextbookVAE("mog", features=12, levels=5).prior
    ours = DiagonalGaussianMixture(prior.logits, prior.loc, (0.5 * prior.log_variance).exp())
    z = torch.randn(50, 2)
    torch.testing.assert_close(prior.log_prob(z), ours.log_prob(z))


def test_its_elbo_is_below_the_log_likelihood() -> None:
    torch.manual_seed(0)
    vae = textbook.TextbookVAE("standard", features=3, levels=2)
    x = torch.randint(0, 2, (1, 3)).float()
    with torch.no_grad():
        elbo = torch.stack([vae.elbo(x) for _ in range(2000)]).mean()
        z = torch.randn(20_000, 2)
        log_probs = vae.decoder(z).view(-1, 3, 2).log_softmax(-1)
        chosen = log_probs.gather(2, x.long().view(1, 3, 1).expand(len(z), 3, 1)).sum((1, 2))
        log_likelihood = chosen.logsumexp(0) - math.log(len(z))
    assert elbo < log_likelihood < 0.0


def test_the_broadcast_is_the_same_sum() -> None:
    generator = torch.Generator().manual_seed(0)
    loc = torch.randn(40, 2, generator=generator, dtype=torch.float64)
    posterior = DiagonalGaussian(loc, torch.full_like(loc, 0.3))
    z = torch.randn(20, 2, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(broadcast(posterior, z), AggregatedPosterior(posterior).log_prob(z))


def test_a_ratio_says_how_many_times_better() -> None:
    assert Result("a", 2.0, "s", 8.0, "slow").ratio == 4.0
    assert Result("a", 2.0, "s").ratio is None
    assert Result("a", 0.5, "exponent", 1.0, "the mathematics").ratio is None


def test_the_written_results_have_all_fields_and_are_of_benchmarks_that_exist() -> None:
    lines = json.loads(RESULTS.read_text())
    assert lines
    for line in lines:
        assert {"name", "value", "unit", "baseline", "ratio", "machine"} <= line.keys()
        assert line.get("benchmark") in BENCHMARKS
        if line["unit"] == "exponent":
            assert line["ratio"] is None
        elif line["baseline"] is not None and line["value"]:
            assert line["ratio"] == pytest.approx(line["baseline"] / line["value"])
