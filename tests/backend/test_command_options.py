"""Every field of a run's configuration can be given on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from backend.commands.run_options import configure
from models.config import RunConfig
from models.priors import PRIORS

OPTIONS: dict[str, dict[str, Any]] = {
    "standard": {},
    "mog": {"num_components": 7, "weights": "uniform", "initialization": "random"},
    "vampprior": {"num_components": 5, "weights": "uniform", "initialization": "random"},
    "gtm": {"grid_size": 3, "grid_extent": 2.5, "hidden_width": 8, "weights": "uniform"},
    "gtm_vampprior": {"grid_size": 2, "grid_extent": 0.5, "hidden_width": 9, "weights": "uniform"},
    "flow": {"num_couplings": 3, "hidden_width": 11},
}
OTHERS: dict[str, Any] = {
    "split": {"kind": "stratified", "seed": 3},
    "latent_dim": 3,
    "likelihood": {"kind": "categorical", "num_values": 5},
    "network": {"hidden": [32, 16], "activation": "tanh"},
    "training": {
        "epochs": 9,
        "batch_size": 32,
        "learning_rate": 1e-05,
        "schedule": "constant",
        "weight_decay": 0.0,
        "weight_average": 0.5,
        "beta": 4.0,
        "warmup_epochs": 0,
        "patience": 7,
        "validation_samples": 3,
        "device": "cpu",
        "precision": "bfloat16",
        "seed": 6,
    },
}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield path and value of every field; a list is one value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    else:
        yield path, value


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "bare words"])
@pytest.mark.parametrize("kind", PRIORS)
def test_a_configuration_survives_the_command_line(kind: str, as_json: bool) -> None:
    config = RunConfig.model_validate({"prior": {"kind": kind, **OPTIONS[kind]}, **OTHERS})
    fields = dict(leaves(config.model_dump(mode="json")))
    changed = dict(leaves(RunConfig.model_validate({"prior": {"kind": kind}}).model_dump()))
    same = {name for name, value in changed.items() if fields.get(name) == value}
    # All that has another value than its default is different here.
    assert same == {"dataset", "prior.kind", "likelihood.kind", "network.kind"}
    assignments = [
        f"{name}={value if isinstance(value, str) and not as_json else json.dumps(value)}"
        for name, value in fields.items()
    ]
    asked = configure(kind, None, None, None, assignments, None)
    assert {name: getattr(asked, name) for name in RunConfig.model_fields} == dict(config)


OTHER_KINDS: dict[str, dict[str, Any]] = {
    "bernoulli": {"likelihood": {"kind": "bernoulli"}},
    "logistic": {"likelihood": {"kind": "discretized_logistic", "scale": "learned"}},
    "gaussian": {"likelihood": {"kind": "gaussian", "scale": "predicted", "min_scale": 0.2}},
    "convolutional": {
        "network": {
            "kind": "convolutional",
            "channels": [4, 8, 16],
            "hidden": [12],
            "activation": "gelu",
        }
    },
}


@pytest.mark.parametrize("name", OTHER_KINDS)
def test_so_do_other_likelihoods_and_networks(name: str) -> None:
    given = OTHER_KINDS[name]
    assignments = [f"{path}={json.dumps(value)}" for path, value in leaves(given)]
    asked = configure("mog", None, None, None, assignments, None)
    for field, options in given.items():
        assert getattr(asked, field).model_dump() == options


def test_nothing_is_something_too() -> None:
    assert configure("mog", None, None, None, ["name=null", "frozen_from=null"], None).name is None
