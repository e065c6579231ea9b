"""Names of the classes of the sets that are distributed as IDX files."""

from __future__ import annotations

import string
from collections.abc import Mapping

_FASHION = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
_KUZUSHIJI = (
    "お o",
    "き ki",
    "す su",
    "つ tsu",
    "な na",
    "は ha",
    "ま ma",
    "や ya",
    "れ re",
    "を wo",
)
_ALL = string.digits + string.ascii_uppercase + string.ascii_lowercase
_MERGED = string.digits + string.ascii_uppercase + "abdefghnqrt"
"""EMNIST merges the lower-case letters that look like their capitals (Cohen et al. 2017)."""

_EMNIST: dict[str, Mapping[int, str]] = {
    "byclass": dict(enumerate(_ALL)),
    "bymerge": dict(enumerate(_MERGED)),
    "balanced": dict(enumerate(_MERGED)),
    "letters": dict(enumerate(string.ascii_lowercase, start=1)),
    "digits": {},
    "mnist": {},
}


def class_names(name: str) -> Mapping[int, str]:
    """Return the names of the label values of the set that ``name`` speaks of, as far as known."""
    plain = name.lower()
    if is_transposed(name):
        return next((known for part, known in _EMNIST.items() if f"emnist-{part}" in plain), {})
    if "fashion" in plain:
        return dict(enumerate(_FASHION))
    if "kmnist" in plain or "kuzushiji" in plain:
        return dict(enumerate(_KUZUSHIJI))
    return {}


def is_transposed(name: str) -> bool:
    """Say whether the pictures are stored column by column, as those of EMNIST are."""
    return name.lower().startswith("emnist") or "/emnist" in name.lower()
