from __future__ import annotations

from collections.abc import Callable

import torch

from models.anatomy import Anatomy, anatomy
from models.priors import PRIORS
from models.vae import VAE


def parts_of(kind: str, vae: VAE) -> Anatomy:
    return anatomy(PRIORS[kind].options(), vae.latent_prior(), vae.prior.pseudo_inputs)


def test_the_parts_rebuild_the_density(kind: str, trained: Callable[..., VAE]) -> None:
    """Where there are components they are the whole prior."""
    vae = trained(kind)
    parts = parts_of(kind, vae)
    assert parts.what.endswith(".")
    assert (parts.mixture is not None) == (kind in {"mog", "vampprior", "gtm", "gtm_vampprior"})
    assert (parts.pseudo_inputs is not None) == (kind in {"vampprior", "gtm_vampprior"})
    assert (parts.lines is not None) == (kind in {"gtm", "gtm_vampprior", "flow"})
    if parts.mixture is None:
        return
    mixture = parts.mixture
    components = torch.distributions.Normal(mixture.component_loc, mixture.component_scale)
    z = torch.randn(16, 2, generator=torch.Generator().manual_seed(0))
    joint = components.log_prob(z.unsqueeze(1)).sum(-1) + mixture.mixture_weights.log()
    # Far from the components single precision leaves six digits.
    expected = joint.logsumexp(-1)
    torch.testing.assert_close(vae.latent_prior().log_prob(z), expected, rtol=1e-5, atol=1e-4)


def test_pseudo_inputs_encode_to_the_components(trained: Callable[..., VAE]) -> None:
    for kind in ("vampprior", "gtm_vampprior"):
        vae = trained(kind)
        parts = parts_of(kind, vae)
        torch.testing.assert_close(
            vae.posterior(parts.pseudo_inputs).loc, parts.mixture.component_loc
        )


def test_the_lines_of_the_grid_pass_through_the_components(trained: Callable[..., VAE]) -> None:
    parts = parts_of("gtm", trained("gtm"))
    assert len(parts.lines) == 6
    torch.testing.assert_close(torch.cat(parts.lines[:3]), parts.mixture.component_loc)
    torch.testing.assert_close(parts.lines[3], parts.mixture.component_loc[[0, 3, 6]])


def test_the_warped_grid_maps_back_to_straight_lines(trained: Callable[..., VAE]) -> None:
    vae = trained("flow")
    prior = vae.latent_prior()
    for number, line in enumerate(parts_of("flow", vae).lines):
        u = line
        for transform in prior.transforms:
            u, _ = transform(u)
        fixed = u[:, 1 - number % 2]
        assert float(fixed.std()) < 1e-3
        assert float(u[:, number % 2].max()) > 2.4
