"""WooCommerce: fetch orders that were modified, each with its refunds, by when that was.

Pages that follow a list by when its orders were modified move while they are read: an order that is changed on the way
goes to the end, and those behind it move up. So after each page the list begins again, a while before its last order.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from lostpost.connectors.remote_apis.problems import AnswerUnusable, CredentialsRefused, RemoteUnreachable
from lostpost.connectors.sales_channels.platform import (
    ChannelRun,
    Credential,
    FetchedOrder,
    RecordUnreadable,
    SalesPlatform,
    ToldOrder,
)
from lostpost.connectors.sales_channels.reading import instant_of, line_of, number_named
from lostpost.connectors.sales_channels.request import PlatformAnswer, send_request
from lostpost.connectors.sales_channels.return_units import units_to_return
from lostpost.connectors.sales_channels.woocommerce.hooks import TOPICS, is_ping, is_signed_by_shop, told_order
from lostpost.connectors.sales_channels.woocommerce.records import WooOrder, is_paid, woo_order
from lostpost.connectors.webhooks.address import address_parts
from lostpost.core.errors import Refused
from lostpost.intake.import_orders import OrderImport
from lostpost.orders.data import ReturnData
from lostpost.orders.models import Order
from lostpost.sales_channels.hook_secret import note_hooks, put_hook_secret
from lostpost.sales_channels.models import SalesChannel
from lostpost.sales_channels.runs import RecordRefusal

PAGE = 50
BEGINS = "2000-01-01T00:00:00"
OVERLAP = timedelta(minutes=2)  # What was being saved while the list was read, and clocks.
HOOKS_CHECKED_EVERY = timedelta(days=1)
DIGITS = "6"  # Decimals of amounts: rounded ones do not add up.


class WooCommerce(SalesPlatform):
    """A shop of one's own with WooCommerce; the key may only read."""

    name = "woocommerce"
    title = "WooCommerce"
    credentials = (
        Credential("site", secret=False),
        Credential("consumer_key", secret=False),
        Credential("consumer_secret", secret=True),
    )

    def account(self, credentials: Mapping[str, str]) -> str:
        """Return the site's address. Raises: AddressRefused."""
        parts = address_parts(credentials["site"])
        return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"[:200]

    tells = True

    def is_ping(self, body: bytes) -> bool:
        """See `hooks.is_ping`."""
        return is_ping(body)

    def is_signed(self, body: bytes, headers: Mapping[str, str], secret: str) -> bool:
        """See `hooks.is_signed_by_shop`."""
        return is_signed_by_shop(body, headers, secret)

    def changed_order(self, body: bytes) -> ToldOrder | None:
        """See `hooks.told_order`."""
        return told_order(body)

    def check(self, run: ChannelRun) -> None:
        """Ask for one order."""
        _orders(run, per_page="1")

    def steps(self, run: ChannelRun) -> Iterator[Sequence[FetchedOrder]]:
        """Fetch what was modified since the last run, the oldest change first."""
        yield from run.stages(self._look_after_hooks(run), self._modified(run))

    def orders(self, run: ChannelRun, references: Iterable[str]) -> Iterator[Sequence[FetchedOrder]]:
        """Fetch orders with their parcels and refunds."""
        for reference in references:
            content = _get(run, "order", f"/orders/{quote(reference, safe='')}", dp=DIGITS)
            if isinstance(content, dict):
                yield from _order_steps(run, content)
            else:
                number = number_named(run.channel.prefix, reference)
                refusal = RecordRefusal("order", number, reference, _("the shop does not know the order any more"))
                yield [FetchedOrder(reference, unreadable=[refusal])]

    def _look_after_hooks(self, run: ChannelRun) -> Iterator[Sequence[FetchedOrder]]:
        """Look each day whether the shop's webhooks are there and active; make and enable them where the key may."""
        checked_at = run.channel.hooks_checked_at
        if checked_at is None or run.now - checked_at >= HOOKS_CHECKED_EVERY:
            note_hooks(channel=run.channel, problem=_hook_problem(run), now=run.now)
        yield ()

    def _modified(self, run: ChannelRun) -> Iterator[Sequence[FetchedOrder]]:
        state: dict[str, Any] = run.progress.setdefault("modified", {"until": BEGINS, "done": {}})
        page = 1
        while True:
            since = datetime.fromisoformat(state["until"]) - OVERLAP
            listed = _orders(run, page=str(page), modified_after=since.isoformat())
            until = state["until"]
            for content in listed:
                reference, modified = line_of(content, "id", 64), line_of(content, "date_modified_gmt", 25)
                if not reference or state["done"].get(reference) == modified:
                    continue
                yield from _order_steps(run, content)
                state["done"][reference] = modified
                if instant_of(modified, zoned=False):
                    until = max(until, modified)
                yield ()
            if len(listed) < PAGE:
                break
            page = 1 if until > state["until"] else page + 1
            self._go_on(state, until)
            yield ()
        self._go_on(state, until)
        yield ()

    def _go_on(self, state: dict[str, Any], until: str) -> None:
        """Begin later from now on, and forget which orders before that were read."""
        state["until"] = until
        oldest = (datetime.fromisoformat(until) - OVERLAP).isoformat()
        state["done"] = {name: modified for name, modified in state["done"].items() if modified >= oldest}


def _order_steps(run: ChannelRun, content: Mapping[str, Any]) -> Iterator[Sequence[FetchedOrder]]:
    """Store an order with its parcels; then, as they say where units came in, its refunds as returns.

    A refund in the shop has paid its units back: a write-off would do so again. Units that were never sent are
    cancelled, others have been received.
    """
    reference = line_of(content, "id", 64)
    number = number_named(run.channel.prefix, line_of(content, "number", 64) or reference)
    if not is_paid(content) and not Order.objects.filter(seller_id=run.channel.seller_id, number=number).exists():
        return  # A cart, or nothing that anybody paid for.
    refunds = []
    if content.get("refunds"):
        answer = _get(run, "refunds", f"/orders/{quote(reference, safe='')}/refunds", dp=DIGITS, per_page="100")
        refunds = [each for each in answer if isinstance(each, dict)] if isinstance(answer, list) else []
    try:
        record = woo_order(
            content,
            refunds,
            prefix=run.channel.prefix,
            language=run.seller.language,
            carriers=run.carriers,
            now=run.now,
        )
    except Refused as refusal:
        yield [FetchedOrder(reference, unreadable=[RecordRefusal("order", number, reference, str(refusal))])]
        return
    left_out = [RecordRefusal("parcel", number, reference, record.problem)] if record.problem else []
    bundle = OrderImport(record.order, parcels=record.parcels)
    yield [FetchedOrder(reference, bundle, left_out, is_complete=True)]
    yield from _refund_steps(run, record, reference)


def _refund_steps(run: ChannelRun, record: WooOrder, reference: str) -> Iterator[Sequence[FetchedOrder]]:
    for refund, quantities in record.refunds.items():
        code = number_named(run.channel.prefix, f"{reference}-RF-{refund}")
        try:
            units = [
                unit
                for item, quantity in quantities.items()
                for unit in units_to_return(
                    seller_id=run.channel.seller_id,
                    order=record.order.number,
                    of_item=Q(order_item__item=item),
                    quantity=quantity,
                    code=code,
                )
            ]
        except RecordUnreadable as unreadable:
            refusal = RecordRefusal("return", code, reference, str(unreadable))
            yield [FetchedOrder(reference, unreadable=[refusal])]
            continue
        if units:
            data = ReturnData(code, record.order.number, "received", units)
            yield [FetchedOrder(reference, OrderImport(returns=[data]))]


def _orders(run: ChannelRun, **query: str) -> list[Mapping[str, Any]]:
    order = {"orderby": "modified", "order": "asc", "dates_are_gmt": "true", "status": "any", "dp": DIGITS}
    content = _get(run, "orders", "/orders", **{"per_page": str(PAGE), **order, **query})
    if not isinstance(content, list):
        raise AnswerUnusable("no list of orders: is this the address of a WooCommerce shop?")
    return [each for each in content if isinstance(each, dict)]


def _hook_problem(run: ChannelRun) -> str:
    """Make the webhooks that are missing and enable those that the shop has disabled; return what is wrong."""
    try:
        listed = _get(run, "hooks", "/webhooks", per_page="100")
    except CredentialsRefused:
        return "hook-not-made"  # The key may read orders and no more, or the orders say that it is wrong.
    hooks = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    ours = {line_of(hook, "topic", 50): hook for hook in hooks if hook.get("delivery_url") == hook_address(run.channel)}
    problem = ""
    for topic in TOPICS:
        hook = ours.get(topic)
        if hook and hook.get("status") == "active":
            continue
        values = {"status": "active", "secret": put_hook_secret(channel=run.channel)}
        if hook:
            problem = "hook-enabled-again"
            answer = _send(run, "PUT", f"/webhooks/{line_of(hook, 'id', 20)}", values)
        else:
            named = {"name": f"Lostpost {topic}", "topic": topic, "delivery_url": hook_address(run.channel)}
            answer = _send(run, "POST", "/webhooks", {**named, **values})
        if answer.status not in (200, 201):
            return "hook-disabled" if hook else "hook-not-made"
    return problem


def hook_address(channel: SalesChannel) -> str:
    """Return the address at which a platform tells of a channel."""
    return f"{settings.LOSTPOST_URL}/api/sales-channels/{channel.seller.code}/{channel.id}"


def _get(run: ChannelRun, question: str, path: str, **query: str) -> Any:
    """Ask; return None where there is no such thing."""
    run.require_free(question)
    answer = _send(run, "GET", f"{path}?{urlencode(query)}")
    run.obey(question, answer)
    if answer.status == 404 and question != "orders":
        return None
    if answer.status in (401, 403):
        raise CredentialsRefused(_words_in(answer))
    if answer.status != 200:
        raise (RemoteUnreachable if answer.status >= 500 else AnswerUnusable)(_words_in(answer))
    return answer.content()


def _send(run: ChannelRun, method: str, path: str, content: Mapping[str, str] | None = None) -> PlatformAnswer:
    known = run.credentials
    basic = b64encode(f"{known['consumer_key']}:{known['consumer_secret']}".encode()).decode()
    headers = {"Accept": "application/json", "Authorization": f"Basic {basic}", "Content-Type": "application/json"}
    body = json.dumps(content).encode() if content is not None else b""
    url = f"{run.channel.account}/wp-json/wc/v3{path}"
    return send_request(method, url, headers=headers, body=body, seconds=run.seconds, anywhere=False)


def _words_in(answer: PlatformAnswer) -> str:
    """Return WooCommerce's own words for what went wrong."""
    try:
        content = answer.content()
    except AnswerUnusable:
        content = None
    words = content.get("message") if isinstance(content, dict) else None
    return f"HTTP {answer.status}: {words}"[:300] if isinstance(words, str) and words else f"HTTP {answer.status}"
