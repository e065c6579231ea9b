"""Files that must be refused, each with what the refusal has to say."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from PIL import Image

ROWS = np.arange(20 * 4, dtype=np.float64).reshape(20, 4)
IMAGES = np.arange(20 * 8 * 8, dtype=np.uint8).reshape(20, 8, 8)


def idx(array: np.ndarray[Any, Any], claimed: tuple[int, ...] | None = None) -> bytes:
    shape = claimed or array.shape
    header = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
    return header + array.astype(np.uint8).tobytes()


def npy(array: np.ndarray[Any, Any], shape: tuple[int, ...] | None = None) -> bytes:
    file = io.BytesIO()
    if shape is None:
        np.lib.format.write_array(file, array, allow_pickle=True)
        return file.getvalue()
    header = {"descr": array.dtype.str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + array.tobytes()


def npy_header(text: bytes) -> bytes:
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text


def npz(**arrays: Any) -> bytes:
    return zipped({f"{name}.npy": npy(np.asarray(array)) for name, array in arrays.items()})


def png(height: int = 8, width: int = 8, level: int = 100, mode: str = "L") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height), level).save(file, "PNG")
    return file.getvalue()


def huge_png(side: int) -> bytes:
    """A picture that claims side x side pixels and has hardly any."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, **info: Any) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name)
            for key, value in info.items():
                setattr(member, key, value)
            member.compress_type = method
            archive.writestr(member, content)
    return file.getvalue()


def pictures(others: dict[str, bytes] | None = None) -> dict[str, bytes]:
    """Twenty pictures in two classes, and others."""
    members = {f"{'ab'[n % 2]}/{n:02}.png": png(level=10 * n) for n in range(20)}
    return members | (others or {})


def encrypted(archive: bytes) -> bytes:
    """Say of every member that it is encrypted."""
    content = bytearray(archive)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(signature, at + 4)
    return bytes(content)


def moved(archive: bytes, start: int) -> bytes:
    """Claim that the first member begins elsewhere."""
    at = archive.rindex(b"PK\x01\x02") + 42
    return archive[:at] + struct.pack("<I", start) + archive[at + 4 :]


def many_members(archive: bytes, count: int) -> bytes:
    """Claim ``count`` members, in a zip64 record."""
    at = archive.rindex(b"PK\x05\x06")
    end = bytearray(archive[at:])
    end[8:12] = b"\xff\xff\xff\xff"
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, 0, 0)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
    return archive[:at] + record + locator + bytes(end)


def csv(*lines: str, rows: int = 12) -> bytes:
    usual = [f"{n},{n * 0.5},{'yes' if n % 2 else 'no'}" for n in range(rows)]
    return "\n".join(["age,height,label", *lines, *usual]).encode()


def parquet() -> bytes:
    file = io.BytesIO()
    pl.DataFrame({"a": range(20), "b": range(20)}).write_parquet(file)
    return file.getvalue()


def with_value(array: np.ndarray[Any, Any], place: tuple[int, ...], value: float) -> Any:
    changed = array.astype(np.float64)
    changed[place] = value
    return changed


LABELS = np.arange(20) % 3
BOMB = bytes(20_000_000)

HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    # what it is: (file name, content, what is said)
    "empty": ("empty.npz", lambda: b"", "“empty.npz” is empty"),
    "noise": ("noise.bin", lambda: bytes(range(256)) * 9, "“noise.bin” is of a format"),
    "one picture": ("cat.png", png, "send a zip file of them"),
    "a web page": ("page.csv", lambda: b"<!doctype html><p>a,b</p>", "is of a format"),
    # IDX
    "idx, truncated gzip": (
        "train-images-idx3-ubyte.gz",
        lambda: gzip.compress(idx(np.random.default_rng(0).integers(0, 256, (90, 8, 8))))[:-900],
        "“train-images-idx3-ubyte.gz” is damaged: it cannot be unpacked",
    ),
    "idx, short": (
        "x.idx",
        lambda: idx(IMAGES, (21, 8, 8)),
        "claims 21×8×8 = 1,344 bytes, but 1,280 follow",
    ),
    "idx, huge": (
        "x.idx.gz",
        lambda: gzip.compress(idx(IMAGES, (4_000_000_000, 1000, 1000))),
        "so short a file cannot hold so many",
    ),
    "idx, longer than it says": (
        "x.idx.gz",
        lambda: gzip.compress(idx(IMAGES, (19, 8, 8))),
        "more follows after the 19 rows",
    ),
    "idx, labels alone": ("x.idx", lambda: idx(LABELS), "holds data of 1 axes, not images"),
    "idx, mislabelled": (
        "m.zip",
        lambda: zipped(
            {"train-images-idx3-ubyte": idx(IMAGES), "train-labels-idx1-ubyte": idx(LABELS[:19])}
        ),
        "holds 19 labels, but “train-images-idx3-ubyte” in “m.zip” 20 images",
    ),
    # Arrays
    "npz with objects": (
        "x.npz",
        lambda: npz(x=np.array([[1, 2], [3]] * 10, dtype=object)),
        "“x.npy” in “x.npz” holds Python objects, which are never read",
    ),
    "npy of 10^12 rows": (
        "x.npy",
        lambda: npy(ROWS, (10**12, 4)),
        "claims shape (1000000000000, 4), 32,000,000,000,000 bytes, but 640 follow",
    ),
    "npy, truncated": ("x.npy", lambda: npy(ROWS)[:-8], "but 632 follow"),
    "npy, no header": ("x.npy", lambda: b"\x93NUMPY\x01\x00v\x00{'descr'", "is no array"),
    "npz without x": ("x.npz", lambda: npz(data=ROWS), "has no array x; it holds data"),
    "npz, mislabelled": (
        "x.npz",
        lambda: npz(x=ROWS, y=LABELS[:19]),
        "“y.npy” in “x.npz” has the shape (19,), but “x.npy” in “x.npz” 20 rows",
    ),
    "npz, labels that are none": (
        "x.npz",
        lambda: npz(x=ROWS, y=ROWS[:, 0] + 0.5),
        "“y.npy” in “x.npz” holds 0.5 in row 0; classes are whole numbers or words",
    ),
    "npz with NaN": (
        "x.npz",
        lambda: npz(x=with_value(ROWS, (7, 2), np.nan)),
        "[7, 2] of “x.npy” in “x.npz” is missing (NaN)",
    ),
    "npy with infinity": (
        "x.npy",
        lambda: npy(with_value(IMAGES, (3, 1, 2), np.inf)),
        "[3, 1, 2] of “x.npy” is infinite",
    ),
    "npy beyond float32": ("x.npy", lambda: npy(ROWS * 1e300), "[0, 1] of “x.npy” is 1e+300"),
    "npy, pixels out of range": ("x.npy", lambda: npy(IMAGES * -1.0), "run from -255 to 0"),
    "npy of four channels": ("x.npy", lambda: npy(np.zeros((20, 8, 8, 4))), "shape (8, 8, 4)"),
    "npy of complex numbers": ("x.npy", lambda: npy(ROWS * 1j), "holds complex128 values"),
    "npy of few rows": ("x.npy", lambda: npy(ROWS[:9]), "holds 9 rows; a data set needs 10"),
    "npz, damaged": ("x.npz", lambda: npz(x=ROWS)[:-30], "“x.npz” is a damaged zip file"),
    "npz, damaged inside": (
        "x.npz",
        lambda: npz(x=ROWS).replace(npz(x=ROWS)[60:80], bytes(20), 1),
        "“x.npy” in “x.npz” is damaged",
    ),
    "npz, misplaced": (
        "x.npz",
        lambda: moved(npz(x=ROWS), 2**31),
        "“x.npy” in “x.npz” is damaged",
    ),
    "npz, another name within": (
        "x.npz",
        lambda: npz(x=ROWS).replace(b"x.npy", b"\xff.npy", 1),
        "“x.npy” in “x.npz” is damaged",
    ),
    "npz with words that are no text": (
        "x.npz",
        lambda: npz(x=ROWS, y=np.full(20, 0x110000, np.uint32).view("<U1")),
        "“y.npy” in “x.npz” holds words that are no text",
    ),
    "npz with words of no length": (
        "x.npz",
        lambda: zipped(
            {"x.npy": npy(ROWS), "y.npy": npy(np.zeros(20, "S1")).replace(b"|S1", b"|S0")}
        ),
        "“y.npy” in “x.npz” is damaged: it claims |S0 values",
    ),
    "npy, nested": ("x.npy", lambda: npy_header(b"-" * 9000 + b"1"), "“x.npy” is no array"),
    "npy, broken off": ("x.npy", lambda: npy_header(b"{'descr': \0, (\n"), "“x.npy” is no array"),
    "npy of more rows than can be written out": (
        "x.npy",
        lambda: npy(ROWS, (10**4000, 10**4000)),
        "“x.npy” is damaged: it claims float64 values in the shape (1000",
    ),
    # Pictures
    "zip, empty": ("e.zip", lambda: zipped({}), "“e.zip” is an empty zip file"),
    "zip of documents": ("d.zip", lambda: zipped({"a.txt": b"a"}), "neither pictures nor arrays"),
    "zip bomb": (
        "bomb.zip",
        lambda: zipped(pictures({"a/bomb.png": BOMB})),
        "“a/bomb.png” of “bomb.zip” would grow",
    ),
    "zip of 10^9 members": (
        "many.zip",
        lambda: many_members(zipped(pictures()), 10**9),
        "“many.zip” has 1,000,000,000 members",
    ),
    "picture of 10^9 pixels": (
        "huge.zip",
        lambda: zipped(pictures({"a/huge.png": huge_png(31_623)})),
        "“a/huge.png” in “huge.zip” has more than the 50,000,000 pixels",
    ),
    "picture, truncated": (
        "p.zip",
        lambda: zipped(pictures({"a/bad.png": png()[:50]})),
        "“a/bad.png” in “p.zip” is no picture, or damaged",
    ),
    "picture that is none": (
        "p.zip",
        lambda: zipped(pictures({"a/bad.png": b"GIF, or so"})),
        "“a/bad.png” in “p.zip” is no picture",
    ),
    "picture of another size": (
        "p.zip",
        lambda: zipped(pictures({"a/tall.png": png(9, 8)})),
        "“a/tall.png” in “p.zip” has 9×8 pixels, most others 8×8",
    ),
    "picture without a class": (
        "p.zip",
        lambda: zipped(pictures({"stray.png": png()})),
        "“stray.png” in “p.zip” is in no folder",
    ),
    "zip, out of itself": (
        "p.zip",
        lambda: zipped({"../../a.png": png()}),
        "“../../a.png” of “p.zip” names a place outside",
    ),
    "zip, absolute": ("p.zip", lambda: zipped({"/etc/a.png": png()}), "names a place outside"),
    "zip with a link": (
        "p.zip",
        lambda: zipped({"a.png": b"/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16),
        "“a.png” of “p.zip” is a link",
    ),
    "zip, one name twice": (
        "p.zip",
        lambda: zipped(pictures()).replace(b"b/01.png", b"a/00.png"),
        "“p.zip” has several members called “a/00.png”",
    ),
    "zip, nameless": (
        "p.zip",
        lambda: zipped(pictures({"": png()})),
        "A member of “p.zip” has no name",
    ),
    "zip, unusually packed": (
        "p.zip",
        lambda: zipped(pictures(), zipfile.ZIP_LZMA),
        "“a/00.png” of “p.zip” is packed by method 14",
    ),
    "zip, encrypted": ("p.zip", lambda: encrypted(zipped(pictures())), "is encrypted"),
    # Tables
    "csv with text": (
        "t.csv",
        lambda: csv("1,tall,no"),
        "Data row 1, column “height”, of “t.csv” is no number but “tall”",
    ),
    "csv with a gap": (
        "t.csv",
        lambda: csv("1,2,no", "2,,no"),
        "Data row 2, column “height”, of “t.csv” is missing",
    ),
    "csv with NaN": ("t.csv", lambda: csv("NaN,2,no"), "Data row 1, column “age”"),
    "csv without a class": ("t.csv", lambda: csv("1,2,"), "has no class in data row 1"),
    "csv, uneven": ("t.csv", lambda: csv("1,2,no,4"), "Data row 1 has 4 fields, but the first"),
    "csv, short rows": (
        "t.csv",
        lambda: b"a," * 9_999 + b"a\n" + b"1\n" * 600,
        "Data row 1 has 1 fields, but the first line 10000",
    ),
    "csv, a long field": ("t.csv", lambda: csv('"' + "9" * 200_000), "field larger than"),
    "csv, header alone": ("t.csv", lambda: csv(rows=0), "holds 0 rows"),
    "csv of blank lines": ("t.csv", lambda: b"\n\n\n", "“t.csv” holds no lines"),
    "csv of classes alone": ("t.csv", lambda: b"label\n" + b"a\nb\n" * 9, "rows without values"),
    "parquet, truncated": (
        "t.parquet",
        lambda: parquet()[:-40],
        "“t.parquet” is a damaged Parquet file",
    ),
}


def write(folder: Path, what: str) -> Path:
    """Write a hostile file, and return where."""
    name, content, _ = HOSTILE[what]
    path = folder / name
    path.write_bytes(content())
    return path
