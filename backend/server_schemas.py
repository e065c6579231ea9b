"""What a server says of itself and of what went wrong.

Apart from the other schemas, for these are there before PyTorch is.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema


class Response(BaseModel):
    """Something the server answers; its numbers are always finite, for JSON knows no others."""

    model_config = ConfigDict(allow_inf_nan=False)


class FieldProblem(Response):
    """What is wrong with one field of the request."""

    field: str = Field(description="Path of the field, such as “prior.num_components”.")
    message: str = Field(description="What is wrong with it, and what would be right.")


class Problem(Response):
    """An error (RFC 9457)."""

    type: str = Field(description="“urn:priorscope:problem:” and the name of the error.")
    title: str
    status: int
    detail: str = Field(description="What went wrong, where, and what to do.")
    errors: list[FieldProblem] | SkipJsonSchema[None] = Field(
        None, description="For status 422: the fields at fault."
    )
    request_id: str | SkipJsonSchema[None] = Field(
        None, description="Of the request, as in the header X-Request-ID and in the server's log."
    )


class Alive(Response):
    """The server answers."""

    status: Literal["ok"] = "ok"


class Health(Alive):
    """The server can do what it is for."""

    version: str
    token: bool = Field(description="Whether requests have to show a token.")
    database_milliseconds: float = Field(description="How long the database took to answer.")
    free_megabytes: int = Field(description="Room on the disk of the data folder.")
    workers: int = Field(description="Runs trained at a time, at the most.")
    training: int = Field(description="Runs in training here.")
    waiting: int = Field(description="Runs that wait for their turn.")
