"""Readers of files: what they make of good ones."""

from __future__ import annotations

import gzip
import io
import os
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from models.data import Dataset
from models.data.errors import DataError, DataTooLargeError
from models.data.identity import Identity
from models.data.importing import FileOrigin, import_dataset
from models.data.loading import load
from models.data.opening import open_source
from models.data.options import ImportOptions, Limits
from models.data.source import Source

SOME = Identity("some", "Some", "", "upload")


def imported(path: Path, mapped: bool = False, **options: Any) -> Dataset:
    """Make a data set of a file, and load it."""
    with TemporaryDirectory() as folder:
        origin = FileOrigin(path, path.name)
        chosen = ImportOptions.model_validate(options)
        import_dataset(Path(folder), origin, chosen, SOME, Limits(), lambda *_: None)
        return load(Path(folder), mapped)


def opened(path: Path, **options: Any) -> Source:
    return open_source(path, path.name, ImportOptions.model_validate(options), Limits())


def idx(array: np.ndarray[Any, Any]) -> bytes:
    lengths = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + lengths + array.astype(np.uint8).tobytes()


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def picture(pixels: Any, kind: str = "PNG", mode: str | None = None, **options: Any) -> bytes:
    image = Image.fromarray(np.asarray(pixels))
    file = io.BytesIO()
    (image.convert(mode) if mode else image).save(file, kind, **options)
    return file.getvalue()


# Round trips

vectors = arrays.arrays(
    st.sampled_from([np.float32, np.float64, np.int16, np.uint8]),
    st.tuples(st.integers(10, 40), st.integers(1, 5)),
    elements={"allow_nan": False, "allow_infinity": False, "min_value": 0, "max_value": 200},
)
images = arrays.arrays(
    np.uint8, st.tuples(st.integers(10, 30), st.integers(1, 5), st.integers(1, 5), st.just(3))
)


@settings(max_examples=25, deadline=None)
@given(x=vectors | images, data=st.data(), compressed=st.booleans(), fortran=st.booleans())
def test_arrays_survive(x: Any, data: st.DataObject, compressed: bool, fortran: bool) -> None:
    y = data.draw(st.none() | arrays.arrays(np.int8, len(x), elements=st.integers(-2, 3)))
    stored = np.asfortranarray(x) if fortran else x
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.npz"
        save = np.savez_compressed if compressed else np.savez
        save(path, x=stored, **({} if y is None else {"y": y}))
        dataset = imported(path)
    rows = dataset.in_file_order()
    np.testing.assert_array_equal(rows.x.reshape(x.shape), x.astype(rows.x.numpy().dtype))
    assert dataset.image_shape == (x.shape[1:] if x.ndim == 4 else ())
    if y is not None:
        np.testing.assert_array_equal(np.array(dataset.label_names)[rows.label], y.astype(str))
    assert sum(dataset.counts) == len(x)
    for split in (dataset.train, dataset.validation, dataset.test):
        assert len(split) > 0
        assert (split.index.diff() > 0).all()


columns = st.lists(
    st.floats(-1e6, 1e6, width=32) | st.integers(-1000, 1000), min_size=12, max_size=12
)
words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=9)


@settings(max_examples=25, deadline=None)
@given(
    table=st.dictionaries(words, columns, min_size=1, max_size=4),
    labels=st.lists(st.sampled_from(["a", "b;", "ç, d", '"e"']), min_size=12, max_size=12),
    as_csv=st.booleans(),
)
def test_tables_survive(table: dict[str, list[float]], labels: list[str], as_csv: bool) -> None:
    names = [f"n {name}" for name in table]
    numbers = {name: pl.Series([float(v) for v in table[name[2:]]]) for name in names}
    frame = pl.DataFrame({**numbers, "class": labels})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        if as_csv:
            frame.write_csv(path)
        else:
            frame.write_parquet(path)
        dataset = imported(path)
    rows = dataset.in_file_order()
    assert dataset.feature_names == tuple(names)
    np.testing.assert_allclose(rows.x, frame.select(names).to_numpy(), rtol=1e-6)
    assert [dataset.label_names[label] for label in rows.label] == labels


def test_mapped_rows_are_those_that_were_loaded(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.random.default_rng(0).integers(0, 99, (50, 4, 4)))
    folder = tmp_path / "set"
    folder.mkdir()
    origin = FileOrigin(tmp_path / "x.npy", "x.npy")
    import_dataset(folder, origin, ImportOptions(), SOME, Limits(), lambda *_: None)
    mapped, loaded = load(folder, mapped=True), load(folder, mapped=False)
    assert mapped.rows.x.equal(loaded.rows.x)
    # A write stays in memory.
    mapped.rows.x[0] = 7
    assert load(folder, mapped=True).rows.x.equal(loaded.rows.x)
    (folder / "x.npy").write_bytes((folder / "x.npy").read_bytes()[:-1])
    for mapped_too in (True, False):
        with pytest.raises(DataError, match=r"x\.npy is missing or not"):
            load(folder, mapped_too)


@pytest.mark.parametrize("form", ["npy", "idx"])
def test_a_set_is_imported_in_much_less_memory_than_it_takes(form: str, tmp_path: Path) -> None:
    rows, side, path = 600, 400, tmp_path / "big"
    with path.open("wb") as file:
        if form == "npy":
            header = {"descr": "|u1", "fortran_order": False, "shape": (rows, side, side)}
            np.lib.format.write_array_header_1_0(file, header)
        else:
            file.write(bytes([0, 0, 8, 3]) + np.array([rows, side, side], ">u4").tobytes())
        file.truncate(file.tell() + rows * side * side)
    (tmp_path / "set").mkdir()
    origin = FileOrigin(path, "big")
    tracemalloc.start()
    import_dataset(tmp_path / "set", origin, ImportOptions(), SOME, Limits(), lambda *_: None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < rows * side * side / 2
    assert (tmp_path / "set" / "x.npy").stat().st_size > rows * side * side


# IDX


def test_emnist_is_turned_upright_and_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for part, count in (("train", 40), ("test", 10)):
        images = rng.integers(0, 256, (count, 28, 28))
        labels = np.arange(count) % 26 + 1
        stem = tmp_path / f"emnist-letters-{part}"
        Path(f"{stem}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
        Path(f"{stem}-labels-idx1-ubyte").write_bytes(idx(labels))
        if part == "train":
            first = images[0]
    dataset = imported(tmp_path)
    rows = dataset.in_file_order()
    np.testing.assert_array_equal(rows.x[0].reshape(28, 28), first.T)
    assert dataset.label_names == tuple("abcdefghijklmnopqrstuvwxyz")
    assert (rows.label[:2].tolist(), dataset.counts[2]) == ([0, 1], 10)
    assert dataset.test.index.tolist() == list(range(40, 50))


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("FashionMNIST/raw", ("T-shirt/top", "Trouser")),
        ("KMNIST/raw", ("お o", "き ki")),
        ("MNIST/raw", ("0", "1")),
    ],
)
def test_sets_are_known_by_their_folder(
    folder: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    images = np.zeros((10, 3, 3), np.uint8)
    members = {
        f"{folder}/train-images-idx3-ubyte": idx(images),
        f"{folder}/train-labels-idx1-ubyte": idx(np.arange(10) % 2),
    }
    assert opened(zipped(tmp_path / "sets.zip", members)).label_names == names


def test_several_sets_at_once_are_named(tmp_path: Path) -> None:
    image = idx(np.zeros((10, 3, 3), np.uint8))
    members = {f"emnist-{kind}-train-images-idx3-ubyte": image for kind in ("digits", "letters")}
    with pytest.raises(DataError, match="holds emnist-digits, emnist-letters; needed are the"):
        opened(zipped(tmp_path / "gzip.zip", members))


# Arrays


def test_what_pixels_mean_is_found_out_and_said(tmp_path: Path) -> None:
    shape = (12, 2, 3)
    ramp = np.linspace(0, 1, 72).reshape(shape)
    cases: list[tuple[Any, int, Callable[[Any], Any], str]] = [
        (ramp, 256, lambda x: np.rint(x * 255), "Numbers from 0 to 1 became 256 levels."),
        (ramp * 255, 256, np.rint, "Numbers up to 255 were rounded to 256 levels."),
        (np.rint(ramp), 2, lambda x: x, ""),
        (ramp > 0.5, 2, lambda x: x, ""),
        (np.rint(ramp * 16), 17, lambda x: x, "The highest level is 16: 17 levels."),
        (np.rint(ramp * 255).astype(">i4"), 256, lambda x: x, ""),
        (np.rint(ramp * 65535).astype(np.uint16), 256, lambda x: np.rint(x / 257), "of 8 bits"),
    ]
    for x, levels, expected, note in cases:
        np.save(tmp_path / "x.npy", x)
        source = opened(tmp_path / "x.npy")
        assert source.num_values == levels
        assert note in " ".join(source.notes)
        np.testing.assert_array_equal(next(source.blocks()), expected(x).reshape(12, -1))


def test_shapes_of_images(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (12, 3, 8, 9), np.uint8)
    np.save(tmp_path / "x.npy", x)
    source = opened(tmp_path / "x.npy")
    assert source.image_shape == (8, 9, 3)
    np.testing.assert_array_equal(
        next(source.blocks()).reshape(12, 8, 9, 3), x.transpose(0, 2, 3, 1)
    )
    np.save(tmp_path / "x.npy", x[:, 0, :, :, None])
    assert opened(tmp_path / "x.npy").image_shape == (8, 9)
    np.save(tmp_path / "x.npy", x[:, 0].reshape(12, -1))
    assert opened(tmp_path / "x.npy", image_size=(8, 9)).image_shape == (8, 9)
    assert opened(tmp_path / "x.npy").image_shape == ()
    np.save(tmp_path / "x.npy", np.zeros((12, 64)))
    assert "such as 8×8" in opened(tmp_path / "x.npy").notes[-1]


def test_test_sets_that_come_along_stay_test_sets(tmp_path: Path) -> None:
    x = np.arange(40 * 4.0).reshape(40, 4)
    np.savez(
        tmp_path / "keras.npz",
        x_train=x[:30],
        y_train=np.arange(30) % 3,
        x_test=x[30:],
        y_test=np.arange(10) % 3,
    )
    dataset = imported(tmp_path / "keras.npz", split={"train": 0.6, "validation": 0.2, "test": 0.2})
    assert dataset.counts == (22, 8, 10)
    np.testing.assert_array_equal(dataset.test.x, x[30:])


def test_whatever_is_not_false_is_true(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(12 * 6, dtype=np.uint8).reshape(12, 2, 3).view(bool))
    source = opened(tmp_path / "x.npy")
    assert source.num_values == 2
    assert next(source.blocks()).sum() == 12 * 6 - 1


def test_halves_of_characters_become_question_marks(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=np.zeros((12, 2)), y=np.array(["a\ud800", "b"] * 6))
    assert imported(tmp_path / "x.npz").label_names == ("a?", "b")


# Pictures


def test_pictures_become_upright_opaque_and_of_8_bits(tmp_path: Path) -> None:
    ramp = np.arange(6, dtype=np.uint8).reshape(2, 3) * 40
    sideways = Image.Exif()
    sideways[0x0112] = 6
    alpha = np.dstack([ramp, ramp, ramp, np.where(ramp > 100, 255, 0)]).astype(np.uint8)
    members = {
        "0 plain.png": picture(ramp),
        "1 turned.png": picture(np.rot90(ramp), exif=sideways),
        "2 alpha.png": picture(alpha),
        "3 deep.png": picture(ramp.astype(np.uint16) * 257),
        "4 palette.png": picture(ramp, mode="P"),
        "5 colour.bmp": picture(np.dstack([ramp] * 3), "BMP"),
        "6 frames.gif": picture(
            ramp, "GIF", save_all=True, append_images=[Image.fromarray(255 - ramp)]
        ),
        **{f"7 more {n}.png": picture(ramp) for n in range(4)},
        "notes.txt": b"not me",
        "__MACOSX/0.png": b"nor me",
    }
    source = opened(zipped(tmp_path / "p.zip", members), grey=True)
    rows = next(source.blocks()).reshape(11, 2, 3)
    np.testing.assert_array_equal(rows[2], np.where(ramp > 100, ramp, 0))
    for number in (0, 1, 3, 4, 5, 6):
        np.testing.assert_array_equal(rows[number], ramp)
    said = " ".join(source.notes)
    for change in ("turned upright", "transparent", "of 16 bits", "of several frames"):
        assert f"1 of 11 pictures are {change}" in said
    assert "2 of 11 pictures are in colour and become grey." in said
    assert "“__MACOSX/0.png”, “notes.txt”" in said
    assert opened(tmp_path / "p.zip").image_shape == (2, 3, 3)


def test_folders_are_classes_and_splits(tmp_path: Path) -> None:
    for split, count in (("Train", 12), ("val", 2), ("test", 4)):
        for kind in ("cat", "dog"):
            folder = tmp_path / "animals" / split / kind / "small"
            folder.mkdir(parents=True)
            for number in range(count):
                level = number + (100 if kind == "dog" else 0)
                (folder / f"{number:02}.png").write_bytes(picture(np.full((4, 4), level, np.uint8)))
    dataset = imported(tmp_path / "animals")
    assert dataset.label_names == ("cat/small", "dog/small")
    assert dataset.counts == (24, 4, 8)
    for part in (dataset.train, dataset.test):
        assert ((part.x[:, 0] >= 100) == part.label.bool()).all()


def test_pictures_are_resized(tmp_path: Path) -> None:
    members = {f"{n}.png": picture(np.full((n + 4, 8, 3), 10 * n, np.uint8)) for n in range(12)}
    source = opened(zipped(tmp_path / "p.zip", members), image_size=(5, 6))
    rows = np.concatenate(list(source.blocks())).reshape(12, 5, 6, 3)
    levels = sorted(int(name.removesuffix(".png")) for name in members)
    order = sorted(range(12), key=lambda n: f"{n}.png")
    assert rows[:, 0, 0, 0].tolist() == [10 * levels[n] for n in order]
    assert "12 of 12 pictures are resized to 5×6 pixels." in source.notes
    assert any("have other proportions and are stretched" in note for note in source.notes)


def test_images_of_other_files_are_resized_too(tmp_path: Path) -> None:
    x = np.zeros((12, 8, 8, 3), np.uint8)
    x[:, 2:6, 2:6] = (16, 8, 0)
    np.save(tmp_path / "x.npy", x)
    source = opened(tmp_path / "x.npy", image_size=(4, 4), grey=True)
    assert (source.image_shape, source.num_values) == ((4, 4), 17)
    (block,) = source.blocks()
    assert block.max() <= 16
    np.testing.assert_array_equal(block, source.sample(99)[0])


def test_too_many_unpacked_bytes_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "p.zip", {f"{n}.png": bytes(900_000) for n in range(12)})
    with pytest.raises(DataTooLargeError, match="would have 11 million bytes unpacked; at most 10"):
        open_source(path, "p.zip", ImportOptions(), Limits(bytes=10_000_000))


def test_a_list_of_more_members_than_are_claimed_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "p.zip", {f"{n}.png": b"" for n in range(20)})
    content = path.read_bytes()
    end = content.rindex(b"PK\x05\x06")
    path.write_bytes(content[: end + 8] + b"\1\0\1\0" + content[end + 12 :])
    with pytest.raises(DataTooLargeError, match="has 6 members or more; at most 5"):
        open_source(path, "p.zip", ImportOptions(), Limits(members=5))


def test_names_of_files_that_are_no_text_are_shown_as_far_as_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    for number in range(12):
        name = os.fsdecode(b"\xff\xfe" if number % 2 else b"ab")
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / f"{number}.png").write_bytes(picture(np.zeros((4, 4), np.uint8)))
    assert imported(folder).label_names == ("ab", "??")
    (folder / os.fsdecode(b"\xff.png")).write_bytes(b"")
    with pytest.raises(DataError, match=r"^“\?\.png” in “photos” is in no folder"):
        opened(folder)


# Tables


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_columns_may_have_any_name(form: str, tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {name: ["1", "x" if name == "label" else "2"] * 6 for name in ("*", "^.$", "label")}
    )
    path = tmp_path / "t"
    frame.write_csv(path) if form == "csv" else frame.write_parquet(path)
    assert opened(path).feature_names == ("*", "^.$")
    frame = frame.drop("label")
    frame.write_csv(path) if form == "csv" else frame.write_parquet(path)
    assert opened(path, label_column="^.$").label_names == ("1", "2")


def test_ways_to_write_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"

    def read(text: str, encoding: str = "utf-8") -> Source:
        path.write_bytes(text.encode(encoding))
        return opened(path)

    expected = [[0.5, 1.0], [1.5, 2.0]] * 6
    body = "0.5,1\n1.5,2\n" * 6
    for text, encoding in (
        (f"a,é\n{body}", "utf-8-sig"),
        (f"a,é\n{body}", "utf-16"),
        (f"a,é\n{body}", "cp1252"),
        (f"a;é\n{body.replace(',', ';').replace('.', ',')}", "utf-8"),
        (f"a\té\n{body.replace(',', chr(9))}", "utf-8"),
        (f"a,é\n{body}".replace("\n", "\r\n"), "utf-8"),
        (f'"a","é"\n{body.replace("0.5", chr(34) + " 0.5" + chr(34))}', "utf-8"),
    ):
        source = read(text, encoding)
        assert source.feature_names == ("a", "é"), (text, encoding)
        np.testing.assert_array_equal(next(source.blocks()), expected)
    assert read(body).feature_names == ("x1", "x2")
    assert "Commas in numbers" in read("a;b\n" + "0,5;1\n" * 12).notes[0]


def test_columns_that_are_no_features(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    lines = [f"{n},{n * 2},{'true' if n % 2 else 'false'},{n % 3}" for n in range(12)]
    path.write_text("\n".join([",height,tall,Target", *lines]))
    source = opened(path)
    assert source.feature_names == ("height", "tall")
    assert source.label_names == ("0", "1", "2")
    assert source.notes == (
        "The first column only counts the rows and is left out.",
        "True and false became 1 and 0 in “tall”.",
    )
    assert opened(path, label_column=None).feature_names == ("height", "tall", "Target")
    assert opened(path, label_column="tall").label_names == ("false", "true")


def test_columns_called_pixels_make_images(tmp_path: Path) -> None:
    names = ",".join(f"pixel{n}" for n in range(64))
    row = ",".join(str(n % 17) for n in range(64))
    (tmp_path / "t.csv").write_text(
        "\n".join([f"label,{names}", *[f"{n % 2},{row}" for n in range(12)]])
    )
    source = opened(tmp_path / "t.csv")
    assert (source.image_shape, source.num_values, source.feature_names) == ((8, 8), 17, ())


def test_a_small_file_of_many_values_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.data.table._MOST_VALUES", 10_000)
    pl.DataFrame({"a": np.zeros(9000), "b": np.zeros(9000)}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataTooLargeError, match="9,000 rows of 2 columns; at most 10,000 values"):
        opened(tmp_path / "t.parquet")
