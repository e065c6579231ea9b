"""The log probability of a level, from the logits of all levels."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

# Sums of exponentials to which all terms that count have come as normal numbers.
_LEAST, _GREATEST = 1e-25, 1e25


def level_log_prob(logits: Tensor, levels: Tensor) -> Tensor:
    """Return log softmax(logits)[level] in nats: ``(R, B)`` and whole numbers ``(R,) -> (R,)``.

    That is logits[level] - log sum_b exp(logits_b). ``cross_entropy`` subtracts the greatest logit
    of each row first, which on a CPU takes longer than all the rest, and matters only where a sum
    would leave the range of floats: there, and on other devices, it is what is called.
    """
    if logits.device.type == "cpu" and len(logits) > 0:
        with torch.no_grad():
            exponentials = logits.exp()
            sums = exponentials @ logits.new_ones(logits.shape[-1])
            least, greatest = sums.aminmax()
        if least > _LEAST and greatest < _GREATEST:
            log_prob: Tensor = _LevelLogProb.apply(  # type: ignore[no-untyped-call]
                logits, levels, exponentials, sums
            )
            return log_prob
    return -functional.cross_entropy(logits, levels, reduction="none")


class _LevelLogProb(torch.autograd.Function):
    """The gradient of log softmax(logits)[level] is that level as a one-hot vector - softmax."""

    @staticmethod
    def forward(
        ctx: Any, logits: Tensor, levels: Tensor, exponentials: Tensor, sums: Tensor
    ) -> Tensor:
        ctx.save_for_backward(levels, exponentials, sums)
        return logits.gather(-1, levels.unsqueeze(-1)).squeeze(-1) - sums.log()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        levels, exponentials, sums = ctx.saved_tensors
        of_logits = exponentials * (-gradient / sums).unsqueeze(-1)
        of_logits.scatter_add_(-1, levels.unsqueeze(-1), gradient.unsqueeze(-1))
        return of_logits, None, None, None
