"""The command ``priorscope``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from backend import data_cli
from backend.command_options import (
    Assignments,
    DataDir,
    Dataset,
    Epochs,
    choose_settings,
    refuse_both,
)
from backend.errors import PriorscopeError
from backend.settings import Settings
from backend.starting import importing
from backend.visible_text import visible

app = typer.Typer(
    name="priorscope",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Train variational auto-encoders with a chosen prior, and see the holes in their latent "
    "space.",
)

app.add_typer(data_cli.app, name="data", help="Data sets: add, list, show and remove them.")

INTERRUPTED = 130


def _environment() -> str:
    """List the environment variables, for the help of ``serve``."""
    return "\n\n".join(
        f"- `PRIORSCOPE_{name.upper()}`: {field.description}"
        for name, field in Settings.model_fields.items()
    )


@app.command(
    epilog="Example: `priorscope serve --demo --open`\n\nEnvironment:\n\n" + _environment()
)
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0: a free one.")
    ] = None,
    data_dir: DataDir = None,
    demo: Annotated[
        bool | None,
        typer.Option("--demo/--no-demo", help="On an empty store, train all priors on the digits."),
    ] = None,
    open_: Annotated[
        bool | None,
        typer.Option("--open/--no-open", help="Open the page in a browser, on a desktop."),
    ] = None,
) -> None:
    """Start the dashboard. Options win over the environment variables listed below."""
    settings = choose_settings(host=host, port=port, data_dir=data_dir, demo=demo, open=open_)
    # Imported here, as in the other commands, for --help should not have to wait for PyTorch.
    with importing():
        from backend import server

    server.serve(settings)


@app.command(epilog="Example: `priorscope train --prior vampprior --set prior.num_components=32`")
def train(
    prior: Annotated[str, typer.Option(help="Kind of prior, such as vampprior.")],
    dataset: Annotated[
        str | None, typer.Option(help="Id of the data set.", show_default="digits")
    ] = None,
    epochs: Epochs = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of everything random.")] = None,
    set_: Assignments = None,
    frozen_from: Annotated[
        str | None,
        typer.Option(
            metavar="RUN", help="Train the prior alone, on the encoder and decoder of this run."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the run.")] = None,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="Train there instead of here.")
    ] = None,
    id_only: Annotated[
        bool,
        typer.Option(
            "--id-only", help="Print the run's id and nothing else; the rest goes to stderr."
        ),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Train one run, with a progress bar. Ctrl-C stops it; `priorscope resume` goes on with it."""
    with importing():
        from backend.commands import training
        from backend.commands.run_options import configure

    run = configure(prior, dataset, epochs, seed, set_ or [], name, frozen_from)
    refuse_both(server, data_dir, "trains on that server, into its own data folder")
    if server is None:
        ended = training.train_here(choose_settings(data_dir=data_dir), run)
    else:
        ended = training.train_there(server, run)
    raise typer.Exit(training.report(ended, id_only))


@app.command(epilog="Example: `priorscope resume 51224ffd6bee`; ids: `priorscope runs`")
def resume(
    run: Annotated[str, typer.Argument(help="The run's id.")],
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="Let it go on there instead of here.")
    ] = None,
    id_only: Annotated[
        bool,
        typer.Option(
            "--id-only", help="Print the run's id and nothing else; the rest goes to stderr."
        ),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Go on with a run that was interrupted, cancelled or failed, from where it stopped.

    It ends as it would have ended undisturbed. Ctrl-C stops it again.
    """
    with importing():
        from backend.commands import training

    refuse_both(server, data_dir, "resumes runs in that server's own data folder")
    if server is None:
        ended = training.resume_here(choose_settings(data_dir=data_dir), run)
    else:
        ended = training.resume_there(server, run)
    raise typer.Exit(training.report(ended, id_only))


@app.command(epilog="Example: `priorscope compare --dataset digits --seeds 0,1,2`")
def compare(
    dataset: Dataset = "digits",
    seeds: Annotated[str, typer.Option(help="Seeds, with commas between them.")] = "0,1,2",
    priors: Annotated[
        str | None, typer.Option(help="Kinds of priors, with commas. Default: all.")
    ] = None,
    epochs: Epochs = None,
    set_: Assignments = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Runs trained at a time. Default: the cores.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Train every prior with every seed, and print what each reached on the test images."""
    with importing():
        from backend.commands import comparing

    settings = choose_settings(data_dir=data_dir, workers=workers)
    runs = comparing.configure(dataset, priors, seeds, epochs, set_ or [])
    raise typer.Exit(comparing.compare(settings, runs))


@app.command(epilog="Example: `priorscope runs --data-dir priorscope-data`")
def runs(
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 50,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="List that server's instead.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """List the runs, the newest first."""
    with importing():
        from backend.commands import listing

    refuse_both(server, data_dir, "lists the runs in that server's data folder")
    if server is None:
        listing.show(choose_settings(data_dir=data_dir), limit)
    else:
        listing.show_there(server, limit)


@app.command(epilog="Example: `priorscope holes 51224ffd6bee --tau 10`; ids: `priorscope runs`")
def holes(
    run: Annotated[str, typer.Argument(help="The run's id.")],
    tau: Annotated[
        float, typer.Option(help="A hole is where the prior is at least so many times the data's.")
    ] = 10.0,
    plane: Annotated[
        str | None,
        typer.Option(
            help="In more than two latent dimensions: pca:1,2 (the default), axes:1,3 or "
            "points:…;…;… through three points."
        ),
    ] = None,
    epoch: Annotated[
        int | None,
        typer.Option(min=0, help="Those at the last stored epoch no later than this one."),
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="List those of that server's run instead.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """List the holes of a run, the largest first."""
    if not 1.0 < tau <= 1e6:
        raise PriorscopeError(f"--tau takes a number above 1, at most a million; got {tau:g}.")
    with importing():
        from backend.commands import hole_listing

    refuse_both(server, data_dir, "lists the holes in that server's own data folder")
    if server is None:
        hole_listing.show(choose_settings(data_dir=data_dir), run, tau, plane, epoch)
    else:
        hole_listing.show_there(server, run, tau, plane, epoch)


@app.command(
    epilog="Example: `priorscope doctor --data-dir priorscope-data --repair`\n\n"
    "Exit status 1 says that something is, or stays, wrong."
)
def doctor(
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Repair it, while no server runs. What can be of value is moved to the folder "
            "quarantine, never deleted.",
        ),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Look for damage in the data folder: the database, every file's checksum, leftovers."""
    with importing():
        from backend.commands import doctoring

    raise typer.Exit(doctoring.doctor(choose_settings(data_dir=data_dir), repair))


@app.command(epilog="Example: `priorscope export 51224ffd6bee run.zip`; ids: `priorscope runs`")
def export(
    run: Annotated[str, typer.Argument(help="The run's id.")],
    file: Annotated[
        Path | None,
        typer.Argument(help="Where to. Default: priorscope-RUN.zip.", show_default=False),
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="Export that server's run instead.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Write a run into a zip file: settings, history, weights, figures, points and densities."""
    with importing():
        from backend.commands import exports

    target = file or Path(f"priorscope-{run}.zip")
    refuse_both(server, data_dir, "exports a run of that server's own data folder")
    if server is None:
        exports.write(choose_settings(data_dir=data_dir), run, target)
    else:
        exports.write_from(server, run, target)


@app.command(epilog="Example: `priorscope backup monday.zip --data-dir priorscope-data`")
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; there must be none yet.")],
    data_dir: DataDir = None,
) -> None:
    """Write all runs and data sets into one file. A server may go on working and training."""
    with importing():
        from backend.commands import backups

    raise typer.Exit(backups.backup(choose_settings(data_dir=data_dir), file))


@app.command(epilog="Example: `priorscope restore monday.zip --data-dir restored`")
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `priorscope backup` wrote.")],
    data_dir: DataDir = None,
) -> None:
    """Bring back a backup, into a data folder that is empty or not there."""
    with importing():
        from backend.commands import backups

    backups.restore(choose_settings(data_dir=data_dir), file)


@app.command(
    epilog="Example: `priorscope prune --keep-runs 200 --keep-snapshots 20 --dry-run`\n\n"
    "A server does the same by itself where PRIORSCOPE_KEEP_RUNS or PRIORSCOPE_KEEP_SNAPSHOTS say "
    "so."
)
def prune(
    keep_runs: Annotated[
        int | None,
        typer.Option(min=1, help="Keep so many ended runs, the newest; remove the others."),
    ] = None,
    keep_snapshots: Annotated[
        int | None,
        typer.Option(min=0, help="Of older ended runs than so many, keep the last snapshot only."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be removed, and remove nothing.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Remove old runs or their snapshots. Waiting, training and interrupted runs are kept."""
    with importing():
        from backend.commands import pruning

    settings = choose_settings(
        data_dir=data_dir, keep_runs=keep_runs, keep_snapshots=keep_snapshots
    )
    pruning.prune(settings, dry_run)


def main() -> None:
    """Run the command line; failures are one sentence on stderr and a status that is not 0."""
    try:
        app()
    except PriorscopeError as error:
        _fail(error.detail)
    except KeyboardInterrupt:
        _fail("Interrupted.", INTERRUPTED)
    except Exception as error:
        # Whatever it is, whoever typed a command is not helped by a traceback.
        _fail(f"Unexpected error ({type(error).__name__}): {' '.join(str(error).split())}")


def _fail(sentence: str, status: int = 1) -> None:
    print(visible(sentence), file=sys.stderr)
    raise SystemExit(status)


if __name__ == "__main__":
    main()
