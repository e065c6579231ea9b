"""All that it takes to go on with a training, bit for bit, as named tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from models.train import Training

_COUNTS = ("step", "epoch", "row", "best_epoch")
_VALUES = ("floor", "best_value")


class StateMisfitError(ValueError):
    """The state is that of another training; the message names the part that does not fit."""


def training_state(training: Training) -> dict[str, Tensor]:
    """Return the state between two batches; it shares memory with the training.

    ``learner.``, ``average.`` and ``best.``: weights; ``optimizer.``: moments and steps;
    ``generator``: what is random from here on; ``order`` (N,), the images of the epoch that has
    begun, none between epochs; ``row``, how many of them are done, ``sums`` (4,) of their terms;
    and numbers: ``step``, ``epoch`` and ``best_epoch`` done, ``best_value``, and ``floor``, below
    which the training counts as diverged.
    """
    return {
        **_named("learner", training.learner.state_dict()),
        **_named("average", training.average.state_dict()),
        **_named("best", training.best_weights),
        **_named("optimizer", training.optimizer.state_dict()),
        "generator": training.generator.get_state(),
        "order": training.order,
        "sums": training.sums,
        **{name: torch.tensor(getattr(training, name)) for name in _COUNTS},
        **{name: torch.tensor(getattr(training, name), dtype=torch.float64) for name in _VALUES},
    }


def restore_training(training: Training, state: Mapping[str, Tensor]) -> None:
    """Put a training that has not begun into the state.

    Raises:
        StateMisfitError: the state is that of another training; this one is unchanged.
    """
    _check(training_state(training), state)
    training.learner.load_state_dict(_part("learner", state))
    training.average.load_state_dict(_part("average", state))
    # Copied: what comes from a file may lie at odd addresses, where other instructions round.
    training.best_weights = {
        name: tensor.to(training.device, copy=True) for name, tensor in _part("best", state).items()
    }
    training.optimizer.load_state_dict(_part("optimizer", state))
    training.generator.set_state(state["generator"].clone())
    training.order = state["order"].clone()
    training.sums = state["sums"].to(training.device, copy=True)
    for name in _COUNTS:
        setattr(training, name, int(state[name]))
    for name in _VALUES:
        setattr(training, name, float(state[name]))


def epoch_of(state: Mapping[str, Tensor]) -> int:
    """Return how many epochs were over in that state."""
    return int(state["epoch"])


def best_epoch_of(state: Mapping[str, Tensor]) -> int | None:
    """Return the epoch of the best weights until then; None: no epoch was over."""
    return int(state["best_epoch"]) or None


def is_between_epochs(state: Mapping[str, Tensor]) -> bool:
    """Whether no epoch had begun in that state."""
    return len(state["order"]) == 0


def _named(part: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{part}.{name}": tensor for name, tensor in tensors.items()}


def _part(part: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    prefix = f"{part}."
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in state.items()
        if name.startswith(prefix)
    }


def _check(own: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> None:
    if different := own.keys() ^ other.keys():
        raise StateMisfitError(f"“{min(different)}” is in one of the two and not in the other.")
    for name, tensor in own.items():
        # How far an epoch is may be anything.
        same_shape = name == "order" or tensor.shape == other[name].shape
        if not same_shape or tensor.dtype != other[name].dtype:
            raise StateMisfitError(
                f"“{name}” is {_kind(other[name])} there and {_kind(tensor)} here."
            )


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"
