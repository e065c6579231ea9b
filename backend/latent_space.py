"""The latent space of a run at one moment: its images' posteriors and its prior."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from backend.errors import InvalidRequestError
from backend.explore_schemas import AnatomyInfo, Components, Density, FieldName, Points
from backend.pictures import Shown, shown
from backend.schemas import SplitName
from models.aggregated_posterior import AggregatedPosterior
from models.anatomy import anatomy
from models.config import RunConfig
from models.data import Dataset
from models.density import Bounds, grid_log_density, integral, latent_bounds, latent_grid
from models.distributions import DiagonalGaussian, DiagonalGaussianMixture, LatentDistribution
from models.plane import Plane, plane
from models.snapshot import Snapshot


class LatentSpace:
    """What can be answered without a decoder. Threads may share it: nothing changes it."""

    def __init__(
        self,
        config: RunConfig,
        dataset: Dataset,
        snapshot: Snapshot,
        *,
        checkpoint: int,
        epoch: int | None = None,
    ) -> None:
        """Take the number of the weights, or 0 and the epoch of a stored snapshot."""
        self.config = config
        self.dataset = dataset
        self.checkpoint = checkpoint
        self.epoch = epoch
        self.latent_dim = config.latent_dim
        self._snapshot = snapshot

    @property
    def prior(self) -> LatentDistribution:
        """p(z)."""
        return self._snapshot.prior

    @cached_property
    def bounds(self) -> Bounds:
        """A box that holds the prior and the encoded images."""
        return latent_bounds(self.prior, self._snapshot.posterior)

    @cached_property
    def aggregated_posterior(self) -> AggregatedPosterior:
        """q(z) of the training images."""
        return self.posteriors("train")

    @cached_property
    def plane(self) -> Plane:
        """The grid on which holes are found."""
        return plane(self.prior, self.aggregated_posterior.posterior, self.bounds)

    def points(self, split: SplitName) -> Points:
        """Return the posteriors of a split's images."""
        whole = self.dataset.split(split)
        places, posterior = self._snapshot.of(whole)
        return Points(
            split=split,
            count=len(places),
            total=len(whole),
            checkpoint=self.checkpoint,
            epoch=self.epoch,
            loc=posterior.loc.numpy(),
            scale=posterior.scale.numpy(),
            label=whole.label[places].numpy(),
            index=whole.index[places].numpy(),
        )

    @torch.inference_mode()
    def density(
        self, field: FieldName, resolution: int, bounds: Bounds | None, split: SplitName
    ) -> Density:
        """Evaluate a field on a grid; without bounds on one that holds prior and points.

        Raises:
            InvalidRequestError: the latent space is no plane.
        """
        if self.latent_dim != 2:
            raise InvalidRequestError.at(
                "field",
                f"This run's latent space has {self.latent_dim} dimensions; a density grid needs "
                "exactly 2. Train a run with latent_dim 2.",
            )
        box = bounds or self.bounds
        z1, z2 = latent_grid(box, resolution)
        step = max(float(z1[1] - z1[0]), float(z2[1] - z2[0]))
        scale = None
        values = torch.zeros(())
        if field != "aggregated_posterior":
            values = grid_log_density(self.prior, z1, z2).double()
        if field != "prior":
            q = self.posteriors(split)
            log_q = q.grid_log_density(z1, z2)
            scale = q.smallest_scale()
            values = log_q if field == "aggregated_posterior" else values - log_q
        return Density(
            field=field,
            bounds=(box.z1_min, box.z1_max, box.z2_min, box.z2_max),
            checkpoint=self.checkpoint,
            epoch=self.epoch,
            z1=z1.numpy(),
            z2=z2.numpy(),
            values=values.numpy(),
            integral=None if field == "log_ratio" else integral(values, z1, z2),
            step=step,
            smallest_scale=scale,
            note=too_coarse(step, scale),
        )

    @torch.inference_mode()
    def anatomy(self) -> AnatomyInfo:
        """Return what the prior is made of."""
        parts = anatomy(self.config.prior, self.prior, self._snapshot.pseudo_inputs)
        made_of = parts.pseudo_inputs
        pseudo_inputs = Shown(None, None) if made_of is None else shown(made_of, self.dataset)
        return AnatomyInfo(
            checkpoint=self.checkpoint,
            epoch=self.epoch,
            kind=self.config.prior.kind,
            what=parts.what,
            components=None if parts.mixture is None else _components(parts.mixture),
            pseudo_inputs=pseudo_inputs.images,
            pseudo_input_values=pseudo_inputs.values,
            lines=None
            if parts.lines is None or self.latent_dim != 2
            else [[(z1, z2) for z1, z2 in line.tolist()] for line in parts.lines],
        )

    def log_ratio(self, z: Tensor) -> Tensor:
        """Return log p(z) - log q(z) at points (n, L)."""
        return self.prior.log_prob(z).double() - self.aggregated_posterior.log_prob(z)

    def posteriors(self, split: SplitName) -> AggregatedPosterior:
        """Return q(z) of a split's images."""
        return AggregatedPosterior(self._posterior(split))

    def _posterior(self, split: SplitName) -> DiagonalGaussian:
        return self._snapshot.of(self.dataset.split(split))[1]


def too_coarse(step: float, smallest_scale: float | None) -> str | None:
    """Return what is wrong with a grid of that step for q, if something is."""
    if smallest_scale is None or step <= smallest_scale:
        return None
    return (
        f"The grid is too coarse for q: its step is {step:.3g}, the smallest posterior scale "
        f"{smallest_scale:.3g}. Ask for a higher resolution, or for a smaller box."
    )


def _components(mixture: DiagonalGaussianMixture) -> Components:
    return Components(
        loc=mixture.component_loc.numpy(),
        scale=mixture.component_scale.numpy(),
        weights=mixture.mixture_weights.numpy(),
        effective_number=mixture.effective_num_components.item(),
    )
