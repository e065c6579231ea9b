"""Data sets that come with an installed package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.data.dataset import Dataset, Split
from models.data.recutting import stratified
from models.data.splitting import SplitShares, portions

_WINE_FEATURES = (
    "alcohol",
    "malic acid",
    "ash",
    "alcalinity of ash",
    "magnesium",
    "total phenols",
    "flavanoids",
    "nonflavanoid phenols",
    "proanthocyanins",
    "colour intensity",
    "hue",
    "OD280/OD315 of diluted wines",
    "proline",
)
_CELL_FEATURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)


@cache
def digits() -> Dataset:
    """Return scikit-learn's digits: the first 1000 images train, 350 validate, 447 test."""
    values = torch.from_numpy(_table("digits.csv.gz", header=False)).to(torch.uint8)
    return Dataset(
        id="digits",
        title="Digits 8×8",
        description="1797 handwritten digits of 8×8 pixels and 17 grey levels (UCI, scikit-learn).",
        image_shape=(8, 8),
        num_values=17,
        feature_names=(),
        label_names=tuple(str(digit) for digit in range(10)),
        rows=Split(
            x=values[:, :-1].contiguous(),
            label=values[:, -1].long(),
            index=torch.arange(len(values)),
        ),
        counts=(1000, 350, 447),
    )


@cache
def iris() -> Dataset:
    """Return Fisher's and Anderson's irises; their measures are in centimetres."""
    return _vectors(
        "iris",
        "Iris",
        "150 irises of three species by four measures of their flowers (Fisher 1936, UCI).",
        "iris.csv",
        [f"{leaf} {side} (cm)" for leaf in ("sepal", "petal") for side in ("length", "width")],
        ["setosa", "versicolor", "virginica"],
    )


@cache
def wine() -> Dataset:
    """Return chemical analyses of wines; their source does not tell the units."""
    return _vectors(
        "wine",
        "Wine",
        "178 wines from three growers by 13 chemical measures (Forina et al. 1988, UCI).",
        "wine_data.csv",
        _WINE_FEATURES,
        ["grower 1", "grower 2", "grower 3"],
    )


@cache
def breast_cancer() -> Dataset:
    """Return measures of cell nuclei in pixels of a digitised image: mean, error, worst of each."""
    kinds = ("mean", "standard error of", "worst")
    return _vectors(
        "breast-cancer",
        "Breast cancer",
        "569 biopsies by 30 measures of the cell nuclei in their pictures (Street et al. 1993, "
        "Wisconsin, UCI).",
        "breast_cancer.csv",
        [f"{kind} {feature}" for kind in kinds for feature in _CELL_FEATURES],
        ["malignant", "benign"],
    )


BUILTIN: dict[str, Callable[[], Dataset]] = {
    "digits": digits,
    "iris": iris,
    "wine": wine,
    "breast-cancer": breast_cancer,
}


def _vectors(
    dataset_id: str,
    title: str,
    description: str,
    file: str,
    feature_names: Sequence[str],
    label_names: Sequence[str],
) -> Dataset:
    """Make a data set of a file's real numbers, whose last column is the class."""
    values = torch.from_numpy(_table(file, header=True))
    rows = Split(
        x=values[:, :-1].float(), label=values[:, -1].long(), index=torch.arange(len(values))
    )
    shares = SplitShares()
    train, validation, test = portions(len(values), (shares.train, shares.validation, shares.test))
    return Dataset(
        id=dataset_id,
        title=title,
        description=description,
        image_shape=(),
        num_values=None,
        feature_names=tuple(feature_names),
        label_names=tuple(label_names),
        rows=stratified(rows, (train, validation, test), shares.seed),
        counts=(train, validation, test),
    )


def _table(file: str, *, header: bool) -> NDArray[np.float64]:
    # The files that load_digits() and its like read: importing scikit-learn takes a second.
    found = find_spec("sklearn")
    assert found is not None
    path = Path(str(found.origin)).parent / "datasets" / "data" / file
    return np.loadtxt(path, delimiter=",", skiprows=int(header))
