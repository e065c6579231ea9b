"""What every likelihood is."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Scale = Literal["learned", "predicted"]


class LikelihoodOptions(BaseModel):
    """Options of a likelihood; each subclass narrows ``kind`` to the name in the registry."""

    model_config = ConfigDict(extra="forbid")
    kind: str
