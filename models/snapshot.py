"""The latent space of a run at one epoch: small enough to keep dozens of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from models.data import Dataset, Split, SplitName
from models.data_range import DataRange
from models.distributions import DiagonalGaussian, DiagonalGaussianMixture, LatentDistribution
from models.encoding import encode, evenly_spaced
from models.priors import Shapes, build_prior
from models.priors.base import PriorOptions, StandalonePrior
from models.vae import VAE

MOST_ROWS: dict[SplitName, int] = {"train": 10_000, "validation": 5_000, "test": 10_000}
"""Images of each split in a snapshot, at most."""

_MIXTURE = ("mixture_logits", "component_loc", "component_scale")


@dataclass(frozen=True)
class Snapshot:
    """Where the images lie and what the prior is; there is no decoder in it."""

    posterior: DiagonalGaussian
    """q(z|x) of all images in file order, or of those in ``index``"""
    prior: LatentDistribution
    pseudo_inputs: Tensor | None
    """(K, D) in the data's units; None where the prior has none"""
    index: Tensor | None = None
    """numbers in file order of the images that are in it; None: all"""

    def of(self, split: Split) -> tuple[Tensor, DiagonalGaussian]:
        """Return the images of a split that are in it, as places in the split, and their q(z|x)."""
        places, rows = torch.arange(len(split)), split.index
        if self.index is not None:
            row_of = torch.full((int(torch.max(self.index.max(), rows.max())) + 1,), -1)
            row_of[self.index] = torch.arange(len(self.index))
            places = (row_of[rows] >= 0).nonzero()[:, 0]
            rows = row_of[rows[places]]
        return places, DiagonalGaussian(self.posterior.loc[rows], self.posterior.scale[rows])


@dataclass(frozen=True)
class SnapshotRows:
    """The images that snapshots are of: all, or of large splits some, evenly spaced.

    So that a snapshot costs little beside an epoch, and little space.
    """

    x: Tensor
    """(N, D)"""
    index: Tensor | None
    """(N,) their numbers in file order; None: all images, in that order"""

    @classmethod
    def of(cls, dataset: Dataset) -> SnapshotRows:
        """Choose the images of a data set."""
        if all(len(dataset.split(name)) <= most for name, most in MOST_ROWS.items()):
            return cls(dataset.in_file_order().x, None)
        splits = [(dataset.split(name), most) for name, most in MOST_ROWS.items()]
        chosen = [split[evenly_spaced(len(split), most)] for split, most in splits]
        return cls(torch.cat([part.x for part in chosen]), torch.cat([p.index for p in chosen]))


def is_snapshot_epoch(epoch: int) -> bool:
    """Whether a snapshot is taken after ``epoch`` (0: before training).

    At every epoch until 20, then at every 2nd, from 50 at every 5th, from 100 at every 10th, from
    200 at every 20th and so on: early on more happens. That makes 48 in 120 epochs.
    """
    unit: int = 10 ** max(0, len(str(epoch)) - 2)
    step = max(unit * factor for factor in (1, 2, 5) if factor == 1 or 10 * unit * factor <= epoch)
    return epoch % step == 0


@torch.inference_mode()
def take_snapshot(vae: VAE, rows: SnapshotRows) -> dict[str, Tensor]:
    """Return the latent space of ``vae`` as named tensors on the CPU.

    Draws no random numbers.
    """
    posterior, prior = encode(vae.encoder, rows.x), vae.latent_prior()
    tensors = {"loc": posterior.loc, "scale": posterior.scale}
    if rows.index is not None:
        tensors["index"] = rows.index
    if isinstance(prior, DiagonalGaussianMixture):
        parts = (prior.log_weights, prior.component_loc, prior.component_scale)
        tensors |= dict(zip(_MIXTURE, parts, strict=True))
    else:
        tensors |= {f"prior.{name}": value for name, value in vae.prior.state_dict().items()}
    if vae.prior.pseudo_inputs is not None:
        tensors["pseudo_inputs"] = vae.prior.pseudo_inputs
    # What stays the same tensor as a parameter would change as training goes on.
    return {name: tensor.cpu().clone() for name, tensor in tensors.items()}


def restore_snapshot(options: PriorOptions, tensors: Mapping[str, Tensor]) -> Snapshot:
    """Return what ``take_snapshot`` saw, for the options of its prior."""
    return Snapshot(
        posterior=DiagonalGaussian(tensors["loc"], tensors["scale"]),
        prior=_restore_prior(options, tensors),
        pseudo_inputs=tensors.get("pseudo_inputs"),
        index=tensors.get("index"),
    )


def _restore_prior(options: PriorOptions, tensors: Mapping[str, Tensor]) -> LatentDistribution:
    if set(_MIXTURE) <= tensors.keys():
        return DiagonalGaussianMixture(*(tensors[name] for name in _MIXTURE))
    # A prior that needs images is a mixture of their posteriors: their shape does not matter here.
    shapes = Shapes(tensors["loc"].shape[-1], DataRange.of_levels(num_features=1, num_values=2))
    prior = build_prior(options, shapes)
    if not isinstance(prior, StandalonePrior):
        raise TypeError(f"A snapshot of the prior “{options.kind}” has to hold its mixture.")
    prior.load_state_dict(
        {
            name.removeprefix("prior."): tensor
            for name, tensor in tensors.items()
            if name.startswith("prior.")
        }
    )
    return prior.requires_grad_(False).distribution()
