"""Data sets of OpenML, fetched by scikit-learn from a server that stands in for openml.org."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import _openml

from models.data.errors import DataError
from models.data.openml import OpenmlOrigin, read_openml
from models.data.options import ImportOptions, Limits
from models.data.source import Source

ROWS = 20
ARFF = "\n".join(
    [
        "@RELATION small",
        "@ATTRIBUTE width REAL",
        "@ATTRIBUTE leaf {round,long}",
        "@ATTRIBUTE kind {oak,elm}",
        "@ATTRIBUTE age REAL",
        "@DATA",
        *(
            f"{n / 2},{('round', 'long')[n % 2]},{('oak', 'elm')[n % 2]},{n + 0.5}"
            for n in range(ROWS)
        ),
    ]
).encode()


def feature(number: int, name: str, kind: str, target: bool = False) -> dict[str, Any]:
    return {
        "index": str(number),
        "name": name,
        "data_type": kind,
        "is_target": str(target).lower(),
        "is_ignore": "false",
        "is_row_identifier": "false",
        "number_of_missing_values": "0",
        **({"nominal_value": ["oak", "elm"]} if kind == "nominal" else {}),
    }


ANSWERS: dict[str, Any] = {
    "/list/small": {
        "data": {"dataset": [{"did": 7, "name": "small", "version": 3, "status": "active"}]}
    },
    "/info/7": {
        "data_set_description": {
            "id": "7",
            "name": "small",
            "version": "3",
            "status": "active",
            "format": "ARFF",
            "description": "Trees.",
            "md5_checksum": hashlib.md5(ARFF).hexdigest(),
        }
    },
    "/features/7": {
        "data_features": {
            "feature": [
                feature(0, "width", "numeric"),
                feature(1, "leaf", "nominal"),
                feature(2, "kind", "nominal", target=True),
                feature(3, "age", "numeric"),
            ]
        }
    },
    "/qualities/7": {
        "data_qualities": {"quality": [{"name": "NumberOfInstances", "value": str(ROWS)}]}
    },
}


class _Openml(BaseHTTPRequestHandler):
    """Answers a few questions as openml.org does."""

    asked: list[str]

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        if self.path == "/small.arff":
            self._answer(200, ARFF)
            return
        for start, answer in ANSWERS.items():
            if self.path.startswith(start):
                host, port = self.server.server_address[:2]
                url = {"url": f"http://{host!s}:{port}/small.arff"}
                body = json.loads(json.dumps(answer))
                body.get("data_set_description", {}).update(url)
                self._answer(200, json.dumps(body).encode())
                return
        self._answer(412, b"{}")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let a server on this machine stand in for openml.org; what it is asked is listed."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Openml) as server:
        server.asked = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(_openml, "_SEARCH_NAME", root + "/list/{}/limit/2")
        monkeypatch.setattr(_openml, "_DATA_INFO", root + "/info/{}")
        monkeypatch.setattr(_openml, "_DATA_FEATURES", root + "/features/{}")
        monkeypatch.setattr(_openml, "_DATA_QUALITIES", root + "/qualities/{}")
        yield server.asked  # type: ignore[attr-defined]
        server.shutdown()


def read(folder: Path, name: str = "small", version: int | None = None, **options: Any) -> Source:
    origin = OpenmlOrigin(name, version, folder / "work", folder / "cache")
    return read_openml(origin, ImportOptions.model_validate(options), Limits())


def test_a_set_is_fetched_once(asked: list[str], tmp_path: Path) -> None:
    source = read(tmp_path)
    assert source.feature_names == ("width", "leaf", "age")
    assert source.label_names == ("elm", "oak")
    assert source.label.tolist() == [1, 0] * (ROWS // 2)
    (block,) = source.blocks()
    expected = [[n / 2, n % 2, n + 0.5] for n in range(ROWS)]
    np.testing.assert_array_equal(block, expected)
    assert source.notes == (
        "Words became numbers, in the order of OpenML's list of them, in “leaf”.",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    before = len(asked)
    assert before > 0
    read(tmp_path)
    assert len(asked) == before
    assert read(tmp_path, label_column="leaf").feature_names == ("width", "kind", "age")
    assert read(tmp_path, label_column=None).label_names == ()


def test_what_openml_does_not_have_is_said(asked: list[str], tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"“none” cannot be read from OpenML: No active dataset"):
        read(tmp_path, "none")
    with pytest.raises(DataError, match=r"“none”, version 4 cannot be read .*version 4 not found"):
        read(tmp_path, "none", 4)
    assert not (tmp_path / "cache").exists()
    with pytest.raises(DataError, match=r"The target of “small” of OpenML holds 0\.5 in row 0"):
        read(tmp_path, label_column="age")


def test_without_openml_it_is_said(asked: list[str], tmp_path: Path) -> None:
    for name in ("_SEARCH_NAME", "_DATA_INFO"):
        setattr(_openml, name, "http://127.0.0.1:9/{}")
    with pytest.raises(DataError, match=r"openml\.org cannot be reached .*Connection refused"):
        read(tmp_path)
