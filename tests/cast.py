"""The people and shops of every test, and orders, parcels and queries made by the commands themselves.

Anna sells, Bram helps Anna, Vera only looks, Carla sells elsewhere, Pia is Partnerservice, Fien is finance, Klaas
bought it. Everything here is placed relative to NOW; a test that uses the real clock hands its own `now` in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import connection

from lostpost.accounts.actor import Actor, ActorRole
from lostpost.accounts.models import Member, Seller
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.answering.start_contact import start_contact
from lostpost.carrier_feeds.models import CarrierFeed, SilentFeed
from lostpost.core.clock import rfc3339
from lostpost.core.money import Money
from lostpost.customer_queries.models import CustomerQuery, Mail
from lostpost.eligibility.facts import ScanStatus
from lostpost.intake.put_orders import put_order
from lostpost.intake.put_parcels import put_parcel
from lostpost.intake.put_returns import put_return
from lostpost.orders.data import ItemData, OrderData, ParcelData, ReturnData, ScanData, UnitData
from lostpost.orders.models import Order, OrderItem, Parcel, ParcelUnit
from lostpost.refunds.models import Refund
from lostpost.tracking.put_scans import put_scans
from lostpost.tracking.scan_months import ensure_months
from lostpost.writeoffs.selection import SelectedUnits

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)  # A Tuesday, 13:00 in Amsterdam, far from a change of summer time.
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
KLAAS = "klaas@example.com"
ANNAS_NUMBER, CARLAS_NUMBER = "NL123456789B13", "NL000099998B57"

# The people --------------------------------------------------------------------------------------------------------


@pytest.fixture
def lampenhuis(db: None) -> Seller:
    return open_lampenhuis()


@pytest.fixture
def anna(lampenhuis: Seller) -> Actor:
    return a_member(lampenhuis, "Anna", Member.Role.OWNER)


@pytest.fixture
def bram(lampenhuis: Seller) -> Actor:
    return a_member(lampenhuis, "Bram", Member.Role.AGENT)


@pytest.fixture
def vera(lampenhuis: Seller) -> Actor:
    return a_member(lampenhuis, "Vera", Member.Role.VIEWER)


@pytest.fixture
def carla(db: None) -> Actor:
    shop = put_seller(
        seller=SellerData("carlas-keramiek", "Carla's Keramiek", language="nl", legal={"vat_number": CARLAS_NUMBER}),
        now=NOW,
    )
    return a_member(shop, "Carla", Member.Role.OWNER)


@pytest.fixture
def pia(db: None) -> Actor:
    return a_staff_member("Pia", "partnerservice")


@pytest.fixture
def fien(db: None) -> Actor:
    return a_staff_member("Fien", "finance")


def open_lampenhuis() -> Seller:
    return put_seller(
        seller=SellerData("lampenhuis", "Lampenhuis", language="nl", legal={"vat_number": ANNAS_NUMBER}), now=NOW
    )


def annas_shop() -> Actor:
    """Open Anna's shop, for a scene that is written once (tests/scenes.py)."""
    return a_member(open_lampenhuis(), "Anna", Member.Role.OWNER)


def a_member(seller: Seller, name: str, role: str) -> Actor:
    """Give somebody a login and a part in a shop."""
    user = a_user(name)
    return Actor.of_member(Member.objects.create(seller=seller, user_id=user.id, name=name, role=role))


def a_staff_member(name: str, group: str) -> Actor:
    """Give somebody of the marketplace a login and a group."""
    user = a_user(name)
    user.groups.add(Group.objects.get_or_create(name=group)[0])
    return Actor.of_staff(user, ActorRole(group))


def a_user(name: str) -> User:
    """Make a login; tests sign in with `client.force_login`, so it needs no password."""
    user = User(username=name.lower(), email=f"{name.lower()}@example.com", first_name=name)
    user.set_unusable_password()
    user.save()
    return user


def user_of(person: Actor) -> User:
    return User.objects.get(id=person.user_id)


# What they sell and send -------------------------------------------------------------------------------------------


def an_order(
    seller: Seller,
    *items: ItemData,
    number: str = "",
    placed_days: float = 10,
    now: datetime = NOW,
    **values: Any,
) -> Order:
    """Put an order in, placed so many days before `now`; without items it has one lamp of 25.00."""
    number = number or f"A-{1001 + Order.objects.filter(seller_id=seller.id).count()}"
    data = OrderData(
        number=number,
        placed_at=days_before(now, placed_days),
        items=items or (an_item(),),
        **{"currency": "EUR", "customer_name": "Klaas de Vries", "customer_email": KLAAS, **values},
    )
    put_order(seller=seller, order=data, now=now)
    return Order.objects.get(seller_id=seller.id, number=number)


def an_item(
    item: str = "1", *, quantity: int = 1, paid_minor: int = 25_00, commission_minor: int = 3_00, **values: Any
) -> ItemData:
    """Describe a line of an order; amounts for the whole line."""
    return ItemData(
        item=item,
        quantity=quantity,
        paid_minor=paid_minor,
        commission_minor=commission_minor,
        **{"title": "Desk lamp Aurora", **values},
    )


def a_parcel(
    order: Order,
    *,
    units: dict[str, int] | None = None,
    code: str = "",
    shipped_days: float = 9,
    shipping_method: str = "own",
    carrier: str = "DPD",
    tracking_number: str | None = None,
    now: datetime = NOW,
) -> Parcel:
    """Send items of an order (all of it that is not sent yet, unless `units` says otherwise)."""
    seller = seller_of(order)
    code = code or f"{order.number}-P{1 + Parcel.objects.filter(seller_id=seller.id, order_id=order.id).count()}"
    sent = units or _not_sent(order)
    data = ParcelData(
        code=code,
        order_number=order.number,
        shipping_method=shipping_method,
        shipped_at=days_before(now, shipped_days),
        units=[UnitData(item, quantity) for item, quantity in sent.items()],
        carrier=carrier,
        tracking_number=f"TT-{code}" if tracking_number is None else tracking_number,
    )
    put_parcel(seller=seller, parcel=data, now=now)
    return Parcel.objects.get(seller_id=seller.id, code=code)


def a_scan(
    parcel: Parcel,
    *,
    days: float = 8,
    status: str = ScanStatus.IN_TRANSIT.value,
    text: str = "Sorted",
    location: str = "Utrecht",
    now: datetime = NOW,
    scan_id: str = "",
) -> None:
    """Let the carrier scan a parcel so many days before `now`."""
    scan = ScanData(parcel.code, now - timedelta(days=days), status, text=text, location=location, id=scan_id)
    taken = put_scans(seller=Seller.objects.get(id=parcel.seller_id), scans=[scan], now=now)
    assert not taken.rejected, taken.rejected


def a_silent_feed(carrier: str = "DPD", *, lifted_until: datetime | None = None, now: datetime = NOW) -> None:
    """Let the scans of a carrier not reach us, since yesterday; let somebody have lifted that."""
    lift = {"at": rfc3339(now), "by": "Otto", "reason": "A strike"}
    CarrierFeed.objects.create(
        carrier_normalised=carrier.lower(), carrier=carrier, state="silent", usual_week=5_040, checked_at=now
    )
    SilentFeed.objects.create(
        carrier_normalised=carrier.lower(),
        carrier=carrier,
        cause="rate",
        since=now - timedelta(days=1),
        found_at=now - timedelta(hours=20),
        lifted_until=lifted_until,
        lifts=[{**lift, "until": rfc3339(lifted_until)}] if lifted_until else [],
        window_hours=4,
        expected=80,
        received=1,
        chance_exponent=9,
    )


def ensure_months_before(*ends: datetime) -> None:
    """Make the tables for scans of the 70 days before (nearly all that tests place), and of the month itself."""
    ensure_months({(end - timedelta(days=days)).date().replace(day=1) for end in ends for days in range(71)})


def a_return(
    order: Order,
    units: dict[tuple[str, str], int],
    *,
    code: str = "R-1",
    status: str = "announced",
    now: datetime = NOW,
) -> None:
    """Announce (or change) a return of units: {(parcel, item): quantity}."""
    data = ReturnData(
        code, order.number, status, [UnitData(item, quantity, parcel) for (parcel, item), quantity in units.items()]
    )
    put_return(seller=seller_of(order), data=data, now=now)


def a_query(order: Order, by: Actor, *, leave_open: bool = True, now: datetime = NOW, item: str = "") -> CustomerQuery:
    """Start customer contact about an order."""
    count = CustomerQuery.objects.filter(seller_id=by.seller_id, order_id=order.id).count()
    return start_contact(
        order_number=order.number,
        subject="Where is my parcel?",
        message="We are asking the carrier where your parcel is.",
        leave_open=leave_open,
        by=by,
        key=f"contact-{order.number}-{count}",
        now=now,
        item=item,
    )


def silent_parcel(
    member: Actor,
    *,
    quiet_days: float = 30,
    paid_minor: int = 25_00,
    quantity: int = 1,
    commission_minor: int = 3_00,
    status: str = ScanStatus.IN_TRANSIT.value,
    now: datetime = NOW,
    **order: Any,
) -> CustomerQuery:
    """Sell, send and lose: one parcel of one item, last scanned `quiet_days` ago, and an open query about it.

    `order` goes to `an_order` (number, currency, delivery_costs_minor, placed_days, customer_language, …).
    """
    order.setdefault("placed_days", quiet_days + 2)
    item = an_item(quantity=quantity, paid_minor=paid_minor, commission_minor=commission_minor)
    placed = an_order(member.seller, item, now=now, **order)
    parcel = a_parcel(placed, shipped_days=quiet_days + 1, now=now)
    a_scan(parcel, days=quiet_days, status=status, now=now)
    return a_query(placed, member, now=now)


def days_before(now: datetime, days: float) -> datetime:
    """Return the same time of day so many days earlier, as clocks of the marketplace show it.

    Days of the policy are days of its calendar: 61 of them are 61 on the day after summer time ended, too.
    """
    return (now.astimezone(AMSTERDAM) - timedelta(days=days)).astimezone(UTC)


def in_days(count: int, now: datetime = NOW) -> date:
    """Return the day that is so many after `now`, for a query that is followed up then."""
    return now.date() + timedelta(days=count)


def all_of(query: CustomerQuery) -> list[SelectedUnits]:
    """Pick everything of the query's order that lies in a parcel and is neither written off nor returned."""
    units = (
        ParcelUnit.objects.filter(
            seller_id=query.seller_id, order_item__order_id=query.order_id, order_item__seller_id=query.seller_id
        )
        .select_related("parcel", "order_item")
        .order_by("id")
    )
    left = [(unit, unit.quantity - unit.quantity_written_off - unit.quantity_returned) for unit in units]
    return [SelectedUnits(unit.parcel.code, unit.order_item.item, quantity) for unit, quantity in left if quantity]


def seller_of(order: Order) -> Seller:
    return Seller.objects.get(id=order.seller_id)


def _not_sent(order: Order) -> dict[str, int]:
    """Say how many units of each item of the order lie in no parcel yet."""
    left = {}
    for item in OrderItem.objects.filter(seller_id=order.seller_id, order_id=order.id).order_by("item"):
        sent = ParcelUnit.objects.filter(seller_id=order.seller_id, order_item_id=item.id)
        if quantity := item.quantity - item.quantity_cancelled - sum(unit.quantity for unit in sent):
            left[item.item] = quantity
    return left


# What came of it ---------------------------------------------------------------------------------------------------


def refunds_of(member: Actor) -> list[Money]:
    refunds = Refund.objects.filter(seller_id=member.seller_id).order_by("number")
    return [Money(refund.amount_minor, refund.currency) for refund in refunds]


def mails_about(query: CustomerQuery, kind: str = "write-off.confirmed") -> list[Mail]:
    return list(
        Mail.objects.filter(seller_id=query.seller_id, query_id=query.id, kind=kind).order_by("queued_at", "id")
    )


def row_counts(*, but: Sequence[str] = ()) -> dict[str, int]:
    """Count the rows of every table of ours and the jobs: what a refusal must not change.

    That a request was sent is counted, whatever came of it, and that it was refused may be recorded.
    """
    kept = {"lostpost_requestcount", "lostpost_attemptcount", "lostpost_securityevent"}
    tables = sorted(model._meta.db_table for model in apps.get_app_config("lostpost").get_models())
    counted = [table for table in [*tables, "procrastinate_jobs"] if table not in {*but, *kept}]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in counted))
        return dict(cursor.fetchall())
