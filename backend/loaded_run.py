"""A trained run in memory, ready for questions."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from backend.errors import InvalidRequestError
from backend.explore_schemas import (
    Decoded,
    DecodeRequest,
    Encoded,
    Manifold,
    Nearest,
    Reencoded,
    Samples,
)
from backend.latent_space import LatentSpace
from backend.pictures import levels, pictures
from models.config import RunConfig
from models.data import Dataset
from models.density import Bounds, cell_centres
from models.metrics import Metrics, measure
from models.snapshot import Snapshot
from models.vae import VAE, build_vae


class LoadedRun:
    """A run's weights and what follows from them. Threads may share it: nothing changes it."""

    def __init__(
        self, config: RunConfig, dataset: Dataset, checkpoint: int, weights: dict[str, Tensor]
    ) -> None:
        self.checkpoint = checkpoint
        self.config = config
        self.dataset = dataset
        self.vae = _restore(config, self.dataset, weights)
        self.latent_dim = config.latent_dim
        self.space = LatentSpace(
            config, self.dataset, _snapshot(self.vae, self.dataset), checkpoint=checkpoint
        )

    @cached_property
    def training_pixels(self) -> Tensor:
        """The training images with pixels from 0 to 1, (N, D)."""
        return self._brightness(self.dataset.train.x)

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
            log_prior=self.space.prior.log_prob(z).numpy(),
            log_aggregated_posterior=self.space.aggregated_posterior.log_prob(z).numpy(),
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
        z = self.space.prior.sample((count,), torch.Generator().manual_seed(seed))
        return Samples(
            checkpoint=self.checkpoint,
            z=z.numpy(),
            images=pictures(self.vae.decode(z).mean, self.dataset),
            log_prior=self.space.prior.log_prob(z).numpy(),
            log_ratio=self.space.log_ratio(z).numpy(),
        )

    @torch.inference_mode()
    def manifold(self, resolution: int, bounds: Bounds | None) -> Manifold:
        """Decode the centres of resolution x resolution cells; without bounds, of the usual box.

        Raises:
            InvalidRequestError: the latent space is no plane.
        """
        if self.latent_dim != 2:
            raise InvalidRequestError.at(
                "resolution",
                f"This run's latent space has {self.latent_dim} dimensions; a manifold needs "
                "exactly 2. Train a run with latent_dim 2.",
            )
        box = bounds or self.space.bounds
        z1, z2 = cell_centres(box, resolution)
        rows, columns = torch.meshgrid(z2.flip(0), z1, indexing="ij")
        z = torch.stack([columns, rows], dim=-1).float()
        tiles = pictures(self.vae.decode(z.flatten(0, 1)).mean, self.dataset)
        height, width = tiles.shape[1:3]
        grid = tiles.reshape(resolution, resolution, *tiles.shape[1:]).swapaxes(1, 2)
        return Manifold(
            checkpoint=self.checkpoint,
            resolution=resolution,
            bounds=tuple(box),
            z1=z1.numpy(),
            z2=z2.numpy(),
            shape=list(self.dataset.image_shape),
            sprite=grid.reshape(resolution * height, resolution * width, *tiles.shape[3:]),
        )

    def measure(self, seed: int) -> Metrics:
        """Measure the run anew; takes seconds."""
        return measure(self.vae, self.dataset, seed=seed)

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
        return images.float() / self.dataset.max_level


def _restore(config: RunConfig, dataset: Dataset, weights: dict[str, Tensor]) -> VAE:
    vae = build_vae(config, dataset)
    vae.load_state_dict(weights)
    return vae.eval().requires_grad_(False)


@torch.no_grad()
def _snapshot(vae: VAE, dataset: Dataset) -> Snapshot:
    return Snapshot(
        posterior=vae.posterior(dataset.in_file_order().x),
        prior=vae.latent_prior(),
        pseudo_inputs=vae.prior.pseudo_inputs,
    )
