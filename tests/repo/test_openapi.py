"""The API's document: complete, true to its examples, and changed on purpose only."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import lostpost
from lostpost.api.http.fields import EMAIL
from lostpost.api.openapi.document import FILES
from lostpost.api.openapi.examples import EXAMPLES
from lostpost.core.errors import Refused
from lostpost.web.outages import BUSY, UNAVAILABLE
from scripts import openapi
from tests.repo.test_layers import DOMAIN

PROJECT = Path(__file__).resolve().parents[2]
PAGES = PROJECT / "lostpost" / "api" / "problems"


@cache
def document() -> str:
    """Return the document, which takes a while to be written and is the same all the time."""
    return openapi.document()


SIGN_IN = "/oauth/token"  # No operation of the API's own: held by tests/api/test_sign_in.py.


def operations(*, but: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in json.loads(document())["paths"].items():
        for method, operation in methods.items():
            if path != but:
                yield path, method, operation


def test_the_document_is_the_one_in_the_repository() -> None:
    assert document() == openapi.WRITTEN.read_text("utf-8"), "The API changed. If that is meant: make openapi"


def test_every_operation_has_a_name_scopes_and_refusals() -> None:
    names = []
    for path, method, operation in operations(but=SIGN_IN):
        names.append(operation["operationId"])
        assert operation["description"], path
        assert operation["security"], path
        statuses = set(operation["responses"])
        assert {"401", "403", "429", "500"} <= statuses, path
        assert statuses & {"200", "201", "204"}, path
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= statuses, path
            assert operation["requestBody"]["content"]["application/json"]["examples"], path
        for status, answer in operation["responses"].items():
            kinds = set(answer.get("content", {}))
            media_types = {"application/json", *FILES.get(operation["operationId"], [])}
            assert kinds <= ({"application/problem+json"} if status >= "400" else media_types), (path, status)
        keyed = any(each["name"] == "Idempotency-Key" for each in operation["parameters"])
        assert not keyed or (method == "post" and "409" in statuses), path
    assert len(names) == len(set(names))


def test_every_answer_to_a_known_client_documents_rate_limits() -> None:
    rate = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
    assert set(json.loads(document())["components"]["headers"]) == rate
    for path, _method, operation in operations(but=SIGN_IN):
        for status, answer in operation["responses"].items():
            named = set(answer.get("headers", {}))
            assert named & rate == (set() if status in ("401", "408", "503") else rate), (path, status)
            assert ("WWW-Authenticate" in named) == (status in ("401", "403")), (path, status)
            waits = status in ("429", "503") or "in-progress" in answer["description"]
            assert ("Retry-After" in named) == waits, (path, status)


def values_named(name: str, within: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Find everything that stands under a name in the document, and what it stands in."""
    if isinstance(within, dict):
        if name in within:
            yield within[name], within
        for each in within.values():
            yield from values_named(name, each)
    elif isinstance(within, list):
        for each in within:
            yield from values_named(name, each)


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Let no object have names that its schema does not, as linters of documents do with examples."""
    for _properties, of_object in values_named("properties", schema["components"]["schemas"]):
        of_object.setdefault("additionalProperties", False)
    return schema


def test_the_document_has_license_contact_and_tags() -> None:
    schema = json.loads(document())
    assert schema["info"]["license"] == {"name": "MIT License", "identifier": "MIT"}
    assert schema["info"]["contact"]["name"]
    used = {tag for _path, _method, operation in operations() for tag in operation["tags"]}
    assert {tag["name"] for tag in schema["tags"] if tag["description"]} == used


def test_every_pattern_is_a_regular_expression_of_ecma_262() -> None:
    """Under the flag `u`, by which JSON Schema reads them, a sign that needs no backslash must not have one."""
    patterns = {pattern for pattern, _schema in values_named("pattern", json.loads(document())) if type(pattern) is str}
    assert EMAIL in patterns
    needless = re.compile(r"\\(?![\^$\\.*+?()\[\]{}|/dDwWsSbBfnrtv0]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|u\{|[pP]\{)(.)")
    for pattern in patterns:
        assert not needless.findall(pattern), pattern
        assert not re.search(r"\(\?[^:=!<]|\\[AZ]|\(\?P", pattern), pattern  # Python's own.
        re.compile(pattern)


def test_examples_of_single_values_match_their_schema() -> None:
    from jsonschema_rs import validator_for

    schema = closed(json.loads(document()))
    count = 0
    for examples, described in values_named("examples", schema):
        if isinstance(examples, list):
            for example in examples:
                validator_for({**described, "components": schema["components"]}).validate(example)
                count += 1
    for example, named in values_named("example", schema):
        validator_for({**named.get("schema", named), "components": schema["components"]}).validate(example)
        count += 1
    assert count > 50


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_matches_its_schema(name: str) -> None:
    from jsonschema_rs import validator_for

    schema = closed(json.loads(document()))
    (operation,) = (operation for _path, _method, operation in operations() if operation["operationId"] == name)
    contents = [operation.get("requestBody", {}), *operation["responses"].values()]
    count = 0
    for content in contents:
        for kind in content.get("content", {}).values():
            for example in kind.get("examples", {}).values():
                validator_for({**kind["schema"], "components": schema["components"]}).validate(example["value"])
                count += 1
    assert count >= len(EXAMPLES[name])


def codes_of_refusals(kind: type[Refused] = Refused) -> set[str]:
    """Name the codes of all refusals of the domain, whatever was imported before."""
    for package in DOMAIN:
        path = importlib.import_module(f"lostpost.{package}").__path__
        for module in pkgutil.iter_modules(path, f"lostpost.{package}."):
            importlib.import_module(module.name)
    return {kind.code}.union(*(codes_of_refusals(each) for each in kind.__subclasses__()))


def codes_of_problems() -> set[str]:
    """Read the codes from the second argument of every Problem(...) of the API."""
    codes = set()
    package = Path(lostpost.__file__).parent
    for file in [*package.glob("api/**/*.py"), *package.glob("web/*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                words = (each for each in ast.walk(node.args[1]) if isinstance(each, ast.Constant))
                codes |= {each.value for each in words if isinstance(each.value, str)}
    return codes


def codes_of_document() -> set[str]:
    """Read the codes that the descriptions of refusals name."""
    return {
        code
        for _path, _method, operation in operations(but=SIGN_IN)
        for status, answer in operation["responses"].items()
        if status >= "400"
        for code in re.findall("`([a-z-]+)`", answer["description"])
    }


def test_every_code_has_its_page_and_every_page_its_code() -> None:
    pages = {page.stem for page in PAGES.glob("*.md")}
    codes = codes_of_refusals() | codes_of_problems() | {"too-many-requests", BUSY.code, UNAVAILABLE.code}
    assert pages == codes
    assert codes_of_document() <= pages
    for page in PAGES.glob("*.md"):
        assert re.match(rf"# {page.stem}\n\nStatus: \d{{3}}[^\n]*\.\n", page.read_text("utf-8")), page


def test_the_page_of_a_code_is_served(client: Any) -> None:
    answer = client.get("/api/v1/problems/not-eligible")
    assert answer.status_code == 200
    assert answer.content.decode() == (PAGES / "not-eligible.md").read_text("utf-8")
    for accept in ("*/*", "text/markdown, text/plain;q=0.5", "application/json"):
        assert client.get("/api/v1/problems/not-eligible", headers={"Accept": accept}).content == answer.content
    assert client.get("/api/v1/problems/nonsense").json()["code"] == "not-found"
    assert client.get("/api/v1/problems/..%2fopenapi").json()["code"] == "not-found"


@pytest.mark.parametrize("code", [page.stem for page in PAGES.glob("*.md")])
def test_a_browser_is_shown_the_page_of_a_code_as_a_page(client: Any, code: str) -> None:
    as_a_browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = client.get(f"/api/v1/problems/{code}", headers={"Accept": as_a_browser})
    page = answer.content.decode()
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Accept" in answer.headers["Vary"]
    assert f"<h1>{code}</h1>" in page
    assert "<h2>What to do</h2>" in page
    assert not re.search("`|<p>#|\\*\\*|&amp;lt;", page)


@pytest.mark.django_db  # Closing a file that was served looks at the database's connections.
def test_the_document_is_readable_without_anything_from_elsewhere(client: Any) -> None:
    page = client.get("/api/v1/docs").content.decode()
    for address in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert address.startswith("/"), address
        file = client.get(address)
        assert file.status_code == 200, address
        file.close()
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert all("src=" in kind for kind, _text in scripts)
    assert " style=" not in page
    assert " on" not in re.sub(r">[^<]*<", "><", page)
