"""Planes of a latent space: where they lie, and what is refused."""

from __future__ import annotations

import pytest
import torch
from sklearn.decomposition import PCA

from models.aggregated_posterior import AggregatedPosterior
from models.distributions import DiagonalGaussian
from models.latent_plane import LatentPlane, PrincipalComponents, axes_plane, plane_through

AT = torch.tensor([1.0, 2.0, 3.0, 4.0])


def posterior() -> DiagonalGaussian:
    generator = torch.Generator().manual_seed(0)
    mixing = torch.randn(4, 4, generator=generator)
    loc = torch.randn(500, 4, generator=generator) @ mixing + AT
    return DiagonalGaussian(loc, 0.1 + torch.rand(500, 4, generator=generator))


def planes() -> list[LatentPlane]:
    components = PrincipalComponents.of(posterior())
    points = torch.randn(3, 4, generator=torch.Generator().manual_seed(1))
    return [axes_plane(3, 1, AT), components.plane(1, 2, AT), plane_through(points)]


@pytest.mark.parametrize("plane", planes())
def test_points_of_the_plane_go_there_and_back(plane: LatentPlane) -> None:
    axes = plane.axes_tensor
    torch.testing.assert_close(axes @ axes.T, torch.eye(2, dtype=torch.float64))
    u = torch.tensor([[0.0, 0.0], [1.5, -2.0]], dtype=torch.float64)
    torch.testing.assert_close(plane.project(plane.lift(u)), u)
    beside = torch.randn(2, 4, generator=torch.Generator().manual_seed(2))
    nearest = plane.lift(plane.project(beside))
    torch.testing.assert_close((beside - nearest) @ axes.T, torch.zeros(2, 2, dtype=torch.float64))


def test_an_axes_plane_shows_the_coordinates_themselves() -> None:
    plane = axes_plane(3, 1, AT)
    assert plane.names == ("z3", "z1")
    assert plane.project(AT).tolist() == [3.0, 1.0]
    assert plane.lift(torch.tensor([7.0, 8.0])).tolist() == [8.0, 2.0, 7.0, 4.0]
    spread = plane.project_spread(torch.tensor([[0.1, 0.2, 0.3, 0.4]]))
    torch.testing.assert_close(spread, torch.tensor([[0.3, 0.1]]).double(), atol=1e-6, rtol=0.0)


def test_principal_components_are_those_of_draws_from_q() -> None:
    found = PrincipalComponents.of(posterior())
    z = AggregatedPosterior(posterior()).sample((200_000,), torch.Generator().manual_seed(0))
    expected = PCA().fit(z.numpy())
    cosine = (found.components @ torch.from_numpy(expected.components_).T).diagonal().abs()
    torch.testing.assert_close(cosine, torch.ones_like(cosine), atol=1e-3, rtol=0.0)
    shares = found.explained(found.components)
    assert shares == pytest.approx(expected.explained_variance_ratio_.tolist(), abs=5e-3)
    assert shares == sorted(shares, reverse=True)
    largest = found.components.gather(1, found.components.abs().argmax(1, keepdim=True))
    assert (largest > 0).all()


def test_a_principal_plane_passes_through_its_point() -> None:
    components = PrincipalComponents.of(posterior())
    plane = components.plane(2, 4, AT + 1.0)
    torch.testing.assert_close(plane.lift(plane.project(AT + 1.0)), (AT + 1.0).double())
    through_mean = components.plane(2, 4, components.mean)
    assert plane.axes == through_mean.axes
    assert through_mean.project(components.mean).tolist() == [0.0, 0.0]
    z = posterior().loc
    torch.testing.assert_close(plane.project(z), through_mean.project(z))


def test_three_points_lie_on_their_plane() -> None:
    points = torch.randn(3, 6, generator=torch.Generator().manual_seed(3)).double()
    plane = plane_through(points)
    u = plane.project(points)
    torch.testing.assert_close(plane.lift(u), points)
    assert u[0].tolist() == [0.0, 0.0]
    assert u[1].tolist() == pytest.approx([float((points[1] - points[0]).norm()), 0.0])
    assert u[2, 1] > 0


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 5), (-1, 2)])
def test_a_coordinate_that_is_not_there_is_refused(first: int, second: int) -> None:
    with pytest.raises(
        ValueError, match=r"There is no coordinate .+; this latent space has 1 to 4"
    ):
        axes_plane(first, second, AT)
    with pytest.raises(ValueError, match="There is no principal component"):
        PrincipalComponents.of(posterior()).plane(first, second, AT)


def test_equal_axes_are_refused() -> None:
    with pytest.raises(ValueError, match="two different coordinates; both are 2"):
        axes_plane(2, 2, AT)
    with pytest.raises(ValueError, match="two different principal components; both are 1"):
        PrincipalComponents.of(posterior()).plane(1, 1, AT)


def test_points_on_a_line_are_refused() -> None:
    first, along = torch.zeros(4), AT
    with pytest.raises(ValueError, match="are the same"):
        plane_through(torch.stack([first, along, along]))
    with pytest.raises(ValueError, match="are the same"):
        plane_through(torch.stack([first, first, along]))
    with pytest.raises(ValueError, match="lie on one line"):
        plane_through(torch.stack([first, along, 0.3 * along]))
