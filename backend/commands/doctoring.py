"""``priorscope doctor``: a table of what is wrong with a data folder, and its repair."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from backend.data_folder import OccupiedError, occupy
from backend.database import check_version
from backend.errors import PriorscopeError
from backend.examination import Examination, Finding, Remedy, Report
from backend.repairing import Repairs, attempt
from backend.settings import Settings
from backend.visible_text import visible

_PIPE_WIDTH = 200
_REMEDIES: dict[Remedy, str] = {
    "put aside": "Moves it to quarantine/.",
    "put aside, mark the run": "Moves it to quarantine/; the run says so.",
    "remove": "Removes it: it was never whole.",
    "rebuild": "Keeps a copy in quarantine/, and makes its indexes anew.",
    "take out": "Writes them to quarantine/, and takes them out of the database.",
    "none": "Nothing.",
}


def doctor(settings: Settings, repair: bool) -> int:
    """Look for damage, print it, and repair it where that is asked for; return the exit status.

    Raises:
        PriorscopeError: there is no data folder, or a newer version wrote it.
    """
    if not settings.data_dir.is_dir():
        raise PriorscopeError(f"There is no data folder {settings.data_dir}.")
    check_version(settings.url)
    report = _examine(settings)
    if not report.findings:
        _say(f"All is well: the database, {_counts(report)}.")
        return 0
    _print(report)
    if not repair and all(finding.remedy == "none" for finding in report.findings):
        _say("“priorscope doctor --repair” can do nothing about this.", error=True)
        return 1
    if not repair:
        _say("“priorscope doctor --repair” repairs this, while no server runs.", error=True)
        return 1
    try:
        with occupy(settings.data_dir, "“priorscope doctor --repair”"):
            return _repair(settings)
    except OccupiedError as error:
        _say(f"Nothing was repaired. {error.detail}", error=True)
        return 1


def _repair(settings: Settings) -> int:
    # Looked at once more, for now nobody else changes anything.
    repairs = Repairs(settings)
    for finding in _examine(settings).findings:
        if done := attempt(repairs, finding):
            _say(done)
    # What comes to light once the database can be read again.
    for finding in _examine(settings).findings:
        if finding.remedy != "rebuild" and (done := attempt(repairs, finding)):
            _say(done)
    report = _examine(settings)
    if report.findings:
        _print(report)
        _say("This is left.", error=True)
        return 1
    _say(f"All is well now: the database, {_counts(report)}.")
    return 0


def _examine(settings: Settings) -> Report:
    console = Console(stderr=True)
    with console.status("Looking") as status:
        return Examination(settings, lambda what: status.update(f"Looking at {what}")).report()


def _print(report: Report) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPE_WIDTH)
    table = Table(title=f"Looked at the database, {_counts(report)}", show_lines=True)
    for heading in ("What", "What is wrong", "What --repair does"):
        table.add_column(heading, overflow="fold")
    for finding in report.findings:
        table.add_row(*(Text(visible(cell)) for cell in _cells(finding)))
    console.print(table)


def _cells(finding: Finding) -> tuple[str, str, str]:
    remedy = _REMEDIES[finding.remedy]
    if finding.remedy == "put aside, mark the run" and finding.path is None:
        remedy = "The run says so."
    return finding.what, finding.how, f"{remedy} {finding.advice}".rstrip()


def _counts(report: Report) -> str:
    parts = ((report.runs, "run"), (report.files, "file"), (report.datasets, "data set"))
    words = [f"{count:,} {word}{'' if count == 1 else 's'}" for count, word in parts]
    return f"{words[0]} with {words[1]}, and {words[2]} in the folder"


def _say(sentence: str, *, error: bool = False) -> None:
    console = Console(stderr=error, highlight=False)
    console.print(visible(sentence), markup=False, soft_wrap=True)
