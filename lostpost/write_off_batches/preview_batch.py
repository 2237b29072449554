"""Preview write-offs of many orders: for each what it comes to, or why it is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.accounts.policy import current_policy
from lostpost.core.errors import Refused, Rejected
from lostpost.core.text import is_storable
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import query_not_found
from lostpost.eligibility.policy import Policy
from lostpost.holds.limits import OnHold
from lostpost.holds.reads import orders_on_hold
from lostpost.write_off_batches.limits import Limits, limits_of
from lostpost.writeoffs.assess_order import OrderAssessment, assess_orders
from lostpost.writeoffs.preview_token import PreviewToken
from lostpost.writeoffs.preview_write_off import Preview, preview_of
from lostpost.writeoffs.selection import ChangedSincePreview, NotEligible, RefusedUnits, SelectedUnits

LINES_MAX = 500  # Of one preview or batch, whatever the policy.


@dataclass(frozen=True, slots=True)
class BatchWish:
    """One line as it is requested: a query, what of its order (nothing: all that is eligible), a preview's token."""

    query: str
    units: Sequence[SelectedUnits] = ()
    token: str = ""


@dataclass(frozen=True, slots=True)
class PreviewedLine:
    """A line with its amounts, or with the reason why it is refused; never both."""

    wish: BatchWish
    query: CustomerQuery | None
    units: Sequence[SelectedUnits]
    preview: Preview | None = None
    refusal: Refused | None = None

    @property
    def order_number(self) -> str:
        """The order's number; empty where there is no such query."""
        return self.query.order.number if self.query else ""

    @property
    def refund_minor(self) -> int:
        """What the customer would receive, in minor units of the batch's currency; 0 for a refused line."""
        return self.preview.amounts.refund_minor if self.preview else 0


@dataclass(frozen=True, slots=True)
class BatchPreview:
    """All lines in their order, their sum, and what the limits say about it."""

    lines: Sequence[PreviewedLine]
    currency: str  # Empty where no line is ready.
    policy: Policy
    limits: Limits

    @property
    def ready(self) -> Sequence[PreviewedLine]:
        """The lines that would be written off."""
        return [line for line in self.lines if line.preview]

    @property
    def refund_minor(self) -> int:
        """What the customers would receive, all in all."""
        return sum(line.refund_minor for line in self.lines)


class OrderTwiceInBatch(Rejected):
    """Another query about the same order stands in the batch."""

    code = "order-twice-in-batch"


class OtherCurrency(Rejected):
    """A batch has one currency."""

    code = "batch-other-currency"


def preview_batch(wishes: Sequence[BatchWish], *, by: Actor, now: datetime) -> BatchPreview:
    """Compute the write-offs of a batch without writing anything: six statements, however many lines it has.

    A line with a token is refused if its order changed since. Raises: Rejected for no line, too many, a query twice.
    """
    _require_lines(wishes)
    policy = current_policy()
    numbers = [wish.query for wish in wishes if is_storable(wish.query)]
    rows = CustomerQuery.objects.select_related("order").filter(seller_id=by.seller_id, number__in=numbers)
    queries = {query.number: query for query in rows}
    orders = {query.order_id: query.order for query in queries.values()}
    assessments = assess_orders(list(orders.values()), policy, now=now)
    held = orders_on_hold(by.seller_id, list(orders), day=now.astimezone(policy.zone).date())
    lines: list[PreviewedLine] = []
    before: dict[str, str] = {}  # The orders of the lines above, by number, and their queries.
    currency = ""
    for wish in wishes:
        query = queries.get(wish.query)
        assessment = assessments[query.order_id] if query else None
        line = _line(wish, query, assessment, held, before, currency)
        if line.preview:
            currency = line.preview.amounts.currency
            before[line.order_number] = wish.query
        lines.append(line)
    refund_minor = sum(line.refund_minor for line in lines)
    ready = sum(1 for line in lines if line.preview)
    limits = limits_of(by, policy, refund_minor=refund_minor, currency=currency, lines=ready, now=now)
    return BatchPreview(lines, currency, policy, limits)


def _require_lines(wishes: Sequence[BatchWish]) -> None:
    if not wishes:
        raise Rejected(_("Choose at least one customer query."))
    if len(wishes) > LINES_MAX:
        raise Rejected(
            _("A batch has %(most)d customer queries at most; these are %(n)d. Send them in parts.")
            % {"most": LINES_MAX, "n": len(wishes)}
        )
    seen: set[str] = set()
    for wish in wishes:
        if wish.query in seen:
            raise Rejected(_("Customer query %(number)s stands in the batch twice.") % {"number": wish.query[:40]})
        seen.add(wish.query)


def _line(
    wish: BatchWish,
    query: CustomerQuery | None,
    assessment: OrderAssessment | None,
    held: Mapping[UUID, OnHold],
    before: Mapping[str, str],
    currency: str,
) -> PreviewedLine:
    if query is None or assessment is None:
        return PreviewedLine(wish, None, wish.units, refusal=query_not_found(wish.query))
    units = wish.units or _eligible(assessment)
    if query.order_id in held:
        return PreviewedLine(wish, query, units, refusal=held[query.order_id])
    try:
        return PreviewedLine(wish, query, units, preview=_previewed(wish, query, assessment, units, before, currency))
    except Refused as refusal:
        return PreviewedLine(wish, query, units, refusal=refusal)


def _previewed(
    wish: BatchWish,
    query: CustomerQuery,
    assessment: OrderAssessment,
    units: Sequence[SelectedUnits],
    before: Mapping[str, str],
    currency: str,
) -> Preview:
    number = query.order.number
    if number in before:
        raise OrderTwiceInBatch(
            _("Order %(order)s stands in the batch already, by customer query %(number)s.")
            % {"order": number, "number": before[number]}
        )
    if currency and query.order.currency != currency:
        raise OtherCurrency(
            _("Order %(order)s is in %(currency)s; a batch has one currency. Write it off in another batch.")
            % {"order": number, "currency": query.order.currency}
        )
    if not units:
        refused = [RefusedUnits(unit.parcel, unit.item.item, unit.assessment) for unit in assessment.units]
        raise NotEligible(_("Nothing of order %(order)s can be written off now.") % {"order": number}, refused)
    try:
        preview = preview_of(query, assessment, units)
    except NotEligible as refusal:
        raise NotEligible(
            _("Not all that was chosen of order %(order)s can be written off now.") % {"order": number},
            refusal.refused,
        ) from refusal
    if wish.token:
        shown = PreviewToken.read(wish.token)
        if not (shown and shown.is_about(assessment) and shown.decides(preview.amounts)):
            raise ChangedSincePreview(
                _("Order %(order)s changed since it was shown. Look at it again.") % {"order": number}
            )
    return preview


def _eligible(assessment: OrderAssessment) -> Sequence[SelectedUnits]:
    """Select all that may be written off of an order."""
    return [
        SelectedUnits(unit.parcel, unit.item.item, unit.available)
        for unit in assessment.units
        if unit.eligible and unit.available and unit.parcel is not None
    ]
