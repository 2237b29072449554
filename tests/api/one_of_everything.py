"""One of everything in Carla's shop, made by the API where it can be: what the access test asks others for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.models import Seller
from lostpost.accounts.policy import current_policy
from lostpost.api.openapi.examples import EXAMPLES
from lostpost.compensations.models import Compensation
from lostpost.customer_queries.timeline import lock_query
from lostpost.invoicing.issue_invoice import issue_invoice
from lostpost.invoicing.periods import period_on
from lostpost.orders.models import Order, OrderItem
from lostpost.partnerservice.ask_about_query import open_request
from lostpost.partnerservice.inquire import inquire
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.writeoffs.credit_customer import credit_customer
from lostpost.writeoffs.models import WriteOff
from tests.api.machine import CONTACT, LINES, ORDER, PARCEL, SCAN, Machine
from tests.cast import a_staff_member
from tests.partnerservice.cases import confirmed, proposed

HERS = "carlas-keramiek"


def an_inquiry(platform: Machine) -> PartnerserviceRequest:
    """Open a request about another query of the order, of which Partnerservice asks the seller something."""
    number = platform.call("post", f"/customer-queries?seller={HERS}", CONTACT, key="contact-2").json()["number"]
    seller, now = Seller.objects.get(code=HERS), timezone.now()
    pia = Actor("Pia", ActorRole.PARTNERSERVICE, user_id=10**9)
    with transaction.atomic():
        query = lock_query(number, seller_id=seller.id)
        kind = PartnerserviceRequest.Kind.FOUND
        request = open_request(query, kind=kind, sentence="It came.", at_stake_minor=0, by=pia, now=now)
    who: dict[str, Any] = {"seller_id": seller.id, "request_id": request.id, "by": pia, "now": now}
    return inquire(of=PartnerserviceRequest.Party.SELLER, question="Who signed?", **who)


def of_money(platform: Machine, write_off: str) -> dict[str, str]:
    """Pay the refund, agree to restore it, credit the customer and issue the invoice; return where each is found."""
    outcome = EXAMPLES["post_refund_outcome"]["request"]
    assert platform.call("post", f"/refunds/{HERS}/{write_off}/outcome", outcome).status_code == 200
    consent = {name: value for name, value in EXAMPLES["create_restoration"]["request"].items() if name != "reference"}
    restored = platform.call("post", f"/write-offs/{HERS}/{write_off}/restorations", consent, key="restore-1")
    assert restored.status_code == 201, restored.content
    write_off_row = WriteOff.objects.get(number=write_off, seller__code=HERS)
    Order.objects.filter(id=write_off_row.order_id).update(
        customer_invoice={"number": "2026-42", "issued_on": "2026-02-07"}
    )
    OrderItem.objects.filter(order_id=write_off_row.order_id).update(vat_rate_bp=2100)
    note = credit_customer(seller_id=write_off_row.seller_id, write_off_id=write_off_row.id, now=timezone.now())
    period = period_on((timezone.now() - timedelta(days=9)).date(), "monthly", current_policy().zone)
    seller = Seller.objects.get(code=HERS)
    invoice = issue_invoice(seller=seller, period=period, currency="EUR", now=period.ends_at + timedelta(days=1))
    assert invoice is not None
    return {
        "/found-parcels": a_found_parcel(platform),
        "/compensations": a_compensation(platform),
        "/write-offs": write_off,
        "/refunds": write_off,
        "/restorations": f"{write_off}-R1",
        "/credit-notes": note.number,
        "/invoices": invoice.number,
    }


def of_answers(platform: Machine, number: str) -> dict[str, str]:
    """Upload a file and keep a template; return their ids."""
    file = platform.call(
        "post", f"/customer-queries/{number}/attachments?seller={HERS}", EXAMPLES["upload_attachment"]["request"]
    )
    template = {"name": "Hers", "language": "nl", "text": "{order}"}
    kept = platform.call("post", f"/answer-templates?seller={HERS}", template)
    assert (file.status_code, kept.status_code) == (200, 200), (file.content, kept.content)
    return {"attachment": file.json()["id"], "template": kept.json()["id"]}


def a_compensation(platform: Machine) -> str:
    """Let Partnerservice grant the delivery costs of another order, which was delivered; return its number."""
    order, now = "2398-4473", timezone.now()
    platform.call("put", f"/orders/{HERS}/{order}", ORDER)
    platform.call("put", f"/parcels/{HERS}/P3", {**PARCEL, "order_number": order, "tracking_number": "3SABE"})
    platform.call("post", "/scans", {"scans": [{**SCAN, "seller": HERS, "parcel": "P3", "status": "delivered"}]})
    contact = platform.call(
        "post", f"/customer-queries?seller={HERS}", {**CONTACT, "order_number": order}, key="contact-4"
    )
    wish = {"customer_query": contact.json()["number"], "parcel": "P3", "item": "A", "sentence": "It came late."}
    asked = platform.call("post", f"/partnerservice-requests?seller={HERS}", wish)
    assert asked.status_code == 201, asked.content
    case = PartnerserviceRequest.objects.get(id=asked.json()["id"])
    pia, puck = (a_staff_member(name, "partnerservice") for name in ("Pia", "Puck"))
    confirmed(proposed(case, pia, now=now, lifts=False, grants_delivery=True), puck, now=now)
    return str(Compensation.objects.get().number)


def a_found_parcel(platform: Machine) -> str:
    """Write off another order, and let its parcel come back; return the case's number."""
    order = "2398-4472"
    asked = (
        platform.call("put", f"/orders/{HERS}/{order}", ORDER),
        platform.call("put", f"/parcels/{HERS}/P2", {**PARCEL, "order_number": order, "tracking_number": "3SABD"}),
        platform.call("post", "/scans", {"scans": [{**SCAN, "seller": HERS, "parcel": "P2"}]}),
        platform.call("post", f"/customer-queries?seller={HERS}", {**CONTACT, "order_number": order}, key="contact-3"),
    )
    wish = {"customer_query": asked[-1].json()["number"], "lines": [{**LINES[0], "parcel": "P2"}]}
    again = platform.call("post", f"/write-offs?seller={HERS}", wish, key="write-off-2")
    assert again.status_code == 201, again.content
    report = {"write_off": again.json()["number"], "parcel": "P2"}
    case = platform.call("post", f"/found-parcels?seller={HERS}", report)
    assert case.status_code == 200, case.content
    return str(case.json()["number"])


def of_armed(platform: Machine) -> dict[str, str]:
    """Let two parcels be silent for a day, and arm the write-off of one; return its id, and the other's query."""
    yesterday, numbers = (timezone.now() - timedelta(days=1)).isoformat(), []
    for order, parcel in (("2398-4474", "P4"), ("2398-4475", "P5")):
        scan = {**SCAN, "seller": HERS, "parcel": parcel, "occurred_at": yesterday}
        platform.call("put", f"/orders/{HERS}/{order}", ORDER)
        of_order = {"order_number": order, "tracking_number": f"3S{parcel}"}
        platform.call("put", f"/parcels/{HERS}/{parcel}", {**PARCEL, **of_order})
        platform.call("post", "/scans", {"scans": [scan]})
        contact = {**CONTACT, "order_number": order}
        asked = platform.call("post", f"/customer-queries?seller={HERS}", contact, key=f"contact-{order}")
        numbers.append(asked.json()["number"])
    wish = {"customer_query": numbers[0], "lines": [{**LINES[0], "parcel": "P4"}]}
    armed = platform.call("post", f"/armed-write-offs?seller={HERS}", wish, key="arm-number-1")
    assert armed.status_code == 201, armed.content
    return {"armed": armed.json()["id"], "waiting": numbers[1]}
