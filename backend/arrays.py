"""Arrays on the wire: Plotly's base64 typed arrays, which its JavaScript draws without parsing."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

DType = Literal["f4", "f8", "u1", "i4"]


class TypedArray(BaseModel):
    """A numpy array as JSON: little-endian bytes in base64, C order."""

    model_config = ConfigDict(extra="forbid")

    dtype: DType = Field(description="f4, f8: floats; u1: bytes; i4: whole numbers.")
    bdata: str = Field(description="The array's little-endian bytes in base64.")
    shape: str = Field(description="Lengths of the axes, such as “200, 200”.")

    @classmethod
    def from_numpy(cls, array: NDArray[Any], dtype: DType) -> TypedArray:
        """Encode ``array`` as ``dtype``."""
        little_endian = np.ascontiguousarray(array, dtype=f"<{dtype}")
        return cls(
            dtype=dtype,
            bdata=base64.b64encode(little_endian.tobytes()).decode("ascii"),
            shape=", ".join(str(length) for length in array.shape),
        )

    def to_numpy(self) -> NDArray[Any]:
        """Decode into an array of the machine's byte order.

        Raises:
            ValueError: the bytes are no base64, or too many or too few for the shape.
        """
        shape = tuple(int(length) for length in self.shape.split(","))
        try:
            data = base64.b64decode(self.bdata, validate=True)
        except binascii.Error as error:
            raise ValueError("bdata is not base64") from error
        if min(shape) < 0 or len(data) != math.prod(shape) * int(self.dtype[1]):
            raise ValueError(f"bdata holds {len(data)} bytes, which do not fill {self.shape}")
        little_endian = np.frombuffer(data, dtype=f"<{self.dtype}")
        return little_endian.astype(self.dtype).reshape(shape)


class _Wire:
    """Makes a numpy field of a pydantic model travel as a ``TypedArray`` of one dtype."""

    def __init__(self, dtype: DType) -> None:
        self.dtype = dtype

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        wire = handler.generate_schema(TypedArray)
        decoded = core_schema.no_info_after_validator_function(TypedArray.to_numpy, wire)
        return core_schema.json_or_python_schema(
            json_schema=decoded,
            python_schema=core_schema.union_schema(
                [core_schema.is_instance_schema(np.ndarray), decoded]
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda array: TypedArray.from_numpy(array, self.dtype), return_schema=wire
            ),
        )


Float32Array = Annotated[NDArray[np.float32], _Wire("f4")]
Float64Array = Annotated[NDArray[np.float64], _Wire("f8")]
ByteArray = Annotated[NDArray[np.uint8], _Wire("u1")]
IndexArray = Annotated[NDArray[np.int32], _Wire("i4")]
