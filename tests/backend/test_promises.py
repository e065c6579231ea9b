"""The promises in the documentation name tests that exist, and settings that there are."""

from __future__ import annotations

import re

from backend.settings import Settings
from tests.conftest import ROOT

PROMISES = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")


def test_every_promise_names_a_test_that_exists() -> None:
    named = re.findall(r"`(tests/[\w/.]+?)(?:::(\w+))?`", PROMISES)
    assert len(named) > 20
    for file, name in named:
        assert (ROOT / file).exists(), file
        if name:
            assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"


def test_every_setting_that_is_named_exists() -> None:
    for name in re.findall(r"PRIORSCOPE_(\w+)", PROMISES):
        assert name.lower() in Settings.model_fields
