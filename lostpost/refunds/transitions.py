"""What the commands about refunds share: lock, state transitions, timeline entries."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Conflict, NotFound, Rejected
from lostpost.core.text import is_storable, strip_unstorable, trimmed
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.states import count_failed_refunds, mark_open
from lostpost.customer_queries.timeline import add_entry
from lostpost.ledger.models import Kind
from lostpost.ledger.post_transfers import Posting, post_transfers
from lostpost.orders.models import Order
from lostpost.refunds.gateway import PROVIDERS
from lostpost.refunds.models import Refund, RefundBounce

State = Refund.State
LONGEST_PROBLEM = 500


LOOK_FOR, FIRST_LOOK = timedelta(days=30), timedelta(days=1)


class RefundNotFound(NotFound):
    """There is no such refund in this shop."""


class RefundSettled(Conflict):
    """The refund is not in a state from which this may follow."""

    code = "refund-settled"


class RefundAtProvider(Conflict):
    """The refund is at a payment provider, which alone reports its outcome."""

    code = "refund-at-provider"


def lock_refund(*, seller_id: UUID, number: str) -> Refund:
    """Return the refund with its order, itself and its query locked, in this order. Raises RefundNotFound."""
    order_ids = Refund.objects.filter(seller_id=seller_id, number=number).values_list("order_id", flat=True)
    order_id = order_ids.first() if is_storable(number) else None
    if order_id is None:
        raise RefundNotFound(_("There is no refund “%(number)s” in this shop.") % {"number": number})
    order = Order.objects.select_for_update().get(seller_id=seller_id, id=order_id)
    refund = Refund.objects.select_for_update().get(seller_id=seller_id, number=number)
    refund.query = CustomerQuery.objects.select_for_update().get(seller_id=seller_id, id=refund.query_id)
    refund.query.order = order
    return refund


def require_manual(refund: Refund) -> None:
    """Refuse to record by hand what a provider will report. Raises RefundAtProvider."""
    if refund.gateway in PROVIDERS:
        raise RefundAtProvider(
            _("%(provider)s carries refund %(number)s out and tells what became of it. Look it up, or pay it by hand.")
            % {"provider": PROVIDERS[refund.gateway], "number": refund.number}
        )


def transition(refund: Refund, to: Refund.State, **values: object) -> None:
    """Move a locked refund to another state, with its evidence. Raises RefundSettled."""
    if to not in Refund.MOVES[Refund.State(refund.state)]:
        raise refund_settled(refund)
    if change := (to == State.FAILED) - (refund.state == State.FAILED):
        count_failed_refunds(refund.query, change)
    update_fields(refund, state=to, **values)


def refund_settled(refund: Refund) -> RefundSettled:
    """Return the refusal of a transition that the refund's state does not allow."""
    return RefundSettled(
        _("Refund %(number)s is “%(state)s” already; look at the list again.")
        % {"number": refund.number, "state": refund.get_state_display()}
    )


def next_look(confirmed_at: datetime, now: datetime) -> datetime | None:
    """Return when to look up a confirmed refund next: after 1, 2, 4, 8, 16 and, the last time, 30 days.

    A provider's refund can fail weeks after it succeeded, when the customer's bank sends it back.
    """
    last = confirmed_at + LOOK_FOR
    return min(now + max(now - confirmed_at, FIRST_LOOK), last) if now < last else None


def update_fields(refund: Refund, **values: object) -> None:
    """Save values of a locked refund."""
    for name, value in values.items():
        setattr(refund, name, value)
    Refund.objects.filter(seller_id=refund.seller_id, id=refund.id).update(**values)


def confirm_refund(refund: Refund, *, reference: str, by: Actor | None, now: datetime) -> None:
    """Record that the customer has the money, and book it: under the refund, or under the bounce that came before."""
    transition(
        refund,
        State.CONFIRMED,
        sent_at=refund.sent_at or now,
        confirmed_at=now,
        failed_at=None,
        reference=reference,
        problem="",
        problem_code="",
        no_response_since=None,
        look_again_at=next_look(now, now) if refund.gateway in PROVIDERS else None,
    )
    bounce = _last_bounce(refund)
    _book(refund, Kind.REFUND_PAID, bounce.id if bounce else refund.id, now)
    announce_refund(refund, "refund.confirmed", by=by, now=now, reference=reference)


def fail_refund(refund: Refund, *, problem: str, code: str = "", by: Actor | None, now: datetime) -> None:
    """Record why the customer does not have the money, or has it no more. A handled query opens again.

    Args: `problem`: the text to store. `code`: a key of `problems.py` if a provider reported it.
    """
    if refund.state == State.CONFIRMED:
        before = _last_bounce(refund)
        bounce = RefundBounce(
            seller_id=refund.seller_id,
            refund_id=refund.id,
            number=before.number + 1 if before else 1,
            attempt=refund.attempt,
            reference=refund.reference,
            problem=problem,
            bounced_at=now,
        )
        bounce.save(force_insert=True)
        _book(refund, Kind.REFUND_BOUNCED, bounce.id, now)
    transition(
        refund,
        State.FAILED,
        failed_at=now,
        confirmed_at=None,
        problem=problem,
        problem_code=code,
        no_response_since=None,
        look_again_at=None,
    )
    announce_refund(
        refund, "refund.failed", by=by, now=now, problem=problem, **({"problem_code": code} if code else {})
    )
    if refund.query.state == CustomerQuery.State.HANDLED:
        mark_open(refund.query, by=by, now=now)


def announce_refund(refund: Refund, kind: str, *, by: Actor | None, now: datetime, **data: str) -> None:
    """Add a change of the refund to the query's timeline and the feed."""
    add_entry(
        refund.query,
        kind,
        now=now,
        by=by,
        number=refund.number,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        **data,
    )


def require_one_line(text: str, most: int, otherwise: str) -> str:
    """Return typed text as one line. Raises Rejected with the sentence `otherwise` if it is empty or too long."""
    text = " ".join(trimmed(text).split())
    if not 1 <= len(text) <= most:
        raise Rejected(otherwise)
    return text


def truncate(text: str, most: int = LONGEST_PROBLEM) -> str:
    """Return a provider's text as one line that fits its column."""
    return " ".join(strip_unstorable(text).split())[:most]


def _last_bounce(refund: Refund) -> RefundBounce | None:
    return RefundBounce.objects.filter(seller_id=refund.seller_id, refund_id=refund.id).order_by("number").last()


def _book(refund: Refund, kind: Kind, source_id: UUID, now: datetime) -> None:
    posting = Posting(kind, source_id, refund.amount_minor)
    post_transfers([posting], seller_id=refund.seller_id, currency=refund.currency, now=now)
