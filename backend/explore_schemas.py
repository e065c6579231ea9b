"""Questions to a trained run, and their answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from backend.arrays import ByteArray, Float32Array, Float64Array, IndexArray
from backend.schemas import Coordinate, Request, Response, SplitName
from models.estimate import Estimate

FieldName = Literal["prior", "aggregated_posterior", "log_ratio"]
Checkpoint = Annotated[
    int, Field(description="Number of the stored weights; 0 where a snapshot answers.")
]
SnapshotEpoch = Annotated[
    int | None,
    Field(description="Of the snapshot that answers; null where the stored weights do."),
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


class Density(Response):
    """A field on a grid, [row = z2][col = z1]: a natural log density, or log p - log q."""

    field: FieldName
    bounds: tuple[float, float, float, float] = Field(description="z1_min, z1_max, z2_min, z2_max")
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
    reencoded: Reencoded


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
    resolution: int = Field(description="Cells along each side.")
    bounds: tuple[float, float, float, float] = Field(description="z1_min, z1_max, z2_min, z2_max")
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
    """A connected region where p(z) / q(z) >= tau, inside 99.9% of the prior's mass."""

    rank: int
    mass: float = Field(description="The prior's probability of it.")
    area: float
    centroid: tuple[float, float]
    peak: tuple[float, float] = Field(description="Where the log-ratio is largest.")
    log_ratio_at_peak: float
    contour: list[list[tuple[float, float]]] = Field(
        description="Closed rings of (z1, z2), the outer one first."
    )
    at_peak: PlaceInHole | None = Field(
        description="Null where a snapshot answers, for it holds no decoder."
    )


class Holes(Response):
    """The holes of a run, ranked by mass; in other dimensions than 2 the worst draws instead."""

    checkpoint: Checkpoint
    epoch: SnapshotEpoch
    tau: float
    hole_mass: Estimate = Field(description="Of 1 draw from the prior, the share with p/q >= tau.")
    held_out_mass: Estimate = Field(
        description="The share of the test images' q there: as large where “holes” are mere gaps."
    )
    holes: list[HoleInfo]
    found: int = Field(description="How many there are, with those too small to list.")
    worst_samples: list[PlaceInHole] = Field(
        description="Empty where the latent space is a plane, and where a snapshot answers."
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
    lines: list[list[tuple[float, float]]] | None = Field(
        description="A grid mapped into the latent plane, as polylines."
    )
