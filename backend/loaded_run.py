"""A trained run in memory, ready for questions."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from backend.errors import InvalidRequestError
from backend.explore_schemas import (
    AnatomyInfo,
    Components,
    Decoded,
    DecodeRequest,
    Density,
    Encoded,
    FieldName,
    Nearest,
    Points,
    Reencoded,
    Samples,
)
from backend.pictures import levels, pictures
from backend.schemas import SplitName
from models.aggregated_posterior import AggregatedPosterior
from models.anatomy import anatomy
from models.config import RunConfig
from models.data import Dataset, load_dataset
from models.density import Bounds, grid_log_density, integral, latent_bounds, latent_grid
from models.distributions import DiagonalGaussianMixture, LatentDistribution
from models.metrics import Metrics, measure
from models.plane import Plane, plane
from models.vae import VAE, build_vae


class LoadedRun:
    """A run's weights and what follows from them. Threads may share it: nothing changes it."""

    def __init__(self, config: RunConfig, checkpoint: int, weights: dict[str, Tensor]) -> None:
        self.checkpoint = checkpoint
        self.config = config
        self.dataset = load_dataset(config.dataset, config.split)
        self.vae = _restore(config, self.dataset, weights)
        self.latent_dim = config.latent_dim

    @property
    def prior(self) -> LatentDistribution:
        """p(z)."""
        return self.vae.latent_prior()

    @cached_property
    @torch.inference_mode()
    def bounds(self) -> Bounds:
        """A box that holds the prior and the encoded images."""
        posterior = self.vae.posterior(self.dataset.in_file_order().x)
        return latent_bounds(self.prior, posterior)

    @cached_property
    def aggregated_posterior(self) -> AggregatedPosterior:
        """q(z) of the training images."""
        return self.posteriors("train")

    @cached_property
    def plane(self) -> Plane:
        """The grid on which holes are found."""
        return plane(self.prior, self.aggregated_posterior.posterior, self.bounds)

    @cached_property
    def training_pixels(self) -> Tensor:
        """The training images with pixels from 0 to 1, (N, D)."""
        return self._brightness(self.dataset.train.x)

    @torch.inference_mode()
    def points(self, split: SplitName) -> Points:
        """Encode the images of a split."""
        images = self.dataset.split(split)
        posterior = self.vae.posterior(images.x)
        return Points(
            split=split,
            count=len(images),
            checkpoint=self.checkpoint,
            loc=posterior.loc.numpy(),
            scale=posterior.scale.numpy(),
            label=images.label.numpy(),
            index=images.index.numpy(),
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
            z1=z1.numpy(),
            z2=z2.numpy(),
            values=values.numpy(),
            integral=None if field == "log_ratio" else integral(values, z1, z2),
            step=step,
            smallest_scale=scale,
            note=too_coarse(step, scale),
        )

    @torch.inference_mode()
    def decode(self, asked: DecodeRequest) -> Decoded:
        """Decode points, each a list of L coordinates.

        Raises:
            InvalidRequestError: a point has another length.
        """
        for row, point in enumerate(asked.z):
            if len(point) != self.latent_dim:
                raise InvalidRequestError.at(
                    f"z.{row}",
                    f"This point has {len(point)} coordinates; this run's latent space has "
                    f"{self.latent_dim} dimensions.",
                )
        z = torch.tensor(asked.z, dtype=torch.float32)
        likelihood = self.vae.decode(z)
        drawn = None
        if asked.draws:
            generator = torch.Generator().manual_seed(asked.seed)
            drawn = likelihood.sample((asked.draws,), generator).transpose(0, 1)
        mean = likelihood.mean
        return Decoded(
            checkpoint=self.checkpoint,
            images=pictures(mean, self.dataset),
            draws=None if drawn is None else pictures(drawn, self.dataset),
            log_prior=self.prior.log_prob(z).numpy(),
            log_aggregated_posterior=self.aggregated_posterior.log_prob(z).numpy(),
            nearest=self.nearest(mean, asked.nearest),
            reencoded=self.reencoded(z, mean),
        )

    @torch.inference_mode()
    def encode(self, x: list[list[list[float]]]) -> Encoded:
        """Encode pictures (n, h, w) of brightness 0..255.

        Raises:
            InvalidRequestError: a picture has another shape, or other values.
        """
        height, width = self.dataset.image_shape[:2]
        for number, image in enumerate(x):
            if len(image) != height or any(len(row) != width for row in image):
                raise InvalidRequestError.at(
                    f"x.{number}",
                    f"A picture of this data set has {height} rows of {width} pixels.",
                )
        brightness = torch.tensor(x, dtype=torch.float32)
        if not ((brightness >= 0) & (brightness <= 255)).all():
            raise InvalidRequestError.at("x", "Pixels have a brightness from 0 to 255.")
        posterior = self.vae.posterior(levels(brightness, self.dataset))
        return Encoded(
            checkpoint=self.checkpoint,
            loc=posterior.loc.numpy(),
            scale=posterior.scale.numpy(),
            reconstruction=pictures(self.vae.decode(posterior.loc).mean, self.dataset),
        )

    @torch.inference_mode()
    def samples(self, count: int, seed: int) -> Samples:
        """Draw from the prior."""
        z = self.prior.sample((count,), torch.Generator().manual_seed(seed))
        return Samples(
            checkpoint=self.checkpoint,
            z=z.numpy(),
            images=pictures(self.vae.decode(z).mean, self.dataset),
            log_prior=self.prior.log_prob(z).numpy(),
            log_ratio=self.log_ratio(z).numpy(),
        )

    @torch.inference_mode()
    def anatomy(self) -> AnatomyInfo:
        """Return what the prior is made of."""
        parts = anatomy(self.vae)
        return AnatomyInfo(
            checkpoint=self.checkpoint,
            kind=self.config.prior.kind,
            what=parts.what,
            components=None if parts.mixture is None else _components(parts.mixture),
            pseudo_inputs=None
            if parts.pseudo_inputs is None
            else pictures(parts.pseudo_inputs, self.dataset),
            lines=None
            if parts.lines is None or self.latent_dim != 2
            else [[(z1, z2) for z1, z2 in line.tolist()] for line in parts.lines],
        )

    def measure(self) -> Metrics:
        """Measure the run anew; takes seconds."""
        return measure(self.vae, self.dataset, seed=self.config.training.seed)

    def log_ratio(self, z: Tensor) -> Tensor:
        """Return log p(z) - log q(z) at points (n, L)."""
        return self.prior.log_prob(z).double() - self.aggregated_posterior.log_prob(z)

    def nearest(self, images: Tensor, count: int) -> Nearest:
        """Find the training images nearest to real-valued levels (n, D)."""
        distance = torch.cdist(self._brightness(images), self.training_pixels)
        found = distance.topk(min(count, distance.shape[1]), largest=False)
        train = self.dataset.train
        return Nearest(
            index=train.index[found.indices].numpy(),
            label=train.label[found.indices].numpy(),
            distance=found.values.numpy(),
        )

    def reencoded(self, z: Tensor, images: Tensor) -> Reencoded:
        """Encode what was decoded from z, as real-valued levels (n, D)."""
        loc = self.vae.posterior(images).loc
        return Reencoded(loc=loc.numpy(), drift=(loc - z).norm(dim=-1).numpy())

    def _brightness(self, images: Tensor) -> Tensor:
        return images.float() / (self.dataset.num_values - 1)

    @torch.inference_mode()
    def posteriors(self, split: SplitName) -> AggregatedPosterior:
        """Return q(z) of a split's images."""
        return AggregatedPosterior(self.vae.posterior(self.dataset.split(split).x))


def _restore(config: RunConfig, dataset: Dataset, weights: dict[str, Tensor]) -> VAE:
    vae = build_vae(config, dataset)
    vae.load_state_dict(weights)
    return vae.eval().requires_grad_(False)


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
