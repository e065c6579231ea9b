"""Names, paths and files of others stay what they are: text, and inside."""

from __future__ import annotations

import ast
import io
import json
import logging
import re
from pathlib import Path

import httpx
import pytest

from backend.commands import listing, training
from backend.logs import JsonLines, TextLines
from backend.settings import Settings
from backend.storage import RunStore
from backend.visible_text import visible
from models.config import RunConfig
from tests.conftest import ROOT, ServerProcess

HARM = "\x1b]0;owned\x07\x1b[2J[red]x[/red][/b] \r\n2026-01-01 00:00:00 ERROR fake \u202e\u2028é漢"


def test_what_cannot_be_seen_is_written_out() -> None:
    assert visible("plain – é 漢字 😀") == "plain – é 漢字 😀"
    assert visible("a\x1b[2Jb\n\u202e\ud800") == r"a\x1b[2Jb\n\u202e\ud800"
    assert visible(HARM).isprintable()


def test_a_terminal_is_not_commanded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    store = RunStore(settings)
    run = store.create(RunConfig.model_validate({"prior": {"kind": "mog"}}), HARM)
    store.finish(run.id, "failed", error=HARM)
    listing.show(settings, 10)
    training.report(store.get(run.id), id_only=False)
    store.close()
    shown = "".join(capsys.readouterr())
    assert re.search("[\x00-\x09\x0b-\x1f\u2028\u202e]", shown) is None
    assert "[red]" in shown
    assert not any(line.startswith("2026-") for line in shown.splitlines())


@pytest.mark.parametrize("formatter", [TextLines(), JsonLines()])
def test_a_record_is_one_line(formatter: logging.Formatter) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("test")
    logger.addHandler(handler)
    try:
        raise ValueError(HARM)
    except ValueError:
        logger.exception("Failed on %s", HARM, extra={"fields": {"path": HARM}})
    written = stream.getvalue()
    first, *others = written.splitlines()
    assert re.search("[\x00-\x09\x0b-\x1f\u2028\u202e]", written) is None
    assert "Failed on" in first
    if isinstance(formatter, JsonLines):
        assert others == []
        entry = json.loads(first)
        assert entry["path"] == HARM
        assert "ValueError" in entry["trace"]
    else:
        assert all(line.startswith("    ") for line in others)


ROOTS = ["/", "/styles/", "/@0123456789abcdef/", "/vendor/"]
WAYS_OUT = [
    "../pyproject.toml",
    "%2e%2e/pyproject.toml",
    "..%2fpyproject.toml",
    "..%5cpyproject.toml",
    "%252e%252e%252fpyproject.toml",
    "....//pyproject.toml",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "file:///etc/passwd",
    "index.html%00.js",
    "%00",
    "~root/.bashrc",
    ".git/config",
]


def test_no_address_leads_out_of_the_page(server: ServerProcess) -> None:
    with httpx.Client(base_url=server.url) as http:
        for root in ROOTS:
            for way in WAYS_OUT:
                response = http.get(
                    httpx.URL(server.url).copy_with(raw_path=f"{root}{way}".encode())
                )
                assert response.status_code == 404, response.url
                assert "[project]" not in response.text
                assert "root:" not in response.text
        for run in ("..", "%2e%2e", "..%2f..%2fpriorscope.db", "%00", "x" * 5000, "a%2fb"):
            for path in (f"/api/runs/{run}", f"/api/runs/{run}/points", f"/api/datasets/{run}"):
                asked = httpx.URL(server.url).copy_with(raw_path=path.encode())
                assert http.get(asked).status_code == 404, path
            assert http.delete(asked).status_code in (404, 405)


def test_nothing_here_runs_what_it_reads() -> None:
    forbidden = {"pickle", "dill", "cloudpickle", "marshal", "shelve", "joblib", "yaml"}
    for file in [*(ROOT / "backend").rglob("*.py"), *(ROOT / "models").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert not {alias.name.split(".")[0] for alias in node.names} & forbidden, file
            elif isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] not in forbidden, file
            elif isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in ("eval", "exec", "torch.load", "os.system"), file
                for keyword in node.keywords:
                    if keyword.arg in ("allow_pickle", "shell"):
                        assert ast.unparse(keyword.value) == "False", file
