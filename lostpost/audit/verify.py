"""Recompute all counts and amounts from the write-off lines, and report the differences to what is recorded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from lostpost.accounts.models import Seller
from lostpost.audit import claims
from lostpost.audit.documents_as_issued import documents_not_as_announced
from lostpost.compensations.models import Compensation
from lostpost.core.money import rounded_rate, share_of_units
from lostpost.core.ownership import cross_seller
from lostpost.core.sql import as_of_one_moment, fetch
from lostpost.core.vat import VatTreatment
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.invoicing.exchange_rates import converted
from lostpost.invoicing.models import SalesInvoice
from lostpost.ledger.models import Account, Kind, Transfer
from lostpost.ledger.post_transfers import SIDES
from lostpost.orders.models import OrderItem, ReturnUnit
from lostpost.refunds.gateway import ManualGateway
from lostpost.refunds.models import Refund, RefundBounce
from lostpost.restorations.models import Restoration, RestorationLine
from lostpost.tracking.newest_scan import STATUSES
from lostpost.writeoffs.models import WriteOff, WriteOffLine

_Booked = tuple[int, str, VatTreatment | None]  # Amount, currency, and how VAT is charged on commission.


@dataclass(frozen=True, slots=True)
class Difference:
    """A recorded value that differs from the computed one."""

    seller: str
    what: str  # In plain English, for the operator: which record, by its own name.
    expected: Any
    actual: Any

    def __str__(self) -> str:
        return f"{self.seller}: {self.what}: expected {self.expected}, found {self.actual}"


def sellers() -> list[Seller]:
    """Return all shops, in the order of their codes."""
    with cross_seller("self-check: every shop in turn"):
        return list(Seller.objects.order_by("code"))


def verify(seller: Seller) -> Iterator[Difference]:
    """Compare one shop's records with values computed from its write-off lines, scans and returns, in one snapshot."""
    with as_of_one_moment():
        differences = list(_Check(seller).differences())
    yield from differences


class _Check:
    def __init__(self, seller: Seller) -> None:
        self.seller = seller
        self.write_offs = {row.id: row for row in WriteOff.objects.filter(seller_id=seller.id).select_related("order")}
        self.lines = list(
            WriteOffLine.objects.filter(seller_id=seller.id).select_related("write_off").order_by("write_off_id", "id")
        )
        self.compensations = list(Compensation.objects.filter(seller_id=seller.id))

    def differences(self) -> Iterator[Difference]:
        yield from self._count_differences()
        yield from self._amount_differences()
        yield from self._refund_differences()
        yield from self._sale_differences()
        yield from self._ledger_differences()
        yield from self._invoice_differences()
        yield from self._document_differences()
        yield from self._announcement_differences()
        yield from self._parcel_differences()
        yield from self._contradictions(claims.PAYMENTS_REFUNDED, manual=ManualGateway.name)
        yield from self._contradictions(claims.TIMES_OF_RECORDS, claims.TIMES_OF_BOUNCES, claims.TIMES_OF_RESTORATIONS)

    def _differ(self, what: str, expected: Any, found: Any) -> Iterator[Difference]:
        if expected != found:
            yield Difference(self.seller.code, what, expected, found)

    def _count_differences(self) -> Iterator[Difference]:
        """Compare the counts on units, items and orders with the lines, returns and restorations."""
        yield from self._contradictions(
            *(claims.COUNTS_OF_UNITS_AND_ITEMS, claims.AMOUNTS_PAID_AGAIN, claims.WRITE_OFFS_WITHIN_ORDERS),
            claims.COMPENSATIONS,
        )

    def _amount_differences(self) -> Iterator[Difference]:
        """Check that each line has its share of what was paid, and the last units of an item the rest."""
        of_item: dict[UUID, list[WriteOffLine]] = defaultdict(list)
        for line in self.lines:
            of_item[line.order_item_id].append(line)
        items = {row.id: row for row in OrderItem.objects.filter(seller_id=self.seller.id, id__in=of_item)}
        returned = ReturnUnit.objects.filter(seller_id=self.seller.id, parcel_unit__order_item_id__in=of_item)
        with_returns = set(returned.values_list("parcel_unit__order_item_id", flat=True))
        restored: dict[UUID, list[RestorationLine]] = defaultdict(list)
        for part in RestorationLine.objects.filter(
            seller_id=self.seller.id, restoration__state=Restoration.State.RECEIVED
        ).select_related("write_off_line"):
            restored[part.write_off_line.order_item_id].append(part)
        compensated = {row.order_item_id for row in self.compensations if row.items_minor}
        for item_id, lines in of_item.items():
            if item_id not in items or any(line.quantity > items[item_id].quantity for line in lines):
                names = ", ".join(line.write_off.number for line in lines)
                yield Difference(self.seller.code, f"write-off {names}: units of an item", "those of the order", "more")
                continue
            for line in lines:
                name = f"write-off {line.write_off.number}, item {items[item_id].item}: VAT on its commission"
                yield from self._differ(name, items[item_id].commission_vat or line.commission_vat, line.commission_vat)
            if item_id in with_returns or item_id in restored or item_id in compensated:
                least = 0 if item_id in compensated else 1
                yield from self._bound_differences(items[item_id], lines, restored[item_id], least=least)
            else:
                yield from self._share_differences(items[item_id], lines)
        sums = Counter[UUID]()
        for line in self.lines:
            sums[line.write_off_id] += line.refund_minor
        for write_off in self.write_offs.values():
            yield from self._differ(
                f"write-off {write_off.number}: sum of lines and delivery costs",
                sums[write_off.id] + write_off.delivery_refund_minor,
                write_off.refund_minor,
            )
            if write_off.delivery_refund_minor:
                yield from self._differ(
                    f"write-off {write_off.number}: delivery costs",
                    write_off.order.delivery_costs_minor,
                    write_off.delivery_refund_minor,
                )

    def _bound_differences(
        self, item: OrderItem, lines: list[WriteOffLine], restored: list[RestorationLine], *, least: int
    ) -> Iterator[Difference]:
        """Check bounds where returns, restorations or compensations exist: no line exceeds its share and the rest.

        The units written off and not paid again have their shares and at most the rest; all units, all of it.

        Args: `least`: 1: no line has less than its share; 0: a part was granted before, so a line may have less.
        """
        for line in lines:
            share = tuple(least * each for each in self._worth(item, line, last=False))
            most = self._worth(item, line, last=True)
            if not all(one <= it <= other for one, it, other in zip(share, _amounts_of_line(line), most, strict=True)):
                name = f"write-off {line.write_off.number}, item {item.item}: refund, commission and its VAT"
                yield Difference(self.seller.code, name, f"{share} to {most}", _amounts_of_line(line))
        written_off = sum(line.quantity for line in lines) - sum(part.quantity for part in restored)
        if not 0 <= written_off <= item.quantity:
            name = f"item {item.item}: units that stand as written off"
            yield Difference(self.seller.code, name, f"0 to {item.quantity}", written_off)
            return
        all_units = WriteOffLine(quantity=written_off, commission_vat_rate_bp=lines[-1].commission_vat_rate_bp)
        share = tuple(least * each for each in self._worth(item, all_units, last=written_off == item.quantity))
        most = self._worth(item, all_units, last=written_off > 0)
        stands = tuple(sum(each) - sum(part) for each, part in zip(_columns(lines), _columns(restored), strict=True))
        if not all(one <= it <= other for one, it, other in zip(share, stands, most, strict=True)):
            yield Difference(
                self.seller.code, f"item {item.item}: what stands as written off", f"{share} to {most}", stands
            )

    def _share_differences(self, item: OrderItem, lines: list[WriteOffLine]) -> Iterator[Difference]:
        written_off = sum(line.quantity for line in lines)
        if written_off > item.quantity:
            yield Difference(
                self.seller.code, f"item {item.item}: units written off", f"≤ {item.quantity}", written_off
            )
            return
        last = None
        if written_off == item.quantity:  # Ids do not say which line was last, as clocks differ; the amounts do.
            took_rest = (line for line in lines if _amounts_of_line(line) == self._worth(item, line, last=True))
            last = next(took_rest, lines[-1])
        for line in lines:
            yield from self._differ(
                f"write-off {line.write_off.number}, item {item.item}: refund, commission and its VAT",
                self._worth(item, line, last=line is last),
                _amounts_of_line(line),
            )

    def _worth(self, item: OrderItem, line: WriteOffLine, *, last: bool) -> tuple[int, ...]:
        rate = line.commission_vat_rate_bp
        before = item.quantity - line.quantity if last else 0
        return tuple(
            share_of_units(total, quantity=item.quantity, before=before, count=line.quantity)
            for total in (item.paid_minor, item.commission_minor, rounded_rate(item.commission_minor, rate))
        )

    def _refund_differences(self) -> Iterator[Difference]:
        """Check that every write-off has a refund of its amount, and every refund a write-off or a compensation."""
        refunds = {row.id: row for row in Refund.objects.filter(seller_id=self.seller.id)}
        refund_ids = set()
        for write_off in self.write_offs.values():
            refund = refunds.get(write_off.refund_id)
            refund_ids.add(write_off.refund_id)
            recorded = (refund.amount_minor, refund.currency) if refund else None
            yield from self._differ(
                f"write-off {write_off.number}: its refund", (write_off.refund_minor, write_off.currency), recorded
            )
        refund_ids |= {compensation.refund_id for compensation in self.compensations}
        for refund in refunds.values():
            if refund.id not in refund_ids:
                yield Difference(self.seller.code, f"refund {refund.number}: its write-off", "one", None)
        failed = Counter(refund.query_id for refund in refunds.values() if refund.state == Refund.State.FAILED)
        queries = CustomerQuery.objects.filter(seller_id=self.seller.id)
        for query in queries.filter(Q(refunds_failed__gt=0) | Q(id__in=list(failed))):
            yield from self._differ(f"query {query.number}: failed refunds", failed[query.id], query.refunds_failed)

    def _ledger_differences(self) -> Iterator[Difference]:
        """Check that transfers book each line, delivery costs, compensation and paid refund once, and nothing else."""
        expected: dict[tuple[UUID, str], _Booked] = {}
        for line in self.lines:
            currency, vat = line.write_off.currency, line.commission_vat
            expected[line.id, Kind.CORRECTION_TURNOVER] = (line.refund_minor, currency, None)
            expected[line.id, Kind.CORRECTION_COMMISSION] = (line.commission_minor, currency, vat)
            expected[line.id, Kind.CORRECTION_COMMISSION_VAT] = (line.commission_vat_minor, currency, vat)
        for write_off in self.write_offs.values():
            delivery_minor = write_off.delivery_refund_minor
            expected[write_off.id, Kind.CORRECTION_DELIVERY] = (delivery_minor, write_off.currency, None)
        for row in self.compensations:
            currency, vat = row.currency, row.commission_vat
            expected[row.id, Kind.CORRECTION_DELIVERY] = (row.delivery_minor, currency, None)
            expected[row.id, Kind.CORRECTION_TURNOVER] = (row.items_minor, currency, None)
            expected[row.id, Kind.CORRECTION_COMMISSION] = (row.commission_minor, currency, vat)
            expected[row.id, Kind.CORRECTION_COMMISSION_VAT] = (row.commission_vat_minor, currency, vat)
        owed: Counter[str] = Counter()
        for refund, came_back in self._paid():
            amount, paid = (refund.amount_minor, refund.currency, None), refund.state == Refund.State.CONFIRMED
            sources = [refund.id, *came_back][: len(came_back) + paid]  # Paid again after it came back.
            expected |= {(source, Kind.REFUND_PAID.value): amount for source in sources}
            expected |= {(source, Kind.REFUND_BOUNCED.value): amount for source in came_back}
            owed[refund.currency] += 0 if paid else refund.amount_minor
        expected |= self._restored()
        expected = {key: value for key, value in expected.items() if value[0]}
        balance: Counter[str] = Counter()
        transfers = Transfer.objects.filter(seller_id=self.seller.id).exclude(
            kind__in=[*claims.SALE_KINDS, *claims.OF_INVOICES]
        )
        for transfer in transfers.iterator():
            name = f"transfer {transfer.kind} of {transfer.source_id}"
            wanted = expected.pop((transfer.source_id, transfer.kind), None)
            as_charged = transfer.vat or (wanted[2] if wanted else None)  # Those of before had none.
            booked = (transfer.amount_minor, transfer.currency, as_charged)
            yield from self._differ(f"{name}: amount and VAT", wanted, booked)
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
        """Return each refund with the ids of its bounces, in their order."""
        bounces: dict[UUID, list[UUID]] = defaultdict(list)
        for bounce in RefundBounce.objects.filter(seller_id=self.seller.id).order_by("refund_id", "number"):
            bounces[bounce.refund_id].append(bounce.id)
        for refund in Refund.objects.filter(seller_id=self.seller.id):
            yield refund, bounces[refund.id]

    def _restored(self) -> dict[tuple[UUID, str], _Booked]:
        """Return the expected transfers of paid restorations."""
        expected: dict[tuple[UUID, str], _Booked] = {}
        paid = Restoration.objects.filter(seller_id=self.seller.id, state=Restoration.State.RECEIVED)
        received = {row.id: row for row in paid}
        for restoration in received.values():
            expected[restoration.id, Kind.RESTORED_DELIVERY] = (restoration.delivery_minor, restoration.currency, None)
        parts = RestorationLine.objects.filter(seller_id=self.seller.id, restoration_id__in=list(received))
        for part in parts.select_related("write_off_line"):
            currency, vat = received[part.restoration_id].currency, part.write_off_line.commission_vat
            expected[part.id, Kind.RESTORED_TURNOVER] = (part.refund_minor, currency, None)
            expected[part.id, Kind.RESTORED_COMMISSION] = (part.commission_minor, currency, vat)
            expected[part.id, Kind.RESTORED_COMMISSION_VAT] = (part.commission_vat_minor, currency, vat)
        return expected

    def _sale_differences(self) -> Iterator[Difference]:
        """Compare what was handed over and not returned with the booked sales, and these with their transfers."""
        yield from self._contradictions(claims.SALES_OF_ORDERS, claims.COMMISSION_AT_RATES_OF_ITEMS)
        yield from self._contradictions(claims.TRANSFERS_OF_SALES, sides=claims.SIDES_OF_SALES)

    def _invoice_differences(self) -> Iterator[Difference]:
        """Compare every sales invoice with its transfers, the transfers that it books, and its place in the series."""
        yield from self._contradictions(
            *(claims.LINES_OF_INVOICES, claims.TOTALS_OF_INVOICES, claims.BALANCES_OF_ACCOUNTS),
            kinds=claims.INVOICE_KINDS,
        )
        yield from self._contradictions(claims.TRANSFERS_OF_INVOICES, sides=claims.SIDES_OF_INVOICES)
        yield from self._contradictions(claims.SEQUENCE_OF_INVOICES, claims.CLOSING_BALANCES)
        invoices = SalesInvoice.objects.filter(seller_id=self.seller.id, exchange_rate__isnull=False)
        for invoice in invoices:
            assert invoice.exchange_rate is not None
            national = invoice.national_currency
            vat_minor = converted(invoice.vat_minor, invoice.currency, national, invoice.exchange_rate)
            what = f"sales invoice {invoice.number}: its VAT in {national}"
            yield from self._differ(what, vat_minor, invoice.national_vat_minor)

    def _document_differences(self) -> Iterator[Difference]:
        """Check number series for gaps, what documents and restorations say, and the consents to these."""
        for discrepancy in documents_not_as_announced(self.seller.id):
            yield Difference(self.seller.code, *discrepancy)
        yield from self._contradictions(
            claims.NUMBERS_OF_EVENTS,
            claims.GAPS_IN_NUMBER_SERIES,
            claims.AMOUNTS_OF_CREDIT_NOTES,
            claims.RESTORED_PARTS_OF_LINES,
            claims.FOUND_PARCELS_AND_CONSENTS,
        )

    def _announcement_differences(self) -> Iterator[Difference]:
        """Check that each write-off is on its query's timeline and among the e-mails once."""
        entries = Counter(
            TimelineEntry.objects.filter(seller_id=self.seller.id, kind="write-off.confirmed").values_list(
                "data__number", flat=True
            )
        )
        mailed = Counter(
            Mail.objects.filter(seller_id=self.seller.id, kind="write-off.confirmed").values_list("about_id", flat=True)
        )
        for write_off in self.write_offs.values():
            yield from self._differ(f"write-off {write_off.number}: on its timeline", 1, entries[write_off.number])
            yield from self._differ(f"write-off {write_off.number}: e-mails", 1, mailed[write_off.id])

    def _parcel_differences(self) -> Iterator[Difference]:
        """Check the newest scan of each parcel, and its flags for delivered and written off."""
        yield from self._contradictions(claims.SCANS_AND_FLAGS_OF_PARCELS, **STATUSES)

    def _contradictions(self, *statements: str, **more: Any) -> Iterator[Difference]:
        """Read the rows that contradict some claims."""
        for statement in statements:
            for what, found, expected in fetch(statement, {"seller": self.seller.id, **more}):
                yield from self._differ(what, expected, found)


def _amounts_of_line(line: WriteOffLine | RestorationLine) -> tuple[int, ...]:
    return line.refund_minor, line.commission_minor, line.commission_vat_minor


def _columns(lines: Sequence[WriteOffLine] | Sequence[RestorationLine]) -> list[tuple[int, ...]]:
    """Return the refunds, the commissions and the VAT of lines."""
    return list(zip(*map(_amounts_of_line, lines), strict=True)) or [(), (), ()]
