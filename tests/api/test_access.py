"""Who may do what, asked of every operation of the OpenAPI document, so that a new one is covered at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

import pytest
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from lostpost.accounts.revoke_client import revoke_client
from lostpost.api.openapi.examples import EXAMPLES
from tests.api.document import document
from tests.api.machine import LINES, Machine, a_lost_parcel, a_machine_of, a_platform, problem
from tests.api.one_of_everything import HERS, an_inquiry, of_answers, of_armed, of_money
from tests.cast import row_counts

pytestmark = pytest.mark.django_db
# Each line says for itself that there is nothing: tests/api/test_write_off_batches.py and test_query_actions.py.
ANSWERED_BY_LINE = {
    *("preview_write_off_batch", "create_write_off_batch"),
    *("preview_query_action", "create_query_action"),
}

QUERIES = {"get_arrival_odds": "?carrier=dpd&silent_days=3"}  # What an operation needs beside names.
OF_ALL_SHOPS = {"list_silent_parcels", "list_false_losses"}  # Where the platform names none, it asks about all of them.


class Operation(NamedTuple):
    """One operation as the document tells it."""

    name: str
    method: str
    path: str
    scopes: frozenset[str]
    parameters: frozenset[tuple[str, str]]
    has_body: bool

    @property
    def writes(self) -> bool:
        return "seller:read" not in self.scopes

    @property
    def for_platform(self) -> bool:
        return self.scopes == {"platform"}


@cache
def operations() -> tuple[Operation, ...]:
    return tuple(
        Operation(
            of["operationId"],
            method,
            path.removeprefix("/api/v1"),
            frozenset(scope for each in of["security"] for scope in each["oauth2"]),
            frozenset((each["in"], each["name"]) for each in of["parameters"]),
            "requestBody" in of,
        )
        for path, methods in document()["paths"].items()
        if path.startswith("/api/")
        for method, of in methods.items()
    )


def chosen(wanted: Callable[[Operation], bool]) -> pytest.MarkDecorator:
    chosen_operations = [operation for operation in operations() if wanted(operation)]
    assert chosen_operations
    return pytest.mark.parametrize(
        "operation", chosen_operations, ids=[operation.name for operation in chosen_operations]
    )


every = chosen(lambda operation: True)


def ask(
    machine: Machine, operation: Operation, names: dict[str, str], *, query: str = "", token: str | None = None
) -> Any:
    """Ask an operation with names that exist, in its address and in its body."""
    path = operation.path.format(**names)
    query = query or QUERIES.get(operation.name, "")
    body = None
    if operation.has_body:
        body = dict(EXAMPLES[operation.name]["request"])
        if "customer_query" in body:
            body |= {"customer_query": names["customer_query"]}
        if "lines" in body:
            body["lines"] = [{**LINES[0], "quantity": 1}]
            body.pop("token", None)
        if operation.name in ("preview_armed_write_off", "arm_write_off"):
            body |= {"customer_query": names["waiting"], "lines": [{**LINES[0], "parcel": "P5", "quantity": 1}]}
        if "parcel" in body and "sentence" in body:  # A request to Partnerservice.
            body = {"customer_query": names["customer_query"], "kind": "found", "sentence": "It came."}
        if operation.name == "ask_for_declaration":
            body |= {"parcel": names["parcel"]}
        if "note" in body:  # A parcel that came back.
            body = {"write_off": names["/found-parcels"].rpartition("-")[0], "parcel": "P2"}
        if "expected_amount_minor" in body or operation.name == "preview_found_outcome":
            body = {"kind": "return"}
        if "customer_queries" in body:
            body |= {"customer_queries": [{"customer_query": names["customer_query"]}]}
    headers = {} if token is None else {"Authorization": token}
    key = f"access-{operation.name}" if ("header", "Idempotency-Key") in operation.parameters else ""
    return machine.call(operation.method, f"{path}{query}", body, key, headers=headers)


class Scene(NamedTuple):
    """Who asks, and the names of what there is."""

    platform: Machine
    hers: Machine
    reader: Machine  # Of hers.
    annas: Machine
    names: dict[str, str]


@pytest.fixture(scope="module")
def scene(written_once: Any) -> Scene:
    """Carla's shop with one of everything; Anna's has nothing of that name."""
    with written_once(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("lostpost.connectors.webhooks.address.resolved_addresses", lambda _host, _port: ["1.1.1.1"])
        platform = a_platform()
        platform.call("put", "/sellers/lampenhuis", {"name": "Lampenhuis"})
        number = a_lost_parcel(platform, HERS)
        wish = {"customer_query": number, "lines": [{**LINES[0], "quantity": 1}]}
        answer = platform.call("post", f"/write-offs?seller={HERS}", wish, key="write-off-1")
        assert answer.status_code == 201, answer.content
        hook = platform.call("put", f"/webhooks/1?seller={HERS}", EXAMPLES["put_webhook"]["request"])
        assert hook.status_code == 201, hook.content
        lines = {"customer_queries": [{"customer_query": number}]}
        batch = platform.call("post", f"/write-offs/batch?seller={HERS}", lines, key="batch-number-1").json()["id"]
        action = {"action": "close", **lines}
        run = platform.call("post", f"/customer-queries/actions?seller={HERS}", action, key="action-1").json()["id"]
        values = {
            "seller": HERS,
            "action": run,
            "batch": batch,
            "request_id": str(an_inquiry(platform).id),
            "order_number": "2398-4471",
            "parcel": "P1",
            "return_code": "R1",
            "number": number,
        }
        values |= {"customer_query": number, **of_money(platform, f"{number}-1"), **of_answers(platform, number)}
        values |= of_armed(platform)
        names = values | dict.fromkeys(path_names() - set(values), "1")
        machines = a_machine_of(HERS), a_machine_of(HERS, read_only=True), a_machine_of("lampenhuis")
        return Scene(platform, *machines, names)


@pytest.fixture
def platform(scene: Scene) -> Machine:
    return scene.platform.restarted()


@pytest.fixture
def hers(scene: Scene) -> Machine:
    return scene.hers.restarted()


@pytest.fixture
def reader(scene: Scene) -> Machine:
    return scene.reader.restarted()


@pytest.fixture
def annas(scene: Scene) -> Machine:
    return scene.annas.restarted()


@pytest.fixture
def names(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr("lostpost.connectors.webhooks.address.resolved_addresses", lambda _host, _port: ["1.1.1.1"])
    return dict(scene.names)


def path_names() -> set[str]:
    return {name for operation in operations() for place, name in operation.parameters if place == "path"}


def placed(operation: Operation, names: dict[str, str]) -> dict[str, str]:
    """Give the names with the number that stands in this operation's address."""
    return names | {"number": names.get("/" + operation.path.split("/")[1], names["number"])}


@every
def test_without_a_token_there_is_nothing(operation: Operation, platform: Machine, names: dict[str, str]) -> None:
    before = row_counts()
    for token in ("", "Bearer", "Bearer ", "Basic YTpi", "Bearer nonsense", "Bearer \u00e9"):
        answer = ask(platform, operation, placed(operation, names), token=token)
        assert problem(answer, 401, "not-authenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert row_counts() == before


@every
def test_an_expired_token_is_no_token(operation: Operation, platform: Machine, names: dict[str, str]) -> None:
    before = row_counts()
    get_access_token_model().objects.update(expires=timezone.now() - timedelta(seconds=1))
    problem(ask(platform, operation, placed(operation, names)), 401, "not-authenticated")
    assert row_counts() == before


@every
def test_a_revoked_client_is_out_at_once(operation: Operation, platform: Machine, names: dict[str, str]) -> None:
    before = row_counts()
    revoke_client(client_id=platform.credentials.client_id, now=timezone.now())
    problem(ask(platform, operation, placed(operation, names)), 401, "not-authenticated")
    assert row_counts() == before


@chosen(lambda operation: operation.for_platform)
def test_a_shop_cannot_use_platform_operations(operation: Operation, hers: Machine, names: dict[str, str]) -> None:
    before = row_counts()
    problem(ask(hers, operation, placed(operation, names)), 403, "insufficient-scope")
    assert row_counts() == before


@chosen(lambda operation: operation.writes)
def test_a_client_that_may_only_read_changes_nothing(
    operation: Operation, reader: Machine, names: dict[str, str]
) -> None:
    before = row_counts()
    answer = ask(reader, operation, placed(operation, names))
    problem(answer, 403, "insufficient-scope")
    assert "insufficient_scope" in answer.headers["WWW-Authenticate"]
    assert row_counts() == before


@chosen(lambda operation: not operation.for_platform)
def test_another_shops_objects_are_not_found(operation: Operation, annas: Machine, names: dict[str, str]) -> None:
    before = row_counts()
    named = any(place == "path" for place, _name in operation.parameters) or operation.has_body
    if named and operation.name not in ANSWERED_BY_LINE | {
        "put_webhook",
        "put_answer_template",
    }:  # Hers, by name among Anna's: nothing.
        there = placed(operation, names)
        nothing = problem(ask(annas, operation, there), 404, "not-found")
        assert HERS not in json.dumps(nothing).replace(there["number"], "")  # What was asked for may be repeated.
    if ("query", "seller") in operation.parameters:  # Her shop, and one that there is not: the same answer.
        answers = [
            problem(ask(annas, operation, placed(operation, names), query=f"?seller={shop}"), 404, "not-found")
            for shop in (HERS, "nobody")
        ]
        assert answers[0] == answers[1]
    assert row_counts() == before


@chosen(lambda operation: not operation.for_platform and operation.method == "get")
def test_lists_show_ones_own_only(operation: Operation, annas: Machine, names: dict[str, str]) -> None:
    if any(place == "path" for place, _name in operation.parameters):
        return
    answer = ask(annas, operation, names)
    body = answer.json()
    assert answer.status_code == 200, answer.content
    items = [each for each in body.get("items", []) if each.get("id", "") is not None]  # But templates that come along.
    assert [each for each in items if each.get("lines") != []] == [], body  # Nothing comes, it may say.
    assert body.get("months", []) == body.get("invoices", []) == []


@chosen(lambda operation: ("query", "seller") in operation.parameters)
def test_the_platform_must_name_the_shop(operation: Operation, platform: Machine, names: dict[str, str]) -> None:
    before = row_counts()
    answer = ask(platform, operation, placed(operation, names))
    if operation.name in OF_ALL_SHOPS:
        assert answer.status_code == 200, answer.content
    else:
        problem(answer, 422, "seller-missing")
    assert row_counts() == before


@chosen(lambda operation: ("path", "seller") in operation.parameters and operation.name != "put_seller")
def test_a_shop_that_there_is_not(operation: Operation, platform: Machine, names: dict[str, str]) -> None:
    before = row_counts()
    problem(ask(platform, operation, placed(operation, names) | {"seller": "nobody"}), 404, "not-found")
    assert row_counts() == before


@chosen(lambda operation: not operation.for_platform)
def test_a_token_reaches_what_its_scopes_allow(
    operation: Operation, hers: Machine, reader: Machine, names: dict[str, str]
) -> None:
    """What is refused above is refused for that reason alone: with the right token it is answered."""
    if operation.name in (
        "appeal_hold",
        "withdraw_found_question",
    ):  # There is none of these here: see their own tests.
        return
    answer = ask(hers if operation.writes else reader, operation, placed(operation, names))
    assert answer.status_code in (200, 201, 204), answer.content


def test_a_client_gets_no_scope_that_is_not_its_own(reader: Machine) -> None:
    form = {"grant_type": "client_credentials", "scope": "seller:write platform"}
    form |= {"client_id": reader.credentials.client_id, "client_secret": reader.credentials.client_secret}
    answer = reader.client.post("/oauth/token", form)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] == "invalid_scope"
