"""The web app's interface for programs as Markdown, from its OpenAPI description: docs/reference/rest.md.

    python scripts/rest_reference.py

The documents' build puts it into that page, so it can't go stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from command_reference import in_cell
from fastapi import FastAPI

from clustertags.web.routes import ROUTERS

_USUAL = {"Successful Response": "done", "Validation Error": "what was sent is malformed: `detail` says where"}
_NOTHING_TO_SAY = {"HTTPValidationError", "ValidationError"}  # FastAPI's own, the same for every route


def main() -> None:
    print(rest_reference(description()), end="")


def description() -> dict[str, Any]:
    """The OpenAPI description that `/openapi.json` of a running server gives, without a server."""
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router)
    return app.openapi()


def rest_reference(openapi: dict[str, Any]) -> str:
    """Markdown: the routes by subject, then what they are sent and give."""
    by_subject: dict[str, list[str]] = {}
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            subject = (operation.get("tags") or ["other"])[0]
            by_subject.setdefault(subject, []).extend(_route(method, path, operation))
    lines = [line for subject, routes in by_subject.items() for line in ("", f"## {subject.capitalize()}", *routes)]
    lines += ["", "## Objects", ""]
    for name, schema in sorted(openapi.get("components", {}).get("schemas", {}).items()):
        if name not in _NOTHING_TO_SAY:
            lines += _object(name, schema)
    return "\n".join(lines) + "\n"


def _route(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield from ("", f"### {method.upper()} {path}", "", in_cell(operation.get("description", "")), "")
    sent = operation.get("requestBody", {}).get("content", {})
    for media_type, content in sent.items():
        yield from (f"Send `{media_type}`: {_kind(content.get('schema', {}))}", "")
    if operation.get("parameters"):
        yield from ("| parameter | | default | |", "|---|---|---|---|")
        for item in operation["parameters"]:
            schema = item.get("schema", {})
            default = "required" if item.get("required") else _default(schema)
            yield f"| `{item['name']}` | {_kind(schema)} | {default} | {in_cell(item.get('description', ''))} |"
        yield ""
    yield from ("| status | gives | |", "|---|---|---|")
    for status, response in sorted(operation["responses"].items()):
        words = response.get("description", "")
        yield f"| {status} | {_gives(response)} | {in_cell(_USUAL.get(words, words))} |"


def _gives(response: dict[str, Any]) -> str:
    kinds = []
    for media_type, content in response.get("content", {}).items():
        schema = content.get("schema", {})
        named = "$ref" in schema or schema.get("type") == "array"
        kinds.append(_kind(schema) if media_type == "application/json" and named else f"`{media_type}`")
    return ", ".join(kinds)


def _object(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield from (f"({_anchor(name)})=", f"### {name}", "", in_cell(schema.get("description", "")), "")
    if "enum" in schema or "oneOf" in schema or "anyOf" in schema:
        yield from (_kind(schema), "")
    if schema.get("properties"):
        yield from ("| field | | default | |", "|---|---|---|---|")
        for field, kind in schema["properties"].items():
            default = "always there" if field in schema.get("required", ()) else _default(kind)
            yield f"| `{field}` | {_kind(kind)} | {default} | {in_cell(kind.get('description', ''))} |"
        yield ""


def _anchor(name: str) -> str:
    return f"object-{name.lower()}"


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words, with a link where it is an object of its own."""
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    choices = schema.get("anyOf") or schema.get("oneOf")
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else None)
    if name:
        kind = "object" if name in _NOTHING_TO_SAY else f"[{name}](#{_anchor(name)})"
    elif choices:
        kind = " or ".join(_kind(item) for item in choices)
    elif values:
        kind = in_cell(" or ".join(f"`{value}`" for value in values))
    elif schema.get("type") == "array":
        kind = f"array of {', '.join(map(_kind, schema.get('prefixItems') or [schema.get('items', {})]))}"
    elif schema.get("properties"):
        kind = "form with " + "; ".join(f"`{field}`, {_kind(inner)}" for field, inner in schema["properties"].items())
    elif schema.get("format") == "binary":
        kind = "a file"
    else:
        kind = schema.get("type", "any JSON") + _limits(schema) + _values(schema)
    return kind


def _values(schema: dict[str, Any]) -> str:
    """What the values of an object with free keys are."""
    inner = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
    return "".join(f", each value {_kind(item)}" for item in inner[:1] if isinstance(item, dict) and item)


def _limits(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f", {low:.15g} to {high:.15g}"
    if low is not None:
        return f", at least {low:.15g}"
    return "" if high is None else f", at most {high:.15g}"


def _default(schema: dict[str, Any]) -> str:
    default = schema.get("default")
    return "" if default in (None, "") else f"`{default}`".replace("True", "true").replace("False", "false")


if __name__ == "__main__":
    main()
