"""Two operations whose addresses may be the same are told apart by their method, whatever things are called."""

from __future__ import annotations

import itertools
import json
import re
from functools import cache
from typing import Any, NamedTuple

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve
from ninja.operation import Operation

from lostpost.api.api import api
from lostpost.api.http.chain import match_of
from tests.api.document import document
from tests.api.machine import ORDER, a_machine_of, a_platform, problem

BATCH = "0195a3c0-7f00-7000-8000-0000000000b1"
# Each pattern of a name takes one of them.
NAMES = [
    "1",
    "1-1",
    "4711039288",
    "1-1-R1",
    "1-1-F1",
    "1-C1",
    "CRN-1-1",
    "INV-1-1",
    BATCH,
]  # Each pattern of a name takes one of them.


class DocumentedPath(NamedTuple):
    """An operation as the document tells it."""

    name: str
    method: str
    segments: tuple[str, ...]
    patterns: dict[str, str]

    def pattern(self, at: int) -> str | None:
        """Return what a value at this place looks like; None if a word stands there."""
        match = re.fullmatch(r"\{(\w+)\}", self.segments[at])
        return self.patterns[match[1]] if match else None


def pattern_of(schema: dict[str, str]) -> str:
    return "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" if schema.get("format") == "uuid" else schema["pattern"]


def documented_paths() -> list[DocumentedPath]:
    return [
        DocumentedPath(
            operation["operationId"],
            method,
            tuple(path.removeprefix("/api/v1/").split("/")),
            {each["name"]: pattern_of(each["schema"]) for each in operation["parameters"] if each["in"] == "path"},
        )
        for path, methods in document()["paths"].items()
        if path.startswith("/api/")
        for method, operation in methods.items()
    ]


def shared(one: DocumentedPath, other: DocumentedPath) -> str | None:
    """Return an address that is either's; None if there is none."""
    if len(one.segments) != len(other.segments):
        return None
    words = []
    for at, (left, right) in enumerate(zip(one.segments, other.segments, strict=True)):
        patterns = [pattern for pattern in (one.pattern(at), other.pattern(at)) if pattern is not None]
        words_here = NAMES if len(patterns) == 2 else [left if one.pattern(at) is None else right]
        fitting = [word for word in words_here if all(re.search(pattern, word) for pattern in patterns)]
        if not fitting or (not patterns and left != right):
            return None
        words.append(fitting[0])
    return "/".join(words)


@cache
def clashes() -> list[tuple[DocumentedPath, DocumentedPath, str]]:
    pairs = itertools.combinations(documented_paths(), 2)
    return [(*pair, path) for pair in pairs if pair[0].segments != pair[1].segments and (path := shared(*pair))]


def test_overlapping_paths_exist() -> None:
    assert ("put_order", "assess_order") in {(one.name, other.name) for one, other, _path in clashes()} | {
        (other.name, one.name) for one, other, _path in clashes()
    }


@pytest.mark.parametrize(
    ("one", "other", "path"), clashes(), ids=[f"{one.name}-{other.name}" for one, other, _path in clashes()]
)
def test_each_of_two_operations_is_reached(
    one: DocumentedPath, other: DocumentedPath, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert one.method != other.method, "nothing tells them apart"
    monkeypatch.setattr(Operation, "run", lambda self, request, **names: HttpResponse(self.operation_id))
    for each in (one, other):
        answer = Client().generic(each.method.upper(), f"/api/v1/{path}")
        assert answer.content.decode() == each.name
    refused = Client().generic("TRACE", f"/api/v1/{path}")
    allowed = set(refused.headers["Allow"].split(", "))
    assert {one.method.upper(), other.method.upper()} <= allowed


@pytest.mark.parametrize("operation", documented_paths(), ids=[operation.name for operation in documented_paths()])
def test_names_that_equal_segments_of_other_paths(operation: DocumentedPath, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every place for a name is tried with every word that stands in an address."""

    def named(self: Operation, _request: HttpRequest, **names: Any) -> HttpResponse:
        return HttpResponse(f"{self.operation_id} {json.dumps(names, default=str)}")

    monkeypatch.setattr(Operation, "run", named)
    words = {word for each in documented_paths() for word in each.segments if "{" not in word}
    tried = set()
    client = Client()
    for word in [*sorted(words), "docs", "problems", "openapi.json"]:
        names = {
            name: word if re.search(pattern, word) else next(each for each in NAMES if re.search(pattern, each))
            for name, pattern in operation.patterns.items()
        }
        path = "/".join(operation.segments).format(**names)
        if path not in tried:  # A word that no name may be leads to the same address as the word before.
            tried.add(path)
            answer = client.generic(operation.method.upper(), f"/api/v1/{path}")
            assert answer.content.decode() == f"{operation.name} {json.dumps(names)}", path


@pytest.mark.django_db
def test_an_order_number_may_equal_a_path_segment() -> None:
    platform = a_platform()
    for seller in ("preview", "lampenhuis"):
        assert platform.call("put", f"/sellers/{seller}", {"name": "Preview"}).status_code == 200
    for number in ("assessment", "preview", "2398-4471"):
        assert platform.call("put", f"/orders/preview/{number}", ORDER).status_code == 201
    shop = a_machine_of("preview")
    for number in ("assessment", "preview"):
        assert shop.call("get", f"/orders/{number}").json()["order_number"] == number
        assert shop.call("get", f"/orders/{number}/assessment").json()["order_number"] == number
    assert platform.call("put", "/orders/preview/assessment", ORDER).json() == {"state": "unchanged"}
    refused = problem(platform.call("delete", "/orders/preview/assessment"), 405, "method-not-allowed")
    assert refused["instance"] == "/api/v1/orders/preview/assessment"


@pytest.mark.django_db
def test_head_has_the_headers_of_get_and_no_body(anna: object) -> None:
    machine = a_machine_of("lampenhuis")
    for path, status in [("/orders", 200), ("/orders/none", 404), ("/orders?size=0", 422), ("/nothing", 404)]:
        head, get = machine.call("head", path), machine.call("get", path)
        assert (head.status_code, get.status_code) == (status, status)
        assert head.content == b""
        assert head.headers["Content-Length"] == str(len(get.content))
        assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert machine.call("head", "/scans").status_code == 405


@pytest.mark.parametrize("path", ["/api/v1/openapi.json", "/api/v1/docs", "/api/v1/problems/not-found"])
def test_read_only_resources_refuse_other_methods(path: str) -> None:
    assert Client().get(path).status_code == 200
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = Client(enforce_csrf_checks=True).generic(method, path)
        problem(answer, 405, "method-not-allowed")
        assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/write-offs/preview", "POST"), ("PUT", "/orders/bad~name/assessment", "GET, HEAD")],
)
def test_a_path_that_matches_another_one_only_by_an_invalid_name_has_no_other_methods(
    method: str, path: str, allowed: str
) -> None:
    refused = Client().generic(method, f"/api/v1{path}")
    problem(refused, 405, "method-not-allowed")
    assert refused.headers["Allow"] == allowed


@pytest.mark.django_db
def test_the_interim_figures_are_no_invoice_of_that_number(anna: object) -> None:
    machine = a_machine_of("lampenhuis")
    assert [figures["currency"] for figures in machine.call("get", "/invoices/interim").json()["items"]] == ["EUR"]
    problem(machine.call("get", "/invoices/INV-1-1"), 404, "not-found")


def test_the_short_chain_finds_the_views_that_django_finds() -> None:
    """It tries only routes with the same first part: each documented address leads where Django's own search leads."""
    paths = [
        re.sub(r"\{\w+\}", "1-1", re.sub(r"\{(action|armed|batch)\}", BATCH, path)) for path in api.documented_paths()
    ]
    for path in ("/api/payments/mollie", *(path if path == "/oauth/token" else f"/api/v1{path}" for path in paths)):
        ours, djangos = match_of(path), resolve(path)
        found = [(match.func, match.route, match.kwargs, match.view_name) for match in (ours, djangos)]
        assert found[0] == found[1]
    with pytest.raises(Resolver404):
        match_of("/api/v1/write-off")
