"""A trained run in memory, ready for questions."""

from __future__ import annotations

import math
import time
from typing import Any

import torch
from torch import Tensor

from backend.errors import DamagedArtefactError, InvalidRequestError
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
from backend.pictures import Shown, pictures, read_rows, shown
from backend.plane_request import Section
from models.config import RunConfig
from models.data import Dataset
from models.density import Bounds, cell_centres
from models.distributions import DiagonalGaussian
from models.encoding import encode
from models.metrics import Metrics, measure
from models.nearest import nearest_rows
from models.snapshot import Snapshot, SnapshotRows
from models.vae import VAE, build_vae

_BRIEF_SECONDS = 0.003


class LoadedRun:
    """A run's weights and what follows from them.

    Threads may share it: nothing changes but how long decoding took last.
    """

    def __init__(
        self,
        config: RunConfig,
        dataset: Dataset,
        checkpoint: int,
        weights: dict[str, Tensor],
        *,
        whole: bool = True,
    ) -> None:
        """Take the weights; without ``whole`` the points are those of a snapshot: maybe fewer."""
        self.checkpoint = checkpoint
        self.config = config
        self.dataset = dataset
        self.vae = _restore(config, self.dataset, weights)
        self.latent_dim = config.latent_dim
        self._took: dict[tuple[int, bool], float] = {}
        """Seconds to decode the last single place, by what was asked of it"""
        self.space = LatentSpace(
            config, self.dataset, _snapshot(self.vae, self.dataset, whole), checkpoint=checkpoint
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
        began = time.perf_counter()
        z = torch.tensor(asked.z, dtype=torch.float32)
        likelihood = self.vae.decode(z)
        mean, draws = likelihood.mean, Shown(None, None)
        if asked.draws:
            generator = torch.Generator().manual_seed(asked.seed)
            drawn = likelihood.sample((asked.draws,), generator).transpose(0, 1)
            draws = shown(drawn, self.dataset)
        expected = shown(mean, self.dataset)
        decoded = Decoded(
            checkpoint=self.checkpoint,
            images=expected.images,
            values=expected.values,
            draws=draws.images,
            draw_values=draws.values,
            log_prior=self.space.prior.log_prob(z).numpy(),
            log_aggregated_posterior=self.space.aggregated_posterior.log_prob(z).numpy(),
            nearest=self.nearest(mean, asked.nearest),
            reencoded=self.reencoded(z, mean) if asked.reencode else None,
        )
        if _is_single(asked):
            self._took[asked.nearest, asked.reencode] = time.perf_counter() - began
        return decoded

    def decodes_briefly(self, asked: DecodeRequest) -> bool:
        """Return whether this is one place, and the last one was decoded in no time."""
        took = self._took.get((asked.nearest, asked.reencode), math.inf)
        return _is_single(asked) and took < _BRIEF_SECONDS

    @torch.inference_mode()
    def encode(self, x: list[Any]) -> Encoded:
        """Encode pictures of brightness 0..255, or vectors.

        Raises:
            InvalidRequestError: as ``read_rows``.
        """
        posterior = self.vae.posterior(read_rows(x, self.dataset))
        reconstruction = shown(self.vae.decode(posterior.loc).mean, self.dataset)
        return Encoded(
            checkpoint=self.checkpoint,
            loc=posterior.loc.numpy(),
            scale=posterior.scale.numpy(),
            reconstruction=reconstruction.images,
            reconstruction_values=reconstruction.values,
        )

    @torch.inference_mode()
    def samples(self, count: int, seed: int) -> Samples:
        """Draw from the prior."""
        z = self.space.prior.sample((count,), torch.Generator().manual_seed(seed))
        expected = shown(self.vae.decode(z).mean, self.dataset)
        return Samples(
            checkpoint=self.checkpoint,
            z=z.numpy(),
            images=expected.images,
            values=expected.values,
            log_prior=self.space.prior.log_prob(z).numpy(),
            log_ratio=self.space.log_ratio(z).numpy(),
        )

    @torch.inference_mode()
    def manifold(self, resolution: int, bounds: Bounds | None, section: Section | None) -> Manifold:
        """Decode the centres of resolution x resolution cells; without bounds, of the usual box.

        ``section`` is the plane for spaces of more than two dimensions, and None for others.

        Raises:
            InvalidRequestError: the latent space is a line.
        """
        if not self.dataset.image_shape:
            raise InvalidRequestError.at(
                "resolution",
                "The rows of this data set are vectors, of which no picture can be put together. "
                "Decode points instead.",
            )
        if self.latent_dim == 1:
            raise InvalidRequestError.at(
                "resolution",
                "This run's latent space is a line; a manifold of pictures needs a plane.",
            )
        box = bounds or (
            self.space.bounds if section is None else self.space.bounds_on(section.plane)
        )
        z1, z2 = cell_centres(box, resolution)
        rows, columns = torch.meshgrid(z2.flip(0), z1, indexing="ij")
        on_plane = torch.stack([columns, rows], dim=-1)
        z = (on_plane if section is None else section.plane.lift(on_plane)).float()
        tiles = pictures(self.vae.decode(z.flatten(0, 1)).mean, self.dataset)
        height, width = tiles.shape[1:3]
        grid = tiles.reshape(resolution, resolution, *tiles.shape[1:]).swapaxes(1, 2)
        return Manifold(
            checkpoint=self.checkpoint,
            plane=None if section is None else self.space.plane_info(section),
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
        """Find the training rows nearest to rows (n, D), of levels real-valued ones."""
        places = torch.empty(len(images), 0, dtype=torch.long)
        distance = torch.empty(len(images), 0)
        if count > 0:
            places, distance = nearest_rows(self.dataset).find(images, count)
        train = self.dataset.train
        return Nearest(
            index=train.index[places].numpy(),
            label=train.label[places].numpy(),
            distance=distance.numpy(),
        )

    def reencoded(self, z: Tensor, images: Tensor) -> Reencoded:
        """Encode what was decoded from z, rows (n, D)."""
        loc = self.vae.posterior(images).loc
        return Reencoded(loc=loc.numpy(), drift=(loc - z).norm(dim=-1).numpy())


def _is_single(asked: DecodeRequest) -> bool:
    return len(asked.z) == 1 and asked.draws == 0


def _restore(config: RunConfig, dataset: Dataset, weights: dict[str, Tensor]) -> VAE:
    vae = build_vae(config, dataset)
    try:
        vae.load_state_dict(weights)
    except RuntimeError as error:
        raise DamagedArtefactError(
            "The stored weights are those of another network than the run's settings ask for. "
            "“priorscope restore” brings back a backup; otherwise run it again.",
            "its weights are those of another network",
        ) from error
    return vae.eval().requires_grad_(False)


@torch.no_grad()
def _snapshot(vae: VAE, dataset: Dataset, whole: bool) -> Snapshot:
    prior, pseudo_inputs = vae.latent_prior(), vae.prior.pseudo_inputs
    if not whole:
        rows = SnapshotRows.of(dataset)
        return Snapshot(encode(vae.encoder, rows.x), prior, pseudo_inputs, rows.index)
    # Encoded as they are stored, for they may be mapped from a file; then put into its order.
    encoded, order = encode(vae.encoder, dataset.rows.x), dataset.position
    posterior = DiagonalGaussian(encoded.loc[order], encoded.scale[order])
    return Snapshot(posterior, prior, pseudo_inputs)
