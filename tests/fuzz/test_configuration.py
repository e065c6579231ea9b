"""Configurations of runs and imports: as JSON, from options of commands, from forms."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from backend.commands.run_options import configure
from backend.dataset_schemas import CreateDataset
from backend.errors import PriorscopeError
from backend.field_errors import explain
from backend.schemas import CreateRun
from models.config import RunConfig
from models.config import given as given_fields
from models.priors import PRIORS
from tests.fuzz.guard import fuzzing, guarded
from tests.fuzz.mutation import hostile

RUNS: list[dict[str, Any]] = [
    *(CreateRun(prior=prior.options()).model_dump(mode="json") for prior in PRIORS.values()),
    {"prior": {"kind": "mog"}, "network": {"hidden": [32]}, "training": {"epochs": 3}},
]
IMPORTS: list[dict[str, Any]] = [
    {"upload": "a", "id": "x", "title": "X", "image_size": [8, 8], "split": {"seed": 3}},
    {"openml": {"name": "iris", "version": 1}, "label_column": None},
]
_strange = st.one_of(
    st.none(),
    st.booleans(),
    st.integers() | st.sampled_from([2**31, 2**63, 10**400, -1]),
    st.floats(),
    st.text(max_size=8) | st.sampled_from(["\ud800", "x" * 300, "\0", "1", "digits"]),
)
values = st.recursive(
    _strange,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def bodies(draw: st.DrawFn, valid: list[dict[str, Any]]) -> Any:
    """A valid body in which a few values, at any depth, are others."""
    body = json.loads(json.dumps(draw(st.sampled_from(valid))))
    for _ in range(draw(st.integers(1, 3))):
        here = body
        while here and draw(st.booleans()):
            inner = [value for value in here.values() if isinstance(value, dict)]
            if not inner:
                break
            here = draw(st.sampled_from(inner))
        here[draw(st.sampled_from(sorted(here) or ["kind"]) | st.text(max_size=5))] = draw(values)
    return body


def _explained(model: type[BaseModel], body: Any) -> None:
    with guarded():
        try:
            found = model.model_validate(body)
        except ValidationError as error:
            wrong = explain(error.errors(), body)
            assert wrong
            for each in wrong:
                assert 5 < len(each.message) < 1500
        else:
            if isinstance(found, RunConfig):
                assert type(found).model_validate(given_fields(found)) == found
                assert type(found).model_validate_json(found.model_dump_json()) == found


@fuzzing
@given(body=bodies(RUNS) | values)
def test_run(body: Any) -> None:
    _explained(CreateRun, body)


@fuzzing
@given(body=bodies(IMPORTS) | values)
def test_import(body: Any) -> None:
    _explained(CreateDataset, body)


@fuzzing
@given(content=hostile(*(json.dumps(body).encode() for body in RUNS), magic=b"{"))
@example(content=b"[" * 100_000)
@example(content=b'{"training": {"epochs": ' + b"1" * 5000 + b"}}")
def test_stored_configuration(content: bytes) -> None:
    with guarded():
        try:
            RunConfig.model_validate_json(content)
        except ValidationError as error:
            explain(error.errors(), {})


paths = st.sampled_from(
    [
        *("prior.num_components", "prior", "training.epochs", "network.hidden", "likelihood.kind"),
        *(
            "prior.kind",
            "network",
            "dataset",
            "latent_dim",
            "split.kind",
            "split.seed",
            "name",
            "x",
        ),
        *("", ".", "prior.", "a.b.c", "prior.kind.x", "frozen_from", "training.seed.x"),
    ]
)
texts = st.one_of(
    values.map(json.dumps),
    st.text(max_size=12),
    st.sampled_from(
        ["[" * 5_000, "1" * 5000, "-" + "9" * 4301, "NaN", "1e999", "[8,8]", '"\\ud800"']
    ),
    st.integers(1, 3000).map(lambda depth: '{"a":' * depth),
)


@fuzzing
@given(
    prior=st.sampled_from([*PRIORS, "none", ""]),
    assignments=st.lists(
        st.builds("{}={}".format, paths, texts) | st.text(max_size=20), min_size=1, max_size=3
    ),
)
@example(prior="mog", assignments=["training.epochs=" + "1" * 5000])
@example(prior="mog", assignments=["x=" + "[" * 5_000])
def test_options_of_commands(prior: str, assignments: list[str]) -> None:
    with guarded():
        try:
            configure(prior, None, None, None, assignments)
        except PriorscopeError as error:
            said = str(error)
        else:
            said = "It is possible."
    assert 5 < len(said) < 5000
