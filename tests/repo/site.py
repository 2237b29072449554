"""Every address of the site, who it is for, and what a change looks like there.

The addresses come from the URL list itself; what they name is in one scene of Anna's shop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from lostpost.accounts.actor import Actor
from lostpost.armed_write_offs.preview_armed import preview_armed
from lostpost.customer_queries.models import CustomerQuery
from lostpost.holds.models import Hold
from lostpost.notices.kinds import DESK_KINDS, MEMBER_KINDS, NoticeKind
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.portal.write_off_batches import written_lines
from lostpost.write_off_batches.preview_batch import BatchWish, preview_batch
from lostpost.writeoffs.preview_write_off import preview_write_off
from tests.cast import all_of

# Who an address is for. An address of a shop carries the shop's code, and needs no entry here.
# And allauth's own pages, which look after themselves; payment providers prove who they are, or are not believed.
OPEN_TO_ALL = {
    *("portal:customer-page", "portal:customer-link"),  # Who has the link: tests/portal/test_customer_link.py.
    "portal:stop-notices",  # Who has the key: tests/notices/test_notice_mail.py.
    "invitation",  # The same: tests/web/test_invitations.py.
    *("healthz", "readyz", "set_language", "mollie-webhook", "stripe-webhook", "mail-in", "tracking-webhook"),
    "sales-channel-webhook",  # The platform's signature: tests/connectors/sales_channels/test_news.py.
    *("account_login", "account_reset_password", "account_reset_password_from_key", "account_confirm_address"),
}
SIGNED_IN = {
    *("portal:shops", "desk:mailbox", "desk:letter"),
    *("account_reauthenticate", "account_change_password", "account_email", "account_sessions"),
}
AT_A_DESK = {
    "desk:requests": "partnerservice",
    "desk:request": "partnerservice",
    "desk:new-requests": "partnerservice",
    "desk:attachment": "partnerservice",
    "desk:parked-mails": "partnerservice",
    "desk:parked-mail": "partnerservice",
    "desk:whole-mail": "partnerservice",
    "desk:request-signals": "partnerservice",
    "desk:tracking-sources": "partnerservice",
    "desk:connectors": "partnerservice",
    "desk:carrier-feeds": "partnerservice",
    "desk:policy": "partnerservice",
    "desk:found-parcels": "partnerservice",
    "desk:found-parcel": "partnerservice",
    "desk:radar": "partnerservice",
    "desk:radar-file": "partnerservice",
    "desk:arrival-odds": "partnerservice",
    "desk:policy-try": "partnerservice",
    "desk:losses": "partnerservice",
    "desk:search": "partnerservice",
    "desk:notices": "partnerservice",
    "desk:signals": "partnerservice",
    "desk:refunds": "finance",
    "desk:refund": "finance",
    "desk:invoices": "finance",
    "desk:invoice": "finance",
    "desk:restorations": "finance",
    "desk:restoration": "finance",
    "desk:self-checks": "finance",
    "desk:self-check": "finance",
}

OF_EVERY_MEMBER = {
    "portal:home",
    "portal:leave-shop",
    "portal:notices",
}  # What is a member's own, whatever sections they have.
AT_BOTH_DESKS = {"desk:self-checks", "desk:self-check"}

# The site -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    """An address of the site, and the names of what stands in it."""

    name: str
    parts: tuple[str, ...]
    view: Callable[..., Any]


def addresses(
    resolver: URLResolver | None = None, namespace: str = "", above: tuple[str, ...] = ()
) -> Iterator[Address]:
    """Walk the URL list; what has no name has the name of its view."""
    for entry in (resolver or get_resolver()).url_patterns:
        parts = (*above, *entry.pattern.converters)
        if isinstance(entry, URLResolver):
            inside = f"{entry.namespace}:" if entry.namespace else ""
            yield from addresses(entry, namespace + inside, parts)
        elif isinstance(entry, URLPattern):
            yield Address(namespace + (entry.name or entry.lookup_str), parts, entry.callback)


def is_of_allauth(address: Address) -> bool:
    return address.name.startswith("account_") and address.view.__module__.startswith("allauth.")


def is_for_machines(address: Address) -> bool:
    """Say whether an address takes tokens instead of a session: `tests/api` asks those of everyone."""
    return address.name.startswith("api:") or address.view.__module__.startswith(("oauth2_provider.", "lostpost.api."))


ALL = [
    each
    for each in addresses()
    if not is_of_allauth(each) and not is_for_machines(each) and each.name not in OPEN_TO_ALL
]
OF_SHOPS = [each for each in ALL if "seller" in each.parts and each.name.startswith("portal:")]
DESKS = [each for each in ALL if each.name in AT_A_DESK]


@dataclass
class Scene:
    """One of everything that an address may name, in Anna's shop."""

    anna: Actor
    query: CustomerQuery  # Open, its parcel eligible.
    handled: CustomerQuery
    denied: CustomerQuery  # Open; the carrier says delivered, the customer that it is not so.
    request: PartnerserviceRequest
    batch: str  # The id of a batch of write-offs that waits for a second person.
    program: str  # The id of an API client.
    webhook: str  # The name of one that is parked.
    written_off: CustomerQuery
    inquiry: PartnerserviceRequest  # Partnerservice asked the seller back.
    hold: Hold
    numbers: dict[str, str]  # Of what has a number of its own kind, by the address that names it.

    def argument(self, address: Address, part: str) -> str:
        """Return what stands in an address, of Anna's shop; a new kind of thing is told here."""
        known: dict[str, str] = {
            "seller": self.anna.seller.code,
            "order_number": self.query.order.number,
            "parcel": f"{self.query.order.number}-P1",
            "request_id": str(self.request.id),
            "incoming_id": self.numbers.get("parked-mail", ""),
            "batch": self.batch,
            "armed": self.numbers["armed"],
            "run": self.numbers["action"],
            "name": "letter-0",
            "webhook": self.webhook,
            "channel": self.numbers["channel"],
            "template": self.numbers["template"],
            "case": self.numbers.get(address.name, ""),
            "view": self.numbers.get("portal:view-remove", ""),
            "attachment": self.numbers["attachment"],
            "declaration": self.numbers["declaration"],
            "incoming": self.numbers["incoming"],
            "number": self.numbers.get(address.name, self.query.number),
        }
        return known[part]

    def url(self, address: Address, **others: str) -> str:
        given = {part: self.argument(address, part) for part in address.parts}
        return reverse(address.name, kwargs={**given, **others})


# What a change looks like ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Action:
    """What is sent to an address to change something there, and where the address differs from the usual one."""

    sent: Callable[[Scene], dict[str, Any]]
    query: Callable[[Scene], CustomerQuery] = lambda scene: scene.query

    def url(self, scene: Scene, address: Address) -> str:
        of_query = {"number": self.query(scene).number} if address.name.startswith("portal:") else {}
        return scene.url(address, **{part: value for part, value in of_query.items() if part in address.parts})


KEY = "key-of-one-wish"
YESTERDAY = f"{timezone.now() - timedelta(days=1):%Y-%m-%dT%H:%M}"
MESSAGE = {"message": "We look for it.", "leave_open": "yes", "key": KEY, "step": "send"}


def ticked(scene: Scene) -> dict[str, Any]:
    (units,) = all_of(scene.query)
    value = f"{units.parcel}/{units.item}"
    return {"unit": value, f"quantity-{value}": str(units.quantity)}


def confirmed(scene: Scene) -> dict[str, Any]:
    preview = preview_write_off(
        query=scene.query.number, selection=all_of(scene.query), by=scene.anna, now=timezone.now()
    )
    return {**ticked(scene), "token": preview.token, "key": KEY}


def together(scene: Scene) -> dict[str, Any]:
    preview = preview_batch([BatchWish(scene.query.number)], by=scene.anna, now=timezone.now())
    return {"lines": written_lines(preview.lines), "key": KEY}


def chosen(kinds: Iterable[NoticeKind]) -> dict[str, Any]:
    return {"digest_hour": "8", "language": "nl", **{f"kind-{kind.code}": "daily" for kind in kinds}}


def scans_file(scene: Scene) -> dict[str, Any]:
    rows = f"parcel,occurred_at,status\n{scene.query.order.number}-P1,{YESTERDAY}:00Z,in_transit\n"
    return {"file": SimpleUploadedFile("scans.csv", rows.encode())}


def waiting(scene: Scene) -> CustomerQuery:
    return CustomerQuery.objects.get(seller_id=scene.anna.seller_id, number=scene.numbers["waiting"])


def arming(scene: Scene) -> dict[str, Any]:
    query = waiting(scene)
    (units,) = all_of(query)
    value = f"{units.parcel}/{units.item}"
    token = preview_armed(query, [units], now=timezone.now()).token
    return {"unit": value, f"quantity-{value}": str(units.quantity), "token": token, "key": KEY}


ACTIONS: dict[str, Action] = {
    "portal:write-off-together-confirm": Action(together),
    "portal:query-actions-confirm": Action(lambda scene: {"do": "close", "query": scene.query.number, "key": KEY}),
    "portal:arm-write-off-confirm": Action(arming, query=waiting),
    "portal:armed-write-off-disarm": Action(lambda scene: {}),
    "portal:write-off-batch-approve": Action(lambda scene: {}),
    "portal:write-off-batch-stop": Action(lambda scene: {}),
    "portal:people": Action(lambda scene: {"step": "invite", "email": "new@example.com", "role": "agent"}),
    "portal:notices": Action(lambda scene: chosen(MEMBER_KINDS)),
    "desk:notices": Action(lambda scene: chosen(DESK_KINDS)),
    "portal:leave-shop": Action(lambda scene: {"step": "leave"}),
    "portal:api-clients": Action(lambda scene: {"step": "revoke", "client_id": scene.program}),
    "portal:webhooks": Action(lambda scene: {"name": "mine", "url": "https://1.1.1.1/hook", "begin": "now"}),
    "portal:webhook": Action(lambda scene: {"step": "resume"}),
    "portal:webhook-remove": Action(lambda scene: {}),
    "portal:sales-channels": Action(lambda scene: {"platform": "bol", "client_id": "mine", "client_secret": "s"}),
    "portal:sales-channel": Action(lambda scene: {"step": "pause"}),
    "portal:sales-channel-remove": Action(lambda scene: {}),
    "portal:answer-templates": Action(lambda scene: {"name": "Mine", "language": "nl", "text": "Dag {customer}"}),
    "portal:answer-template": Action(lambda scene: {"step": "delete"}),
    "portal:start-contact": Action(lambda scene: {**MESSAGE, "subject": "Your parcel", "item": ""}),
    "portal:enter-scan": Action(lambda scene: {"status": "exception", "scanned_at": YESTERDAY, "text": "Torn"}),
    "portal:send-scans": Action(scans_file),
    "portal:contact-draft": Action(lambda scene: {"subject": "Your parcel", "message": "We look", "key": KEY}),
    "portal:query-answer": Action(lambda scene: MESSAGE),
    "portal:query-draft": Action(lambda scene: {"message": "We look", "key": "key-of-one-draft"}),
    "portal:query-note": Action(lambda scene: {"text": "Ask the carrier.", "key": KEY}),
    "portal:query-close": Action(lambda scene: {}),
    "portal:query-reopen": Action(lambda scene: {}, query=lambda scene: scene.handled),
    "portal:query-put-aside": Action(lambda scene: {"state": "waiting_for_customer"}),
    "portal:query-hand-over": Action(lambda scene: {"reason": "The customer called you."}),
    "portal:query-declaration": Action(lambda scene: {"parcel": f"{scene.query.order.number}-P1"}),
    "portal:query-send-again": Action(lambda scene: {"mail": scene.numbers["failed-mail"]}),
    "portal:query-revoke-link": Action(lambda scene: {}),
    "portal:query-assign": Action(lambda scene: {"user": str(scene.anna.user_id)}),
    "portal:view-keep": Action(lambda scene: {"filters": "need=answer", "name": "To answer"}),
    "portal:view-remove": Action(lambda scene: {}),
    "portal:write-off-confirm": Action(confirmed),
    "portal:parcel-came-back": Action(
        lambda scene: {"parcel": f"{scene.written_off.number}-1/{scene.written_off.order.number}-P1"},
        query=lambda scene: scene.written_off,
    ),
    "portal:found-parcel": Action(
        lambda scene: {"step": "confirm", "kind": "return", "quantity-1": "1", "shown_minor": "2500", "key": KEY}
    ),
    "portal:withdraw-found-question": Action(lambda scene: {}),
    "portal:ask-partnerservice": Action(
        lambda scene: {"unit": f"{scene.denied.order.number}-P1/1", "sentence": "He says it never came."},
        query=lambda scene: scene.denied,
    ),
    "portal:ask-about-query": Action(
        lambda scene: {"kind": "found", "sentence": "The customer has it."}, query=lambda scene: scene.written_off
    ),
    "portal:reply-to-partnerservice": Action(
        lambda scene: {"request": str(scene.inquiry.id), "reply": "There is no signature."}
    ),
    "portal:appeal-hold": Action(
        lambda scene: {"hold": str(scene.hold.id), "sentence": "It was a fire."}, query=lambda scene: scene.written_off
    ),
    "desk:request": Action(lambda scene: {"answer": "Ask the carrier first."}),
    "desk:parked-mail": Action(lambda scene: {"step": "drop"}),
    "desk:tracking-sources": Action(lambda scene: {"source": "aftership", "code": "Zone-9", "status": "in_transit"}),
    "desk:carrier-feeds": Action(lambda scene: {"carrier": "GLS", "reason": "They are on strike.", "days": "1"}),
    "desk:invoice": Action(lambda scene: {"reference": "BANK-2"}),
    "desk:restoration": Action(lambda scene: {"step": "withdraw", "reason": "She sent it back instead."}),
    "account_email": Action(lambda scene: {"email": "somebody.else@example.com"}),
    "desk:refund": Action(lambda scene: {"step": "paid", "reference": "BANK-1"}),
}
# Forms that only work something out; whoever sends them is still refused where he may not write. And those around one's
# own login, which tests/web sends by itself.
WITHOUT_A_TRACE = {
    "desk:search",
    "portal:query-undo",  # Nothing is held there: see tests/answering/test_held_answers.py.
    *("portal:write-off-check", "portal:write-off-together", "portal:arm-write-off"),
    *("account_reauthenticate", "account_change_password", "account_sessions"),
}
SHOWS_WHAT_IT_MADE = {
    "portal:send-scans",
    "portal:contact-draft",
    "portal:query-draft",
    "portal:webhooks",
    "account_email",
}  # The secret of what is made is in the answer itself, and nowhere later.
