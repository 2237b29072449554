"""Check the gathered rows: each order by itself and with its parcels, returns and scans, before anything is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from lostpost.accounts.put_seller import SellerData, seller_problems
from lostpost.core.text import quoted
from lostpost.imports.columns import CUSTOMER_INVOICE, ORDERS, PARCELS, RETURNS
from lostpost.imports.drafts import Draft, DraftsByName
from lostpost.imports.gather import Gathering, gather, import_files
from lostpost.imports.problem import CellPlace, RowProblems
from lostpost.intake.import_orders import Kind, OrderImport
from lostpost.orders.data import CustomerInvoiceData, ItemData, OrderData, ParcelData, ReturnData, UnitData
from lostpost.orders.models import Return
from lostpost.orders.problems import (
    invoiced_item_problems,
    item_problems,
    new_value_problems,
    order_head_problems,
    parcel_head_problems,
    return_head_problems,
    scan_problems,
    unit_problems,
)


@dataclass(frozen=True, slots=True)
class OrderRows:
    """A bundle, and the place of each of its records in the files."""

    bundle: OrderImport
    places: Mapping[Kind, list[CellPlace]]
    name: str  # As messages say it: “order 1007 of lampenhuis”.

    @property
    def records(self) -> int:
        """The number of its records."""
        return sum(len(places) for places in self.places.values())


@dataclass(slots=True)
class ShopRows:
    """All lots of one seller; `data` is what the files say of the seller, where they do."""

    code: str
    place: CellPlace
    data: SellerData | None
    lots: list[OrderRows] = field(default_factory=list)


@dataclass(slots=True)
class CheckedFiles:
    """The valid rows, shop by shop, the problems, and the rows that are left out because of them."""

    shops: dict[str, ShopRows] = field(default_factory=dict)
    problems: RowProblems = field(default_factory=RowProblems)
    left_out: list[OrderRows] = field(default_factory=list)

    @property
    def lots(self) -> Iterator[OrderRows]:
        """Every lot that may go in."""
        return (lot for shop in self.shops.values() for lot in shop.lots)


def check_files(paths: Iterable[Path], *, now: datetime) -> CheckedFiles:
    """Read and check all files, without the database.

    Raises: Unreadable if a file cannot be read row by row: then none can be trusted, as they belong together.
    """
    gathering = gather(import_files(paths))
    checked = CheckedFiles(problems=gathering.problems)
    _check_sellers(gathering, checked)
    for draft in gathering.all_drafts():
        lot = _Check(gathering, draft, checked.problems, now).lot()
        if draft.wrong or draft.seller in gathering.wrong_sellers:
            checked.left_out.append(lot)
        else:
            checked.shops.setdefault(draft.seller, ShopRows(draft.seller, draft.place, None)).lots.append(lot)
    return checked


def _check_sellers(gathering: Gathering, checked: CheckedFiles) -> None:
    for code, (place, data) in gathering.sellers.items():
        problems = list(seller_problems(data))
        for text in problems:
            checked.problems.add(place, text)
        if problems:
            gathering.wrong_sellers.add(code)
        elif code not in gathering.wrong_sellers:
            checked.shops[code] = ShopRows(code, place, data)
    for draft in list(gathering.all_drafts()):
        if draft.seller not in gathering.sellers and draft.seller not in gathering.wrong_sellers:
            data = SellerData(code=draft.seller, name=draft.seller)
            if problems := list(seller_problems(data)):
                checked.problems.add(draft.place, "; ".join(problems))
                gathering.wrong_sellers.add(draft.seller)


class _Check:
    """One draft under judgement."""

    def __init__(self, gathering: Gathering, draft: Draft, problems: RowProblems, now: datetime) -> None:
        self.gathering = gathering
        self.draft = draft
        self.problems = problems
        self.now = now
        self.items: dict[str, ItemData] = {}
        self.shipped: Counter[str] = Counter()
        self.returned: Counter[tuple[str, str]] = Counter()

    def lot(self) -> OrderRows:
        """Make the lot of the draft, and note everything that is wrong with it."""
        draft = self.draft
        bundle = OrderImport(
            order=self.order(draft.order) if draft.order else None,
            parcels=[self.parcel(code, things) for code, things in draft.parcels.items()],
            returns=[self.a_return(code, things) for code, things in draft.returns.items()],
            scans=[scan for _place, scan in draft.scans],
        )
        for place, scan in draft.scans:
            self.note(place, scan_problems(scan, self.now))
        places: dict[Kind, list[CellPlace]] = {
            "order": [draft.order.place] if draft.order else [],
            "parcel": [things.place for things in draft.parcels.values()],
            "return": [things.place for things in draft.returns.values()],
            "scan": [place for place, _scan in draft.scans],
        }
        return OrderRows(bundle, places, draft.name)

    def order(self, things: DraftsByName) -> OrderData:
        """Make the order."""
        self.items = {item.item: item for _place, item in things.items.values()}
        head = dict(zip(ORDERS.head, things.head, strict=True))
        invoice = self._customer_invoice(things, head)
        items = list(self.items.values())
        order = OrderData(number=self.draft.order_number, items=items, customer_invoice=invoice, **head)
        self.note(things.place, order_head_problems(order, self.now))
        self.note(things.place, new_value_problems(order))
        for place, item in things.items.values():
            self.note(place, item_problems(item))
            self.note(place, invoiced_item_problems(invoice, item))
        return order

    def _customer_invoice(self, things: DraftsByName, head: dict[str, Any]) -> CustomerInvoiceData | None:
        """Take what the head says of the customer's invoice out of it."""
        given = {name: head.pop(name) for name in ORDERS.head if name.startswith(CUSTOMER_INVOICE)}
        if not any(given.values()):
            return None
        if missing := [
            name for name in (f"{CUSTOMER_INVOICE}number", f"{CUSTOMER_INVOICE}issued_on") if not given[name]
        ]:
            wanted = " and ".join(missing)
            self.note(things.place, [f"{wanted} must be filled in where the customer got an invoice"])
            return None
        return CustomerInvoiceData(**{name.removeprefix(CUSTOMER_INVOICE): value for name, value in given.items()})

    def parcel(self, code: str, things: DraftsByName) -> ParcelData:
        """Make one of its parcels; what lies in all of them must have been ordered."""
        head = dict(zip(PARCELS.head, things.head, strict=True))
        parcel = ParcelData(code=code, units=[unit for _place, unit in things.items.values()], **head)
        self.note(things.place, parcel_head_problems(parcel, self.now))
        for place, unit in things.items.values():
            self.note(place, unit_problems(unit))
            if self.draft.order:
                self.note(place, self.packing_problems(unit))
        return parcel

    def packing_problems(self, unit: UnitData) -> Iterator[str]:
        """Say if these units were not ordered."""
        item = self.items.get(unit.item)
        if item is None:
            yield f"order {quoted(self.draft.order_number)} has no item “{quoted(unit.item)}”; name it as in the order"
            return
        self.shipped[unit.item] += unit.quantity
        if self.shipped[unit.item] > (most := item.quantity - item.quantity_cancelled):
            yield (
                f"with this row {self.shipped[unit.item]} units of item “{quoted(unit.item)}” are in parcels, and "
                f"{most} are ordered and not cancelled; correct one or the other"
            )

    def a_return(self, code: str, things: DraftsByName) -> ReturnData:
        """Build one of its returns; its units must have been sent, as far as the files say."""
        head = dict(zip(RETURNS.head, things.head, strict=True))
        data = ReturnData(code=code, units=[unit for _place, unit in things.items.values()], **head)
        self.note(things.place, return_head_problems(data))
        for place, unit in things.items.values():
            self.note(place, unit_problems(unit))
            self.note(place, self.return_problems(unit, counts=data.status != Return.Status.CANCELLED))
        return data

    def return_problems(self, unit: UnitData, *, counts: bool) -> Iterator[str]:
        """Yield a problem if these units were not sent in that parcel; a parcel that is not in the files passes."""
        owner = self.gathering.owner(PARCELS, self.draft.seller, unit.parcel)
        if owner and owner is not self.draft:
            yield f"parcel “{quoted(unit.parcel)}” is of order {quoted(owner.order_number)}; correct one or the other"
        if unit.parcel not in self.draft.parcels:
            return
        sent = self.draft.parcels[unit.parcel].items.get((unit.item,))
        if sent is None:
            yield f"parcel “{quoted(unit.parcel)}” holds no item “{quoted(unit.item)}”; name it as in the parcel"
            return
        self.returned[unit.parcel, unit.item] += unit.quantity * counts
        if self.returned[unit.parcel, unit.item] > sent[1].quantity:
            yield (
                f"with this row {self.returned[unit.parcel, unit.item]} units of item “{quoted(unit.item)}” come back, "
                f"and {sent[1].quantity} are in parcel “{quoted(unit.parcel)}”; correct one or the other"
            )

    def note(self, place: CellPlace, problems: Iterable[str]) -> None:
        """Add problems, which keep the draft out."""
        for text in problems:
            self.problems.add(place, text)
            self.draft.wrong = True
