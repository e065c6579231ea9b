"""The optimiser: AdamW on PyTorch's fused kernel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

_BETAS = (0.9, 0.999)
_EPSILON = 1e-8
_STATE = ("first_moment", "second_moment", "step")


class AdamW:
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019), as ``torch.optim.AdamW``.

    It calls the same kernel on the same state, so the numbers are the same to the last bit. That
    class imports PyTorch's compiler when it is first used, which takes every process longer than
    all the rest of PyTorch; and an instance spends as long on its hooks as on a small step.
    """

    def __init__(self, groups: Iterable[tuple[Sequence[Tensor], float]]) -> None:
        """Take groups of parameters, each with the weight decay that applies to it."""
        self.learning_rate = 0.0
        """That of the next step"""
        self._groups = [_Group(parameters, decay) for parameters, decay in groups]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for group in self._groups:
            for parameter in group.parameters:
                parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move the parameters that have a gradient."""
        for group in self._groups:
            group.step(self.learning_rate)

    def state_dict(self) -> dict[str, Tensor]:
        """Return the moments and the numbers of steps, by the parameters' order."""
        return dict(self._tensors())

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over what ``state_dict`` of an optimiser of the same parameters returned."""
        for name, tensor in self._tensors():
            tensor.copy_(state[name])

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        states = (state for group in self._groups for state in group.state)
        for number, state in enumerate(states):
            for name, tensor in zip(_STATE, state, strict=True):
                yield f"{number}.{name}", tensor


class _Group:
    """Parameters that share their weight decay, with the moments of their gradients."""

    def __init__(self, parameters: Sequence[Tensor], weight_decay: float) -> None:
        self.parameters = list(parameters)
        self.weight_decay = weight_decay
        device = self.parameters[0].device if self.parameters else None
        # One tensor: to count a step of each alone takes a sixth of the time of all the rest.
        self.steps = torch.zeros(len(self.parameters), device=device)
        self.state = [
            (torch.zeros_like(parameter), torch.zeros_like(parameter), step)
            for parameter, step in zip(self.parameters, self.steps.unbind(), strict=True)
        ]

    def step(self, learning_rate: float) -> None:
        moves = [parameter.grad is not None for parameter in self.parameters]
        if not any(moves):
            return
        self.steps += torch.tensor(moves, dtype=self.steps.dtype, device=self.steps.device)
        moving = [
            (parameter, parameter.grad, *state)
            for parameter, state in zip(self.parameters, self.state, strict=True)
            if parameter.grad is not None
        ]
        parameters, gradients, first_moments, second_moments, steps = zip(*moving, strict=True)
        torch._fused_adamw_(
            parameters,
            gradients,
            first_moments,
            second_moments,
            [],
            steps,
            amsgrad=False,
            beta1=_BETAS[0],
            beta2=_BETAS[1],
            lr=learning_rate,
            weight_decay=self.weight_decay,
            eps=_EPSILON,
            maximize=False,
        )
