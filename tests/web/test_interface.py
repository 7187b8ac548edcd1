"""The interface against its own description: whatever is sent, no answer is a fault of the server."""

from __future__ import annotations

from collections import Counter

import hypothesis
import pytest
import requests
import schemathesis
from fastapi.testclient import TestClient

from tests.web.conftest import ADDRESS


@pytest.mark.slow
def test_nothing_that_the_description_allows_or_forbids_fails_the_server(editable: TestClient) -> None:
    """Drawn requests go to every operation; those to edits really edit, and undo takes some back."""
    schema = schemathesis.openapi.from_dict(editable.get("/openapi.json").json())
    statuses: Counter[int] = Counter()
    unsent = []

    def ask(case: schemathesis.Case) -> None:
        sent = case.as_transport_kwargs(base_url=ADDRESS)
        fields = ("method", "url", "params", "headers", "json", "data", "files", "cookies")
        try:
            request = requests.Request(**{name: sent[name] for name in fields if sent.get(name)}).prepare()
            answer = editable.request(
                str(request.method), str(request.url), headers=dict(request.headers), content=request.body
            )
        except (UnicodeError, TypeError, AttributeError, requests.RequestException):  # what no client can send
            unsent.append(sent)
            return
        statuses[answer.status_code] += 1
        assert answer.status_code < 500 or answer.status_code == 503, (sent, answer.text)

    settings = hypothesis.settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    for found in schema.get_all_operations():
        operation = found.ok()
        assert operation is not None
        settings(hypothesis.given(case=operation.as_strategy())(ask))()
    assert statuses[200] > 20
    assert sum(statuses.values()) > max(100, 4 * len(unsent))
