"""Questions to a trained run, and their answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from backend.arrays import ByteArray, Float32Array, Float64Array, IndexArray
from backend.schemas import Coordinate, Request, SplitName
from backend.server_schemas import Response
from models.estimate import Estimate, Estimator
from models.plane_density import Reading

FieldName = Literal["prior", "aggregated_posterior", "log_ratio"]
Checkpoint = Annotated[
    int, Field(description="Number of the stored weights; 0 where a snapshot answers.")
]
SnapshotEpoch = Annotated[
    int | None,
    Field(description="Of the snapshot that answers; null where the stored weights do."),
]


Box = Annotated[
    tuple[float, float, float, float],
    Field(description="z1_min, z1_max, z2_min, z2_max; of a line the last two are 0."),
]


class SnapshotEpochs(Response):
    """The epochs of which a snapshot is stored, in order; 0 is the state before training."""

    epochs: list[int]


class Points(Response):
    """The posteriors of a split's images, N(loc, scale^2), each (N, L)."""

    split: SplitName
    count: int
    total: int = Field(
        description="Images of the split. Snapshots of large data sets hold fewer, evenly spaced."
    )
    checkpoint: Checkpoint
    epoch: SnapshotEpoch
    loc: Float32Array
    scale: Float32Array
    label: IndexArray
    index: IndexArray = Field(description="Row in file order, as in the data set's images.")


class PlaneInfo(Response):
    """A plane of a larger latent space: z = origin + a axes[0] + b axes[1].

    Conversely a = (z - origin) . axes[0] and b = (z - origin) . axes[1], which stand in the place
    of z1 and z2 wherever an answer is about the plane.
    """

    plane: str = Field(description="As it was asked for.")
    names: tuple[str, str] = Field(description="Of the coordinates a and b.")
    origin: list[float] = Field(description="(L,)")
    axes: list[list[float]] = Field(description="Two orthonormal rows, (2, L).")
    explained: list[float] = Field(description="Share of the variance of q along each axis.")
    bounds: Box = Field(description="Of a, then of b: a box that holds prior and points.")


class DirectionInfo(Response):
    """A direction at a right angle to the plane, along which the plane can be moved."""

    name: str
    axis: list[float] = Field(description="Of length 1, (L,).")
    value: float = Field(description="Where the plane is: z_k, or the score of a component.")
    low: float = Field(description="The least that the points with 3 scales, or draws of p, reach.")
    high: float
    mean: float = Field(description="Of q.")
    explained: float = Field(description="Share of the variance of q along it.")


class PlaneDetails(PlaneInfo):
    """A plane with the directions in which it can be moved; none for one through three points."""

    checkpoint: Checkpoint
    directions: list[DirectionInfo]
    edge: tuple[float, float] = Field(
        description="Log densities in the whole space that all but 1 in 1000 draws exceed: of p, "
        "then of q. Beyond both of them a place is of no account."
    )


class Density(Response):
    """A field on a grid, [row = z2][col = z1]: a natural log density, or log p - log q.

    Of a line there is one row, and z2 is empty. On a plane of a larger space z1 and z2 are its
    coordinates a and b.
    """

    field: FieldName
    reading: Reading | Literal["density"] = Field(
        description="How it is read on a plane of a larger space: the density at the plane's "
        "points, or with all beside the plane integrated out. “density” on lines and planes."
    )
    plane: PlaneInfo | None = Field(description="Null where the latent space has 1 or 2 dimensions")
    estimator: Estimator = Field(description="monte_carlo for a flow's marginal, else closed_form.")
    samples: int | None = Field(description="Draws behind the estimate of p; null where exact.")
    standard_error: float | None = Field(
        description="Of log p where p's mass is, on average; null where exact."
    )
    bounds: Box
    checkpoint: Checkpoint
    epoch: SnapshotEpoch
    z1: Float64Array
    z2: Float64Array
    values: Float32Array
    integral: float | None = Field(
        description="Of the density over the grid: 1 if it holds all of it. Null for log_ratio."
    )
    step: float = Field(description="The larger side of a cell.")
    smallest_scale: float | None = Field(
        description="The smallest scale of the posteriors that make up q. Null for the prior."
    )
    note: str | None = Field(description="What is wrong with the grid, if something is.")


class Panel(Response):
    """What a panel shows first: the test points, and where there is something to see."""

    run: str = Field(description="The run's id.")
    points: Points
    prior: Density
    aggregated_posterior: Density
    snapshots: list[int] = Field(description="Epochs of the stored snapshots.")


class Overview(Response):
    """Panels of several runs."""

    panels: list[Panel] = Field(
        description="In the order asked for, without runs that have no weights yet or no plane."
    )


class DecodeRequest(Request):
    """Places in the latent space to decode."""

    z: list[list[Coordinate]] = Field(
        min_length=1, description="Points of L coordinates each, within ±1e6."
    )
    draws: int = Field(0, ge=0, le=256, description="Pictures to draw from p(x|z) at each point.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Seed of the draws.")
    nearest: int = Field(
        1, ge=0, le=16, description="Training images to name for each decoded picture."
    )
    reencode: bool = Field(True, description="Whether to encode the decoded pictures again.")


class Nearest(Response):
    """The training images nearest to pictures, each array (n, k), the nearest first."""

    index: IndexArray = Field(description="Row in file order.")
    label: IndexArray
    distance: Float32Array = Field(
        description="Euclidean; over pixels that run from 0 (black) to 1 (white), or over vectors "
        "with mean 0 and standard deviation 1 in the training rows."
    )


class Reencoded(Response):
    """Where the encoder puts the decoded pictures, and how far that is from where they came."""

    loc: Float32Array
    drift: Float32Array = Field(description="||loc(decode(z)) - z||, in units of z.")


class Decoded(Response):
    """What the decoder makes of points, and what prior and data say of them."""

    checkpoint: int
    images: ByteArray | None = Field(
        description="Expected values, (n, h, w) or (n, h, w, 3), scaled to 0..255. Null: vectors."
    )
    values: Float32Array | None = Field(
        description="Of vectors: expected values, (n, D), in the data's own units."
    )
    draws: ByteArray | None = Field(
        description="(n, draws, h, w) or (n, draws, h, w, 3); null where none were asked for."
    )
    draw_values: Float32Array | None = Field(description="Of vectors: draws, (n, draws, D).")
    log_prior: Float64Array
    log_aggregated_posterior: Float64Array = Field(description="Over all training images, exact.")
    nearest: Nearest
    reencoded: Reencoded | None = Field(description="Null where it was not asked for.")


class EncodeRequest(Request):
    """Pictures or vectors to encode."""

    x: list[Annotated[Any, WithJsonSchema({"type": "array", "items": {}})]] = Field(
        min_length=1,
        description="Pictures (n, h, w) or (n, h, w, 3) of brightness 0..255, in the data set's "
        "shape, or vectors (n, D) in the data's own units.",
    )


class Encoded(Response):
    """The posteriors of pictures or vectors, and what the decoder makes of their locations."""

    checkpoint: int
    loc: Float32Array
    scale: Float32Array
    reconstruction: ByteArray | None = Field(description="Pictures, 0..255. Null: vectors.")
    reconstruction_values: Float32Array | None = Field(description="Of vectors: (n, D).")


class Samples(Response):
    """Draws from the prior with their expected pictures."""

    checkpoint: int
    z: Float32Array
    images: ByteArray | None = Field(description="0..255. Null: vectors.")
    values: Float32Array | None = Field(description="Of vectors: expected values, (n, D).")
    log_prior: Float64Array
    log_ratio: Float64Array = Field(description="log p(z) - log q(z): large in holes.")


class Manifold(Response):
    """Expected pictures at the centres of the cells of a grid over the latent plane."""

    checkpoint: int
    plane: PlaneInfo | None = Field(description="Null where the latent space is a plane.")
    resolution: int = Field(description="Cells along each side.")
    bounds: Box
    z1: Float64Array = Field(description="Centres of the columns, ascending.")
    z2: Float64Array = Field(description="Centres of the rows, ascending.")
    shape: list[int] = Field(description="Of one picture: height, width.")
    sprite: ByteArray = Field(
        description="(resolution * height, resolution * width), 0..255, as it is seen: the tile of "
        "the smallest z1 and the largest z2 is at the top left."
    )


class PlaceInHole(Response):
    """What comes out at a place: its picture, the nearest real image, the round trip."""

    z: list[float]
    log_ratio: float
    image: ByteArray | None = Field(description="(h, w) or (h, w, 3), 0..255. Null: a vector.")
    value: Float32Array | None = Field(description="Of vectors: expected values, (D,).")
    nearest: Nearest = Field(description="One training image, arrays (1, 1).")
    drift: float


class HoleInfo(Response):
    """A connected region where p(z) / q(z) >= tau, inside 99.9% of the prior's mass.

    On a plane of a larger space it is the cylinder over a region of the plane, and p / q is that of
    the marginals.
    """

    rank: int
    mass: float = Field(description="The prior's probability of it.")
    area: float = Field(description="On a line, its length.")
    centroid: tuple[float, float]
    peak: tuple[float, float] = Field(description="Where the log-ratio is largest.")
    log_ratio_at_peak: float
    contour: list[list[tuple[float, float]]] = Field(
        description="Closed rings of (z1, z2), the outer one first; on a line its two ends (z1, 0)."
    )
    at_peak: PlaceInHole | None = Field(
        description="On a plane of a larger space: the draw of the prior, of 20,000, next to the "
        "peak on the plane. Null where a snapshot answers, for it holds no decoder."
    )


class Holes(Response):
    """The holes of a run, ranked by mass.

    In more than two dimensions they are those that a plane shows, and the worst draws of the whole
    space come with them.
    """

    checkpoint: Checkpoint
    epoch: SnapshotEpoch
    tau: float
    plane: PlaneInfo | None = Field(description="Null where the latent space has 1 or 2 dimensions")
    hole_mass: Estimate = Field(
        description="Of 1 draw from the prior, the share with p/q >= tau in the whole space."
    )
    held_out_mass: Estimate = Field(
        description="The share of the test images' q there: as large where “holes” are mere gaps."
    )
    plane_hole_mass: Estimate | None = Field(
        description="The share with p/q >= tau of the marginals on the plane; null without one."
    )
    plane_held_out_mass: Estimate | None = Field(description="The share of the test images' q.")
    holes: list[HoleInfo]
    found: int = Field(description="How many there are, with those too small to list.")
    worst_samples: list[PlaceInHole] = Field(
        description="Empty in 1 or 2 dimensions, and where a snapshot answers."
    )
    note: str | None = Field(description="What is wrong with the grid, if something is.")


class Components(Response):
    """A mixture's Gaussians."""

    loc: Float32Array
    scale: Float32Array
    weights: Float32Array
    effective_number: float = Field(description="exp(H(weights)), from 1 (collapsed) to K.")


class AnatomyInfo(Response):
    """What the prior is made of; null where it has no such part."""

    checkpoint: Checkpoint
    epoch: SnapshotEpoch
    kind: str
    what: str
    components: Components | None
    pseudo_inputs: ByteArray | None = Field(description="(K, h, w) or (K, h, w, 3), 0..255.")
    pseudo_input_values: Float32Array | None = Field(description="Of vectors: (K, D).")
    lines: list[list[list[float]]] | None = Field(
        description="A grid mapped into the latent space, as polylines of points (L,)."
    )
