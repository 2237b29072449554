"""VAT numbers checked at VIES: a server on loopback that answers as VIES does, or does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from lostpost.accounts.due_vat_numbers import due_vat_numbers
from lostpost.accounts.models import Seller, VatNumberCheck
from lostpost.accounts.policy import change_policy
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.accounts.vat_treatment import commission_treatment, shop_for_vat
from lostpost.connectors.vies.check_vat_number import check_vat_number
from lostpost.jobs.vat_numbers import check_due_vat_numbers
from lostpost.sales.models import Sale
from lostpost.texts.vat_numbers import vat_number_sentences
from tests.invoicing.selling import an_invoice, on, shown, sold

pytestmark = pytest.mark.django_db
NUMBER = "BE0123456749"


@dataclass
class Vies:
    """What it is asked, and what it answers next: a status and a body."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    answer: tuple[int, object] = (200, {})

    def says(self, valid: bool, **more: str) -> None:
        about = {"countryCode": "BE", "vatNumber": "0123456749", "requestIdentifier": "WAPIAAAAZ1", "name": "Lamp"}
        self.answer = (200, {**about, "valid": valid, **more})


@pytest.fixture
def vies(settings) -> Iterator[Vies]:
    state = Vies()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.asked.append({"path": self.path, **json.loads(body)})
            status, content = state.answer
            sent = content.encode() if isinstance(content, str) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/rest-api"
    settings.LOSTPOST_VIES_URL = state.url
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def belgian(anna) -> Seller:
    values = SellerData("lampenhuis", "Lampenhuis", "BE", legal={"vat_number": "BE 0123.456.749"})
    return put_seller(seller=values, now=on(1))


def allow() -> None:
    change_policy(values={"check_vat_numbers_at_vies": True}, reason="audit", by="Fien", now=on(1))


def said(seller: Seller) -> str:
    return " ".join(vat_number_sentences(seller))


def treatment(seller: Seller) -> str:
    return commission_treatment(shop_for_vat(seller), rate_bp=2100).category


def test_an_answer_is_kept_with_its_number_and_day(vies, belgian):
    vies.says(True)

    check = check_vat_number(belgian, NUMBER, now=on(2))

    assert vies.asked == [
        {
            "path": "/rest-api/check-vat-number",
            "countryCode": "BE",
            "vatNumber": "0123456749",
            "requesterMemberStateCode": "NL",
            "requesterNumber": "000099998B57",
        }
    ]
    assert (check.outcome, check.reference, check.answer["name"]) == ("valid", "WAPIAAAAZ1", "Lamp")
    assert said(belgian) == (
        "VAT on the commission is reversed to BE0123456749. "
        "VIES confirmed BE0123456749 on Monday 2 March 2026 (consultation WAPIAAAAZ1)."
    )


def test_commission_follows_the_newest_answer_and_what_was_booked_stays(vies, belgian):
    # Given a number whose check digits are right, which VIES then does not know, and then does
    sold(belgian, on(2), commission_minor=1_00)
    vies.says(False)
    check_vat_number(belgian, NUMBER, now=on(3))
    sold(belgian, on(3), commission_minor=2_00)
    assert said(belgian).startswith("VAT is charged on the commission")
    vies.says(True)
    check_vat_number(belgian, NUMBER, now=on(4))
    sold(belgian, on(4), commission_minor=4_00)

    invoice = an_invoice(belgian, "2026-03")

    assert shown(invoice)[1:] == [("COMMISSION", "AE", 0, 5_00, 0), ("COMMISSION", "S", 2100, 2_00, 42)]
    assert list(Sale.objects.order_by("booked_at").values_list("vat_number", flat=True)) == [NUMBER, "", NUMBER]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((500, {"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}), "MS_UNAVAILABLE"),
        ((200, {"actionSucceed": False, "errorWrappers": [{"error": "MS_MAX_CONCURRENT_REQ"}]}), "MS_MAX_CONCURRENT"),
        ((502, "<html>Bad gateway</html>"), "HTTP 502 without JSON"),
        ((503, {}), "HTTP 503"),
        ((200, []), "HTTP 200"),
        ((200, {"valid": True, "countryCode": "BE", "vatNumber": "0999999922"}), "something else"),
        ((200, {"valid": "yes", "countryCode": "BE", "vatNumber": "0123456749"}), "something else"),
    ],
)
def test_no_answer_is_shown_and_says_nothing_of_the_number(vies, belgian, answer, problem):
    vies.says(False)
    check_vat_number(belgian, NUMBER, now=on(2))
    vies.answer = answer

    check = check_vat_number(belgian, NUMBER, now=on(3))

    assert check.outcome == VatNumberCheck.Outcome.UNREACHABLE
    assert problem in check.problem
    assert treatment(belgian) == "S"  # As VIES answered before.
    assert "VIES said on Monday 2 March 2026" in said(belgian)
    assert "On Tuesday 3 March 2026 VIES gave no answer" in said(belgian)


def test_who_is_not_there_is_no_answer_either(settings, belgian):
    settings.LOSTPOST_VIES_URL = "http://127.0.0.1:9/rest-api"

    check = check_vat_number(belgian, NUMBER, now=on(2))

    assert (check.outcome, check.answer) == ("unreachable", {})
    assert "ConnectError" in check.problem
    assert treatment(belgian) == "AE"  # Its check digits are right, and nobody said anything else.
    assert "VIES has not confirmed BE0123456749 yet; its check digits are right." in said(belgian)


def test_numbers_are_asked_about_monthly_and_only_if_the_policy_allows_it(vies, belgian):
    put_seller(seller=SellerData("home", "Home", legal={"vat_number": "NL123456789B13"}), now=on(1))
    put_seller(seller=SellerData("china", "China", "CN", legal={"vat_number": "DE136695976"}), now=on(1))
    vies.says(True)

    check_due_vat_numbers(0)
    assert vies.asked == []
    allow()
    check_due_vat_numbers(0)
    check_due_vat_numbers(0)

    assert len(vies.asked) == 1
    now = timezone.now()
    assert due_vat_numbers(now=now + timedelta(days=29), most=9) == []
    assert [number for _shop, number in due_vat_numbers(now=now + timedelta(days=31), most=9)] == [NUMBER]


def test_after_no_answer_it_is_asked_again_half_a_day_later(vies, belgian):
    vies.answer = (503, {})
    check_vat_number(belgian, NUMBER, now=on(2))

    assert due_vat_numbers(now=on(2) + timedelta(hours=11), most=9) == []
    assert len(due_vat_numbers(now=on(2) + timedelta(hours=13), most=9)) == 1


def test_the_operator_sees_how_a_shop_is_charged_and_asks_by_hand(vies, belgian):
    vies.says(True)
    with pytest.raises(CommandError, match="policy"):
        call_command("vat_numbers", "lampenhuis", "--check")
    allow()
    out = StringIO()

    call_command("vat_numbers", "lampenhuis", "--check", stdout=out)

    assert "lampenhuis: AE at 0 %" in out.getvalue()
    assert "VIES confirmed BE0123456749" in out.getvalue()
    assert len(vies.asked) == 1
