"""What the page says reproduces the screen does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from backend.schemas import Run
from tests.browser.conftest import TINY
from tests.browser.screen import plane
from tests.conftest import ROOT

NAME = "it's \"$(touch pwned)\" `touch pwned`; touch pwned # \\' !!\n\u202ex"
CONFIG = {
    "prior": {"kind": "mog", "num_components": 5},
    "network": {"hidden": [24]},
    "training": TINY | {"warmup_epochs": 1},
}
COMMAND = f'priorscope() {{ {sys.executable} -m backend.cli "$@"; }}\n'


@pytest.fixture
def tricky(client: Any, train: Any) -> Iterator[Run]:
    """A run with options of its own and a name that means harm to a shell."""
    run = train(client, "mog", name=NAME, **(CONFIG | {"prior": CONFIG["prior"]}))
    yield run
    for made in client.runs(limit=500).items:
        if made.name == run.name:
            client.delete_run(made.id)


def shell(text: str, folder: Path) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    done = subprocess.run(
        ["bash", "-c", text], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_command_python_and_curl_give_the_same_figures(
    watch: Any, server: Any, client: Any, tricky: Run, tmp_path: Path
) -> None:
    page = watch.open(f"{server.url}/#runs={tricky.id}&field=log_ratio&pins={tricky.id}:0.5,-1")
    context = page.context
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    plane(page)
    page.get_by_role("button", name="Reproduce").click()
    dialog = page.get_by_role("dialog", name="Reproduce what is on the screen")
    text = dialog.get_by_role("tabpanel")
    expect(dialog.get_by_text("on cpu, float32.")).to_be_visible()
    texts = {}
    expect(dialog.get_by_role("tab", name="Command")).to_be_focused()
    for name in ("Command", "Python", "curl"):
        expect(dialog.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        dialog.get_by_role("button", name="Copy").click()
        expect(dialog.get_by_role("status")).to_have_text("Copied.")
        texts[name] = page.evaluate("navigator.clipboard.readText()")
        assert texts[name] == text.inner_text() or text.inner_text() in texts[name]
        dialog.get_by_role("tab", name=name).focus()
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    for name in texts:
        (tmp_path / name).mkdir()
    (tmp_path / "Python" / "reproduce.py").write_text(texts["Python"], encoding="utf-8")
    commands = {
        "Command": COMMAND + texts["Command"],
        "Python": f"{sys.executable} reproduce.py",
        "curl": texts["curl"],
    }
    with ThreadPoolExecutor() as pool:
        outputs = pool.map(lambda name: shell(commands[name], tmp_path / name), commands)
        said, printed, answered = outputs

    made = [run for run in client.runs(limit=500).items if run.name == tricky.name]
    assert len(made) == 4
    assert all(run.config == tricky.config and run.metrics == tricky.metrics for run in made)
    assert not list(tmp_path.rglob("pwned"))

    assert tricky.metrics is not None
    elbo = -tricky.metrics.test.elbo.value
    assert f"{elbo:.2f}" in said
    (trained,) = re.findall(r"\((\w{12})\)", said)
    assert trained in {run.id for run in made} - {tricky.id}
    holes = client.holes(tricky.id, tau=10)
    assert f"{len(holes.holes)} of {holes.found} holes" in said
    assert f"holes {holes.found} the largest at " in printed
    listed = json.loads((tmp_path / "curl" / "holes-1.json").read_text())
    assert [hole["mass"] for hole in listed["holes"]] == [hole.mass for hole in holes.holes]
    assert "1 of " in said
    assert f"test -ELBO {elbo!r}" in printed
    assert (
        json.loads(answered)["hole_mass"]
        == client.http.get(f"/api/runs/{tricky.id}/metrics").json()["hole_mass"]
    )
    # The field and the pins, too, are those on the screen.
    field = json.loads((tmp_path / "curl" / "density-1.json").read_text())
    asked = page.evaluate(
        "performance.getEntriesByType('resource').map(entry => entry.name)"
        ".findLast(name => name.includes('field=log_ratio'))"
    )
    shown = client.http.get(asked).json()
    assert field["z1"] == shown["z1"]
    assert field["values"] == shown["values"]
    pins = json.loads((tmp_path / "curl" / "pins-1.json").read_text())
    original = client.http.post(f"/api/runs/{tricky.id}/decode", json={"z": [[0.5, -1.0]]}).json()
    assert pins["images"] == original["images"]
    assert re.search(r"log p\(z\) of the pins \[-?\d", printed)
