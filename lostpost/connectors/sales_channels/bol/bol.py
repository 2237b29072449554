"""bol: fetch orders, shipments and returns in steps, each of which may be the last one for now.

bol's pages move while they are read. Orders of a day are read again until a pass brings nothing new; shipments come
newest first, so that what is added between two pages is met twice and nothing is missed; open returns are read until a
pass brings nothing new, and those that have left that list are looked up one by one.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lostpost.connectors.sales_channels.bol.api import PAGES_MAX, BolApi
from lostpost.connectors.sales_channels.bol.records import (
    ReturnRecord,
    ShipmentRecord,
    change_of,
    order_data,
    return_records,
    shipment_record,
)
from lostpost.connectors.sales_channels.platform import (
    ChannelRun,
    Credential,
    FetchedOrder,
    RecordUnreadable,
    SalesPlatform,
)
from lostpost.connectors.sales_channels.reading import instant_of, line_of, number_named
from lostpost.connectors.sales_channels.return_units import units_to_return
from lostpost.connectors.tracking_sources.adapter import member
from lostpost.core.errors import Refused
from lostpost.intake.import_orders import OrderImport
from lostpost.orders.data import ParcelData, ReturnData, ScanData
from lostpost.orders.models import Order, Parcel, Return
from lostpost.sales_channels.models import RefusedRecord
from lostpost.sales_channels.runs import RecordRefusal
from lostpost.sales_channels.watch_shipments import forget_shipments, shipments_to_look_at
from lostpost.tracking.put_numbered_scans import ScanOfNumber
from lostpost.tracking.scan_codes import NO_SCAN, MappedCodes, UnmappedData

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HISTORY = timedelta(days=89)  # bol keeps three months.
OVERLAP = timedelta(hours=2)  # So long after midnight the day before is read once more.
LOOKED_AT_MOST = 100  # Watched shipments of one run.
Steps: TypeAlias = Iterator[Sequence[FetchedOrder]]
Answering: TypeAlias = Generator[Sequence[FetchedOrder], None, bool]


class Bol(SalesPlatform):
    """The bol Retailer API, with the shop's own client id and secret."""

    name = "bol"
    title = "bol"
    credentials = (Credential("client_id", secret=False), Credential("client_secret", secret=True))

    def account(self, credentials: Mapping[str, str]) -> str:
        """Return the client id."""
        return credentials["client_id"]

    def check(self, run: ChannelRun) -> None:
        """Ask for a page of orders."""
        BolApi(run).orders(1)

    def steps(self, run: ChannelRun) -> Steps:
        """Fetch orders that changed, new shipments, watched ones, and returns."""
        fetching = BolRun(run)
        yield from run.stages(
            fetching.changed_orders(),
            fetching.new_shipments("FBR"),
            fetching.new_shipments("FBB"),
            fetching.watched_shipments(),
            fetching.open_returns(),
            fetching.handled_returns(),
        )

    def orders(self, run: ChannelRun, references: Iterable[str]) -> Steps:
        """Fetch orders with their shipments and those of their returns that were refused."""
        fetching = BolRun(run)
        for reference in references:
            returns = fetching.refused_returns(reference)
            yield from fetching.one_order(reference)
            yield from fetching.look_up_returns(returns)


class BolRun:
    """What one run fetches, stage by stage; `run.progress` says where each begins."""

    def __init__(self, run: ChannelRun) -> None:
        self.run = run
        self.api = BolApi(run)
        self.prefix = run.channel.prefix
        self.seller_id = run.channel.seller_id

    # Orders

    def changed_orders(self) -> Steps:
        """Read the orders that changed on each day since the last one that is over."""
        now = self.run.now
        state = self._state("orders", {"day": (now.astimezone(AMSTERDAM) - HISTORY).date().isoformat(), "done": {}})
        today = now.astimezone(AMSTERDAM).date()
        over = (now - OVERLAP).astimezone(AMSTERDAM).date()
        day = date.fromisoformat(state["day"])
        while day <= today:
            yield from self._changed_on(day, state)
            if day < over:
                state["day"] = (day + timedelta(days=1)).isoformat()
                done = state["done"].items()
                state["done"] = {reference: change for reference, change in done if change[:10] > day.isoformat()}
                yield ()
            day += timedelta(days=1)

    def _changed_on(self, day: date, state: dict[str, Any]) -> Steps:
        """Read a day until a pass from the first page to the last has brought nothing new."""
        while True:
            if state.get("reading") != day.isoformat():
                state |= {"reading": day.isoformat(), "page": 1, "news": False}
            filters = {"status": "ALL", "fulfilment-method": "ALL", "latest-change-date": day.isoformat()}
            while state["page"] < PAGES_MAX and (listed := self.api.orders(state["page"], **filters)):
                for each in listed:
                    reference, change = line_of(each, "orderId", 64), change_of(each)
                    if reference and state["done"].get(reference) != change:
                        fetched = self._order(reference, each)
                        state["done"][reference], state["news"] = change, True
                        yield [fetched]
                state["page"] += 1
                yield ()
            state["reading"] = ""
            if not state["news"]:
                return

    def _order(self, reference: str, listed: Mapping[str, Any] | None = None) -> FetchedOrder:
        content = self.api.order(reference)
        number = number_named(self.prefix, reference)
        if content is None:
            return _unreadable("order", number, reference, _("bol does not know the order any more"))
        placed_at = instant_of((listed or {}).get("orderPlacedDateTime"))
        try:
            return FetchedOrder(reference, OrderImport(order_data(content, self.prefix, placed_at)))
        except Refused as refusal:
            return _unreadable("order", number, reference, str(refusal))

    def one_order(self, reference: str) -> Steps:
        """Read an order with its shipments, as one bundle."""
        order = self._order(reference)
        parts = [self._shipment(each, with_order=False) for each in self.api.shipments_of(reference)]
        bundle = OrderImport(
            order.bundle.order,
            parcels=[parcel for part in parts for parcel in part.bundle.parcels],
            scans=[scan for part in parts for scan in part.bundle.scans],
        )
        yield [
            FetchedOrder(
                reference,
                bundle,
                [refusal for part in (order, *parts) for refusal in part.unreadable],
                [each for part in parts for each in part.unmapped],
                is_complete=True,
                shipments=[each for part in parts for each in part.shipments],
            )
        ]

    # Shipments

    def new_shipments(self, method: str) -> Steps:
        """Read shipments, newest first, down to two pages without a new one; the first time to the end."""
        state = self._state("shipments", {}).setdefault(method, {"page": 1, "complete": False})
        state["page"], quiet_pages = state["page"] or 1, 0
        while state["page"] < PAGES_MAX:
            listed = self.api.shipments(state["page"], **{"fulfilment-method": method})
            new = self._unknown(listed)
            for each in new:
                yield [self._shipment(each, with_order=True)]
            quiet_pages = 0 if new else quiet_pages + 1
            if not listed or (state["complete"] and quiet_pages == 2):
                break
            state["page"] += 1
            yield ()
        state |= {"page": None, "complete": True}
        yield ()

    def watched_shipments(self) -> Steps:
        """Ask again about shipments that have not arrived."""
        for watched in shipments_to_look_at(self.run.channel, self.run.now, LOOKED_AT_MOST):
            content = self.api.shipment(watched.reference)
            if content is None:
                forget_shipments(channel=self.run.channel, references=[watched.reference])
            else:
                yield [self._read_shipment(content, watched.reference, watched.reference, with_order=False)]

    def _unknown(self, listed: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return the shipments that are neither stored nor of an order of which something was refused."""
        codes = {number_named(self.prefix, line_of(each, "shipmentId", 64)): each for each in listed}
        stored = set(
            Parcel.objects.filter(seller_id=self.seller_id, code__in=list(codes)).values_list("code", flat=True)
        )
        orders = {line_of(member(each, "order"), "orderId", 64) for each in listed}
        refused = set(self._refused().filter(order_reference__in=orders).values_list("order_reference", flat=True))
        return [
            each
            for code, each in codes.items()
            if code not in stored and line_of(member(each, "order"), "orderId", 64) not in refused
        ]

    def _shipment(self, listed: Mapping[str, Any], *, with_order: bool) -> FetchedOrder:
        reference, order = line_of(listed, "shipmentId", 64), line_of(member(listed, "order"), "orderId", 64)
        content = self.api.shipment(reference) if reference else None
        if content is None:
            code = number_named(self.prefix, reference)
            return _unreadable("parcel", code, order, _("bol does not know the shipment any more"))
        return self._read_shipment(content, reference, order, with_order=with_order)

    def _read_shipment(
        self, content: Mapping[str, Any], reference: str, order: str, *, with_order: bool
    ) -> FetchedOrder:
        try:
            order = line_of(member(content, "order"), "orderId", 64) or order
            record = shipment_record(content, self.prefix, self.run.carriers, self.run.now)
        except Refused as refusal:
            return _unreadable("parcel", number_named(self.prefix, reference), order, str(refusal))
        parcel = self._not_less_than_before(record)
        scans, unmapped = self._with_codes(parcel, record.scans, record.unknown_events)
        head = None
        if with_order and not self._has_order(parcel.order_number):
            fetched = self._order(order)
            if fetched.unreadable:
                return fetched
            head = fetched.bundle.order
        bundle = OrderImport(head, parcels=[parcel], scans=scans)
        return FetchedOrder(order, bundle, unmapped=unmapped, shipments=[(reference, parcel.code)])

    def _not_less_than_before(self, record: ShipmentRecord) -> ParcelData:
        """Keep what is stored of a parcel where bol says less than before: fields vanish from answers and come back."""
        parcel = record.parcel
        row = Parcel.objects.filter(seller_id=self.seller_id, code=parcel.code).first()
        if row is None:
            return parcel
        return replace(
            parcel,
            shipping_method=row.shipping_method if parcel.shipping_method == "unknown" else parcel.shipping_method,
            shipped_at=parcel.shipped_at if record.hand_over_known else row.shipped_at,
            carrier=parcel.carrier or row.carrier,
            tracking_number=parcel.tracking_number or row.tracking_number,
        )

    def _with_codes(
        self, parcel: ParcelData, scans: Sequence[ScanData], unknown: Sequence[ScanData]
    ) -> tuple[list[ScanData], list[UnmappedData]]:
        """Add the events whose codes the operator has mapped; the others wait for that, by their number."""
        mapped, known, waiting = MappedCodes(Bol.name), list(scans), []
        for scan in unknown:
            status = mapped.status(parcel.carrier, scan.code)
            if status is None and parcel.tracking_number:
                without_parcel = ScanData("", scan.scanned_at, "", code=scan.code)
                waiting.append(UnmappedData(ScanOfNumber(parcel.tracking_number, without_parcel), parcel.carrier))
            elif status not in (None, NO_SCAN):
                known.append(ScanData(scan.parcel, scan.scanned_at, status or "", code=scan.code))
        return known, waiting

    def _has_order(self, number: str) -> bool:
        return Order.objects.filter(seller_id=self.seller_id, number=number).exists()

    # Returns

    def open_returns(self) -> Steps:
        """Read open returns until a pass brings nothing new, and look up those that have left the list."""
        state = self._state("returns", {"page": 1, "news": False})
        complete = state["page"] == 1
        listed_codes: set[str] = set()
        while state["page"] < PAGES_MAX:
            if listed := self.api.returns(state["page"], handled=False):
                for each in listed:
                    for record in return_records(each, self.prefix):
                        listed_codes.add(record.code if isinstance(record, ReturnRecord) else record.reference)
                        state["news"] |= yield from self._return(record)
                state["page"] += 1
                yield ()
                continue
            again, state["news"], state["page"] = state["news"], False, 1
            yield ()
            if not again:
                break
        if complete:
            yield from self._no_longer_open(listed_codes)

    def _no_longer_open(self, listed_codes: set[str]) -> Steps:
        begins = f"{self.prefix}R"
        rows = Return.objects.filter(seller_id=self.seller_id, status="announced", code__startswith=begins)
        yield from self.look_up_returns(set(rows.values_list("code", flat=True)) - listed_codes)

    def refused_returns(self, order: str) -> set[str]:
        """Return our codes of an order's returns that were refused."""
        rows = self._refused().filter(kind="return", order_reference=order)
        return set(rows.values_list("reference", flat=True))

    def look_up_returns(self, codes: Set[str]) -> Steps:
        """Ask for returns one by one."""
        begins = len(self.prefix) + 1
        for reference in sorted({code[begins:].rpartition("-")[0] for code in codes} - {""}):
            for record in return_records(self.api.one_return(reference) or {}, self.prefix):
                if isinstance(record, ReturnRecord) and record.code in codes:
                    yield from self._return(record, again=True)

    def handled_returns(self) -> Steps:
        """Read handled returns, newest first, down to two pages without a new one; the first time to the end."""
        state = self._state("handled", {"page": 1, "complete": False})
        state["page"], quiet_pages = state["page"] or 1, 0
        while state["page"] < PAGES_MAX:
            listed = self.api.returns(state["page"], handled=True)
            news = False
            for each in listed:
                for record in return_records(each, self.prefix):
                    news |= yield from self._return(record)
            quiet_pages = 0 if news else quiet_pages + 1
            if not listed or (state["complete"] and quiet_pages == 2):
                break
            state["page"] += 1
            yield ()
        state |= {"page": None, "complete": True}
        yield ()

    def _return(self, record: ReturnRecord | RecordRefusal, *, again: bool = False) -> Answering:
        """Store one line of a return, with its order where that is not here yet; say whether it is new or changed.

        Args: `again`: also if it was refused before.
        """
        code = record.code if isinstance(record, ReturnRecord) else record.reference
        is_refused = not again and self._refused().filter(kind="return", reference=code).exists()
        if isinstance(record, RecordRefusal):
            if not is_refused:
                yield [FetchedOrder(record.order_reference, unreadable=[record])]
            return not is_refused
        row = Return.objects.filter(seller_id=self.seller_id, code=code).first()
        if is_refused or (row and row.status == record.status):
            return False
        number = number_named(self.prefix, record.order_reference)
        if not self._has_order(number):
            yield from self.one_order(record.order_reference)
        of_item = Q(order_item__sku=record.ean)
        try:
            units = units_to_return(
                seller_id=self.seller_id, order=number, of_item=of_item, quantity=record.quantity, code=code
            )
        except RecordUnreadable as unreadable:
            yield [_unreadable("return", code, record.order_reference, str(unreadable))]
        else:
            data = ReturnData(code, number, record.status.value, units)
            yield [FetchedOrder(record.order_reference, OrderImport(returns=[data]))]
        return True

    def _refused(self) -> QuerySet[RefusedRecord]:
        return RefusedRecord.objects.filter(seller_id=self.seller_id, channel_id=self.run.channel.id)

    def _state(self, name: str, initial: dict[str, Any]) -> dict[str, Any]:
        state: dict[str, Any] = self.run.progress.setdefault(name, initial)
        return state


def _unreadable(kind: str, reference: str, order: str, reason: str) -> FetchedOrder:
    return FetchedOrder(order, unreadable=[RecordRefusal(kind, reference, order, reason)])
