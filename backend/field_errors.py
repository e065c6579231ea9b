"""Pydantic's complaints about what someone sent or typed, in words for people."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from backend.errors import FieldError
from models.networks import DEFAULT_NETWORK
from models.priors import PRIORS


def explain(errors: Sequence[Any], body: Any) -> tuple[FieldError, ...]:
    """Return what is wrong with each field of ``body``, its path as it was written there."""
    return tuple(_field_error(item, body) for item in errors)


def _field_error(item: Mapping[str, Any], body: Any) -> FieldError:
    path = list(_path(item["loc"], body))
    return FieldError(".".join(str(part) for part in path), _message(item, path, body))


def _path(location: Sequence[Any], body: Any) -> Iterator[Any]:
    """Yield the parts of a location without the tags of unions, which no client ever wrote."""
    here, tagged = body, False
    for position, part in enumerate(location, start=1):
        if (
            not tagged
            and position < len(location)
            and isinstance(here, Mapping)
            and part == here.get("kind", DEFAULT_NETWORK)
        ):
            tagged = True
            continue
        yield part
        tagged = False
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None


def _message(item: Mapping[str, Any], path: Sequence[Any], body: Any) -> str:
    message: str = item["msg"]
    match item["type"]:
        case "missing":
            return "This is required." if path else "A JSON body is required."
        case "extra_forbidden":
            return f"There is no such field.{_suggest(path, body)}"
        case "union_tag_invalid" | "union_tag_not_found":
            known = item["ctx"].get("expected_tags") or ", ".join(f"'{kind}'" for kind in PRIORS)
            return f"“kind” has to be one of {known}."
        case "finite_number":
            return "This has to be a finite number, not NaN or infinity."
        case "value_error":
            return str(item["ctx"]["error"])
        case _:
            return f"{message}; got {_shorten(item.get('input'))}."


def _suggest(path: Sequence[Any], body: Any) -> str:
    """Name the options of the prior, if that is where the unknown field was found."""
    if len(path) != 2 or path[0] != "prior":
        return ""
    known = list(PRIORS[body["prior"]["kind"]].options.model_fields)
    close = difflib.get_close_matches(str(path[1]), known, n=1)
    guess = f" Did you mean “{close[0]}”?" if close else ""
    return f"{guess} {body['prior']['kind']} knows: {', '.join(known)}."


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
