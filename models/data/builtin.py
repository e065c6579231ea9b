"""Data sets that come with an installed package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

from models.data.dataset import Dataset, Split


def digits() -> Dataset:
    """Return scikit-learn's digits: the first 1000 images train, 350 validate, 447 test."""
    # The file that load_digits() reads: importing scikit-learn would take every process a second.
    found = find_spec("sklearn")
    assert found is not None
    package = Path(str(found.origin)).parent
    table = np.loadtxt(package / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    values = torch.from_numpy(table).to(torch.uint8)
    return Dataset(
        id="digits",
        title="Digits 8×8",
        description="1797 handwritten digits of 8×8 pixels and 17 grey levels (UCI, scikit-learn).",
        image_shape=(8, 8),
        num_values=17,
        feature_names=(),
        label_names=tuple(str(digit) for digit in range(10)),
        rows=Split(
            x=values[:, :-1].contiguous(),
            label=values[:, -1].long(),
            index=torch.arange(len(values)),
        ),
        counts=(1000, 350, 447),
    )
