from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import Tensor

from models.optimizer import AdamW

SHAPES = ((64, 30), (64,), (1, 7), ())


def parameters() -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator).requires_grad_() for shape in SHAPES]


@pytest.mark.parametrize("weight_decay", [0.0, 1.0])
def test_every_step_is_that_of_pytorch_to_the_last_bit(weight_decay: float) -> None:
    mine, theirs = parameters(), parameters()
    one = AdamW([(mine[:2], weight_decay), (mine[2:], 0.0)])
    groups = [{"params": theirs[:2]}, {"params": theirs[2:], "weight_decay": 0.0}]
    other = torch.optim.AdamW(groups, weight_decay=weight_decay, fused=True)
    generator = torch.Generator().manual_seed(1)
    for step in range(40):
        one.learning_rate = 0.01 / (step + 1)
        for group in other.param_groups:
            group["lr"] = one.learning_rate
        one.zero_grad()
        for first, second in zip(mine, theirs, strict=True):
            first.grad = torch.randn(first.shape, generator=generator)
            second.grad = first.grad.clone()
        if step % 3 == 1:
            # Some steps leave a parameter out, even the first that it could have taken.
            mine[1].grad = theirs[1].grad = None
        if step == 0:
            mine[3].grad = theirs[3].grad = None
        one.step()
        other.step()
        for first, second in zip(mine, theirs, strict=True):
            assert torch.equal(first, second)


def test_training_does_without_the_compiler() -> None:
    """Whose import would take every worker most of a second."""
    script = """
import sys
from models.config import RunConfig
from models.data.builtin import digits
from models.train import fit
from models.vae import build_vae
options = {"epochs": 1, "batch_size": 1000}
config = RunConfig.model_validate(
    {"prior": {"kind": "mog"}, "network": {"hidden": [8]}, "training": options}
)
data = digits()
assert len(list(fit(build_vae(config, data), data, config.training))) == 1
assert "torch._dynamo" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)
