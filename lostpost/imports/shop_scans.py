"""A file of scans that a member of a shop sends on a page: read, checked row by row, and put in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor, require_writer
from lostpost.accounts.sections import Section
from lostpost.core.text import compact_form
from lostpost.eligibility.facts import FUTURE_TOLERANCE
from lostpost.imports.columns import SCANS, Column, Format
from lostpost.imports.problem import CellPlace, RowProblem, RowProblems, Unreadable
from lostpost.imports.read_cells import Values, read_cells
from lostpost.imports.table import SentFile, open_table
from lostpost.orders.data import ScanData
from lostpost.orders.models import Parcel
from lostpost.orders.problems import scan_problems
from lostpost.tracking.enter_scan import ScanAhead
from lostpost.tracking.enter_scans import enter_scans
from lostpost.tracking.match_scans import NumberAmbiguous, NumberedScan, parcels_of_numbers
from lostpost.tracking.put_numbered_scans import ANY_PARCEL
from lostpost.tracking.unmatched_scans import UnmatchedData, keep_unmatched_scans

ROWS_MAX = 5_000
BYTES_MAX = 1024 * 1024


class _SentScan(NamedTuple):
    """A row: its parcel is named by the shop's own name, or else by its Track & Trace number."""

    line: int
    scan: ScanData
    tracking_number: str


@dataclass(slots=True)
class ShopScansReport:
    """What became of a file, row by row where anything is wrong.

    `waiting` are lines whose parcel is not there yet; `left_out` counts the rows of each parcel of which one is wrong.
    """

    rows: int = 0
    new: int = 0
    known: int = 0
    waiting: list[int] = field(default_factory=list)
    problems: RowProblems = field(default_factory=RowProblems)
    left_out: Counter[str] = field(default_factory=Counter)

    def first_problems(self, most: int) -> list[RowProblem]:
        """Return the first problems, in the order of the file."""
        return sorted(self.problems.first)[:most]


def put_shop_scans(*, file: SentFile, by: Actor, now: datetime) -> ShopScansReport:
    """Put in the scans of a shop's file, each parcel's all or none; doing it again changes nothing.

    Raises: Unreadable if the file cannot be read row by row, or is too large: nothing went in. ReadOnly.
    """
    require_writer(by, Section.QUERIES)
    rows = _ShopRows(by, now)
    rows.read(file)
    report = rows.report
    named = rows.named()
    while named:
        outcome = enter_scans(scans=[each.scan for each in named], by=by, now=now)
        if not outcome.rejected:
            report.new, report.known = outcome.new, outcome.known
            for at in outcome.unmatched:
                rows.wait(named[at])
            break
        for at, refusal in outcome.rejected.items():
            rows.refuse(named[at], [str(refusal)])
        named = rows.kept(named)
    keep_unmatched_scans(scans=rows.unmatched, now=now)
    report.waiting = sorted(set(report.waiting))
    return report


class _ShopRows:
    """The rows of one file, and which parcels stay out."""

    def __init__(self, by: Actor, now: datetime) -> None:
        self.by = by
        self.now = now
        self.report = ShopScansReport()
        self.sent: list[_SentScan] = []
        self.wrong: set[str] = set()  # Parcels and numbers, in the form in which they are compared.
        self.unmatched: list[UnmatchedData] = []
        self.file = ""

    def read(self, file: SentFile) -> None:
        """Read and check all rows, without the database. Raises Unreadable."""
        self.file = file.name
        if len(file.content) > BYTES_MAX:
            sentence = _("the file is larger than %(n)d KB; send it in parts") % {"n": BYTES_MAX // 1024}
            raise Unreadable(file.name, 1, sentence)
        words: dict[str, str] = {}
        before, after_stray = "", False
        with open_table(file, formats=[_format(self.by.seller.code)]) as table:
            for row in table.rows:
                self.report.rows += 1
                if self.report.rows > ROWS_MAX:
                    sentence = _("the file has more than %(n)d rows; send it in parts") % {"n": ROWS_MAX}
                    raise Unreadable(file.name, row.line, sentence)
                values, valid = read_cells(table, row, self.report.problems, words)
                name = compact_form(values.get("parcel") or values.get("tracking_number") or "")
                if not valid:  # It may be about any parcel that it names; about those beside it where it names none.
                    self.wrong |= {name} if name else {compact_form(cell) for cell in row.cells} | {before}
                elif name:
                    self._check(row.line, values)
                if name and after_stray:
                    self.wrong.add(name)
                before, after_stray = name or before, not valid and not name
        self.wrong.discard("")

    def _check(self, line: int, values: Values) -> None:
        """Judge a row that names a parcel, and keep it if it is sound."""
        number = "" if values["parcel"] else values["tracking_number"]
        content = {name: values[name] for name in ("status", "code", "text", "location", "id")}
        scan = ScanData(values["parcel"], values["occurred_at"], **content)
        each = _SentScan(line, scan, number)
        if values["seller"] != self.by.seller.code:
            self.refuse(each, [_("the seller is another one than this shop; leave the column out")])
            return
        problems = list(scan_problems(replace(scan, parcel=ANY_PARCEL) if number else scan, self.now))
        if scan.scanned_at > self.now + FUTURE_TOLERANCE:
            problems = [str(ScanAhead.sentence)]
        if problems:
            self.refuse(each, problems)
        else:
            self.sent.append(each)

    def refuse(self, each: _SentScan, problems: Iterable[str]) -> None:
        """Note what is wrong with a row, whose parcel stays out."""
        for text in problems:
            self.report.problems.add(CellPlace(self.file, each.line), text)
        self.wrong.add(compact_form(each.scan.parcel or each.tracking_number))

    def wait(self, each: _SentScan) -> None:
        """Keep a scan until its parcel comes."""
        self.report.waiting.append(each.line)
        self.unmatched.append(UnmatchedData(each.scan, self.by.seller_id, tracking_number=each.tracking_number))

    def named(self) -> list[_SentScan]:
        """Find the parcels of numbers, and return the scans of parcels that may go in; others wait, or stay out."""
        numbered = [each for each in self.sent if each.tracking_number]
        scans = [NumberedScan("", each.tracking_number, each.scan.scanned_at, each.scan.status) for each in numbered]
        parcels = dict(
            zip(numbered, parcels_of_numbers(scans, seller_id=self.by.seller_id) if scans else (), strict=True)
        )
        self._leave_out_parcels_of_wrong_numbers()
        found: list[_SentScan] = []
        waiting: list[_SentScan] = []
        for each in self.sent:
            names = parcels.get(each, [])
            if isinstance(names, NumberAmbiguous):
                self.refuse(each, [str(names)])
            elif not each.tracking_number:
                found.append(each)
            elif names:
                scan = replace(each.scan, by_number=True)
                found += [each._replace(scan=replace(scan, parcel=name.code)) for name in names]
            else:
                waiting.append(each)
        for each in self.kept(waiting):
            self.wait(each)
        return self.kept(found)

    def kept(self, scans: Sequence[_SentScan]) -> list[_SentScan]:
        """Return the scans of parcels of which no row is wrong; the others are counted."""
        kept = []
        for each in scans:
            names = {compact_form(each.scan.parcel), compact_form(each.tracking_number)}
            if names & self.wrong:
                self.report.left_out[each.tracking_number or each.scan.parcel] += 1
            else:
                kept.append(each)
        return kept

    def _leave_out_parcels_of_wrong_numbers(self) -> None:
        """Leave out by its own name, too, what was named by its number in another row."""
        named = Parcel.objects.filter(seller_id=self.by.seller_id, tracking_number_normalised__in=sorted(self.wrong))
        if self.wrong:
            self.wrong |= {compact_form(code) for code in named.values_list("code", flat=True)}


def _format(seller: str) -> Format:
    """Return the columns of such a file: the seller is known, and a parcel may be named by its number."""
    names = [Column("seller", default=seller), Column("parcel", default=""), Column("tracking_number", default="")]
    return Format("scans", "scan", [*names, *(each for each in SCANS.columns if each.name not in ("seller", "parcel"))])
