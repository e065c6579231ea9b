from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from backend import __version__
from backend.settings import Settings

EXAMPLES = {
    "data_dir": "/somewhere/else",
    "database_url": "sqlite://",
    "host": "0.0.0.0",
    "port": "0",
    "workers": "7",
    "demo": "true",
    "open": "true",
    "max_resolution": "99",
    "max_points": "99",
    "max_frames": "99",
    "max_megapixels": "99",
    "max_body_megabytes": "99",
    "max_upload_megabytes": "99",
    "max_dataset_megabytes": "99",
    "memory_map_megabytes": "99",
    "data_path": "/somewhere",
    "max_queue": "9",
    "keep_runs": "9",
    "keep_snapshots": "9",
    "loaded_runs": "9",
    "token": "0123456789abcdef",
    "allowed_hosts": "here.example",
    "log_level": "info",
    "log_format": "json",
    "explore_threads": "7",
    "max_waiting": "9",
    "answer_seconds": "9.0",
    "cache_megabytes": "9",
    "max_streams": "9",
    "max_client_streams": "9",
    "max_connections": "9",
    "patience_seconds": "9.0",
}


def test_there_is_an_example_for_each_setting() -> None:
    assert set(EXAMPLES) == set(Settings.model_fields)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_is_read_from_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"PRIORSCOPE_{name.upper()}", EXAMPLES[name])
    value = getattr(Settings(), name)
    assert str(value).lower() == EXAMPLES[name]
    monkeypatch.delenv(f"PRIORSCOPE_{name.upper()}")
    assert getattr(Settings(), name) != value


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_is_documented(name: str) -> None:
    assert len(Settings.model_fields[name].description or "") > 20


@pytest.mark.parametrize(
    ("name", "value"), [("workers", 0), ("port", 65536), ("max_resolution", 7), ("max_queue", 0)]
)
def test_impossible_values_are_refused(name: str, value: int) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings.model_validate({name: value})


def test_the_database_lies_in_the_data_folder_by_default(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).url == f"sqlite:///{tmp_path}/priorscope.db"


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__
