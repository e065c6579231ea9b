"""What both apps do at a click: the picture and the densities of one z."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from models.aggregated_posterior import AggregatedPosterior
from models.config import RunConfig
from models.data import Dataset, Split
from models.encoding import encode
from models.vae import build_vae

SIDE = 256
"""Pixels of the plane that is clicked on"""
REACH = 3.0
"""It shows -3 to 3"""


class Decoder:
    """A trained run in memory."""

    def __init__(self, folder: Path) -> None:
        """Take the folder's ``config.json`` and ``weights.pt``."""
        torch.set_num_threads(1)
        config = RunConfig.model_validate(json.loads((folder / "config.json").read_text()))
        x = torch.from_numpy(load_digits().data).to(torch.uint8)
        none = torch.zeros(len(x), dtype=torch.long)
        digits = Dataset("", "", "", (8, 8), 17, (), (), Split(x, none, none), (1000, 350, 447))
        self.vae = build_vae(config, digits)
        self.vae.load_state_dict(torch.load(folder / "weights.pt"))
        self.vae.eval().requires_grad_(False)
        self.prior = self.vae.latent_prior()
        self.aggregated_posterior = AggregatedPosterior(encode(self.vae.encoder, digits.train.x))

    def __call__(self, z1: float, z2: float) -> tuple[NDArray[np.uint8], float, float]:
        """Return the expected picture, (8, 8), log p(z) and log q(z)."""
        with torch.inference_mode():
            z = torch.tensor([[z1, z2]])
            mean = self.vae.decode(z).mean.view(8, 8)
            picture = (mean * (255.0 / 16.0)).round().to(torch.uint8).numpy()
            log_q = self.aggregated_posterior.log_prob(z)
            return picture, self.prior.log_prob(z).item(), log_q.item()

    def plane(self) -> NDArray[np.uint8]:
        """Return a picture of the prior's density, (SIDE, SIDE), to click on."""
        line = torch.linspace(-REACH, REACH, SIDE)
        z2, z1 = torch.meshgrid(line.flip(0), line, indexing="ij")
        with torch.inference_mode():
            density = self.prior.log_prob(torch.stack([z1, z2], -1).view(-1, 2)).exp()
        picture: NDArray[np.uint8] = (255 * density / density.max()).to(torch.uint8).numpy()
        return picture.reshape(SIDE, SIDE)


def given() -> tuple[Decoder, int]:
    """Return the run in the folder, and the port, that the command line names."""
    folder, port = sys.argv[1:3]
    return Decoder(Path(folder)), int(port)
