"""Densities on a plane of the latent space: slices through them, and their marginals.

A *slice* is log p(z) at the plane's points. A *marginal* is the density of the coordinates (a, b) of
z ~ p, everything beside the plane integrated out; what it says of a region holds for the whole
cylinder above that region.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from models.aggregated_posterior import AggregatedPosterior
from models.density import Bounds, bounds_of, grid_points
from models.distributions import (
    DiagonalGaussian,
    DiagonalGaussianMixture,
    LatentDistribution,
    StandardNormal,
)
from models.flow_marginal import FlowMarginal
from models.latent_plane import LatentPlane
from models.plane_gaussians import PlaneGaussians
from models.priors.flow import FlowDistribution
