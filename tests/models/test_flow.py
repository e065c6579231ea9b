from __future__ import annotations

import pytest
import torch

from models.density import grid_points
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


def a_flow(latent_dim: int = 2) -> FlowPrior:
    torch.manual_seed(0)
    prior = FlowPrior(FlowOptions(num_couplings=4, hidden_width=24), latent_dim)
    with torch.no_grad():
        for parameter in prior.parameters():
            parameter.add_(0.15 * torch.randn_like(parameter))
    return prior.requires_grad_(False)


@pytest.mark.parametrize("reach", [4.0, 1e4, 1e7])
def test_a_flow_in_pieces_is_the_same_density(reach: float) -> None:
    prior = a_flow()
    z = reach * (2.0 * torch.rand(5000, 2, dtype=torch.float64) - 1.0)
    pieces = in_pieces(prior.distribution())
    exact = prior.double().distribution().log_prob(z)
    torch.testing.assert_close(pieces.log_prob(*z.unbind(-1)), exact, rtol=1e-9, atol=1e-9)


def test_a_flow_in_pieces_knows_rows_from_columns() -> None:
    """On a grid larger than what is worked out at once, wider than it is high."""
    pieces = in_pieces(a_flow().distribution())
    z1, z2 = torch.linspace(-3, 2, 300).double(), torch.linspace(-1, 4, 200).double()
    values = pieces.log_prob(*grid_points(z1, z2).unbind(-1)).view(200, 300)
    torch.testing.assert_close(pieces.grid_log_density(z1, z2), values, rtol=1e-12, atol=1e-12)


def test_no_pieces_where_a_coupling_is_given_more_than_one_number() -> None:
    with pytest.raises(TypeError, match="AffineCoupling"):
        in_pieces(a_flow(latent_dim=3).distribution())
