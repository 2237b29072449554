"""The SQL statements of a write-off, which sellers wait for, one after the other.

Through the ORM the same work costs more than twice the processor time (`bench/` measures it against the raw limit).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from psycopg.types.numeric import Int8

from lostpost.accounts.policy import kept_policy
from lostpost.core.idempotency import InProgress
from lostpost.core.sql import Parts, Rows, Statement, fetch_together, insertion, json_rows, parts_of_file, sql_file
from lostpost.core.text import is_storable
from lostpost.customer_queries.models import NEVER, CustomerQuery
from lostpost.customer_queries.timeline import query_not_found
from lostpost.eligibility.facts import all_facts_as_json
from lostpost.eligibility.policy import Policy
from lostpost.eligibility.windows import window_as_json
from lostpost.holds.limits import DayOfShop
from lostpost.orders.models import Order
from lostpost.orders.reads import units_statement
from lostpost.refunds.models import Refund
from lostpost.writeoffs.amounts import AmountsLine
from lostpost.writeoffs.models import WriteOff, WriteOffLine

_ORDER = (
    "id",
    "number",
    "placed_at",
    "currency",
    "delivery_costs_minor",
    "delivery_refunded_minor",
    "customer_email",
    "customer_language",
    "customer_country",
    "customer_invoice",
    "payment_provider",
    "payment_reference",
)


_COMMON = ("seller_id", "number", "order_id", "query_id", "currency")  # A refund is called as its write-off is.
_OF_WRITE_OFF = (
    *("id", "refund_id", "refund_minor", "delivery_refund_minor", "policy_version", "confirmed_at", "by_user_id"),
    "by_name",
)
_OF_LINE = (
    *("id", "parcel_unit_id", "order_item_id", "quantity", "refund_minor", "commission_minor", "commission_vat_minor"),
    *("commission_vat_rate_bp", "commission_vat_category", "facts"),
)
_POLICY_AND_HISTORY = sql_file(__name__, "policy_and_history")
_TAKE_UNITS = parts_of_file(sql_file(__name__, "take_units"))


@dataclass(frozen=True, slots=True)
class History:
    """The state of the query, how many write-offs it has already, and the day of its shop."""

    query_state: str
    of_query: int
    day: DayOfShop


# The key's lock first: a repeat while the first call runs is to be refused at once, and not to wait for the order.
_LOCK_QUERY_AND_ORDER = """
    SELECT key.locked, found.*
      FROM (SELECT coalesce(pg_try_advisory_xact_lock(%(key)s), true) AS locked OFFSET 0) key
      LEFT JOIN LATERAL (
            SELECT q.id, o.id AS order_id, o.number, o.placed_at, o.currency, o.delivery_costs_minor,
                   o.delivery_refunded_minor, o.customer_email, o.customer_language, o.customer_country,
                   o.customer_invoice, o.payment_provider, o.payment_reference
              FROM lostpost_customerquery q
              JOIN lostpost_order o ON o.seller_id = q.seller_id AND o.id = q.order_id
             WHERE key.locked AND q.seller_id = %(seller)s AND q.number = %(number)s
               FOR UPDATE OF o
           ) found ON true
"""
_LOCK_PARCELS = "SELECT id FROM lostpost_parcel WHERE seller_id = %s AND order_id = %s ORDER BY id FOR UPDATE"


def lock_query_and_order(number: str, *, seller_id: UUID, key: int | None) -> CustomerQuery:
    """Return the query with its order, the order locked until commit: every change of either locks it first.

    The query's state is not read yet: it may have changed while we waited for the lock.
    Args: `key`: `lock_number` of the request's key, which is locked before. Raises: QueryNotFound, InProgress.
    """
    if not is_storable(number):
        raise query_not_found(number)
    # In a pipeline although it is alone: BEGIN is sent with it.
    (((locked, query_id, *row),),) = fetch_together(
        (_LOCK_QUERY_AND_ORDER, {"seller": seller_id, "number": number, "key": key})
    )
    if not locked:
        raise InProgress
    if query_id is None:
        raise query_not_found(number)
    order = Order(seller_id=seller_id, **dict(zip(_ORDER, row, strict=True)))
    query = CustomerQuery(seller_id=seller_id, id=query_id, number=number, order_id=order.id)
    query.order = order
    return query


def read_what_decides(query: CustomerQuery, claim: Statement, *, now: datetime) -> tuple[Rows, Policy, History, Rows]:
    """Claim the key, lock the order's parcels, and read what the decision depends on, sent together, in this order.

    The parcels are locked until commit: a scan that arrives meanwhile waits, or is committed and read. A query whose
    time with Partnerservice is over is open, whenever the job comes that moves it. The day's counts may be older than
    those that the confirmation's last statement returns, which decide; these refuse early.

    Args: `claim`: the statement of the key's claim. Returns its rows; the policy in force; the query's state, how many
    write-offs it has, and the day of the shop; the rows of the order's units.
    """
    seller_id, order_id = query.seller_id, query.order_id
    claimed, _locked, history, units = fetch_together(
        claim,
        (_LOCK_PARCELS, (seller_id, order_id)),
        (
            _POLICY_AND_HISTORY,
            {"seller": seller_id, "order": order_id, "query": query.id, "now": now, "zone": Policy().time_zone},
        ),
        units_statement(seller_id, [order_id]),
    )
    ((version, values, of_query, state, day, write_offs, amounts, released, stopped, reason),) = history
    policy = Policy() if version is None else kept_policy(version, values)
    minors = {currency: int(str(minor)) for currency, minor in _json(amounts or {}).items()}
    day_of_shop = DayOfShop(day, write_offs or 0, minors, released, stopped or "", reason or "")
    return claimed, policy, History(state, of_query, day_of_shop), units


def line_rows(lines: Sequence[AmountsLine]) -> str:
    """Write the lines as JSON for both statements below: by the columns of WriteOffLine, and `parcel_id`."""
    all_facts = all_facts_as_json([line.unit.facts for line in lines])
    return json_rows(
        [
            {
                "id": line.id,
                "parcel_unit_id": line.unit.id,
                "order_item_id": line.unit.item.id,
                "parcel_id": line.unit.parcel_id,
                "quantity": line.quantity,
                "refund_minor": line.refund_minor,
                "commission_minor": line.commission_minor,
                "commission_vat_minor": line.commission_vat_minor,
                "commission_vat_rate_bp": line.commission_vat.rate_bp,
                "commission_vat_category": line.commission_vat.category,
                "facts": {**facts, **_windows_of(line)},
            }
            for line, facts in zip(lines, all_facts, strict=True)
        ]
    )


def _windows_of(line: AmountsLine) -> dict[str, object]:
    """Return the windows of the policy whose values counted, beside the facts: none where its own did."""
    windows = line.unit.assessment.windows
    return {"windows": [window_as_json(window) for window in windows.values()]} if windows else {}


def first_refund_state(write_off: WriteOff) -> Refund.State:
    """Return the state in which a refund starts: nothing was paid, so nothing is owed, or it is requested."""
    return Refund.State.REQUESTED if write_off.refund_minor else Refund.State.CONFIRMED


def write_off_inserted(write_off: WriteOff, lines: str, *, gateway: str, payment_reference: str) -> Parts:
    """Return the part that writes the refund request, the write-off and its lines with the facts of the decision."""
    free = write_off.refund_minor == 0  # Nothing was paid, so nothing is owed: there is nothing for a gateway to do.
    paid_at = write_off.confirmed_at if free else None
    refund = {
        "id": write_off.refund_id,
        "amount_minor": write_off.refund_minor,
        "gateway": gateway,
        "state": first_refund_state(write_off),
        "requested_at": write_off.confirmed_at,
        "sent_at": paid_at,
        "confirmed_at": paid_at,
        "reference": "nothing-to-pay" if free else "",
        "payment_reference": payment_reference,
    }
    written = {name: getattr(write_off, name) for name in _OF_WRITE_OFF}
    common = {name: getattr(write_off, name) for name in _COMMON}
    rows_of = {"refund": json_rows([refund]), "write_off": json_rows([written]), "lines": lines}
    return Parts(_insertions(tuple(refund)), {**common, "write_off_id": write_off.id, **rows_of})


@cache
def _insertions(of_refund: tuple[str, ...]) -> tuple[str, ...]:
    refund = insertion(Refund, of_refund, same=_COMMON, rows="refund")
    write_off = insertion(WriteOff, _OF_WRITE_OFF, same=_COMMON, rows="write_off")
    lines = insertion(WriteOffLine, _OF_LINE, same=("seller_id", "write_off_id"), rows="lines")
    return (f"refund AS ({refund})", f"write_off AS ({write_off})", f"lines AS ({lines})")


def units_taken(
    write_off: WriteOff, lines: str, *, items_minor: int, more_eligible: bool, query_was_put_aside: bool
) -> Parts:
    """Return the part that counts the units as written off, in their parcel and in their order.

    The constraints there have the last word.

    The order's queries have less at stake then. They are locked by it, before the feed's counter is.
    Args: `more_eligible`: more of the order may be written off.
    """
    return Parts(
        (_TAKE_UNITS,),
        {
            "lines": lines,
            "seller": write_off.seller_id,
            "order": write_off.order_id,
            "query": write_off.query_id,
            "delivery_minor": Int8(write_off.delivery_refund_minor),
            "items_minor": Int8(items_minor),
            "more_eligible": more_eligible,
            "put_aside": query_was_put_aside,
            "at": write_off.confirmed_at,
            "never": NEVER,
        },
    )


def _json(value: object) -> dict[str, object]:
    """Read a JSON column: Django's own connection hands it over as text."""
    data = json.loads(value) if isinstance(value, str) else value
    assert isinstance(data, dict)
    return data
