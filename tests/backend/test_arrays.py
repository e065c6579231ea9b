from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from backend.arrays import DType, Float32Array, TypedArray

DTYPES: tuple[DType, ...] = ("f4", "f8", "u1", "i4")


@given(dtype=st.sampled_from(DTYPES), data=st.data())
def test_arrays_survive_the_wire(dtype: DType, data: st.DataObject) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4))
    array: NDArray[Any] = data.draw(hnp.arrays(dtype, shape))
    wire = TypedArray.from_numpy(array, dtype).model_dump_json()
    back = TypedArray.model_validate_json(wire).to_numpy()
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype


def test_bytes_are_little_endian_in_c_order() -> None:
    array = np.array([[1, 2], [3, 4]], dtype=">i4").T
    wire = TypedArray.from_numpy(array, "i4")
    assert wire.shape == "2, 2"
    assert base64.b64decode(wire.bdata) == bytes([1, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0])


class _Model(BaseModel):
    values: Float32Array


def test_a_field_takes_numpy_and_wire_alike() -> None:
    values = np.array([1.5, -np.inf], dtype=np.float64)
    wire = _Model(values=values).model_dump_json()
    assert "f4" in wire
    np.testing.assert_array_equal(_Model.model_validate_json(wire).values, values)


@pytest.mark.parametrize(
    "wire",
    [
        {"dtype": "f4", "bdata": "AAAA", "shape": "1"},
        {"dtype": "f4", "bdata": "AAAAAA==", "shape": "2"},
        {"dtype": "f4", "bdata": "!", "shape": "1"},
        {"dtype": "u1", "bdata": "AAAA", "shape": "-1, -3"},
        {"dtype": "u1", "bdata": "AAAA", "shape": "three"},
        {"dtype": "c8", "bdata": "", "shape": "0"},
    ],
)
def test_a_broken_array_is_refused(wire: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        _Model.model_validate({"values": wire})
