from __future__ import annotations

import pytest
import torch

from models.priors.flow import MAX_LOG_SCALE, AffineCoupling, FlowOptions, FlowPrior
from models.priors.piecewise import in_pieces


@pytest.mark.parametrize("latent_dim", [1, 2, 3, 5])
def test_inverse_undoes_every_transform(latent_dim: int) -> None:
    torch.manual_seed(0)
    prior = FlowPrior(FlowOptions(num_couplings=4), latent_dim).double().requires_grad_(False)
    for parameter in prior.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    z = torch.randn(50, latent_dim).double()
    for transform in [prior.affine, *prior.couplings]:
        u, _ = transform(z)
        assert not torch.allclose(u, z)
        torch.testing.assert_close(transform.inverse(u), z)


def test_two_couplings_in_a_row_move_every_dimension() -> None:
    torch.manual_seed(0)
    prior = FlowPrior(FlowOptions(num_couplings=2), 5)
    for parameter in prior.parameters():
        torch.nn.init.normal_(parameter)
    z = torch.randn(50, 5)
    u = z
    for coupling in prior.couplings:
        u, _ = coupling(u)
    assert ((u - z).abs().mean(0) > 0.01).all()


def test_the_log_scale_of_a_coupling_is_bounded() -> None:
    coupling = AffineCoupling(2, 8, transforms_first=False)
    for parameter in coupling.parameters():
        torch.nn.init.normal_(parameter, std=100.0)
    _, log_abs_det_jacobian = coupling(100.0 * torch.randn(1000, 2))
    assert log_abs_det_jacobian.abs().max() <= MAX_LOG_SCALE + 1e-5
    assert log_abs_det_jacobian.abs().max() > 1.0


@pytest.mark.parametrize("reach", [4.0, 1e4])
def test_a_flow_in_pieces_is_the_same_density(reach: float) -> None:
    torch.manual_seed(0)
    prior = FlowPrior(FlowOptions(num_couplings=4, hidden_width=24), latent_dim=2)
    with torch.no_grad():
        for parameter in prior.parameters():
            parameter.add_(0.15 * torch.randn_like(parameter))
    z = reach * (2.0 * torch.rand(5000, 2) - 1.0)
    pieces = in_pieces(prior.distribution())
    with torch.no_grad():
        exact = prior.double().distribution().log_prob(z.double())
        torch.testing.assert_close(pieces.log_prob(z).double(), exact, rtol=1e-3, atol=1e-3)
