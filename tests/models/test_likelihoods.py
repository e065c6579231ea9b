"""The contract of every likelihood, against sums over all values and torch.distributions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor
from torch.distributions import Bernoulli, Categorical, Normal

from models.data_range import DataRange
from models.likelihoods import (
    LIKELIHOODS,
    BernoulliOptions,
    CategoricalOptions,
    DiscretizedLogisticOptions,
    GaussianOptions,
    Likelihood,
    LikelihoodMisfitError,
    LikelihoodOptions,
    check_likelihood,
)


@dataclass
class Case:
    options: LikelihoodOptions
    num_values: int | None

    def data(self, count: int) -> DataRange:
        if self.num_values is not None:
            return DataRange.of_levels(count, self.num_values)
        offset = torch.linspace(-2.0, 500.0, count)
        scale = torch.linspace(0.2, 150.0, count)
        return DataRange((), count, None, offset - scale, offset + scale, offset, scale)

    def make(self, *batch: int, count: int, spread: float = 1.5) -> Likelihood:
        """The likelihood of random outputs of a network, in float64."""
        head = self.options.build(self.data(count)).double()
        generator = torch.Generator().manual_seed(1)
        for parameter in head.parameters():
            parameter.requires_grad_(False).normal_(generator=generator)
        raw = torch.randn(*batch, count, head.outputs, generator=generator).double()
        likelihood: Likelihood = head(spread * raw)
        return likelihood

    def values(self) -> Tensor:
        """All that a value can be, (V, 1); of real numbers a fine grid."""
        if self.num_values is None:
            data = self.data(1)
            return data.offset + data.scale * torch.linspace(
                -20, 20, 2001, dtype=torch.float64
            ).view(-1, 1)
        levels = torch.arange(self.num_values).view(-1, 1)
        return levels[[0, -1]] if self.options.kind == "bernoulli" else levels

    def masses(self, likelihood: Likelihood) -> Tensor:
        """The probability of each of ``values`` for each z, (V, batch)."""
        values = self.values()
        density = each(likelihood, values).exp()
        return density * (values[1] - values[0]) if self.num_values is None else density


def each(likelihood: Likelihood, rows: Tensor) -> Tensor:
    """log p(x|z) of each of the rows for every z, (rows, batch)."""
    return torch.stack([likelihood.log_prob(row) for row in rows])


# A new likelihood joins the contract by one line here.
CASES = {
    "categorical": Case(CategoricalOptions(), 6),
    "categorical, bins": Case(CategoricalOptions(num_values=5), 256),
    "bernoulli": Case(BernoulliOptions(), 2),
    "bernoulli, greys": Case(BernoulliOptions(), 256),
    "logistic": Case(DiscretizedLogisticOptions(), 256),
    "logistic, learned": Case(DiscretizedLogisticOptions(scale="learned"), 17),
    "gaussian": Case(GaussianOptions(), None),
    "gaussian, predicted": Case(GaussianOptions(scale="predicted"), None),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def test_the_contract_covers_every_likelihood() -> None:
    assert {case.options.kind for case in CASES.values()} == set(LIKELIHOODS)


@pytest.mark.parametrize("spread", [1.0, 3.0])
def test_it_is_normalised_over_the_values_as_given(case: Case, spread: float) -> None:
    mass = case.masses(case.make(5, count=1, spread=spread))
    torch.testing.assert_close(mass.sum(0), torch.ones(5).double(), rtol=1e-6, atol=1e-6)


def test_the_mean_is_the_expected_value(case: Case) -> None:
    likelihood = case.make(50, count=1)
    expected = (case.masses(likelihood) * case.values()).sum(0)
    # The logistic's closed form: right to a twentieth of a level.
    slack = 0.05 if case.options.kind == "discretized_logistic" else 1e-4
    torch.testing.assert_close(likelihood.mean[:, 0], expected, rtol=1e-6, atol=slack)


def logistic_oracle(loc: Tensor, scale: Tensor, top: int, x: Tensor) -> Tensor:
    """By differences of the distribution function in float64, as the formula has it."""
    above = torch.where(x == top, 1.0, torch.sigmoid(((2 * x + 1) / top - 1 - loc) / scale))
    below = torch.where(x == 0, 0.0, torch.sigmoid(((2 * x - 1) / top - 1 - loc) / scale))
    return (above - below).log().sum(-1)


def oracle(case: Case, likelihood: Likelihood, x: Tensor) -> Tensor:
    """log p(x|z) from torch.distributions; ``likelihood`` is trusted with its parameters alone."""
    parts = vars(likelihood)
    match case.options.kind:
        case "categorical" if case.num_values == 6:
            return Categorical(logits=parts["logits"]).log_prob(x).sum(-1)
        case "categorical":
            # 256 levels in 5 bins: 52, 51, 51, 51, 51.
            edges = torch.tensor([52, 103, 154, 205])
            bins = torch.bucketize(x, edges, right=True)
            shares = torch.tensor([52.0, 51, 51, 51, 51]).double()[bins]
            return (Categorical(logits=parts["logits"]).log_prob(bins) - shares.log()).sum(-1)
        case "bernoulli":
            return Bernoulli(logits=parts["logits"]).log_prob((x > 0).double()).sum(-1)
        case "discretized_logistic":
            return logistic_oracle(parts["loc"], parts["scale"], parts["max_level"], x)
        case _:
            loc = parts["offset"] + parts["unit"] * parts["loc"]
            return Normal(loc, parts["unit"] * parts["scale"]).log_prob(x).sum(-1)


def rows(case: Case, count: int, width: int) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    if case.num_values is None:
        data = case.data(width)
        return data.offset + data.scale * torch.randn(count, width, generator=generator).double()
    levels = torch.randint(case.num_values, (count, width), generator=generator)
    return (case.num_values - 1) * (levels % 2) if case.options.kind == "bernoulli" else levels


def test_log_prob_equals_an_independent_oracle(case: Case) -> None:
    # Spread further, the differences of the logistic's oracle would vanish.
    likelihood, x = case.make(7, count=4, spread=0.3), rows(case, 7, 4)
    torch.testing.assert_close(likelihood.log_prob(x), oracle(case, likelihood, x))


def test_rows_are_broadcast_over_samples_of_z(case: Case) -> None:
    likelihood, x = case.make(3, 7, count=4, spread=0.3), rows(case, 7, 4)
    together = likelihood.log_prob(x)
    assert together.shape == (3, 7)
    torch.testing.assert_close(together, oracle(case, likelihood, x))


def test_all_pairs_are_as_one_by_one(case: Case) -> None:
    likelihood, x = case.make(6, count=4), rows(case, 9, 4)
    pairs = likelihood.pairwise_log_prob(x)
    expected = torch.stack([likelihood.log_prob(row) for row in x], dim=1)
    torch.testing.assert_close(pairs, expected, rtol=1e-8, atol=1e-8)


def test_draws_follow_it(case: Case) -> None:
    likelihood = case.make(2, count=3)
    draws = likelihood.sample((4000,), torch.Generator().manual_seed(3)).double()
    assert draws.shape == (4000, 2, 3)
    error = draws.std(0) / math.sqrt(4000) + 0.05 * (case.options.kind == "discretized_logistic")
    assert ((draws.mean(0) - likelihood.mean).abs() < 5 * error + 1e-9).all()
    # The spread too, by the mean of -log p(x|z) against its sum over all values.
    one = case.make(1, count=1)
    drawn = one.sample((4000,), torch.Generator().manual_seed(4))
    log_prob = each(one, drawn[:, 0] if case.num_values is None else drawn[:, 0].long())
    mass = case.masses(one)[:, 0]
    surprise = -each(one, case.values())[:, 0]
    entropy = float((mass * torch.where(mass > 0, surprise, 0.0)).sum())
    assert float(-log_prob.mean()) == pytest.approx(
        entropy, abs=5 * float(log_prob.std()) / math.sqrt(4000) + 1e-6
    )


@pytest.mark.parametrize("size", [1.0, 40.0, 1e4])
def test_gradients_are_finite_and_alive_however_sure_it_is(case: Case, size: float) -> None:
    """In float32; clamped probabilities would have no gradient beyond the clamp."""
    head = case.options.build(case.data(2))
    raw = (size * torch.tensor([-1.0, 1.0]).view(2, 1, 1).expand(2, 2, head.outputs)).clone()
    raw[..., 0] *= -1
    raw.requires_grad_()
    low, high = case.values()[[0, -1]].float()
    x = torch.stack([low.expand(2), high.expand(2)])
    log_prob = head(raw).log_prob(x if case.num_values is None else x.long())
    (gradient,) = torch.autograd.grad(log_prob.sum(), raw)
    assert log_prob.isfinite().all()
    assert gradient.isfinite().all()
    assert gradient.abs().max() > 1e-4


def test_single_precision_is_enough(case: Case) -> None:
    likelihood, x = case.make(7, count=4), rows(case, 7, 4)
    single = {
        name: part.float() for name, part in vars(likelihood).items() if torch.is_tensor(part)
    }
    rounded = type(likelihood)(**{**vars(likelihood), **single})
    torch.testing.assert_close(
        rounded.log_prob(x if case.num_values else x.float()).double(),
        likelihood.log_prob(x),
        rtol=1e-4,
        atol=1e-4,
    )


def test_greys_are_the_mean_over_binarisations() -> None:
    likelihood = CASES["bernoulli, greys"].make(1, count=3)
    greys = torch.tensor([51, 204, 255])
    inks = torch.cartesian_prod(*[torch.tensor([0, 255])] * 3)
    share = torch.where(inks == 255, greys / 255, 1 - greys / 255).prod(-1).double()
    mean = (share * each(likelihood, inks)[:, 0]).sum()
    torch.testing.assert_close(likelihood.log_prob(greys)[0], mean, rtol=1e-6, atol=1e-6)


def test_likelihoods_of_greys_are_measured_on_a_binarisation() -> None:
    case = CASES["bernoulli, greys"]
    head, greys = case.options.build(case.data(1)), torch.full((20_000, 1), 51, dtype=torch.uint8)
    first, second, third = (
        head.measured(greys, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert set(first.unique().tolist()) == {0, 255}
    assert float((first > 0).double().mean()) == pytest.approx(0.2, abs=0.015)
    assert torch.equal(first, second)
    assert not torch.equal(first, third)
    binary = CASES["bernoulli"].options.build(CASES["bernoulli"].data(1))
    ink = torch.tensor([[0], [1]])
    assert binary.measured(ink, torch.Generator()) is ink


def test_the_gaussian_scale_is_bounded_below() -> None:
    """However often a value repeats, its density is not worth everything."""
    head = GaussianOptions(min_scale=0.1).build(CASES["gaussian"].data(2))
    for parameter in head.parameters():
        parameter.data.fill_(-1e6)
    scale = vars(head(torch.zeros(1, 2, 1)))["scale"]
    torch.testing.assert_close(scale.detach(), torch.full((2,), 0.1))


LEVELS, BINARY, FINE = (DataRange.of_levels(64, count) for count in (17, 2, 256))
WIDE = DataRange.of_levels(3072, 256, (32, 32, 3))
REALS = CASES["gaussian"].data(4)


@pytest.mark.parametrize(
    ("options", "data", "sentence"),
    [
        (CategoricalOptions(), REALS, "needs levels.*“gaussian”"),
        (BernoulliOptions(), REALS, "needs levels"),
        (DiscretizedLogisticOptions(), REALS, "needs levels"),
        (
            GaussianOptions(),
            LEVELS,
            "17 levels.*“categorical”, “bernoulli”, “discretized_logistic”",
        ),
        (CategoricalOptions(num_values=32), LEVELS, "the data has 17"),
        (CategoricalOptions(), WIDE, "Set num_values to 85 or fewer"),
        (DiscretizedLogisticOptions(), BINARY, "near to.*“categorical”, “bernoulli”"),
    ],
)
def test_a_misfit_is_named_with_what_would_fit(
    options: LikelihoodOptions, data: DataRange, sentence: str
) -> None:
    with pytest.raises(LikelihoodMisfitError, match=sentence):
        check_likelihood(options, data)


def test_what_fits_passes() -> None:
    for options, data in (
        (CategoricalOptions(num_values=16), FINE),
        (CategoricalOptions(num_values=85), WIDE),
        (BernoulliOptions(), FINE),
        (DiscretizedLogisticOptions(), LEVELS),
        (GaussianOptions(), REALS),
    ):
        check_likelihood(options, data)
        assert options.unit(data)
    units = {BernoulliOptions().unit(data) for data in (BINARY, FINE)}
    assert len(units) == 2
