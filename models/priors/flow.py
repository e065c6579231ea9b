"""The flow prior: RealNVP, and an element-wise flow where there is one dimension only."""

from __future__ import annotations

from typing import Literal, Protocol

import torch
from pydantic import ConfigDict, Field
from torch import Tensor, nn

from models.distributions import LatentDistribution, StandardNormal
from models.nn import mlp
from models.priors.base import PriorOptions, StandalonePrior
from models.priors.spline import RationalQuadraticSpline

# A log-scale is bounded by +-MAX_LOG_SCALE in each coupling: without it a flow on little data
# narrows onto single points and diverges.
MAX_LOG_SCALE = 2.0


class FlowOptions(PriorOptions):
    """Options of the flow prior."""

    model_config = ConfigDict(title="Flow (RealNVP)")
    kind: Literal["flow"] = "flow"
    num_couplings: int = Field(
        6,
        ge=1,
        le=32,
        description="Coupling layers, alternating halves; for one dimension: spline layers.",
    )
    hidden_width: int = Field(
        64,
        ge=1,
        le=1024,
        description="Units in both hidden layers of a coupling; for one dimension: unused.",
    )


class Transform(Protocol):
    """An invertible map with a tractable Jacobian."""

    def __call__(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Map ``(batch, L)`` towards the base; return it and log_abs_det_jacobian ``(batch,)``."""

    def inverse(self, u: Tensor) -> Tensor:
        """Map ``(batch, L)`` from the base back to z."""


class AffineCoupling(nn.Module):
    """One half of z shifts and scales the other (Dinh et al. 2017, eq. 7 and 8).

    u_b = (z_b - t(z_a)) exp(-s(z_a)), u_a = z_a, hence log|det du/dz| = -sum s(z_a), counted once.
    """

    def __init__(self, latent_dim: int, hidden_width: int, transforms_first: bool) -> None:
        super().__init__()
        cut = latent_dim // 2
        self.sizes = [cut, latent_dim - cut]
        self.transforms_first = transforms_first
        transformed, given = self.sizes if transforms_first else reversed(self.sizes)
        self.network = mlp(given, [hidden_width, hidden_width], 2 * transformed)
        # Training starts from the identity.
        for parameter in self.network[-1].parameters():
            nn.init.zeros_(parameter)

    def split(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return the half that is given and the one that is transformed."""
        first, second = z.split(self.sizes, dim=-1)
        return (second, first) if self.transforms_first else (first, second)

    def join(self, given: Tensor, transformed: Tensor) -> Tensor:
        """Put both halves together again."""
        halves = (transformed, given) if self.transforms_first else (given, transformed)
        return torch.cat(halves, dim=-1)

    def _shift_and_narrowing(self, given: Tensor) -> tuple[Tensor, Tensor]:
        """Return t and -s."""
        shift, raw = self.network(given).chunk(2, dim=-1)
        return shift, -MAX_LOG_SCALE * torch.tanh(raw / MAX_LOG_SCALE)

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Map towards the base; return it with log_abs_det_jacobian ``(batch,)``."""
        given, transformed = self.split(z)
        shift, narrowing = self._shift_and_narrowing(given)
        return self.join(given, (transformed - shift) * narrowing.exp()), narrowing.sum(-1)

    def inverse(self, u: Tensor) -> Tensor:
        """Map from the base back to z."""
        given, transformed = self.split(u)
        shift, narrowing = self._shift_and_narrowing(given)
        return self.join(given, transformed * torch.exp(-narrowing) + shift)


class ElementwiseAffine(nn.Module):
    """u = (z - loc) exp(-log_scale), learned for each dimension: the couplings see unit scale."""

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        self.loc = nn.Parameter(torch.zeros(latent_dim))
        self.log_scale = nn.Parameter(torch.zeros(latent_dim))

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Map towards the base; return it with log_abs_det_jacobian ``(batch,)``."""
        u = (z - self.loc) * torch.exp(-self.log_scale)
        return u, -self.log_scale.sum().expand(z.shape[:-1])

    def inverse(self, u: Tensor) -> Tensor:
        """Map from the base back to z."""
        return u * torch.exp(self.log_scale) + self.loc


class FlowDistribution(LatentDistribution):
    """log p(z) = log base(u) + log|det du/dz|, u = transforms(z); both terms are joint over L."""

    def __init__(self, base: StandardNormal, transforms: list[Transform]) -> None:
        self.event_shape = base.event_shape
        self.base = base
        self.transforms = transforms

    def log_prob(self, z: Tensor) -> Tensor:
        """Return the joint log density: ``(batch, L) -> (batch,)``."""
        log_abs_det_jacobian = z.new_zeros(z.shape[:-1])
        for transform in self.transforms:
            z, term = transform(z)
            log_abs_det_jacobian = log_abs_det_jacobian + term
        return self.base.log_prob(z) + log_abs_det_jacobian

    def sample(self, sample_shape: tuple[int], generator: torch.Generator | None = None) -> Tensor:
        """Draw ``(n, L)`` from the base and map them back."""
        with torch.no_grad():
            return self.to_latent(self.base.sample(sample_shape, generator))

    def to_latent(self, u: Tensor) -> Tensor:
        """Map ``(batch, L)`` points of the base to z."""
        for transform in reversed(self.transforms):
            u = transform.inverse(u)
        return u


class FlowPrior(StandalonePrior):
    """RealNVP (Dinh, Sohl-Dickstein & Bengio 2017) over z, with a standard normal base.

    A single dimension has no other half to condition on; there the couplings are replaced by
    element-wise rational-quadratic splines.
    """

    def __init__(self, options: FlowOptions, latent_dim: int) -> None:
        super().__init__()
        self.affine = ElementwiseAffine(latent_dim)
        self.couplings = nn.ModuleList(
            RationalQuadraticSpline(latent_dim)
            if latent_dim == 1
            else AffineCoupling(latent_dim, options.hidden_width, transforms_first=step % 2 == 1)
            for step in range(options.num_couplings)
        )

    def distribution(self) -> FlowDistribution:
        """Return the flow's distribution."""
        transforms: list[Transform] = [self.affine, *self.couplings]
        return FlowDistribution(StandardNormal(self.affine.loc), transforms)

    @torch.no_grad()
    def rescale(self, loc: Tensor, scale: Tensor) -> None:
        """Move and stretch, by the element-wise part alone."""
        self.affine.loc.mul_(scale).add_(loc)
        self.affine.log_scale.add_(scale.log())
