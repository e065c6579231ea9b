"""What several commands take: options, and the settings that follow from them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from backend.errors import PriorscopeError
from backend.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the database and the checkpoints. "
        "Default: $PRIORSCOPE_DATA_DIR, or priorscope-data in this folder.",
        file_okay=False,
    ),
]
Dataset = Annotated[str, typer.Option(help="Id of the data set.")]
Epochs = Annotated[int | None, typer.Option(min=1, help="Epochs at the most.")]
Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Any field of the configuration; repeatable."),
]


def choose_settings(**given: Any) -> Settings:
    """Return the environment's settings, but for those given on the command line."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except (ValidationError, SettingsError) as error:
        raise PriorscopeError(_bad_setting(error)) from error


def refuse_both(server: str | None, data_dir: Path | None, because: str) -> None:
    """Refuse a server and a data folder in one command, for ``because`` the server has its own."""
    if server is not None and data_dir is not None:
        raise PriorscopeError(f"--server {because}: leave out --data-dir.")


def _bad_setting(error: ValidationError | SettingsError) -> str:
    if isinstance(error, SettingsError):
        return str(error)
    return "; ".join(
        f"PRIORSCOPE_{name.upper()} is wrong: {item['msg']}"
        # A secret stays one, even if it is no good.
        + ("" if name == "token" else f" (got {item['input']!r})")
        for item in error.errors()
        for name in [str(item["loc"][0])]
    )
