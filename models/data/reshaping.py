"""Images of another size, or grey instead of colour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from PIL import Image

from models.data.options import ImportOptions
from models.data.source import Block, Sample, Source


def reshaped(source: Source, options: ImportOptions) -> Source:
    """Return the source with its images in the size and the colours that are asked for."""
    if not source.image_shape:
        return source
    height, width, *channels = source.image_shape
    size = options.image_size or (height, width)
    grey = options.grey and bool(channels)
    if size == (height, width) and not grey:
        return source
    shape = size if grey or not channels else (*size, 3)

    def convert(block: Block) -> Block:
        images = block.reshape(-1, *source.image_shape)
        made = [_convert(Image.fromarray(image), size, grey) for image in images]
        levels: Block = np.stack([np.asarray(image) for image in made]).reshape(len(block), -1)
        # The filter rings: at sharp edges it goes beyond the highest level.
        top = np.uint8((source.num_values or 256) - 1)
        return levels.clip(max=top)

    def blocks() -> Iterator[Block]:
        return (convert(block) for block in source.blocks())

    def sample(count: int) -> Sample:
        x, numbers = source.sample(count)
        return convert(x), numbers

    notes = list(source.notes)
    if size != (height, width):
        notes.append(
            f"All images were resized from {height}×{width} to {size[0]}×{size[1]} pixels."
        )
    if grey:
        notes.append("Colour images became grey.")
    return replace(source, image_shape=shape, blocks=blocks, sample=sample, notes=tuple(notes))


def _convert(image: Image.Image, size: tuple[int, int], grey: bool) -> Image.Image:
    if grey:
        image = image.convert("L")
    height, width = size
    return image if image.size == (width, height) else resized(image, size)


def resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return the image in another size (height, width)."""
    height, width = size
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
