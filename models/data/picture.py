"""One picture: opened with care, made upright, grey or in colour, of 8 bits."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Literal

import numpy as np
from PIL import Image, ImageOps

from models.data.errors import DataError, DataTooLargeError
from models.data.options import Limits

EXTENSIONS = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".gif", ".bmp", ".tif", ".tiff", ".webp"),
    *(".ppm", ".pgm", ".pbm"),
)
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")

Mode = Literal["L", "RGB"]

_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that exchange height and width
_TRANSPARENT = frozenset({"LA", "PA", "RGBA", "La", "RGBa"})
_SIXTEEN_BITS = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
_GREY = frozenset({"1", "L", "LA", "La"}) | _SIXTEEN_BITS
_KNOWN = _GREY | {"P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV"}

TURNED = "turned upright, as their EXIF data says"
OPAQUE = "transparent: what lies behind became black"
SHALLOW = "of 16 bits, which became 8"
COLOURS = "of a palette or of other colours than RGB, which became RGB"
FRAMES = "of several frames, of which the first was taken"


@dataclass(frozen=True)
class Look:
    """What a picture's header tells."""

    size: tuple[int, int]
    """height and width, upright"""
    mode: Mode
    changes: frozenset[str]
    """what has to be done to it"""


def is_picture(name: str) -> bool:
    """Say whether a file of this name should be a picture."""
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return path.suffix.lower() in EXTENSIONS and not hidden


def look(file: IO[bytes], where: str, limits: Limits) -> Look:
    """Return what a picture is like, without decoding it.

    Raises:
        DataError: it is damaged, too large, or of a kind that is not read here.
    """
    with _opened(file, where, limits) as image:
        return _look(image, where)


def decode(file: IO[bytes], where: str, limits: Limits) -> Image.Image:
    """Return the picture, upright, of 8 bits, grey or RGB.

    Raises:
        DataError: as ``look``, and where it ends in the middle.
    """
    with _opened(file, where, limits) as image:
        seen = _look(image, where)
        # The copy that comes back is decoded; the original is closed here.
        upright = ImageOps.exif_transpose(image)
        if SHALLOW in seen.changes:
            upright = Image.fromarray(np.rint(np.asarray(upright) / 257.0).astype(np.uint8))
        if OPAQUE in seen.changes:
            upright = upright.convert("RGBA")
            ground = Image.new("RGBA", upright.size, (0, 0, 0, 255))
            upright = Image.alpha_composite(ground, upright)
        return upright.convert(seen.mode)


@contextmanager
def _opened(file: IO[bytes], where: str, limits: Limits) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            # Pillow's own limit only warns at first; the one here is lower.
            warnings.simplefilter("ignore")
            with Image.open(file, formats=_FORMATS) as image:
                width, height = image.size
                if width * height > limits.pixels:
                    raise DataTooLargeError(_too_large(where, limits))
                yield image
    except DataError:
        raise
    except Image.DecompressionBombError as error:
        raise DataTooLargeError(_too_large(where, limits)) from error
    except Exception as error:
        # Pillow's readers raise whatever they stumble over.
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise DataError(
            f"{where} is no picture, or damaged ({said}). Replace it, or leave it out."
        ) from error


def _too_large(where: str, limits: Limits) -> str:
    return f"{where} has more than the {limits.pixels:,} pixels that are allowed. Make it smaller."


def _look(image: Image.Image, where: str) -> Look:
    if image.mode not in _KNOWN:
        raise DataError(
            f"{where} has values of mode {image.mode}, not of 8 or 16 bits. Save it as a usual PNG."
        )
    changes = set()
    width, height = image.size
    orientation = image.getexif().get(_ORIENTATION, 1)
    if orientation in range(2, 9):
        changes.add(TURNED)
        if orientation in _SIDEWAYS:
            width, height = height, width
    if image.mode in _TRANSPARENT or "transparency" in image.info:
        changes.add(OPAQUE)
    if image.mode in _SIXTEEN_BITS:
        changes.add(SHALLOW)
    if getattr(image, "n_frames", 1) > 1:
        changes.add(FRAMES)
    grey = image.mode in _GREY or _is_grey_palette(image)
    if image.mode not in _GREY and not image.mode.startswith("RGB") and not grey:
        changes.add(COLOURS)
    return Look((height, width), "L" if grey else "RGB", frozenset(changes))


def _is_grey_palette(image: Image.Image) -> bool:
    if image.mode != "P" or image.palette is None:
        return False
    colours = image.getpalette("RGB") or []
    return colours[0::3] == colours[1::3] == colours[2::3]
