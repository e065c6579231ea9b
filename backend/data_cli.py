"""The commands ``priorscope data``: add, list, show and remove data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backend.command_options import DataDir, choose_settings

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")

DatasetId = Annotated[str, typer.Argument(metavar="NAME", help="Id of the data set.")]


@app.command(
    epilog="Examples:\n\n- `priorscope data add cats cats.zip --image-size 32x32`\n\n"
    "- `priorscope data add wines wines.csv --label-column grower`\n\n"
    "- `priorscope data add mnist --openml mnist_784`"
)
def add(
    name: Annotated[str, typer.Argument(help="Id of the data set: a-z, 0-9, _ and -.")],
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE_OR_FOLDER",
            help="Arrays (.npz with x and, perhaps, y; .npy), a zip or a folder of pictures "
            "(folders in it are classes), a table (CSV, Parquet), or IDX files as MNIST's.",
        ),
    ] = None,
    openml: Annotated[
        str | None,
        typer.Option(metavar="NAME[:VERSION]", help="Fetch this data set of openml.org instead."),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title. Default: the file's name.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is.")] = None,
    label_column: Annotated[
        str | None,
        typer.Option(
            help="Of a table: the column of the classes. Default: label, class, target or y."
        ),
    ] = None,
    no_labels: Annotated[bool, typer.Option("--no-labels", help="Of a table: no classes.")] = False,
    image_size: Annotated[
        str | None,
        typer.Option(
            metavar="HEIGHTxWIDTH",
            help="Resize pictures; take rows of that many numbers for images.",
        ),
    ] = None,
    grey: Annotated[bool, typer.Option("--grey", help="Make colour pictures grey.")] = False,
    train_share: Annotated[
        float | None, typer.Option("--train", help="Share of rows to train on.", show_default="0.7")
    ] = None,
    validation: Annotated[
        float | None, typer.Option(help="Share that says when to stop.", show_default="0.15")
    ] = None,
    test: Annotated[
        float | None,
        typer.Option(
            help="Share that figures are of; unused where a test set comes along.",
            show_default="0.15",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the split.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Add a data set. Nothing of it stays where that fails or is stopped."""
    from backend.commands import data

    shares = {"train": train_share, "validation": validation, "test": test, "seed": seed}
    options = data.configure(
        image_size,
        shares,
        id=name,
        title=title,
        description=description,
        label_column=label_column,
        no_labels=no_labels or None,
        grey=grey or None,
    )
    raise typer.Exit(data.add(choose_settings(data_dir=data_dir), path, openml, options))


@app.command("list", epilog="Example: `priorscope data list`")
def list_(data_dir: DataDir = None) -> None:
    """List the data sets: built in, added, and found on this computer."""
    from backend.commands import data

    data.show_all(choose_settings(data_dir=data_dir))


@app.command(epilog="Example: `priorscope data show fashion-mnist`")
def show(name: DatasetId, data_dir: DataDir = None) -> None:
    """Show what is known of a data set, and what suits it."""
    from backend.commands import data

    data.show(choose_settings(data_dir=data_dir), name)


@app.command(epilog="Example: `priorscope data remove cats`")
def remove(name: DatasetId, data_dir: DataDir = None) -> None:
    """Remove a data set that was added and that no run needs."""
    from backend.commands import data

    data.remove(choose_settings(data_dir=data_dir), name)
