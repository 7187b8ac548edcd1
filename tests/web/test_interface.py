"""The interface against its own description: whatever is sent, no answer is a fault of the server."""

from __future__ import annotations

import hypothesis
import pytest
import schemathesis
from fastapi.testclient import TestClient
from schemathesis.checks import not_a_server_error

from tests.web.conftest import ADDRESS


@pytest.mark.slow
def test_no_request_that_the_description_allows_or_forbids_fails_the_server(editable: TestClient) -> None:
    """Drawn requests go to every operation; those to edits really edit, and undo takes some back."""
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json", editable.app, headers={"host": ADDRESS.removeprefix("http://")}
    )
    schema.config.update(base_url=ADDRESS)
    n_asked = 0

    def ask(case: schemathesis.Case) -> None:
        nonlocal n_asked
        answer = case.call(session=editable)
        case.validate_response(answer, checks=[not_a_server_error])
        n_asked += 1

    settings = hypothesis.settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    for operation in schema.get_all_operations():
        found = operation.ok()
        assert found is not None
        strategy = found.as_strategy()
        settings(hypothesis.given(case=strategy)(ask))()
    assert n_asked > 100
