"""``priorscope holes``: where the prior promises what the data never put there."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from backend.commands.connection import connect
from backend.explore import Explorer
from backend.explore_schemas import Holes, PlaceInHole
from backend.plane_request import PlaneRequest
from backend.schemas import Run
from backend.settings import Settings
from backend.storage import RunStore
from backend.visible_text import visible
from models.estimate import Estimate

_PLACE = ("log p/q", "Nearest image", "Its label", "Distance", "Drift")


def show(settings: Settings, run_id: str, tau: float, plane: str | None, epoch: int | None) -> None:
    """Print the holes of a run, the largest first; in more than two dimensions those of a plane.

    Raises:
        UnknownRunError: no run has this id.
        NoCheckpointError: it has no weights.
        InvalidRequestError: it has no such plane, or no snapshot so early.
    """
    store = RunStore(settings)
    try:
        run = store.get(run_id)
        holes = Explorer(store, settings).holes(run, tau, epoch, asked=PlaneRequest(plane))
    finally:
        store.close()
    _print(run, holes, tau, epoch)


def show_there(server: str, run_id: str, tau: float, plane: str | None, epoch: int | None) -> None:
    """Print the holes of a server's run, likewise.

    Raises:
        PriorscopeError: the server refuses, or cannot be reached.
    """
    with connect(server) as client:
        run = client.run(run_id)
        holes = client.holes(run_id, tau=tau, epoch=epoch, plane=plane)
    _print(run, holes, tau, epoch)


def _print(run: Run, holes: Holes, tau: float, epoch: int | None) -> None:
    console = Console(highlight=False)
    moment = "" if epoch is None else f", epoch {epoch}"
    console.print(f"{visible(run.name)} ({run.id}){moment}", markup=False)
    console.print(
        f"Of 100 draws from the prior, {_percent(holes.hole_mass)} fall where p/q ≥ {tau:g}; "
        f"of 100 from the test images' posteriors, {_percent(holes.held_out_mass)}."
    )
    if holes.note:
        console.print(holes.note, markup=False)
    if holes.plane is not None and holes.plane_hole_mass is not None:
        console.print(
            f"The plane {holes.plane.plane} shows {_percent(holes.plane_hole_mass)} of them: holes "
            "of the marginals, which are cylinders in the whole space."
        )
    console.print(_holes(holes))
    if holes.worst_samples:
        console.print(_worst(holes))


def _holes(holes: Holes) -> Table:
    title = f"{len(holes.holes)} of {holes.found} holes; the rest hold less than 1 in 10,000 draws"
    names = ("z1", "z2") if holes.plane is None else holes.plane.names
    peak = f"{', '.join(names)} of the peak"
    table = Table("Rank", "Mass", "Area", peak, *_PLACE, title=title)
    for hole in holes.holes:
        cells = (str(hole.rank), f"{hole.mass:.4f}", f"{hole.area:.3g}", _point(hole.peak))
        table.add_row(*cells, *(_cells(hole.at_peak) if hole.at_peak else ()))
    return table


def _worst(holes: Holes) -> Table:
    table = Table("z", *_PLACE, title="The draws with the largest p/q")
    for place in holes.worst_samples:
        table.add_row(_point(place.z), *_cells(place))
    return table


def _cells(place: PlaceInHole) -> list[str]:
    return [
        f"{place.log_ratio:.2f}",
        str(place.nearest.index[0, 0]),
        str(place.nearest.label[0, 0]),
        f"{place.nearest.distance[0, 0]:.2f}",
        f"{place.drift:.2f}",
    ]


def _point(z: tuple[float, ...] | list[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in z)


def _percent(estimate: Estimate) -> str:
    if estimate.standard_error is None:
        return f"{100 * estimate.value:.2f}"
    return f"{100 * estimate.value:.2f} ± {100 * estimate.standard_error:.2f}"
