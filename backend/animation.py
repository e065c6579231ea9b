"""Turning pictures that the page drew into an animated GIF."""

from __future__ import annotations

import base64
import binascii
import io
import struct
from collections.abc import Iterator

import numpy as np
from PIL import Image

from backend.errors import InvalidRequestError, TooLargeError
from backend.palette import Palette, Pixels
from backend.schemas import AnimationRequest
from backend.settings import Settings

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = 24  # bytes of a PNG up to and with its size


def animate(asked: AnimationRequest, settings: Settings) -> bytes:
    """Return a GIF that shows the frames in turn, again and again.

    Raises:
        TooLargeError: too many frames or pixels.
        InvalidRequestError: a frame is no PNG, or of another size than the first.
    """
    files = list(_files(asked, settings))
    frames = [_decode(number, file) for number, file in enumerate(files)]
    palette = Palette.of(frames)
    images = [palette.apply(frame) for frame in frames]
    durations = [asked.milliseconds] * (len(images) - 1) + [asked.milliseconds + asked.hold]
    gif = io.BytesIO()
    images[0].save(
        gif,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=durations,
        loop=0,
        optimize=False,
    )
    return gif.getvalue()


def _files(asked: AnimationRequest, settings: Settings) -> Iterator[bytes]:
    """Yield the frames' files, once it is known from their headers that they can be decoded."""
    if len(asked.frames) > settings.max_frames:
        raise TooLargeError(
            f"{len(asked.frames)} frames are over the limit of {settings.max_frames} "
            "(PRIORSCOPE_MAX_FRAMES). Leave out every other one."
        )
    first = None
    for number, text in enumerate(asked.frames):
        file = _bytes(number, text)
        width, height = struct.unpack(">II", file[16:_HEADER])
        first = first or (width, height)
        if (width, height) != first:
            raise _wrong(number, f"This is {width}x{height}, the first one {first[0]}x{first[1]}.")
        pixels = width * height * len(asked.frames)
        if pixels > settings.max_megapixels * 1_000_000:
            raise TooLargeError(
                f"{len(asked.frames)} frames of {width}x{height} are {pixels / 1e6:.0f} million "
                f"pixels, over the limit of {settings.max_megapixels} million "
                "(PRIORSCOPE_MAX_MEGAPIXELS). Send fewer or smaller ones."
            )
        yield file


def _bytes(number: int, text: str) -> bytes:
    try:
        file = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong(number, "This is not base64.") from error
    if not file.startswith(_SIGNATURE) or len(file) < _HEADER:
        raise _wrong(number, "This is not a PNG.")
    return file


def _decode(number: int, file: bytes) -> Pixels:
    """Return ``(height, width, 3)``; what is transparent becomes white."""
    try:
        with Image.open(io.BytesIO(file), formats=["PNG"]) as image:
            drawn = image.convert("RGBA")
    except (OSError, SyntaxError, ValueError) as error:
        raise _wrong(number, f"This PNG cannot be read ({error}).") from error
    ground = Image.new("RGBA", drawn.size, "white")
    return np.asarray(Image.alpha_composite(ground, drawn).convert("RGB"))


def _wrong(number: int, message: str) -> InvalidRequestError:
    return InvalidRequestError.at(f"frames.{number}", message)
