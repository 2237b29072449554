"""Sales invoices, the statement and the self-check through the API: figures, files, and what becomes of them."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.invoicing.issue_invoice import issue_invoice
from lostpost.invoicing.periods import period_on
from tests.api.machine import LINES, Machine, a_lost_parcel, a_machine_of, a_platform, problem
from tests.cast import row_counts

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform() -> Machine:
    """A marketplace with one shop, whose order was written off and refunded."""
    platform = a_platform()
    wish = {"customer_query": a_lost_parcel(platform), "lines": [{**LINES[0], "quantity": 1}]}
    answer = platform.call("post", "/write-offs?seller=lampenhuis", wish, key="write-off-1")
    assert answer.status_code == 201, answer.content
    outcome = {"outcome": "paid", "reference": "BANK-1"}
    path = f"/refunds/lampenhuis/{answer.json()['number']}/outcome"
    assert platform.call("post", path, outcome).status_code == 200
    return platform


@pytest.fixture
def shop(platform: Machine) -> Machine:
    return a_machine_of("lampenhuis", read_only=True)


@pytest.fixture
def number(platform: Machine) -> str:
    """The invoice over all of it, issued a month later."""
    period = period_on(timezone.now().date(), "monthly", current_policy().zone)
    seller = Seller.objects.get(code="lampenhuis")
    earlier = period_on(period.from_on - timedelta(days=1), "monthly", current_policy().zone)
    for each in (earlier, period):
        issued = issue_invoice(seller=seller, period=each, currency="EUR", now=each.ends_at + timedelta(days=31))
    assert issued is not None
    return issued.number


def get(machine: Machine, path: str) -> Any:
    answer = machine.call("get", path)
    assert answer.status_code == 200, answer.content
    return answer.json()


def content_of(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_the_coming_invoice_is_shown_until_it_is_issued(shop: Machine) -> None:
    (coming,) = get(shop, "/invoices/interim")["items"]

    by_type = {line["type"]: line for line in coming["lines"]}
    assert coming["currency"] == "EUR"
    assert sum(line["net_minor"] for line in by_type.values()) == coming["net_minor"]
    assert coming["payable_minor"] == coming["total_minor"] + coming["carried_minor"]
    assert coming["cut_off_at"] <= coming["ends_at"]
    lines = get(shop, "/invoices/interim/specification")["items"]
    assert lines
    assert {line["order_number"] for line in lines} == {"2398-4471"}


def test_an_invoice_is_returned_with_its_lines_and_listed(shop: Machine, number: str) -> None:
    body = get(shop, f"/invoices/{number}")

    assert body["number"] == number
    assert (body["state"], body["reference"], body["carried_to"]) == ("issued", "", None)
    assert body["period"] == body["period_from_on"][:7]
    assert sum(line["net_minor"] + line["vat_minor"] for line in body["lines"]) == body["total_minor"]
    assert body["customer"]["name"] == "Lampenhuis"
    head = {name: value for name, value in body.items() if name not in ("lines", "supplier", "customer")}
    assert get(shop, "/invoices?state=issued&currency=EUR&size=1")["items"] == [head]
    assert get(shop, "/invoices?state=paid")["items"] == []
    assert get(shop, "/invoices?currency=JPY")["items"] == []
    problem(shop.call("get", "/invoices/INV-lampenhuis-99999"), 404, "not-found")
    problem(shop.call("get", "/invoices/nonsense"), 422, "validation-failed")


def test_the_specification_comes_in_pages_and_is_searched(shop: Machine, number: str) -> None:
    at = f"/invoices/{number}/specification"
    everything = get(shop, f"{at}?size=200")["items"]
    paged: list[Any] = []
    after = ""
    while True:
        page = get(shop, f"{at}?size=1{after}")
        paged += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next'].replace('+', '%2B')}"

    assert paged == everything
    assert len({line["id"] for line in everything}) == len(everything) > 2
    total = get(shop, f"/invoices/{number}")["total_minor"]
    assert sum(line["net_minor"] + line["vat_minor"] for line in everything) == total
    of_order = get(shop, f"{at}?order_number=2398-4471")["items"]
    assert of_order == [line for line in everything if line["order_number"]]
    assert get(shop, f"{at}?order_number=other")["items"] == []
    assert get(shop, f"{at}?sku=8712345678906")["items"] == []
    problem(shop.call("get", f"{at}?after=nonsense"), 422, "cursor-unknown")


def test_documents_and_tables_are_files_of_their_kind(shop: Machine, number: str) -> None:
    pdf = shop.call("get", f"/invoices/{number}/document")
    assert (pdf.headers["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert pdf.headers["Content-Disposition"] == f'attachment; filename="{number}.pdf"'
    dutch = shop.call("get", f"/invoices/{number}/document?language=nl")
    assert dutch.content != pdf.content
    assert dutch.content == shop.call("get", f"/invoices/{number}/document", headers={"Accept-Language": "nl"}).content
    ubl = shop.call("get", f"/invoices/{number}/document?format=ubl")
    assert ubl.headers["Content-Type"] == "application/xml"
    assert ElementTree.fromstring(ubl.content).tag.endswith("}Invoice")

    lines = get(shop, f"/invoices/{number}/specification?size=200")["items"]
    table = shop.call("get", f"/invoices/{number}/specification?format=csv")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(content_of(table).decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == [line["id"] for line in lines]
    book = content_of(shop.call("get", f"/invoices/{number}/specification?format=xlsx"))
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(book)).namelist()
    coming = shop.call("get", "/invoices/interim/specification?format=csv&currency=EUR")
    assert coming.headers["Content-Disposition"] == 'attachment; filename="interim-lampenhuis-EUR.csv"'
    assert content_of(coming).startswith("\N{ZERO WIDTH NO-BREAK SPACE}id,".encode())
    problem(shop.call("get", f"/invoices/{number}/document?format=doc"), 422, "validation-failed")


def test_head_of_a_file_has_headers_and_no_body(shop: Machine, number: str) -> None:
    for path in (f"/invoices/{number}/document", f"/invoices/{number}/specification?format=csv"):
        answer = shop.call("head", path)
        assert content_of(answer) == b""
        assert "attachment" in answer.headers["Content-Disposition"]


def test_the_platform_marks_an_invoice_as_paid_once(platform: Machine, shop: Machine, number: str) -> None:
    at = f"/invoices/lampenhuis/{number}/outcome"
    paid = platform.call("post", at, {"reference": "BANK-2"})
    assert (paid.status_code, paid.json()["state"], paid.json()["reference"]) == (200, "paid", "BANK-2")
    before = row_counts()

    assert platform.call("post", at, {"reference": "BANK-2"}).json() == paid.json()
    problem(platform.call("post", at, {"reference": "BANK-3"}), 409, "invoice-settled")
    problem(platform.call("post", at, {"reference": " "}), 422, "rejected")
    problem(shop.call("post", at, {"reference": "BANK-2"}), 403, "insufficient-scope")
    problem(platform.call("post", "/invoices/nobody/INV-nobody-1/outcome", {"reference": "B"}), 404, "not-found")

    assert row_counts() == before
    assert get(shop, f"/invoices/{number}") == paid.json()


def test_the_statement_adds_up_from_any_day_and_in_pages(shop: Machine, number: str) -> None:
    statement = get(shop, "/statement?size=200")
    assert statement["opening"]["total_minor"] == 0
    for name in ("current_minor", "payable_minor"):
        assert sum(entry[name] for entry in statement["items"]) == statement["closing"][name]
    assert statement["items"][-1]["after"] == statement["closing"]
    assert {entry["document"] for entry in statement["items"] if entry["kind"] == "settled"} <= {
        number,
        statement["items"][-1]["document"],
    }
    first = get(shop, "/statement?size=2")
    second = get(shop, f"/statement?size=200&after={first['next'].replace('+', '%2B')}")
    assert first["items"] + second["items"] == statement["items"]
    assert first["closing"] == statement["closing"]
    later = get(shop, "/statement?from=2100-01-01&to=2100-02-01")
    assert (later["items"], later["opening"]) == ([], statement["closing"])
    assert get(shop, "/statement?to=2001-01-01&from=0001-01-01")["closing"]["total_minor"] == 0
    assert get(shop, "/statement?to=9999-12-31")["closing"] == statement["closing"]
    assert get(shop, "/statement?currency=JPY")["items"] == []
    problem(shop.call("get", "/statement?from=2026-03-02&to=2026-03-01"), 422, "rejected")
    problem(shop.call("get", "/statement?from=yesterday"), 422, "validation-failed")


def test_balances_are_explained_and_sum_to_zero(shop: Machine, number: str) -> None:
    items = get(shop, "/balances")["items"]
    assert sum(each["balance_minor"] for each in items) == 0
    for each in items:
        assert sum(kind["amount_minor"] for kind in each["kinds"]) == each["balance_minor"]


def test_the_self_check_agrees_and_names_its_months(shop: Machine, number: str) -> None:
    month = timezone.now().astimezone(current_policy().zone).strftime("%Y-%m")
    self_check = get(shop, "/self-check")
    assert self_check["agrees"] is True
    (checked,) = self_check["months"]
    assert (checked["month"], checked["write_offs"], checked["agrees"]) == (month, 1, True)
    assert checked["written_off_minor"] == checked["refunds_minor"] == checked["ledger_minor"] == checked["paid_minor"]
    everything = get(shop, "/self-check?from=2026-01&to=9999-12")
    assert {each["number"] for each in everything["invoices"]} >= {number}
    assert all(each["agrees"] for each in everything["invoices"])
    assert get(shop, "/self-check?from=0000-01&to=2001-01") == {"agrees": True, "months": [], "invoices": []}
    problem(shop.call("get", "/self-check?from=2026-03&to=2026-02"), 422, "rejected")
    problem(shop.call("get", "/self-check?from=2026-13"), 422, "validation-failed")
