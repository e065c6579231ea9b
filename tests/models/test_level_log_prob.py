from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from torch import Tensor

from models.likelihoods.level_log_prob import level_log_prob

ROWS, LEVELS = 300, 17


def drawn(spread: float, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits = spread * torch.randn((ROWS, LEVELS), generator=generator, dtype=dtype)
    return logits, torch.randint(LEVELS, (ROWS,), generator=generator)


# Beyond 60 the exponentials would leave the range of floats, on either side.
@pytest.mark.parametrize("offset", [0.0, 50.0, -50.0, 2000.0, -2000.0])
@pytest.mark.parametrize("spread", [0.1, 3.0, 10.0, 500.0])
def test_it_is_the_log_softmax_and_so_is_its_gradient(spread: float, offset: float) -> None:
    logits, levels = drawn(spread)
    logits += offset
    logits.requires_grad_()
    found = level_log_prob(logits, levels)
    found.sum().backward()
    exact = log_softmax(logits.detach().numpy().astype(np.float64), axis=-1)
    largest = float(logits.detach().abs().max())
    places = np.arange(ROWS), levels.numpy()
    assert found.detach().numpy() == pytest.approx(exact[places], rel=1e-6, abs=3e-7 * largest)
    gradient = -np.exp(exact)
    gradient[places] += 1.0
    assert logits.grad is not None
    assert logits.grad.numpy() == pytest.approx(gradient, abs=3e-7 * max(largest, 1.0))


def test_a_row_that_is_far_off_does_not_spoil_the_others() -> None:
    logits, levels = drawn(3.0)
    alone = level_log_prob(logits[1:], levels[1:])
    logits[0] = -1000.0
    together = level_log_prob(logits, levels)
    assert together[0].item() == pytest.approx(-np.log(LEVELS))
    assert torch.allclose(together[1:], alone, rtol=1e-6, atol=1e-6)


def test_what_is_no_number_stays_none() -> None:
    logits, levels = drawn(3.0)
    logits[5, 2] = torch.nan
    found = level_log_prob(logits, levels)
    assert found[5].isnan()
    assert found[:5].isfinite().all()


def test_no_rows() -> None:
    empty = torch.zeros((0, LEVELS), requires_grad=True)
    found = level_log_prob(empty, torch.zeros(0, dtype=torch.long))
    assert found.shape == (0,)
    found.sum().backward()


def test_gradients_are_those_of_finite_differences() -> None:
    logits, levels = drawn(2.0, torch.float64)
    few = logits[:4].requires_grad_()
    assert torch.autograd.gradcheck(lambda logits: level_log_prob(logits, levels[:4]), few)
