from __future__ import annotations

import torch

from models.priors.spline import RationalQuadraticSpline


def bent_spline() -> RationalQuadraticSpline:
    torch.manual_seed(0)
    spline = RationalQuadraticSpline(2).double()
    for parameter in spline.parameters():
        torch.nn.init.normal_(parameter)
    return spline.requires_grad_(False)


def test_starts_as_the_identity() -> None:
    z = torch.linspace(-6, 6, 50).unsqueeze(-1)
    u, log_abs_det_jacobian = RationalQuadraticSpline(1)(z)
    torch.testing.assert_close(u, z)
    torch.testing.assert_close(log_abs_det_jacobian, torch.zeros(50), rtol=0.0, atol=1e-5)


def test_inverse_undoes_it_inside_and_outside() -> None:
    spline = bent_spline()
    z = torch.linspace(-6, 6, 2001).double().unsqueeze(-1).repeat(1, 2)
    u, _ = spline(z)
    torch.testing.assert_close(spline.inverse(u), z, rtol=1e-9, atol=1e-9)
    assert (u.diff(dim=0) > 0).all()


def test_log_abs_det_jacobian_agrees_with_autograd() -> None:
    spline = bent_spline()
    z = torch.linspace(-5.9, 5.9, 101).double().unsqueeze(-1).repeat(1, 2).requires_grad_()
    u, log_abs_det_jacobian = spline(z)
    (gradient,) = torch.autograd.grad(u.sum(), z)
    torch.testing.assert_close(log_abs_det_jacobian, gradient.log().sum(-1))
