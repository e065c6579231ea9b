"""The latent space of a run at one moment: its images' posteriors and its prior."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property, lru_cache

import torch
from torch import Tensor

from backend.explore_schemas import (
    AnatomyInfo,
    Components,
    Density,
    DirectionInfo,
    FieldName,
    PlaneDetails,
    PlaneInfo,
    Points,
)
from backend.pictures import Shown, shown
from backend.plane_request import Section
from backend.schemas import SplitName
from models.aggregated_posterior import AggregatedPosterior
from models.anatomy import anatomy
from models.config import RunConfig
from models.data import Dataset
from models.density import Bounds, integral, latent_bounds, latent_grid, latent_ranges
from models.distributions import DiagonalGaussian, DiagonalGaussianMixture, LatentDistribution
from models.grid_error import TOO_COARSE
from models.latent_plane import Direction, LatentPlane, PrincipalComponents
from models.plane import Plane, marginal_plane, plane
from models.plane_density import (
    MonteCarloMarginal,
    PlaneDensity,
    gaussians_on_plane,
    on_plane,
    whole_space,
)
from models.plane_gaussians import PlaneGaussians
from models.snapshot import Snapshot

_SECTIONS = 4  # kept for each latent space: a page shows one, and goes back to one before
_GRIDS = 2
_EDGE_DRAWS = 4000
_BEYOND_EDGE = 1e-3  # of the draws

# Who asks for the log-ratio waits for both densities: while one thread works out p, another does q.
_beside = ThreadPoolExecutor(thread_name_prefix="beside")


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
        self.bounds_on = lru_cache(_SECTIONS)(self._bounds_on)
        self.prior_on = lru_cache(_SECTIONS)(self._prior_on)
        self._prior_grid = lru_cache(_GRIDS)(self._evaluate_prior)
        self._evaluating = threading.Lock()

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
    def components(self) -> PrincipalComponents:
        """Those of q(z) of the training images."""
        return PrincipalComponents.of(self.aggregated_posterior.posterior)

    def grid(self, section: Section | None) -> Plane:
        """Return the grid on which holes are found; on a plane, that of the marginals."""
        if section is None:
            return plane(self.prior, self.aggregated_posterior.posterior, self.bounds)
        q = gaussians_on_plane(self.aggregated_posterior, *section[1:])
        return marginal_plane(self.prior_on(section), q, self.bounds_on(section.plane))

    def posterior_on(
        self, section: Section | None, split: SplitName
    ) -> AggregatedPosterior | PlaneGaussians:
        """Return q of a split's images, on a plane if there is one."""
        whole = self.posteriors(split)
        return whole if section is None else gaussians_on_plane(whole, *section[1:])

    def plane_info(self, section: Section) -> PlaneInfo:
        """Return where the plane lies, and how much of q it shows."""
        on = section.plane
        return PlaneInfo(
            plane=section.name,
            names=on.names,
            origin=list(on.origin),
            axes=[list(axis) for axis in on.axes],
            explained=self.components.explained(on.axes_tensor),
            bounds=self.bounds_on(on),
        )

    def plane_details(self, section: Section) -> PlaneDetails:
        """Return where the plane lies, and the directions in which it can be moved."""
        directions = section.directions(self.components)
        ranges = latent_ranges(self.prior, self._snapshot.posterior, directions)
        return PlaneDetails(
            **self.plane_info(section).model_dump(),
            checkpoint=self.checkpoint,
            directions=[
                self._direction(section, direction, *reached)
                for direction, reached in zip(directions, ranges, strict=True)
            ],
            edge=self._edge,
        )

    @cached_property
    def _edge(self) -> tuple[float, float]:
        generator = torch.Generator().manual_seed(0)
        p, q = self.prior, self.aggregated_posterior
        of_p = p.log_prob(p.sample((_EDGE_DRAWS,), generator)).double()
        of_q = q.log_prob(q.sample((_EDGE_DRAWS,), generator))
        return of_p.quantile(_BEYOND_EDGE).item(), of_q.quantile(_BEYOND_EDGE).item()

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
        self,
        field: FieldName,
        resolution: int,
        bounds: Bounds | None,
        split: SplitName,
        section: Section | None,
    ) -> Density:
        """Evaluate a field on a grid; without bounds on one that holds prior and points.

        ``section`` is the plane for spaces of more than two dimensions, and None for others.
        """
        box = bounds or (self.bounds if section is None else self.bounds_on(section.plane))
        z1, z2 = latent_grid(box, resolution)
        step = max(float(line[1] - line[0]) for line in (z1, z2) if len(line))
        scale = error = samples = standard_error = None
        log_q: Future[Tensor] | None = None
        values = torch.zeros(())
        if field != "prior":
            q = self.posterior_on(section, split)
            scale, error = q.smallest_scale(), q.grid_error(step)
            if field == "log_ratio":
                log_q = _beside.submit(_evaluate, q, z1, z2)
            else:
                values = _evaluate(q, z1, z2)
        if field != "aggregated_posterior":
            # Who shows the log-ratio asks for the prior on the same grid, at the same time.
            with self._evaluating:
                values, samples, standard_error = self._prior_grid(section, box, resolution)
        if log_q is not None:
            values = values - log_q.result()
        integrates = field != "log_ratio" and (section is None or section.reading == "marginal")
        return Density(
            field=field,
            reading="density" if section is None else section.reading,
            plane=None if section is None else self.plane_info(section),
            estimator="closed_form" if samples is None else "monte_carlo",
            samples=samples,
            standard_error=standard_error,
            bounds=tuple(box),
            checkpoint=self.checkpoint,
            epoch=self.epoch,
            z1=z1.numpy(),
            z2=z2.numpy(),
            values=values.numpy(),
            integral=integral(values, z1, z2) if integrates else None,
            step=step,
            smallest_scale=scale,
            note=too_coarse(step, error),
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
            lines=None if parts.lines is None else [line.tolist() for line in parts.lines],
        )

    def log_ratio(self, z: Tensor) -> Tensor:
        """Return log p(z) - log q(z) at points (n, L)."""
        return self.prior.log_prob(z).double() - self.aggregated_posterior.log_prob(z)

    def posteriors(self, split: SplitName) -> AggregatedPosterior:
        """Return q(z) of a split's images."""
        return AggregatedPosterior(self._posterior(split))

    def _direction(
        self, section: Section, direction: Direction, low: float, high: float
    ) -> DirectionInfo:
        return DirectionInfo(
            name=direction.name,
            axis=direction.axis.tolist(),
            value=float(direction.coordinate(section.plane.origin_tensor)),
            low=low,
            high=high,
            mean=float(direction.coordinate(self.components.mean)),
            explained=self.components.explained(direction.axis.unsqueeze(0))[0],
        )

    def _bounds_on(self, plane: LatentPlane) -> Bounds:
        return latent_bounds(self.prior, self._snapshot.posterior, plane)

    def _evaluate_prior(
        self, section: Section | None, bounds: Bounds, resolution: int
    ) -> tuple[Tensor, int | None, float | None]:
        """Return log p on a grid; where it is estimated, from how many draws and its error."""
        z1, z2 = latent_grid(bounds, resolution)
        prior = self.prior_on(section)
        values = prior.grid_log_density(z1, z2)
        if isinstance(prior, MonteCarloMarginal):
            return values, prior.samples, prior.standard_error(z1, z2, values)
        return values, None, None

    def _prior_on(self, section: Section | None) -> PlaneDensity:
        if section is None:
            return whole_space(self.prior)
        return on_plane(self.prior, section.plane, section.reading)

    def _posterior(self, split: SplitName) -> DiagonalGaussian:
        return self._snapshot.of(self.dataset.split(split))[1]


def too_coarse(step: float, error: float | None) -> str | None:
    """Return what is wrong with a grid of that step that misplaces such a share of q, if it is."""
    if error is None or error <= TOO_COARSE:
        return None
    return (
        f"The grid is too coarse for q: with its step of {step:.3g} it may misplace "
        f"{error:.0%} of q, whose posteriors are narrower. Ask for a higher resolution, or for a "
        "smaller box."
    )


def _components(mixture: DiagonalGaussianMixture) -> Components:
    return Components(
        loc=mixture.component_loc.numpy(),
        scale=mixture.component_scale.numpy(),
        weights=mixture.mixture_weights.numpy(),
        effective_number=mixture.effective_num_components.item(),
    )


@torch.inference_mode()
def _evaluate(q: AggregatedPosterior | PlaneGaussians, z1: Tensor, z2: Tensor) -> Tensor:
    return q.grid_log_density(z1, z2)
