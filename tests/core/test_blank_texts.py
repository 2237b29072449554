"""A text that is required is not given by signs that nobody sees, whichever way it comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from lostpost.accounts.make_client import create_client
from lostpost.accounts.policy import change_policy
from lostpost.accounts.put_member import put_member
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.answering.answer_query import answer_query
from lostpost.answering.start_contact import start_contact
from lostpost.core.errors import Rejected
from lostpost.customer_queries.add_note import add_note
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.ask_partnerservice import ask_partnerservice
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.refunds.transitions import require_one_line
from lostpost.restorations.restore_payment import restore_payment
from tests.cast import NOW, row_counts, silent_parcel

pytestmark = pytest.mark.django_db

BLANK = ["", " \n", "\u200b", "\uffff", "\u2060\u00ad \N{NO-BREAK SPACE}", "\U000e0061"]


@pytest.mark.parametrize("text", BLANK)
def test_invisible_text_is_refused_as_empty(anna, pia, text):
    query = silent_parcel(anna)
    old = silent_parcel(anna, quiet_days=70)
    parcel = f"{old.order.number}-P1"
    request = ask_partnerservice(query=old.number, parcel=parcel, item="1", sentence="Lost?", by=anna, now=NOW)
    assert isinstance(request, PartnerserviceRequest)
    before = row_counts()

    for attempt in attempts(text, anna, pia, query.number, query.order.number, request):
        with pytest.raises(Rejected):
            attempt()

    assert row_counts() == before


def attempts(text, anna, pia, query, order, request) -> Iterator[Callable[[], object]]:
    seller, now = anna.seller, NOW
    yield lambda: answer_query(number=query, message=text, leave_open=True, by=anna, key="answer-it", now=now)
    yield lambda: add_note(number=query, text=text, by=anna, key="note-that", now=now)
    yield lambda: answer_request(seller_id=seller.id, request_id=request.id, answer=text, by=pia, now=now)
    contact = {"order_number": order, "leave_open": True, "by": anna, "key": "contact-it", "now": now}
    yield lambda: start_contact(subject=text, message="Words", **contact)
    yield lambda: start_contact(subject="Words", message=text, **contact)
    yield lambda: ask_partnerservice(query=query, parcel=f"{order}-P1", item="1", sentence=text, by=anna, now=now)
    yield lambda: create_client(name=text, seller=seller, read_only=False, by="test", now=now)
    yield lambda: put_seller(seller=SellerData("shop", text), now=now)
    yield lambda: change_policy(values={"quiet_days": 5}, reason=text, by="Olga", now=now)
    yield lambda: require_one_line(text, 200, "Write down the reference.")
    agreed = {"seller_id": seller.id, "write_off": "4711-1", "consented_at": now, "key": "restored", "by": pia}
    yield lambda: restore_payment(consent=text, now=now, **agreed)
    yield lambda: put_member(seller=seller, user_id=1, name=text, role="owner", now=now)
