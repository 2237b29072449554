"""Read the rows of all files and gather them by order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from lostpost.accounts.put_seller import SellerData
from lostpost.core.text import quoted
from lostpost.imports.columns import FORMATS, ORDERS, PARCELS, RETURNS, SELLERS, Format
from lostpost.imports.drafts import Draft, DraftsByName
from lostpost.imports.problem import CellPlace, RowProblems, Unreadable
from lostpost.imports.progress import Progress
from lostpost.imports.read_cells import Values, read_cells
from lostpost.imports.table import open_table
from lostpost.orders.data import ItemData, ScanData, UnitData


class StrayRow(NamedTuple):
    """An unreadable row: its cells may name the order; if not, it may be that of a row beside it."""

    kind: Format
    cells: set[str]
    beside: list[Draft]


class Gathering:
    """The content of the files by seller and order. Problems are in `problems`, and mark their draft."""

    def __init__(self) -> None:
        self.problems = RowProblems()
        self.sellers: dict[str, tuple[CellPlace, SellerData]] = {}
        self.wrong_sellers: set[str] = set()
        self.drafts: dict[str, dict[str, Draft]] = defaultdict(dict)  # By seller and order number.
        self.loose: dict[str, dict[str, Draft]] = defaultdict(dict)  # By seller and parcel: its order is unknown.
        self._owners: dict[tuple[str, str, str], Draft] = {}  # Of parcels and returns: names are unique in a shop.
        self._strays: list[StrayRow] = []
        self._words: dict[str, str] = {}  # Equal words are stored once: most of a large file is repetition.

    def read(self, path: Path) -> None:
        """Read one file. Raises Unreadable."""
        with open_table(path) as table, Progress(f"Reading {path.name}") as shown_progress:
            take = {
                "sellers": self._seller,
                "orders": self._order_row,
                "parcels": self._parcel_row,
                "returns": self._return_row,
                "scans": self._scan_row,
            }[table.format.name]
            before: Draft | None = None
            strays: list[StrayRow] = []
            for row in table.rows:
                shown_progress.advance()
                place = CellPlace(table.path, row.line)
                values, valid = read_cells(table, row, self.problems, self._words)
                draft = take(values, place) if valid else self._about(table.format, values, place)
                if draft:
                    draft.wrong = draft.wrong or not valid
                    for stray in strays:
                        stray.beside.append(draft)
                    strays = []
                elif not valid:
                    strays.append(
                        StrayRow(table.format, {cell.strip() for cell in row.cells}, [before] if before else [])
                    )
                    self._strays.append(strays[-1])
                before = draft or before

    def owner(self, thing: Format, seller: str, name: str) -> Draft | None:
        """Return the draft that has this parcel or return."""
        return self._owners.get((thing.name, seller, name))

    def settle(self) -> None:
        """Mark every order that an unreadable row may be about: it might be stored incompletely."""
        by_name: dict[str, list[Draft]] = defaultdict(list)
        for draft in self.all_drafts() if self._strays else ():
            for name in (draft.order_number, *draft.parcels, *draft.returns, *(scan.parcel for _, scan in draft.scans)):
                by_name[name].append(draft)
        for stray in self._strays:
            sellers = stray.cells & self.drafts.keys()
            if stray.kind is SELLERS:
                self.wrong_sellers |= sellers
                continue
            named = [draft for cell in stray.cells - {""} for draft in by_name.get(cell, ())]
            for wrong in [draft for draft in named if not sellers or draft.seller in sellers] or stray.beside:
                wrong.wrong = True
        self._strays.clear()
        self._words.clear()

    def all_drafts(self) -> Iterable[Draft]:
        """Return every draft, seller by seller."""
        for seller in dict.fromkeys([*self.drafts, *self.loose]):
            yield from self.drafts.get(seller, {}).values()
            yield from self.loose.get(seller, {}).values()

    # One row

    def _about(self, kind: Format, values: Values, place: CellPlace) -> Draft | None:
        """Return the draft that an invalid row is about, if that much can be read of it."""
        seller, number, parcel = (values.get(name) for name in ("seller", "order_number", "parcel"))
        if seller and kind is SELLERS:
            self.wrong_sellers.add(seller)
        if seller and number:
            return self._draft(seller, number, place)
        if seller and parcel:
            return self._draft_of_parcel(seller, parcel, place)
        return None

    # One row of each kind

    def _seller(self, values: Values, place: CellPlace) -> Draft | None:
        code = values.pop("seller")
        if code in self.sellers:
            earlier = self.sellers[code][0]
            self.problems.add(place, f"seller “{quoted(code)}” stands here and in {earlier}; keep one of the rows")
            self.wrong_sellers.add(code)
        else:
            self.sellers[code] = place, SellerData(code=code, **values)
        return None

    def _order_row(self, values: Values, place: CellPlace) -> Draft:
        draft = self._draft(values["seller"], values["order_number"], place)
        if draft.order is None:
            draft.order = DraftsByName(place, _head(ORDERS, values))
        self._same_head(ORDERS, draft, draft.order, values, place, named=draft.order_number)
        names = ("item", "sku", "title", "quantity", "quantity_cancelled", "paid_minor", "commission_minor")
        rate_bp = values["vat_rate_bp"]
        item = ItemData(**{name: values[name] for name in names}, vat_rate_bp=None if rate_bp == "" else rate_bp)
        advice = "give each line of the order its own name"
        self._add_item(draft, draft.order, (item.item,), item, place, advice)
        return draft

    def _parcel_row(self, values: Values, place: CellPlace) -> Draft:
        unit = UnitData(values["item"], values["quantity"])
        return self._unit_row(PARCELS, values, place, unit)

    def _return_row(self, values: Values, place: CellPlace) -> Draft:
        unit = UnitData(values["item"], values["quantity"], values["parcel"])
        return self._unit_row(RETURNS, values, place, unit)

    def _unit_row(self, kind: Format, values: Values, place: CellPlace, unit: UnitData) -> Draft:
        """Read a row of a parcel or of a return."""
        seller, name = values["seller"], values[kind.thing]
        draft = self._draft(seller, values["order_number"], place)
        owner = self._owners.setdefault((kind.name, seller, name), draft)
        if owner is not draft:
            self.problems.add(
                place,
                f"{kind.thing} “{quoted(name)}” is of order {quoted(values['order_number'])} here and of order "
                f"{quoted(owner.order_number)} before; a {kind.thing} belongs to one order",
            )
            draft.wrong = owner.wrong = True
            return draft
        of_kind = draft.parcels if kind is PARCELS else draft.returns
        things = of_kind.setdefault(name, DraftsByName(place, _head(kind, values)))
        self._same_head(kind, draft, things, values, place, named=name)
        key = (unit.parcel, unit.item) if unit.parcel else (unit.item,)
        self._add_item(draft, things, key, unit, place, "add the quantities up in one row")
        return draft

    def _scan_row(self, values: Values, place: CellPlace) -> Draft:
        values["scanned_at"] = values.pop("occurred_at")
        draft = self._draft_of_parcel(values.pop("seller"), values["parcel"], place)
        draft.scans.append((place, ScanData(**values)))
        return draft

    # Shared

    def _draft(self, seller: str, number: str, place: CellPlace) -> Draft:
        of_seller = self.drafts[seller]
        if (draft := of_seller.get(number)) is None:
            draft = of_seller[number] = Draft(seller, number, place)
        return draft

    def _draft_of_parcel(self, seller: str, parcel: str, place: CellPlace) -> Draft:
        if draft := self.owner(PARCELS, seller, parcel):
            return draft
        of_seller = self.loose[seller]
        if (draft := of_seller.get(parcel)) is None:
            draft = of_seller[parcel] = Draft(seller, "", place, parcel)
        return draft

    def _same_head(
        self, kind: Format, draft: Draft, things: DraftsByName, values: Values, place: CellPlace, *, named: str
    ) -> None:
        """Check that all rows of one thing agree about it."""
        for name, before, here in zip(kind.head, things.head, _head(kind, values), strict=True):
            if before != here:
                self.problems.add(
                    place,
                    f"{name} is “{quoted(str(here))}” here and “{quoted(str(before))}” in {things.place}; all rows of "
                    f"{kind.thing} “{quoted(named)}” must say the same",
                )
                draft.wrong = True

    def _add_item(
        self,
        draft: Draft,
        things: DraftsByName,
        key: tuple[str, ...],
        item: ItemData | UnitData,
        place: CellPlace,
        advice: str,
    ) -> None:
        if key in things.items:
            earlier = things.items[key][0]
            self.problems.add(place, f"item “{quoted(item.item)}” stands here and in {earlier}; {advice}")
            draft.wrong = True
            return
        things.items[key] = place, item


def gather(paths: Iterable[Path]) -> Gathering:
    """Read the files, those that others refer to first.

    Raises: Unreadable with the first file that cannot be read row by row.
    """
    gathering = Gathering()
    for path in in_order(paths):
        gathering.read(path)
    gathering.settle()
    return gathering


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Order the files by what they hold. Raises Unreadable."""
    kinds = {}
    for path in paths:
        with open_table(path) as table:
            kinds[path] = FORMATS.index(table.format)
    return sorted(kinds, key=kinds.__getitem__)


def import_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files that the paths name, each once: of a folder, those with the names of the formats.

    Raises: Unreadable if there is nothing.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        inside = [path / f"{kind.name}.csv" for kind in FORMATS] if path.is_dir() else [path]
        there = [file for file in inside if file.exists()]
        if not there:
            names = ", ".join(file.name for file in inside)
            text = f"the folder holds none of {names}" if path.is_dir() else "there is no such file or folder"
            raise Unreadable(str(path), 1, text)
        for file in there:
            files.setdefault(file.resolve(), file)
    return list(files.values())


def _head(kind: Format, values: Values) -> tuple[Any, ...]:
    return tuple(values[name] for name in kind.head)
