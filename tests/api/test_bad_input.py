"""What is wrong with a request is said in problem details, whatever it is, and leaves nothing behind."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.db import OperationalError
from django.http import Http404, UnreadablePostError
from django.test import Client

from tests.api.machine import CONTACT, LINES, ORDER, PARCEL, SCAN, Machine, problem
from tests.cast import row_counts

pytestmark = pytest.mark.django_db
EXTRA = "extra_forbidden"
AT = "/orders/lampenhuis/2398-9999"


@pytest.fixture
def platform(platform_and_lost_parcel: Machine) -> Machine:
    return platform_and_lost_parcel.restarted()


def item(**values: Any) -> dict[str, Any]:
    return {**ORDER, "items": [{**ORDER["items"][0], **values}]}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({**ORDER, "colour": "red"}, "body.colour"),
        ({**ORDER, "customer": {**ORDER["customer"], "age": 30}}, "body.customer.age"),
        (item(paid_minor=79.9), "body.items[0].paid_minor"),
        (item(paid_minor=7990.0), "body.items[0].paid_minor"),
        (item(paid_minor="7990"), "body.items[0].paid_minor"),
        (item(paid_minor=True), "body.items[0].paid_minor"),
        (item(paid_minor=-1), "body.items[0].paid_minor"),
        (item(paid_minor=10**30), "body.items[0].paid_minor"),
        (item(quantity=0), "body.items[0].quantity"),
        (item(title="half \ud83d"), "body.items[0].title"),
        (item(title="NUL \x00"), "body.items[0].title"),
        (item(item="../../etc"), "body.items[0].item"),
        (item(title=None), "body.items[0].title"),
        ({**ORDER, "placed_at": "2026-03-01T10:00:00"}, "body.placed_at"),
        ({**ORDER, "placed_at": "yesterday"}, "body.placed_at"),
        ({**ORDER, "placed_at": 1772355600}, "body.placed_at"),
        ({**ORDER, "placed_at": 0.5}, "body.placed_at"),
        ({**ORDER, "customer": {**ORDER["customer"], "email": "klaas"}}, "body.customer.email"),
        ({**ORDER, "currency": "eur"}, "body.currency"),
        ({**ORDER, "items": []}, "body.items"),
        ({**ORDER, "items": [ORDER["items"]] * 2}, "body.items[0]"),
        ({"placed_at": ORDER["placed_at"]}, "body.currency"),
        ([], "body"),
        ("order", "body"),
        (None, "body"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(platform: Machine, body: Any, path: str) -> None:
    before = row_counts()
    details = problem(platform.call("put", AT, raw=json.dumps(body).encode()), 422, "validation-failed")
    assert path in [each["path"] for each in details["errors"]], details
    assert all(each["detail"] and each["code"] for each in details["errors"])
    assert row_counts() == before


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"nonsense",
        b"\xff\xfe{}",
        b'{"a": "\xed\xa0\x80"}',
        b'{"quantity": NaN}',
        b'{"quantity": Infinity}',
        b'{"currency": "EUR", "currency": "USD"}',
        b"[" * 100_000,
        b'{"quantity": ' + b"9" * 5_000 + b"}",
        b"\xef\xbb\xbf{}",
    ],
)
def test_a_body_that_is_no_json(platform: Machine, raw: bytes) -> None:
    before = row_counts()
    problem(platform.call("put", AT, raw=raw), 400, "malformed-body")
    assert row_counts() == before


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "", "text/json"])
def test_a_body_with_another_content_type(platform: Machine, kind: str) -> None:
    before = row_counts()
    answer = platform.call("put", AT, raw=json.dumps(ORDER).encode(), content_type=kind)
    problem(answer, 415, "not-json")
    assert row_counts() == before


def test_json_with_its_encoding_is_json(platform: Machine) -> None:
    sent = json.dumps(ORDER).encode()
    answer = platform.call("put", AT, raw=sent, content_type="application/json; charset=utf-8")
    assert answer.status_code == 201, answer.content


def test_no_body_where_one_is_needed(platform: Machine) -> None:
    problem(platform.call("put", AT), 422, "validation-failed")
    problem(platform.call("post", "/scans", raw=b""), 422, "validation-failed")


@pytest.mark.parametrize("path", ["/scans", "/write-offs/preview?seller=lampenhuis"])
def test_a_body_that_is_too_large_is_not_read(platform: Machine, path: str) -> None:
    before = row_counts()
    problem(platform.call("post", path, raw=b" " * (2 * 1024 * 1024 + 1)), 413, "body-too-large")
    assert row_counts() == before


def test_a_batch_that_is_too_large(platform: Machine) -> None:
    before = row_counts()
    details = problem(platform.call("post", "/scans", {"scans": [SCAN] * 1001}), 422, "validation-failed")
    assert details["errors"][0]["path"] == "body.scans"
    assert row_counts() == before


def test_a_full_batch_with_the_longest_texts_fits(platform: Machine) -> None:
    long = {**SCAN, "code": "c" * 64, "text": "t" * 300, "location": "l" * 100}
    scans = [{**long, "id": f"{index:0100}"} for index in range(1000)]
    answer = platform.call("post", "/scans", {"scans": scans})
    assert answer.status_code == 200, answer.content
    assert answer.json()["accepted"] == 1000


@pytest.mark.parametrize(
    "path",
    [
        "/orders?seller=lampenhuis&size=0",
        "/orders?seller=lampenhuis&size=201",
        "/orders?seller=lampenhuis&size=many",
        "/orders?seller=lampenhuis&after=nonsense",
        "/orders?seller=lampenhuis&after=2026-01-01T00:00:00Z",
        "/orders?seller=lampenhuis&q=%00",
        "/orders?seller=%00",
        "/orders/%00?seller=lampenhuis",
        "/orders/a%0Ab?seller=lampenhuis",
        "/refunds?seller=lampenhuis&state=gone",
        "/customer-queries?seller=lampenhuis&state=gone",
        "/customer-queries?seller=lampenhuis&q=%00",
        "/customer-queries/abc?seller=lampenhuis",
        "/write-offs?seller=lampenhuis&order_number=%00",
        "/write-offs?seller=lampenhuis&customer_query=%00",
        "/write-offs/1-99999999999?seller=lampenhuis",
        "/events?seller=lampenhuis&after=-1",
        "/events?seller=lampenhuis&after=99999999999999999999",
    ],
)
def test_an_invalid_value_in_a_path(platform: Machine, path: str) -> None:
    answer = platform.call("get", path)
    problem(answer, 422, answer.json()["code"])
    assert answer.json()["code"] in ("validation-failed", "cursor-unknown")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("delete", "/orders", {"GET", "HEAD"}),
        ("patch", "/orders/lampenhuis/1", {"PUT"}),
        ("get", "/scans", {"POST"}),
        ("options", "/orders", {"GET", "HEAD"}),
        ("trace", "/orders", {"GET", "HEAD"}),
        ("put", "/write-offs", {"GET", "HEAD", "POST"}),
    ],
)
def test_a_wrong_method(platform: Machine, method: str, path: str, allowed: set[str]) -> None:
    answer = platform.call(method, path)
    problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/", "/nothing", "/orders/a/b/c", "/orders/", "//orders", "/%00", "/v2", "/.."])
def test_an_address_where_there_is_nothing(platform: Machine, path: str) -> None:
    problem(platform.call("get", path), 404, "not-found")
    problem(platform.call("post", path, raw=b"{"), 404, "not-found")


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with a space", "tab\tin it", "é" * 10])
def test_an_invalid_idempotency_key(platform: Machine, key: str) -> None:
    before = row_counts()
    headers = {"Idempotency-Key": key} if key else {}
    details = problem(
        platform.call("post", "/customer-queries?seller=lampenhuis", CONTACT, headers=headers), 422, "validation-failed"
    )
    assert details["errors"][0]["path"] == "header.Idempotency-Key"
    assert row_counts() == before


@pytest.mark.parametrize("words", ["NUL \x00", "half \ud800", "  "])
@pytest.mark.parametrize("name", ["subject", "message"])
def test_unstorable_text(platform: Machine, name: str, words: str) -> None:
    before = row_counts()
    path = "/customer-queries?seller=lampenhuis"
    answer = platform.call("post", path, {**CONTACT, name: words}, key="words-that-cannot")
    problem(answer, 422, answer.json()["code"])
    assert row_counts() == before


def test_an_invalid_scan_does_not_keep_the_others_out(platform: Machine) -> None:
    scans = [
        SCAN,
        {**SCAN, "parcel": "P9", "id": "1"},
        {**SCAN, "seller": "nobody"},
        {"occurred_at": SCAN["occurred_at"], "status": "in_transit"},
        {**SCAN, "occurred_at": "1999-01-01T00:00:00Z"},
        {"carrier": "dpd", "tracking_number": "3SNONE", "occurred_at": SCAN["occurred_at"], "status": "in_transit"},
        {**SCAN, "id": "new"},
    ]
    answer = platform.call("post", "/scans", {"scans": scans}).json()
    assert (answer["accepted"], answer["duplicates"]) == (3, 1)
    assert [(each["index"], each["code"]) for each in answer["rejected"]] == [
        (2, "not-found"),
        (3, "validation-failed"),
        (4, "rejected"),
    ]
    assert answer["waiting"] == [1, 5]


def test_an_order_that_contradicts_what_is_recorded(platform: Machine) -> None:
    before = row_counts()
    problem(platform.call("put", "/orders/lampenhuis/2398-4471", item(item="B")), 409, "order-contradicts")
    fewer = {**PARCEL, "units": [{"item": "A", "quantity": 3}]}
    problem(platform.call("put", "/parcels/lampenhuis/P2", fewer), 409, "parcel-contradicts")
    assert row_counts() == before


def test_a_bug_reveals_nothing(platform: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("lostpost.api.orders.routes.newest_orders", broken)
    answer = platform.call("get", "/orders?seller=lampenhuis")
    problem(answer, 500, "unexpected")
    assert "secret" not in answer.content.decode()
    assert answer.headers["X-Request-ID"]


def test_a_host_that_is_not_this_one() -> None:
    problem(Client(raise_request_exception=False).get("/api/v1/orders", HTTP_HOST="evil.example"), 400, "refused")


def test_lines_that_do_not_fit_together(platform: Machine) -> None:
    number = platform.call("get", "/customer-queries?seller=lampenhuis").json()["items"][0]["number"]
    path, wish = "/write-offs/preview?seller=lampenhuis", {"customer_query": number}
    problem(platform.call("post", path, {**wish, "lines": LINES * 2}), 422, "nothing-picked")
    details = problem(
        platform.call("post", path, {**wish, "lines": [{**LINES[0], "quantity": 3}]}), 422, "quantity-unavailable"
    )
    assert (details["parcel"], details["item"], details["available"]) == ("P1", "A", 2)


def test_a_parcel_of_another_order_than_the_customer_query_is_refused(platform: Machine) -> None:
    number = platform.call("get", "/customer-queries?seller=lampenhuis").json()["items"][0]["number"]
    assert platform.call("put", "/orders/lampenhuis/2398-4472", ORDER).status_code == 201
    other = {**PARCEL, "order_number": "2398-4472", "tracking_number": "3SOTHER"}
    assert platform.call("put", "/parcels/lampenhuis/P2", other).status_code == 201
    wish = {"customer_query": number, "lines": [{**LINES[0], "parcel": "P2"}]}
    before = row_counts()
    for path, key in (("/write-offs/preview", ""), ("/write-offs", "of-another-order")):
        details = problem(
            platform.call("post", f"{path}?seller=lampenhuis", wish, key=key), 422, "query-of-other-order"
        )
        assert details["detail"] == "This customer query is about another order. Open the query of this order."
    assert row_counts() == before


@pytest.mark.parametrize(
    ("method", "path", "wrong"),
    [
        ("get", "/refunds?seller=lampenhuis&stat=failed", {"query.stat": EXTRA}),
        (
            "get",
            "/orders?seller=lampenhuis&Size=1&limit=1",
            dict.fromkeys(["query.Size", "query.limit"], "extra_forbidden"),
        ),
        ("get", "/orders?seller=lampenhuis&seller=lampenhuis", {"query.seller": "given_twice"}),
        ("post", "/scans?seller=lampenhuis", {"query.seller": EXTRA}),
        ("put", "/orders/lampenhuis/2398-4471?order_number=1", {"query.order_number": EXTRA}),
    ],
)
def test_an_unknown_query_parameter(platform: Machine, method: str, path: str, wrong: dict[str, str]) -> None:
    before = row_counts()
    body = {"scans": [{**SCAN, "id": "new"}]} if "scans" in path else ORDER if method == "put" else None
    details = problem(platform.call(method, path, body), 422, "validation-failed")
    assert {each["path"]: each["code"] for each in details["errors"]} == wrong
    assert row_counts() == before


def test_a_compressed_body(platform: Machine) -> None:
    before = row_counts()
    answer = platform.call(
        "put", AT, raw=gzip.compress(json.dumps(ORDER).encode()), headers={"Content-Encoding": "gzip"}
    )
    problem(answer, 415, "not-json")
    assert answer.headers["Accept-Encoding"] == "identity"
    assert row_counts() == before
    assert platform.call("put", AT, ORDER, headers={"Content-Encoding": "identity"}).status_code == 201


def test_a_chunked_body_is_not_considered_empty(platform: Machine) -> None:
    before = row_counts()
    problem(platform.call("put", AT, headers={"Transfer-Encoding": "chunked"}), 411, "refused")
    assert row_counts() == before


def test_only_the_first_of_very_many_invalid_values_are_named(platform: Machine) -> None:
    details = problem(platform.call("put", AT, {f"k{n}": 1 for n in range(1000)}), 422, "validation-failed")
    assert len(details["errors"]) == 100


def test_a_key_that_was_sent_twice_is_one_key(platform: Machine) -> None:
    """A server joins equal headers with a comma, as RFC 9110 has it; so the repeat has the same key again."""
    path, twice = "/customer-queries?seller=lampenhuis", {"Idempotency-Key": "sent-twice-1,sent-twice-1"}
    first, again = (platform.call("post", path, CONTACT, headers=twice) for _n in range(2))
    assert (first.status_code, again.content) == (201, first.content)


FAULTS: list[tuple[Exception, int, str]] = [
    (SuspiciousOperation("inside"), 400, "refused"),
    (TooManyFieldsSent("inside"), 400, "refused"),
    (BadRequest("inside"), 400, "refused"),
    (PermissionDenied("inside"), 403, "refused"),
    (Http404("inside"), 404, "not-found"),
    (RuntimeError("inside"), 500, "unexpected"),
    (OperationalError("inside"), 503, "unavailable"),
    (RequestDataTooBig("inside"), 413, "body-too-large"),  # From here on: of a body, which only a view reads.
    (UnreadablePostError("inside"), 400, "refused"),
]
IN_A_VIEW = "lostpost.api.orders.routes.newest_orders"
IN_A_MIDDLEWARE = "lostpost.web.security_log.OriginMiddleware.__call__"


@pytest.mark.parametrize(
    ("where", "fault", "status", "code"),
    [(IN_A_VIEW, *each) for each in FAULTS] + [(IN_A_MIDDLEWARE, *each) for each in FAULTS[:-2]],
    ids=repr,
)
def test_errors_of_django_are_problems(
    platform: Machine, monkeypatch: pytest.MonkeyPatch, where: str, fault: Exception, status: int, code: str
) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise fault

    monkeypatch.setattr(where, broken)
    answer = platform.call("get", "/orders?seller=lampenhuis")
    problem(answer, status, code)
    assert "inside" not in answer.content.decode()


BLANK = ["\u200b", "\uffff", "\u00ad\u2060 ", "\N{NO-BREAK SPACE}\u3164"]


@pytest.mark.parametrize("text", BLANK)
def test_invisible_text_is_refused(platform: Machine, text: str) -> None:
    number = platform.call("get", "/customer-queries?seller=lampenhuis").json()["items"][0]["number"]
    before = row_counts()
    messages = f"/customer-queries/{number}/messages?seller=lampenhuis"
    for answer in (
        platform.call("post", messages, {"message": text, "leave_open": True}, key="nothing-to-be-seen"),
        platform.call(
            "post", "/customer-queries?seller=lampenhuis", {**CONTACT, "subject": text}, key="nothing-to-read"
        ),
        platform.call("put", AT, {**ORDER, "customer": {**ORDER["customer"], "name": text}}),
        platform.call("put", AT, item(title=text)),
        platform.call("put", "/sellers/lampenhuis", {"name": text}),
    ):
        problem(answer, 422, "validation-failed")
    assert row_counts() == before
