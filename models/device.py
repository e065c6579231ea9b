"""Where a training is worked out, and in which precision."""

from __future__ import annotations

import contextlib
from typing import Literal

import torch

DeviceName = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "float32", "bfloat16"]


class DeviceUnavailableError(ValueError):
    """The device that was asked for is not there."""


def choose_device(asked: DeviceName) -> torch.device:
    """Return the device to train on; without a wish a GPU, if there is one.

    Raises:
        DeviceUnavailableError: there is no such device.
    """
    available = torch.cuda.is_available()
    if asked == "cuda" and not available:
        why = "PyTorch sees no such device" if torch.version.cuda else "this is PyTorch’s CPU build"
        raise DeviceUnavailableError(
            f"There is no CUDA device here: {why}. Set training.device to “auto” or “cpu”."
        )
    return torch.device("cuda" if available and asked != "cpu" else "cpu")


def choose_precision(asked: Precision, device: torch.device, convolutional: bool) -> torch.dtype:
    """Return the type in which networks are worked out; likelihoods and priors stay in float32.

    Without a wish bfloat16 where a GPU is quicker with it: for convolutions. The products of the
    small perceptrons are too short to win back the casts, and a CPU seldom has units for it.
    """
    if asked == "bfloat16":
        return torch.bfloat16
    if asked == "auto" and convolutional and device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.float32


def working_in(
    precision: torch.dtype, device: torch.device
) -> contextlib.AbstractContextManager[None]:
    """Return the context in which matrix products and convolutions have that precision."""
    if precision == torch.float32:
        return contextlib.nullcontext()
    return torch.autocast(device.type, precision)


def describe_device(device: torch.device) -> str:
    """Return what the device is called, such as “cpu” or “cuda (NVIDIA A100)”."""
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    return device.type
