"""An epoch of 50,000 images against a bare PyTorch loop of the same network."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from backend.datasets import Datasets
from backend.errors import DatasetNotFoundError
from backend.settings import Settings
from benchmarks.result import Result
from models.config import RunConfig
from models.data import Dataset, Split
from models.proposals import complete, propose
from models.train import fit
from models.vae import build_vae

_COUNTS = (50_000, 10_000, 10_000)
_BATCH = 256
_EPOCHS = 5  # of each, in turn; the first one of each is not counted
_BODY = {
    "prior": {"kind": "standard"},
    "likelihood": {"kind": "bernoulli"},
    "network": {"hidden": [256, 256]},
    "training": {"epochs": _EPOCHS + 1, "batch_size": _BATCH, "warmup_epochs": 0, "device": "cpu"},
}


class BareVAE(nn.Module):
    """784-256-256-4 and back, as a tutorial writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = _perceptron(784, 4)
        self.decoder = _perceptron(2, 784)

    def forward(self, x: Tensor) -> Tensor:
        """Return the negative ELBO of images (N, 784) from 0 to 1, summed."""
        loc, log_variance = self.encoder(x).chunk(2, dim=1)
        z = loc + torch.exp(0.5 * log_variance) * torch.randn_like(loc)
        loss = functional.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum")
        return loss - 0.5 * torch.sum(1 + log_variance - loc.square() - log_variance.exp())


def _perceptron(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, 256),
        nn.LeakyReLU(),
        nn.Linear(256, 256),
        nn.LeakyReLU(),
        nn.Linear(256, outputs),
    )


def run() -> list[Result]:
    """Measure seconds of an epoch, with one thread, in turn with the bare loop."""
    data = _images()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    bare, ours = _bare_epoch(data), _epoch(data)
    pairs = [(_seconds(bare), _seconds(ours)) for _ in range(_EPOCHS + 1)][1:]
    torch.set_num_threads(threads)
    baseline, value = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    what = f"epoch of {_COUNTS[0]} images ({data.title}), perceptron 256, validation included"
    return [Result(what, value, "s", baseline, "bare PyTorch loop, without validation")]


def _bare_epoch(data: Dataset) -> Callable[[], None]:
    x = data.train.x.float() / 255.0
    vae = BareVAE()
    optimizer = torch.optim.Adam(vae.parameters(), lr=1e-3, fused=True)

    def epoch() -> None:
        for rows in torch.randperm(len(x)).split(_BATCH):
            loss = vae(x[rows]) / len(rows)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return epoch


def _epoch(data: Dataset) -> Callable[[], object]:
    config = complete(RunConfig.model_validate(_BODY), propose(data))
    records = fit(build_vae(config, data), data, config.training)
    return lambda: next(records)


def _seconds(epoch: Callable[[], object]) -> float:
    began = time.perf_counter()
    epoch()
    return time.perf_counter() - began


def _images() -> Dataset:
    """Return Fashion-MNIST if it is installed, or noise of its shape, which takes as long."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = Datasets(Settings(data_dir=Path(folder))).load("fashion-mnist")
            # Out of the folder, which goes.
            rows, title = found.rows.x.clone(), found.title
        except DatasetNotFoundError:
            rows, title = torch.randint(0, 256, (sum(_COUNTS), 784)).to(torch.uint8), "noise"
    count = len(rows)
    split = Split(rows, torch.zeros(count, dtype=torch.long), torch.arange(count))
    return Dataset(title, title, "", (28, 28), 256, (), (), split, _COUNTS)
