"""How processes that train start, where that is not as usual."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from backend import fork_server
from tests.conftest import ROOT

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere they are spawned")

SCRIPT = """
import backend.fork_server

def where():
    import sys
    sys.exit(0 if sys.modules["backend"].__file__ == {expected!r} else 3)

if __name__ == "__main__":
    process = backend.fork_server.context().Process(target=where)
    process.start()
    process.join()
    print(process.exitcode)
"""


@linux
def test_they_are_forked() -> None:
    assert fork_server.context().get_start_method() == "forkserver"


@pytest.mark.parametrize("folder", ["x" * 80, None], ids=["long", "none"])
def test_without_a_place_for_a_socket_they_are_spawned(
    folder: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gettempdir() -> str:
        if folder is None:
            raise FileNotFoundError("No usable temporary directory found")
        return f"/{folder}"

    monkeypatch.setattr(tempfile, "gettempdir", gettempdir)
    assert fork_server.context().get_start_method() == "spawn"


@linux
def test_packages_of_the_working_directory_are_not_taken_for_ours(tmp_path: Path) -> None:
    for name in ("backend", "models"):
        (tmp_path / "work" / name).mkdir(parents=True)
        (tmp_path / "work" / name / "__init__.py").touch()
    script = tmp_path / "bin" / "program.py"
    script.parent.mkdir()
    script.write_text(SCRIPT.format(expected=str(ROOT / "backend" / "__init__.py")))
    ended = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path / "work",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ended.stdout, ended.stderr) == ("0\n", "")
