"""One of everything that an address may name, in Anna's shop."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.make_client import create_client
from lostpost.accounts.policy import change_policy
from lostpost.answering.attach_files import attach_files
from lostpost.answering.files import PDF, CheckedFile
from lostpost.answering.models import Attachment
from lostpost.answering.put_template import put_template
from lostpost.armed_write_offs.arm_write_off import arm_write_off
from lostpost.customer_links.links import link_in_mail
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.keep_view import keep_view
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.declarations.ask_for_declaration import ask_for_declaration
from lostpost.declarations.models import Declaration
from lostpost.declarations.sign_declaration import sign_declaration
from lostpost.events.put_webhook import put_webhook
from lostpost.events.settle_delivery import mark_delivery_failed
from lostpost.found_parcels.decide_found_parcel import decide_found_parcel
from lostpost.found_parcels.report_came_back import report_came_back
from lostpost.holds.models import Hold
from lostpost.holds.place_hold import place_hold
from lostpost.orders.data import ScanData
from lostpost.partnerservice.ask_partnerservice import ask_partnerservice
from lostpost.partnerservice.inquire import Party, inquire
from lostpost.query_actions.preview_action import QueryAction, QueryWish
from lostpost.query_actions.start_action import start_action
from lostpost.refunds.models import Refund
from lostpost.refunds.settle_refund import mark_refund_paid
from lostpost.relay.models import IncomingMail
from lostpost.sales_channels.models import SalesChannel
from lostpost.sales_channels.put_sales_channel import put_sales_channel
from lostpost.tracking.put_numbered_scans import ScanOfNumber
from lostpost.tracking.scan_codes import UnmappedData, keep_unmapped_scans
from lostpost.write_off_batches.preview_batch import BatchWish
from lostpost.write_off_batches.start_batch import start_batch
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_member, a_silent_feed, all_of, annas_shop, silent_parcel
from tests.repo.money import a_found_parcel, invoices_until, numbers_of
from tests.repo.site import Scene


def a_scene() -> Scene:
    """Open Anna's shop, and do there what the pages show."""
    now = timezone.now()
    anna = annas_shop()
    a_member(anna.seller, "Otto", "owner")  # Or she could not leave.
    a_silent_feed("GLS", now=now)
    query, handled, denied, other, asked, lost = (
        silent_parcel(anna, quiet_days=9, now=now, status=status)
        for status in ("in_transit", "in_transit", "delivered", "delivered", "delivered", "in_transit")
    )
    close_query(number=handled.number, by=anna, now=now)
    case = {"parcel": f"{other.order.number}-P1", "item": "1", "sentence": "She says nobody rang."}
    request = ask_partnerservice(query=other.number, by=anna, now=now, **case)
    case = {"parcel": f"{asked.order.number}-P1", "item": "1", "sentence": "She says nobody rang."}
    inquiry = ask_partnerservice(query=asked.number, by=anna, now=now, **case)
    agent = Actor("Puck", ActorRole.PARTNERSERVICE, user_id=10**9)
    who: dict[str, Any] = {"seller_id": anna.seller_id, "request_id": inquiry.id, "by": agent, "now": now}
    inquire(of=Party.SELLER, question="Who signed?", **who)
    result = write_off(query=lost.number, selection=all_of(lost), by=anna, key="for-the-scene", now=now)
    reason = "Many losses to one address."
    hold = place_hold(
        seller_id=anna.seller_id, query=lost.number, kind=Hold.Kind.ORDER, reason=reason, by=agent, now=now
    )
    refund = Refund.objects.get(seller_id=anna.seller_id, id=result.refund_id)
    batch = a_waiting_batch(silent_parcel(anna, quiet_days=9, now=now), anna, now)
    program = create_client(name="Bookkeeping", seller=anna.seller, read_only=True, by="Anna", now=now).client_id
    hook, _new = put_webhook(
        seller_id=anna.seller_id, name="books", url="https://1.1.1.1/hook", after=None, by="Anna", now=now
    )
    mark_delivery_failed(webhook=hook, problem="It is gone.", gone=True, now=now)
    template = put_template(template_id=None, name="Ours", language="nl", text="Dag {customer}", by=anna, now=now)
    view = keep_view(name="By age", filters="sort=age", by=anna)
    (file,) = attach_files(number=query.number, files=[CheckedFile("label.pdf", PDF, b"%PDF-1.7")], by=anna, now=now)
    link_in_mail(query=query, now=now)  # It can be revoked.
    first = TimelineEntry.objects.filter(seller_id=anna.seller_id, query_id=query.id).first()
    assert first
    Attachment.objects.filter(id=file.id).update(entry_id=first.id)  # A draft's is its writer's.
    found = a_found_case_and_a_question(anna, now)
    numbers = numbers_of(anna, a_found_parcel(anna, now=now), invoices_until(anna, now=now)[-1])
    return Scene(
        anna,
        query,
        handled,
        denied,
        request,
        batch,
        program,
        hook.name,
        lost,
        inquiry,
        hold,
        {
            **numbers,
            **found,
            "desk:refund": refund.number,
            "desk:found-parcel": found["portal:found-parcel"],
            "template": str(template.id),
            "channel": str(a_sales_channel(anna, now).id),
            "action": str(an_action(silent_parcel(anna, quiet_days=9, now=now), anna, now)),
            "attachment": str(file.id),
            "incoming": str(a_filed_mail(anna, query).id),
            "failed-mail": str(a_failed_mail(query).id),
            "declaration": str(a_signed_declaration(anna, denied, now).id),
            "portal:declaration": denied.number,
            "portal:view-remove": str(view.id),
            "parked-mail": str(a_parked_mail(anna).id),
            "scan-code": a_code_to_map(anna, now),
            "waiting": silent_parcel(anna, quiet_days=1, now=now).number,
            "armed": an_armed_write_off(silent_parcel(anna, quiet_days=1, now=now), anna, now),
        },
    )


def a_found_case_and_a_question(anna: Actor, now: datetime) -> dict[str, str]:
    """Let two parcels come back after their write-off, and ask about one; return their numbers by address."""
    numbers = {}
    for name in ("portal:found-parcel", "portal:withdraw-found-question"):
        lost = silent_parcel(anna, quiet_days=9, now=now)
        result = write_off(query=lost.number, selection=all_of(lost), by=anna, key=f"for-{name}", now=now)
        mark_refund_paid(seller_id=anna.seller_id, number=result.number, reference="BANK-1", by=anna, now=now)
        parcel = f"{lost.order.number}-P1"
        numbers[name] = report_came_back(write_off=result.number, parcel=parcel, by=anna, now=now).number
    wish = {"number": numbers[name], "kind": "pay-again", "quantities": {}, "by": anna, "now": now}
    decide_found_parcel(key="for-the-scene", **wish)  # type: ignore[arg-type]
    return numbers


def an_armed_write_off(query: CustomerQuery, anna: Actor, now: datetime) -> str:
    """Arm the write-off of all of a query's order; return its id."""
    armed = arm_write_off(query=query.number, selection=all_of(query), by=anna, key="for-the-scene", now=now)
    return str(armed.id)


def a_waiting_batch(query: CustomerQuery, anna: Actor, now: datetime) -> str:
    """Let a program start a batch that a second person has to approve; return its id."""
    change_policy(values={"batch_second_person_minor": 1}, reason="the scene", by="operator", now=now)
    program = Actor("Order tool", ActorRole.OWNER, shop=anna.shop, client_id="order-tool")
    return str(start_batch(wishes=[BatchWish(query.number)], by=program, key="for-the-scene", now=now).id)


def a_signed_declaration(anna: Actor, query: CustomerQuery, now: datetime) -> Declaration:
    """Let the customer sign that the parcel did not come; and have a link to the query that the pages are about."""
    asked = ask_for_declaration(number=query.number, parcel=f"{query.order.number}-P1", by=anna, now=now)
    return sign_declaration(query=query, declaration_id=asked.id, name="Klaas de Vries", now=now)


def an_action(query: CustomerQuery, anna: Actor, now: datetime) -> UUID:
    """Start an action for a query of its own; return the run's id."""
    action, wishes = QueryAction("assign", user_id=anna.user_id), [QueryWish(query.number)]
    return start_action(action=action, wishes=wishes, by=anna, key="for-the-scene", now=now).id


def a_filed_mail(anna: Actor, query: CustomerQuery) -> IncomingMail:
    """Let an e-mail with a layout stand in the query."""
    values = {"content_hash": "1" * 64, "state": "filed", "query_id": query.id, "html": "<p>Hallo</p>"}
    return a_parked_mail(anna, **values)


def a_failed_mail(query: CustomerQuery) -> Mail:
    """Let the e-mail that opened the query not arrive."""
    mails = Mail.objects.filter(seller_id=query.seller_id, query_id=query.id)
    mails.update(state="failed")
    return mails.get()


def a_code_to_map(anna: Actor, now: datetime) -> str:
    """Keep a scan whose code nobody has mapped."""
    data = ScanData(parcel="", scanned_at=now, status="", code="Zone-9")
    scans = [UnmappedData(ScanOfNumber("3S", data), "PostNL")]
    keep_unmapped_scans(seller_id=anna.seller_id, source="aftership", scans=scans, now=now)
    return data.code


def a_parked_mail(anna: Actor, **values: Any) -> IncomingMail:
    """Let an e-mail to Anna's shop wait for Partnerservice."""
    now = timezone.now()
    parked: dict[str, Any] = {
        "recipient": "shop-lampenhuis@relay.example",
        "size_bytes": 5,
        "message_id": "one@example.com",
        "content_hash": "0" * 64,
        "received_at": now,
        "settled_at": now,
        "state": "parked",
        "reason": "no-order",
        "text": "Hallo",
    }
    return IncomingMail.objects.create(seller_id=anna.seller_id, **(parked | values))


def a_sales_channel(anna: Actor, now: datetime) -> SalesChannel:
    credentials = {"client_id": "id-1", "client_secret": "secret-1"}
    row, _new = put_sales_channel(
        seller_id=anna.seller_id,
        platform="bol",
        account="id-1",
        credentials=credentials,
        prefix=None,
        by="Anna",
        now=now,
    )
    return row
