"""Pictures of every kind that is read, alone, in zip files and in folders."""

from __future__ import annotations

import io
import os
import struct
import zlib
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.data.errors import DataError
from models.data.options import Limits
from models.data.picture import decode, look
from tests.backend.hostile import pictures, zipped
from tests.fuzz.guard import fuzzing, guarded
from tests.fuzz.mutation import changed, hostile, mutated
from tests.fuzz.reading import read, read_path

_CHANCE = np.random.default_rng(0)
_COLOUR = Image.fromarray(_CHANCE.integers(0, 256, (9, 7, 3), np.uint8))
_SIDEWAYS = Image.Exif()
_SIDEWAYS[0x0112] = 6


def _saved(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    file = io.BytesIO()
    _COLOUR.convert(mode).save(file, kind, **options)
    return file.getvalue()


PICTURES = [
    *(_saved("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    _saved("PNG", exif=_SIDEWAYS),
    _saved("PNG", "P", transparency=3),
    _saved("JPEG", exif=_SIDEWAYS),
    _saved("JPEG", "CMYK"),
    _saved("JPEG", "L", progressive=True),
    _saved("GIF", "P", save_all=True, append_images=[_COLOUR.resize((7, 9)).rotate(90)] * 2),
    _saved("BMP"),
    _saved("BMP", "P"),
    *(
        _saved("TIFF", compression=each)
        for each in (None, "tiff_lzw", "tiff_adobe_deflate", "jpeg")
    ),
    _saved("TIFF", "F"),
    _saved("TIFF", "1", compression="group4"),
    _saved("TIFF", save_all=True, append_images=[_COLOUR] * 2),
    _saved("WEBP"),
    _saved("WEBP", "RGBA", lossless=True),
    _saved("WEBP", save_all=True, append_images=[_COLOUR.rotate(90)] * 2),
    *(_saved("PPM", mode) for mode in ("1", "L", "RGB")),
    b"P2\n7 9\n255\n" + b"7 " * 63,
]
_PNGS = [each for each in PICTURES if each.startswith(b"\x89PNG")]


def _with_checksums(png: bytes, number: int, changes: list[tuple[str, int, int, bytes]]) -> bytes:
    """Change what a chunk of a PNG holds, and make its length and its checksum right again."""
    chunks, at = [], 8
    while at + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, at)
        chunks.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += 12 + length
    kind, data = chunks[number % len(chunks)]
    chunks[number % len(chunks)] = (kind, changed(data, changes))
    return png[:8] + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


changes = st.lists(
    st.tuples(
        st.sampled_from(["flip", "overwrite", "insert", "remove", "cut", "repeat"]),
        st.integers(0, 60),
        st.integers(1, 20),
        st.binary(min_size=1, max_size=4) | st.sampled_from([b"\xff" * 4, b"\0" * 4]),
    ),
    min_size=1,
    max_size=4,
)
one_picture = st.one_of(
    hostile(*PICTURES),
    mutated(*PICTURES, most=2),
    st.builds(_with_checksums, st.sampled_from(_PNGS), st.integers(0, 9), changes),
)
_LIMITS = Limits(pixels=4_000_000)


@fuzzing
@given(content=one_picture)
def test_picture(content: bytes) -> None:
    with guarded():
        try:
            seen = look(io.BytesIO(content), "“a.png” in “p.zip”", _LIMITS)
            image = decode(io.BytesIO(content), "“a.png” in “p.zip”", _LIMITS)
        except DataError as refused:
            said = str(refused)
        else:
            said = "“a.png” in “p.zip” is fine"
            assert image.mode == seen.mode
            assert (image.height, image.width) == seen.size
    assert "“a.png” in “p.zip”" in said
    assert len(said) < 1000


@fuzzing
@given(content=hostile(zipped(pictures()), zipped(pictures({"a/x.gif": PICTURES[12]}))))
def test_zip_of_pictures(content: bytes) -> None:
    read(content, "p.zip")


names = st.sampled_from(
    [
        *("a/1.png", "a/2.PNG", "b/1.jpg", "train/a/1.gif", "test/a/1.tif", "val/1.webp", "1.png"),
        *("a\\1.png", "/a.png", "..\\a.png", "C:/a.png", "a/../../b.png", "a//1.png", "./a/1.png"),
        *(
            "__MACOSX/a.png",
            ".a.png",
            "a.png/",
            "",
            "/",
            "a.npy",
            f"{'x' * 60_000}/a.png",
            "=1/a.png",
        ),
        *("\u202e/a.png", "a\nb/c.png", "a/\0.png", "ü/ä.png", "a/1.png/2.png"),
    ]
)
choices = st.sampled_from(
    [{}, {"image_size": (4, 4)}, {"grey": True}, {"image_size": (1, 300), "grey": True}]
)
filling = st.sampled_from(
    [{}, pictures(), {f"train/{k}/{n}.png": v for n, (k, v) in enumerate(pictures().items())}]
)


@fuzzing
@given(
    usual=filling,
    others=st.dictionaries(names, st.sampled_from(PICTURES) | one_picture, max_size=5),
    options=choices,
)
def test_zip_of_hostile_pictures(
    usual: dict[str, bytes], others: dict[str, bytes], options: dict[str, Any]
) -> None:
    read(zipped(usual | others), "p.zip", **options)


files = st.sampled_from(
    [
        b"a/1.png",
        b"b/2.png",
        b"b/\xff\xfe.png",
        b"\xff/3.png",
        b"4.png",
        b"a\n/5.png",
        b"train-images-idx3-ubyte",
    ]
)


@fuzzing
@given(
    usual=filling,
    others=st.dictionaries(files, st.sampled_from(PICTURES) | one_picture, max_size=4),
    options=choices,
)
def test_folder_of_pictures(
    usual: dict[str, bytes], others: dict[bytes, bytes], options: dict[str, Any]
) -> None:
    with guarded() as folder:
        for name, content in ({k.encode(): v for k, v in usual.items()} | others).items():
            path = folder / "photos" / os.fsdecode(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (folder / "photos").mkdir(exist_ok=True)
        read_path(folder / "photos", "photos", folder, **options)
