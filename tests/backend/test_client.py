from __future__ import annotations

import httpx
import pytest

from backend.client import PriorscopeClient, ProblemError, ServerUnreachableError


def _answering(response: httpx.Response) -> PriorscopeClient:
    transport = httpx.MockTransport(lambda _request: response)
    return PriorscopeClient(httpx.Client(transport=transport, base_url="http://test"))


def test_a_problem_becomes_an_error_with_its_particulars(client: PriorscopeClient) -> None:
    with pytest.raises(ProblemError, match="There is no run “none”") as raised:
        client.run("none")
    assert raised.value.status == 404
    assert raised.value.problem.type == "urn:priorscope:problem:unknown-run"


def test_an_answer_of_something_else_is_an_error_too() -> None:
    other = _answering(httpx.Response(502, text="<html>Bad Gateway</html>"))
    with pytest.raises(ProblemError, match="answered 502 Bad Gateway, which is not") as raised:
        other.health()
    assert raised.value.status == 502


def test_where_nobody_answers_it_says_so() -> None:
    with (
        PriorscopeClient("http://127.0.0.1:9") as client,
        pytest.raises(ServerUnreachableError, match="no Priorscope server"),
    ):
        client.health()
