from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from models import snapshot
from models.config import RunConfig
from models.data import Dataset
from models.snapshot import SnapshotRows, is_snapshot_epoch, restore_snapshot, take_snapshot
from models.train import fit
from models.vae import VAE, build_vae


def test_snapshots_are_dense_at_first_and_thin_later() -> None:
    epochs = [epoch for epoch in range(1001) if is_snapshot_epoch(epoch)]
    assert epochs[:24] == [*range(20), 20, 22, 24, 26]
    steps = {
        start: epochs[epochs.index(start) + 1] - start for start in (19, 20, 50, 100, 200, 500)
    }
    assert steps == {19: 1, 20: 2, 50: 5, 100: 10, 200: 20, 500: 50}
    assert sum(epoch <= 120 for epoch in epochs) == 48
    assert sum(is_snapshot_epoch(epoch) for epoch in range(100_001)) < 170


@pytest.mark.parametrize("latent_dim", [2, 3])
def test_a_snapshot_is_the_latent_space(
    kind: str,
    latent_dim: int,
    trained: Callable[..., VAE],
    config: Callable[..., RunConfig],
    digits: Dataset,
) -> None:
    vae, rows = trained(kind, latent_dim), SnapshotRows.of(digits)
    options = config(kind, latent_dim).prior
    snapshot = restore_snapshot(options, take_snapshot(vae, rows))
    assert torch.equal(snapshot.posterior.loc, vae.posterior(rows.x).loc)
    assert torch.equal(snapshot.posterior.scale, vae.posterior(rows.x).scale)
    z = torch.randn(50, latent_dim, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(snapshot.prior.log_prob(z), vae.latent_prior().log_prob(z))
    draws = [
        prior.sample((9,), torch.Generator().manual_seed(1))
        for prior in (snapshot.prior, vae.latent_prior())
    ]
    torch.testing.assert_close(*draws)
    assert (snapshot.pseudo_inputs is not None) == (kind in {"vampprior", "gtm_vampprior"})
    if snapshot.pseudo_inputs is not None:
        assert torch.equal(snapshot.pseudo_inputs, vae.prior.pseudo_inputs)


def test_a_snapshot_neither_changes_with_the_training_nor_changes_it(
    kind: str, config: Callable[..., RunConfig], digits: Dataset
) -> None:
    settings, rows = config(kind, epochs=2), SnapshotRows.of(digits)
    plain, watched = build_vae(settings, digits), build_vae(settings, digits)
    for _ in fit(plain, digits, settings.training):
        pass
    records = fit(watched, digits, settings.training)
    first = take_snapshot(watched, rows)
    before = {name: tensor.clone() for name, tensor in first.items()}
    global_state = torch.get_rng_state()
    for _ in records:
        take_snapshot(watched, rows)
    assert torch.equal(torch.get_rng_state(), global_state)
    for name, tensor in before.items():
        assert torch.equal(tensor, first[name]), name
    for name, tensor in plain.state_dict().items():
        assert torch.equal(tensor, watched.state_dict()[name]), name


def test_snapshots_of_large_data_sets_hold_some_of_each_split(
    config: Callable[..., RunConfig], digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "MOST_ROWS", {"train": 100, "validation": 500, "test": 40})
    rows, settings = SnapshotRows.of(digits), config("standard")
    vae = build_vae(settings, digits).requires_grad_(False)
    restored = restore_snapshot(settings.prior, take_snapshot(vae, rows))
    for name, count in (("train", 100), ("validation", 350), ("test", 40)):
        split = digits.split(name)
        places, posterior = restored.of(split)
        assert len(places) == len(posterior.loc) == count
        assert len(places.unique()) == count
        gaps = places.diff().unique()
        assert gaps.max() - gaps.min() <= 1, "evenly spaced"
        torch.testing.assert_close(posterior.loc, vae.posterior(split.x[places]).loc)
    places, posterior = restore_snapshot(
        settings.prior, {"loc": torch.randn(1797, 2), "scale": torch.ones(1797, 2)}
    ).of(digits.test)
    assert torch.equal(places, torch.arange(447)), "older snapshots hold all"
