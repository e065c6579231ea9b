"""``priorscope data``, as a person uses it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backend import cli
from backend.settings import Settings
from backend.storage import RunStore
from tests.backend import hostile

Until = Callable[[Callable[[], object]], None]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[object, str, str]]:
    """Run the command in this process; return exit status, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setenv("PRIORSCOPE_DATA_DIR", str(tmp_path / "data"))

    def run(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["priorscope", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        shown = capsys.readouterr()
        return ended.value.code, shown.out, shown.err

    return run


Data = Callable[..., tuple[object, str, str]]


@pytest.mark.parametrize("command", ["add", "list", "show", "remove"])
def test_every_command_explains_itself_with_an_example(command: str, data: Data) -> None:
    status, out, _ = data("data", command, "--help")
    assert status == 0
    assert f"priorscope data {command}" in out
    assert "Example" in out
    assert "--data-dir" in out


def test_from_a_file_to_a_run(data: Data, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes(hostile.csv(rows=60))
    added = data("data", "add", "people", "people.csv", "--train", "0.5", "--validation", "0.25",
                 "--test", "0.25", "--title", "People")  # fmt: skip
    assert added == (
        0,
        "Added “people”: 60 vectors of 2 numbers in 2 classes, from people.csv. 30 train, 15 "
        "validate, 15 test.\n"
        "Train on it with: priorscope train --prior vampprior --dataset people\n",
        "",
    )
    _, listed, _ = data("data", "list")
    (line,) = [line for line in listed.splitlines() if " people " in line]
    for text in ("Vectors of 2 numbers", " 30 ", " 15 ", " 2 ", "folder"):
        assert text in line
    _, shown, _ = data("data", "show", "people")
    for text in ("People (people): 60 vectors", "no 15, yes 15", "height: ", "Gaussian, because"):
        assert text in shown

    options = ("--epochs", "1", "--set", "network.hidden=[8]", "--name", "Mine")
    status, out, err = data("train", "--prior", "standard", "--dataset", "people", *options)
    assert (status, err) == (0, "")
    assert "“Mine” finished" in out
    status, _, err = data("data", "remove", "people")
    assert (status, err) == (
        1,
        "“people” is used by 1 run: “Mine”. Delete them first.\n",
    )
    store = RunStore(Settings(data_dir=tmp_path / "data"))
    store.delete(store.list().items[0].id)
    store.close()
    assert data("data", "remove", "people") == (0, "Removed “people”.\n", "")
    assert "people" not in data("data", "list")[1]


def test_a_terminal_is_not_commanded_by_what_files_call_things(data: Data, tmp_path: Path) -> None:
    harm = "\x9b2J[red]\u202e"
    header = ",".join([f"{harm}1", f"{harm}2", "label"])
    rows = [f"{n},{n},{harm}{n % 2}" for n in range(20)]
    (tmp_path / f"{harm}.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    for arguments in (("add", "harm", f"{harm}.csv"), ("show", "harm"), ("list",)):
        status, out, err = data("data", *arguments)
        assert (status, err) == (0, "")
        assert not {"\x9b", "\u202e"} & set(out)
    assert r"\x9b2J[red]\u202e1: 0 to 19" in data("data", "show", "harm")[1]


def test_a_folder_of_pictures(data: Data, tmp_path: Path) -> None:
    for name, content in hostile.pictures().items():
        path = tmp_path / "pets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    status, out, _ = data("data", "add", "pets", "pets", "--image-size", "4x6")
    assert status == 0
    assert "20 grey images of 4×6 pixels in 2 classes, from pets." in out
    assert "20 of 20 pictures are resized to 4×6 pixels." in out
    (tmp_path / "pets" / "a" / "00.png").write_bytes(b"no picture")
    status, _, err = data("data", "add", "more-pets", "pets")
    assert status == 1
    assert "“a/00.png” in “pets” is no picture, or damaged" in err
    (tmp_path / "pets" / "a" / "00.png").unlink()
    (tmp_path / "pets" / "a" / "00.png").symlink_to("nowhere")
    status, _, err = data("data", "add", "more-pets", "pets")
    assert (status, err) == (
        1,
        "“a/00.png” in “pets” cannot be opened: No such file or directory.\n",
    )


MISTAKES = [
    (("add", "Pets", "x.csv"), "id: An id has 1 to 60 of the characters a-z"),
    (("add", "pets"), "Give a file or a folder, or a data set of OpenML"),
    (("add", "pets", "x.csv", "--openml", "iris"), "Give a file or a folder, or"),
    (("add", "pets", "nowhere.csv"), "There is no file or folder nowhere.csv"),
    (("add", "digits", "x.csv"), "There is a data set “digits” already"),
    (("add", "pets", "x.csv", "--image-size", "large"), "such as 32x32; got 'large'"),
    (("add", "pets", "x.csv", "--image-size", "0x9"), "image_size.0: Input should be greater"),
    (("add", "pets", "x.csv", "--train", "0.9"), "split: Train, validation and test have to add"),
    (("add", "pets", "x.csv", "--label-column", "b"), "“x.csv” has no column “b”"),
    (("add", "pets", "--openml", "a/b"), "--openml takes a name, such as mnist_784"),
    (("add", "pets", "empty"), "There are no pictures in “empty”"),
    (("show", "none"), "There is no data set “none”. Known data sets: digits, iris"),
    (("remove", "none"), "There is no data set “none”"),
    (("remove", "iris"), "“Iris” comes with Priorscope: it cannot be removed here"),
]


@pytest.mark.parametrize(("arguments", "said"), MISTAKES, ids=[" ".join(a) for a, _ in MISTAKES])
def test_mistakes_are_answered_with_one_sentence(
    arguments: tuple[str, ...], said: str, data: Data, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_bytes(hostile.csv())
    (tmp_path / "empty").mkdir()
    status, out, err = data("data", *arguments)
    assert status == 1
    assert said in err
    assert (out, err.count("\n")) == ("", 1)
    assert not list((tmp_path / "data").glob("datasets/*"))
    assert [path.name for path in (tmp_path / "data").glob("incoming/*")] in ([], ["sweep.lock"])


def test_ctrl_c_leaves_nothing(tmp_path: Path, until: Until) -> None:
    picture = hostile.png(1200, 1200)
    slow = hostile.zipped({f"{number}.png": picture for number in range(1000)})
    (tmp_path / "slow.zip").write_bytes(slow)
    process = subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "data", "add", "slow", str(tmp_path / "slow.zip"),
         "--image-size", "32x32", "--data-dir", str(tmp_path / "data")],
        cwd=ROOT,
        # Tests that run in the background ignore Ctrl-C, and what they start would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    until(lambda: list((tmp_path / "data").glob("incoming/*/dataset/x.npy")))
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out, err) == (130, "", "Stopped; nothing of it was kept.\n")
    assert not list((tmp_path / "data").glob("datasets/*"))
    assert [path.name for path in (tmp_path / "data" / "incoming").iterdir()] == ["sweep.lock"]
