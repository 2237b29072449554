"""Recompute everything from the write-off lines, and report whatever differs from what is recorded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from lostpost.accounts.models import PolicyVersion, Seller
from lostpost.audit.verify_counts import BELONGING, COUNTED, PAID_AGAIN, PARCELS
from lostpost.audit.verify_documents import CREDIT_NOTES, RESTORED, SERIES
from lostpost.audit.verify_invoices import (
    BALANCES,
    HEADS,
    KINDS,
    LINES,
    OF_INVOICES,
    ORDER,
    SIDES_OF_INVOICES,
)
from lostpost.audit.verify_invoices import BOOKED as BOOKED_BY_INVOICES
from lostpost.audit.verify_sales import AT_RATES, BOOKED, SALE_KINDS, SIDES_OF_SALES, SOLD
from lostpost.core.money import rounded_rate, share_of_units
from lostpost.core.ownership import cross_seller
from lostpost.core.sql import as_of_one_moment
from lostpost.customer_queries.models import Mail, TimelineEntry
from lostpost.eligibility.policy import Policy
from lostpost.ledger.models import Account, Kind, Transfer
from lostpost.ledger.post import SIDES
from lostpost.orders.models import OrderItem, ReturnUnit
from lostpost.refunds.models import Refund, RefundBounce
from lostpost.restorations.models import Restoration, RestorationLine
from lostpost.tracking.newest_scan import STATUSES
from lostpost.writeoffs.models import WriteOff, WriteOffLine


@dataclass(frozen=True, slots=True)
class Difference:
    """Something recorded that is not what the lines say."""

    seller: str
    what: str  # In plain English, for the operator: which record, by its own name.
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.seller}: {self.what}: expected {self.expected}, found {self.found}"


def sellers() -> list[Seller]:
    """Return all shops, in the order of their codes."""
    with cross_seller("self-check: every shop in turn"):
        return list(Seller.objects.order_by("code"))


def verify(seller: Seller) -> Iterator[Difference]:
    """Compare one shop's records with what its write-off lines, scans and returns come to, as of one moment."""
    with as_of_one_moment():
        found = list(_Check(seller).differences())
    yield from found


class _Check:
    def __init__(self, seller: Seller) -> None:
        self.seller = seller
        self.rates = {version.version: version.values for version in PolicyVersion.objects.all()}
        self.write_offs = {row.id: row for row in WriteOff.objects.filter(seller_id=seller.id).select_related("order")}
        self.lines = list(
            WriteOffLine.objects.filter(seller_id=seller.id).select_related("write_off").order_by("write_off_id", "id")
        )

    def differences(self) -> Iterator[Difference]:
        yield from self._counted()
        yield from self._amounts()
        yield from self._refunds()
        yield from self._sales()
        yield from self._ledger()
        yield from self._invoices()
        yield from self._documents()
        yield from self._told()
        yield from self._parcels()

    def _differ(self, what: str, expected: Any, found: Any) -> Iterator[Difference]:
        if expected != found:
            yield Difference(self.seller.code, what, expected, found)

    def _counted(self) -> Iterator[Difference]:
        """Units, items and orders count what the lines, the returns and the restored payments say."""
        for name, value, expected in (*self._rows(COUNTED), *self._rows(PAID_AGAIN), *self._rows(BELONGING)):
            yield from self._differ(name, expected, value)

    def _amounts(self) -> Iterator[Difference]:
        """Each line is worth its share of what was paid; the last units of an item to go take the rest."""
        of_item: dict[UUID, list[WriteOffLine]] = defaultdict(list)
        for line in self.lines:
            of_item[line.order_item_id].append(line)
        items = {row.id: row for row in OrderItem.objects.filter(seller_id=self.seller.id, id__in=of_item)}
        returned = ReturnUnit.objects.filter(seller_id=self.seller.id, parcel_unit__order_item_id__in=of_item)
        otherwise = set(returned.values_list("parcel_unit__order_item_id", flat=True))
        again: dict[UUID, list[RestorationLine]] = defaultdict(list)
        for part in RestorationLine.objects.filter(
            seller_id=self.seller.id, restoration__state=Restoration.State.RECEIVED
        ).select_related("write_off_line"):
            again[part.write_off_line.order_item_id].append(part)
        for item_id, lines in of_item.items():
            if item_id in otherwise or item_id in again:
                yield from self._bounds_of(items[item_id], lines, again[item_id])
            else:
                yield from self._amounts_of(items[item_id], lines)
        sums = Counter[UUID]()
        for line in self.lines:
            sums[line.write_off_id] += line.refund_minor
        for made in self.write_offs.values():
            yield from self._differ(
                f"write-off {made.number}: sum of lines and delivery costs",
                sums[made.id] + made.delivery_refund_minor,
                made.refund_minor,
            )
            if made.delivery_refund_minor:
                yield from self._differ(
                    f"write-off {made.number}: delivery costs",
                    made.order.delivery_costs_minor,
                    made.delivery_refund_minor,
                )

    def _bounds_of(
        self, item: OrderItem, lines: list[WriteOffLine], again: list[RestorationLine]
    ) -> Iterator[Difference]:
        """Which unit went last depends on when others came back; none is worth more than its share and the rest.

        What stands as written off is worth its shares and at most the rest; where that is every unit, the whole line.
        """
        shares = {line.id: (self._worth(item, line, last=False), self._worth(item, line, last=True)) for line in lines}
        for line in lines:
            share, most = shares[line.id]
            if not all(one <= it <= other for one, it, other in zip(share, _found(line), most, strict=True)):
                name = f"write-off {line.write_off.number}, item {item.item}: refund, commission and its VAT"
                yield Difference(self.seller.code, name, f"{share} to {most}", _found(line))
        lost = sum(line.quantity for line in lines) - sum(part.quantity for part in again)
        if not 0 <= lost <= item.quantity:
            name = f"item {item.item}: units that stand as written off"
            yield Difference(self.seller.code, name, f"0 to {item.quantity}", lost)
            return
        whole = WriteOffLine(write_off=lines[-1].write_off, quantity=lost)
        least, most = self._worth(item, whole, last=lost == item.quantity), self._worth(item, whole, last=lost > 0)
        stands = tuple(sum(each) - sum(part) for each, part in zip(_columns(lines), _columns(again), strict=True))
        if not all(one <= it <= other for one, it, other in zip(least, stands, most, strict=True)):
            yield Difference(
                self.seller.code, f"item {item.item}: what stands as written off", f"{least} to {most}", stands
            )

    def _amounts_of(self, item: OrderItem, lines: list[WriteOffLine]) -> Iterator[Difference]:
        gone = sum(line.quantity for line in lines)
        if gone > item.quantity:
            yield Difference(self.seller.code, f"item {item.item}: units written off", f"≤ {item.quantity}", gone)
            return
        last = None
        if gone == item.quantity:  # Which came last is read off the amounts: ids are made by clocks, and clocks differ.
            took_rest = (line for line in lines if _found(line) == self._worth(item, line, last=True))
            last = next(took_rest, lines[-1])
        for line in lines:
            yield from self._differ(
                f"write-off {line.write_off.number}, item {item.item}: refund, commission and its VAT",
                self._worth(item, line, last=line is last),
                _found(line),
            )

    def _worth(self, item: OrderItem, line: WriteOffLine, *, last: bool) -> tuple[int, ...]:
        rate = item.commission_vat_rate_bp
        if rate is None:
            rate = self._policy(line.write_off.policy_version).commission_vat_rate_bp
        before = item.quantity - line.quantity if last else 0
        return tuple(
            share_of_units(total, quantity=item.quantity, before=before, count=line.quantity)
            for total in (item.paid_minor, item.commission_minor, rounded_rate(item.commission_minor, rate))
        )

    def _refunds(self) -> Iterator[Difference]:
        """Every write-off has one refund of its own amount, and no refund is without a write-off."""
        refunds = {row.id: row for row in Refund.objects.filter(seller_id=self.seller.id)}
        asked_for = set()
        for made in self.write_offs.values():
            refund = refunds.get(made.refund_id)
            asked_for.add(made.refund_id)
            found = (refund.amount_minor, refund.currency) if refund else None
            yield from self._differ(f"write-off {made.number}: its refund", (made.refund_minor, made.currency), found)
        for refund in refunds.values():
            if refund.id not in asked_for:
                yield Difference(self.seller.code, f"refund {refund.number}: its write-off", "one", None)

    def _ledger(self) -> Iterator[Difference]:
        """Every transfer books a line, delivery costs or a paid refund, once and to the cent, and nothing else."""
        expected: dict[tuple[UUID, str], tuple[int, str]] = {}
        for line in self.lines:
            currency = line.write_off.currency
            expected[line.id, Kind.CORRECTION_TURNOVER] = (line.refund_minor, currency)
            expected[line.id, Kind.CORRECTION_COMMISSION] = (line.commission_minor, currency)
            expected[line.id, Kind.CORRECTION_COMMISSION_VAT] = (line.commission_vat_minor, currency)
        for made in self.write_offs.values():
            expected[made.id, Kind.CORRECTION_DELIVERY] = (made.delivery_refund_minor, made.currency)
        owed: Counter[str] = Counter()
        for refund, came_back in self._paid():
            amount, paid = (refund.amount_minor, refund.currency), refund.state == Refund.State.CONFIRMED
            sources = [refund.id, *came_back][: len(came_back) + paid]  # Paid again after it came back.
            expected |= {(source, Kind.REFUND_PAID.value): amount for source in sources}
            expected |= {(source, Kind.REFUND_BOUNCED.value): amount for source in came_back}
            owed[refund.currency] += 0 if paid else refund.amount_minor
        expected |= self._restored()
        expected = {key: value for key, value in expected.items() if value[0]}
        balance: Counter[str] = Counter()
        mine = Transfer.objects.filter(seller_id=self.seller.id).exclude(kind__in=[*SALE_KINDS, *OF_INVOICES])
        for transfer in mine.iterator():
            name = f"transfer {transfer.kind} of {transfer.source_id}"
            wanted = expected.pop((transfer.source_id, transfer.kind), None)
            yield from self._differ(f"{name}: amount", wanted, (transfer.amount_minor, transfer.currency))
            sides = tuple(side.value for side in SIDES[Kind(transfer.kind)])
            yield from self._differ(f"{name}: accounts", sides, (transfer.debit, transfer.credit))
            if transfer.credit == Account.CUSTOMER:
                balance[transfer.currency] += transfer.amount_minor
            if transfer.debit == Account.CUSTOMER:
                balance[transfer.currency] -= transfer.amount_minor
        for (source_id, kind), value in expected.items():
            yield Difference(self.seller.code, f"transfer {kind} of {source_id}", value, None)
        for currency in {*owed, *balance}:
            yield from self._differ(f"refunds owed to customers in {currency}", owed[currency], balance[currency])

    def _paid(self) -> Iterator[tuple[Refund, list[UUID]]]:
        """Give each refund with the rows of what came back of it, in their order."""
        bounces: dict[UUID, list[UUID]] = defaultdict(list)
        for bounce in RefundBounce.objects.filter(seller_id=self.seller.id).order_by("refund_id", "number"):
            bounces[bounce.refund_id].append(bounce.id)
        for refund in Refund.objects.filter(seller_id=self.seller.id):
            yield refund, bounces[refund.id]

    def _restored(self) -> dict[tuple[UUID, str], tuple[int, str]]:
        """Return what restorations booked, once the customer had paid."""
        expected: dict[tuple[UUID, str], tuple[int, str]] = {}
        paid = Restoration.objects.filter(seller_id=self.seller.id, state=Restoration.State.RECEIVED)
        received = {row.id: row for row in paid}
        for restoration in received.values():
            expected[restoration.id, Kind.RESTORED_DELIVERY] = (restoration.delivery_minor, restoration.currency)
        for line in RestorationLine.objects.filter(seller_id=self.seller.id, restoration_id__in=list(received)):
            currency = received[line.restoration_id].currency
            expected[line.id, Kind.RESTORED_TURNOVER] = (line.refund_minor, currency)
            expected[line.id, Kind.RESTORED_COMMISSION] = (line.commission_minor, currency)
            expected[line.id, Kind.RESTORED_COMMISSION_VAT] = (line.commission_vat_minor, currency)
        return expected

    def _sales(self) -> Iterator[Difference]:
        """Compare what was handed over and did not come back with what is booked, and that with its transfers."""
        for name, value, wanted in (
            *self._rows(SOLD),
            *self._rows(AT_RATES),
            *self._rows(BOOKED, sides=SIDES_OF_SALES),
        ):
            yield from self._differ(name, wanted, value)

    def _invoices(self) -> Iterator[Difference]:
        """Add every sales invoice up again from its transfers, and look at what it brought about and at its place."""
        for statement in (LINES, HEADS, BALANCES):
            for name, value, wanted in self._rows(statement, kinds=KINDS):
                yield from self._differ(name, wanted, value)
        for name, value, wanted in (*self._rows(BOOKED_BY_INVOICES, sides=SIDES_OF_INVOICES), *self._rows(ORDER)):
            yield from self._differ(name, wanted, value)

    def _documents(self) -> Iterator[Difference]:
        """Look for gaps in number series, and at what credit notes and restorations come to."""
        for statement in (SERIES, CREDIT_NOTES, RESTORED):
            for name, value, wanted in self._rows(statement):
                yield from self._differ(name, wanted, value)

    def _told(self) -> Iterator[Difference]:
        """Look for each write-off on its query's timeline and among the e-mails, once."""
        told = Counter(
            TimelineEntry.objects.filter(seller_id=self.seller.id, kind="write-off.confirmed").values_list(
                "data__number", flat=True
            )
        )
        mailed = Counter(
            Mail.objects.filter(seller_id=self.seller.id, kind="write-off.confirmed").values_list("about_id", flat=True)
        )
        for made in self.write_offs.values():
            yield from self._differ(f"write-off {made.number}: on its timeline", 1, told[made.number])
            yield from self._differ(f"write-off {made.number}: e-mails", 1, mailed[made.id])

    def _parcels(self) -> Iterator[Difference]:
        """Each parcel carries its newest scan, and knows whether it was delivered or written off."""
        for name, value, expected in self._rows(PARCELS, **STATUSES):
            yield from self._differ(name, expected, value)

    def _rows(self, statement: str, **more: Any) -> list[tuple[str, Any, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"seller": self.seller.id, **more})
            found: list[tuple[str, Any, Any]] = cursor.fetchall()
            return found

    def _policy(self, version: int) -> Policy:
        return Policy.from_values(self.rates.get(version, {}), version=version)


def _found(line: WriteOffLine | RestorationLine) -> tuple[int, ...]:
    return line.refund_minor, line.commission_minor, line.commission_vat_minor


def _columns(lines: Sequence[WriteOffLine] | Sequence[RestorationLine]) -> list[tuple[int, ...]]:
    """Return the refunds, the commissions and the VAT of lines."""
    return list(zip(*map(_found, lines), strict=True)) or [(), (), ()]
