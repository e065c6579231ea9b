"""What a run is made with: software, device, precision."""

from __future__ import annotations

import platform
from functools import cache

import numpy as np
import torch

from backend import __version__
from backend.schemas import Versions
from models.config import RunConfig
from models.device import (
    DeviceUnavailableError,
    choose_device,
    choose_precision,
    describe_device,
)


@cache
def versions() -> Versions:
    """Return the software that is running."""
    return Versions(
        priorscope=__version__,
        torch=torch.__version__,
        numpy=np.__version__,
        python=platform.python_version(),
    )


def made_with(config: RunConfig) -> Versions:
    """Return the software that is running, and where it trains a run like this."""
    try:
        device = choose_device(config.training.device)
    except DeviceUnavailableError:
        return versions()
    convolutional = config.network.kind == "convolutional"
    precision = choose_precision(config.training.precision, device, convolutional)
    where = {
        "device": describe_device(device),
        "precision": str(precision).removeprefix("torch."),
    }
    return versions().model_copy(update=where)
