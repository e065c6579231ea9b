"""``priorscope compare``: every prior with every seed, and a table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from backend.commands import run_options
from backend.errors import PriorscopeError
from backend.jobs import TrainingJobs
from backend.planning import plan
from backend.schemas import CreateRun, Run
from backend.settings import Settings
from backend.storage import RunStore
from backend.visible_text import visible
from models.metrics import Figures
from models.priors import PRIORS

_POLL_SECONDS = 0.2
_PIPE_WIDTH = 180


def configure(
    dataset: str, priors: str | None, seeds: str, epochs: int | None, assignments: Sequence[str]
) -> list[CreateRun]:
    """Return the runs to train, those of each seed together.

    Raises:
        PriorscopeError: a prior or a seed is none, or another option is wrong.
    """
    kinds = list(PRIORS) if priors is None else [kind.strip() for kind in priors.split(",")]
    for kind in kinds:
        if kind not in PRIORS:
            raise PriorscopeError(f"There is no prior “{kind}”. Known ones: {', '.join(PRIORS)}.")
    return [
        run_options.configure(kind, dataset, epochs, seed, assignments)
        for seed in _numbers(seeds)
        for kind in kinds
    ]


def compare(settings: Settings, runs: Sequence[CreateRun]) -> int:
    """Train the runs in worker processes and print the table; return the exit status.

    Raises:
        PriorscopeError: their data set is unknown or damaged, or they do not fit it.
    """
    store = RunStore(settings)
    configs = [plan(run, store)[0] for run in runs]
    jobs = TrainingJobs(store, settings.model_copy(update={"max_queue": len(configs)}))
    try:
        ids = [jobs.submit(config).id for config in configs]
        ended = _follow(store, jobs, ids)
        seconds = {run.id: sum(store.history(run.id).seconds) for run in ended}
    except KeyboardInterrupt:
        jobs.cancel_all()
        Console(stderr=True).print("Stopped; what was trained is kept.")
        return 130
    except PriorscopeError:
        jobs.cancel_all()
        raise
    finally:
        jobs.close()
        store.close()
    console = Console()
    if not console.is_terminal:
        # A file or a pipe has no width; cells cut off to fit one would be lost.
        console = Console(width=_PIPE_WIDTH)
    console.print(_table(ended, seconds))
    return _report_failures(ended)


def _follow(store: RunStore, jobs: TrainingJobs, ids: Sequence[str]) -> list[Run]:
    """Wait for the runs to end, with a progress bar.

    Raises:
        PriorscopeError: they cannot be trained.
    """
    columns = (
        TextColumn("Training"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("runs"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=len(ids))
        while True:
            runs = [store.get(run_id) for run_id in ids]
            ended = sum(run.ended for run in runs)
            progress.update(task, completed=ended)
            if ended == len(ids):
                return runs
            if fault := jobs.standstill:
                raise PriorscopeError(fault)
            if not jobs.training:
                # One whose process was only given up may have died without a word.
                jobs.reap()
            time.sleep(_POLL_SECONDS)


def _table(runs: Sequence[Run], seconds: Mapping[str, float]) -> Table:
    table = Table(
        title="Mean over seeds ± one standard deviation; nats per image",
        caption=_caption([run.metrics for run in runs if run.metrics is not None]),
    )
    table.add_column("Prior", no_wrap=True)
    for heading in ("Runs", *_FIGURES, "Epochs", "Seconds"):
        table.add_column(heading, justify="right")
    for kind, prior in PRIORS.items():
        finished = [r for r in runs if r.config.prior.kind == kind and r.status == "finished"]
        if finished:
            table.add_row(prior.title, *_cells(finished, seconds))
    return table


def _caption(figures: Sequence[Figures]) -> str:
    how = (
        "−ELBO: Monte Carlo. The rest: quadrature on the plane (by draws in more than two "
        "dimensions, and where posteriors are too narrow for a grid). KL, TV, H and holes: q of "
        "the training images."
    )
    if not figures:
        return how
    errors = [each.test.log_likelihood.standard_error or 0.0 for each in figures]
    error = f", standard error up to {max(errors):.2f}" if max(errors) > 0 else ""
    estimators = {each.test.log_likelihood.estimator for each in figures}
    weighted = ", by importance weights" if "importance_weighted" in estimators else ""
    return f"{how} log p(x){weighted}{error}: of {figures[0].log_likelihood_of}."


_FIGURES: dict[str, tuple[Callable[[Figures], float], int]] = {
    "Test −ELBO": (lambda figures: -figures.test.elbo.value, 2),
    "Test log p(x)": (lambda figures: figures.test.log_likelihood.value, 2),
    "KL(q‖p)": (lambda figures: figures.train.marginal_kl.value, 3),
    "TV": (lambda figures: figures.total_variation.value, 3),
    "H(.05)": (lambda figures: figures.hole_at_5_percent.value, 3),
    "Holes, p/q ≥ 10": (lambda figures: figures.hole_mass["10"].value, 3),
    "Held-out gap": (lambda figures: figures.held_out_gap.value, 3),
}


def _cells(runs: Sequence[Run], seconds: Mapping[str, float]) -> list[str]:
    measured = [run.metrics for run in runs if run.metrics is not None]
    return [
        str(len(runs)),
        *(_spread([read(each) for each in measured], digits) for read, digits in _FIGURES.values()),
        f"{statistics.mean(run.progress.epoch for run in runs):.0f}",
        f"{statistics.mean(seconds[run.id] for run in runs):.1f}",
    ]


def _spread(values: Sequence[float], digits: int) -> str:
    mean = f"{statistics.mean(values):.{digits}f}"
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):.{digits}f}"


def _report_failures(runs: Sequence[Run]) -> int:
    others = [run for run in runs if run.status != "finished"]
    for run in others:
        Console(stderr=True, highlight=False).print(
            visible(f"“{run.name}” {run.status}. {run.error or ''}"), markup=False, soft_wrap=True
        )
    return 1 if others else 0


def _numbers(text: str) -> list[int]:
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError as error:
        raise PriorscopeError(
            f"--seeds takes whole numbers such as 0,1,2; got {text!r}."
        ) from error
    if min(numbers) < 0 or max(numbers) >= 2**31:
        raise PriorscopeError(f"Seeds lie between 0 and {2**31 - 1}; got {text!r}.")
    return numbers
