"""The whole interface as it describes itself, tried by Schemathesis (``make test-api``).

With the token and without it; every operation but the two endless streams of events, which
``tests/backend/test_events.py`` follows. The ids in answers lead from one operation to others.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT, Serve, ServerProcess

pytestmark = pytest.mark.schema

TOOL = shutil.which(os.environ.get("SCHEMATHESIS", "schemathesis")) or "schemathesis"
TOKEN = "schema-test-token"
EXAMPLES = int(os.environ.get("PRIORSCOPE_SCHEMA_EXAMPLES", "25"))
TINY = {"network": {"kind": "mlp", "hidden": [16]}, "training": {"epochs": 2, "warmup_epochs": 1}}
ENDLESS = ["/api/events", "/api/runs/{run_id}/events"]
# Whether an upload is a picture or a run has a plane is nothing that a schema could say.
UNFAIR = "positive_data_acceptance"


class Tried(NamedTuple):
    """What Schemathesis found."""

    cases: int
    report: str
    passed: bool


@pytest.fixture(scope="module")
def server(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("schema") / "data"
    server = serve(data, token=TOKEN, workers=1, max_queue=3, max_body_megabytes=4)
    server.client.http.headers["Authorization"] = f"Bearer {TOKEN}"
    yield server
    server.stop()


@pytest.fixture(scope="module")
def known(server: ServerProcess) -> dict[str, list[str]]:
    """Runs of several kinds, and the data sets that there are."""
    bodies = [
        {"prior": {"kind": "vampprior"}},
        {"prior": {"kind": "flow", "num_couplings": 2}, "latent_dim": 3},
    ]
    runs = [server.client.create_run(body | TINY).id for body in bodies]
    for run in runs:
        assert list(server.client.events(run))
    return {"run_id": runs, "dataset_id": ["digits"]}


def attempt(server: ServerProcess, folder: Path, *options: str, **environment: str) -> Tried:
    """Run Schemathesis over the server's own description."""
    schema = folder / "openapi.json"
    schema.write_bytes(server.client.http.get("/api/openapi.json").content)
    excluded = [word for path in ENDLESS for word in ("--exclude-path", path)]
    done = subprocess.run(
        [
            *(TOOL, "run", str(schema), "--url", server.url),
            *("--request-timeout", "30", "--continue-on-failure", "--exclude-checks", UNFAIR),
            *("--no-color", "--generation-database", "none", "--seed", "1"),
            *excluded,
            *options,
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
    )
    found = re.search(r"([\d,]+) generated", done.stdout)
    cases = int(found[1].replace(",", "")) if found else 0
    print(f"{cases} cases\n{done.stdout}")
    return Tried(cases, done.stdout + done.stderr, done.returncode == 0)


def test_with_the_token_it_does_what_it_says(
    server: ServerProcess, known: dict[str, list[str]], tmp_path: Path
) -> None:
    tried = attempt(
        server,
        tmp_path,
        *("--header", f"Authorization: Bearer {TOKEN}"),
        *("--phases", "coverage,fuzzing,stateful", "--max-examples", str(EXAMPLES)),
        SCHEMATHESIS_HOOKS="tests.schema.hooks",
        PRIORSCOPE_KNOWN_IDS=json.dumps(known),
    )
    assert tried.passed, tried.report
    assert tried.cases > 1000
    assert server.client.health().status == "ok"


def test_without_the_token_it_does_nothing(server: ServerProcess, tmp_path: Path) -> None:
    before = server.client.runs().total
    tried = attempt(
        server, tmp_path, "--phases", "coverage,fuzzing,stateful", "--max-examples", str(EXAMPLES)
    )
    assert tried.passed, tried.report
    assert tried.cases > 500
    assert server.client.runs().total == before


def test_nothing_unexpected_happened(server: ServerProcess) -> None:
    assert " ERROR " not in server.log.read_text()
