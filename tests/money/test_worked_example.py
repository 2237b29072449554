"""The worked example of the documentation, run by the program, and every number of it compared."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Member, Seller
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.intake.put_orders import put_order
from lostpost.intake.put_parcels import put_parcel
from lostpost.invoicing.models import CreditNote, SalesInvoice, SalesInvoiceLine
from lostpost.invoicing.settle_invoice import mark_invoice_paid
from lostpost.jobs.documents import issue_credit_notes_of_order_job
from lostpost.ledger.models import Account, Kind, Transfer
from lostpost.orders.data import CustomerInvoiceData, ItemData, OrderData, ParcelData, UnitData
from lostpost.orders.models import Order, OrderItem
from lostpost.refunds.settle_refund import mark_refund_paid
from lostpost.reporting.sources import Source, sources
from lostpost.reporting.statement import balances
from lostpost.restorations.models import RestorationLine
from lostpost.restorations.restore_payment import restore_payment
from lostpost.sales.models import Sale
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.selection import SelectedUnits
from lostpost.writeoffs.write_off import write_off
from tests.cast import KLAAS, a_query
from tests.invoicing.selling import ZONE, an_invoice, period
from tests.money.books import (
    assert_credit_notes_add_up,
    assert_everything_is_invoiced,
    assert_money_is_right,
    assert_self_checks_agree,
)

ACCOUNTS: dict[str, str] = {
    Account.SELLER: "Seller's current account",
    Account.PAYABLE: "Sales invoices to be paid",
    Account.CUSTOMER: "Refunds owed to customers",
    Account.PROVIDER: "Money at the payment provider",
    Account.COMMISSION: "Commission earned",
    Account.COMMISSION_VAT: "VAT on commission",
}
DOCUMENT = Path(__file__).parents[2] / "docs" / "worked-example.md"
NUMBER = re.compile(r"\d+(?:\.\d+)?")
Table = list[list[str]]
Tables = dict[str, list[Table]]  # By heading.


COUNTRIES = [
    ("Netherlands", "NL", "NL123456789B13"),
    ("Belgium, with a VAT number", "BE", "BE0123456749"),
    ("Germany, with a VAT number", "DE", "DE136695976"),
    ("Belgium, without one", "BE", ""),
    ("China", "CN", ""),
]


def on(day: int, month: int) -> datetime:
    return datetime(2026, month, day, 10, tzinfo=UTC)


def hand_over(seller: Seller) -> None:
    """Take the order in, and its parcel a day later."""
    lines = [ItemData("1", "Desk lamp", 3, 100_00, 12_79), ItemData("2", "Bulb", 1, 10_90, 1_30)]
    order = OrderData("A-1001", on(2, 3), "EUR", "Klaas de Vries", KLAAS, lines, 4_95)
    put_order(seller=seller, order=order, now=on(2, 3))
    parcel = ParcelData("P-1", "A-1001", "own", on(3, 3), [UnitData("1", 3), UnitData("2", 1)], "DPD", "TT-1")
    put_parcel(seller=seller, parcel=parcel, now=on(3, 3))


class Story:
    """The steps of the example, and the records of each step as tables."""

    def __init__(self, anna: Actor, fien: Actor) -> None:
        self.anna, self.fien, self.seller = anna, fien, anna.seller
        self.tables: Tables = {}
        self.balances: Table = []
        self.known: set[UUID] = set()

    def run(self) -> Tables:
        self.sell()
        query = a_query(self.order, self.anna, now=on(9, 3)).number
        first = self.lose(query, [SelectedUnits("P-1", "1", 1)], on(10, 3), "Lost: one lamp")
        self.refund(first, on(12, 3))
        march = self.invoice("2026-03")
        self.pay(march, on(3, 4), "Paid out to the seller")
        second = self.lose(
            query, [SelectedUnits("P-1", "1", 2), SelectedUnits("P-1", "2", 1)], on(8, 4), "Lost: all the rest"
        )
        self.refund(second, on(9, 4))
        self.invoice("2026-04")
        self.restore(second, on(6, 5))
        may = self.invoice("2026-05")
        self.pay(may, on(4, 6), "Paid by the seller")
        self.tables["Balances after each step"] = [self.balances]
        self.tables["The same shop in other countries"] = [[self.elsewhere(*place) for place in COUNTRIES]]
        self.tables["An order in yen"] = in_yen()
        self.tables["A business customer who pays again"] = [business_customer(self.fien)]
        assert_everything_is_invoiced(self.seller)
        assert_self_checks_agree(self.seller)
        return self.tables

    # The steps

    def sell(self) -> None:
        hand_over(self.seller)
        items = OrderItem.objects.filter(seller_id=self.seller.id).order_by("item").select_related("order")
        self.order = items[0].order
        vat = dict(Sale.objects.filter(seller_id=self.seller.id).values_list("item", "commission_vat_minor"))
        rows = [
            [it.title, str(it.quantity), *amounts(it.paid_minor, it.commission_minor, vat[it.item])] for it in items
        ]
        self.tables["The order"] = [[*rows, ["delivery costs", "", *amounts(self.order.delivery_costs_minor), "", ""]]]
        self.note("Handed over to the carrier", on(3, 3))

    def lose(self, query: str, selection: list[SelectedUnits], at: datetime, title: str) -> WriteOff:
        recorded = write_off(query=query, selection=selection, by=self.anna, key=f"write-off-{at:%m%d}", now=at)
        lines = WriteOffLine.objects.filter(seller_id=self.seller.id, write_off_id=recorded.id).select_related(
            "order_item"
        )
        rows = [
            [
                line.order_item.title,
                str(line.quantity),
                *amounts(line.refund_minor, line.commission_minor, line.commission_vat_minor),
            ]
            for line in lines.order_by("order_item__item")
        ]
        if recorded.delivery_refund_minor:
            rows.append(["delivery costs", "", *amounts(recorded.delivery_refund_minor), "", ""])
        fee = [sum(getattr(line, name) for line in lines) for name in ("commission_minor", "commission_vat_minor")]
        self.note(title, at, [*rows, ["**in all**", "", *amounts(recorded.refund_minor, *fee)]])
        return recorded

    def refund(self, write_off: WriteOff, at: datetime) -> None:
        mark_refund_paid(seller_id=self.seller.id, number=write_off.number, reference="BANK-1", by=self.fien, now=at)
        self.note("Refund paid to the customer", at)

    def restore(self, write_off: WriteOff, at: datetime) -> None:
        again = restore_payment(
            seller_id=self.seller.id,
            write_off=write_off.number,
            selection=[SelectedUnits("P-1", "1", 1)],
            consent="One of the lamps came after all, says Klaas.",
            consented_at=at,
            reference="tr_1",
            by=self.fien,
            key="restoration-1",
            now=at,
        )
        (line,) = RestorationLine.objects.filter(seller_id=self.seller.id, restoration_id=again.id)
        row = ["Desk lamp", str(line.quantity)]
        row += amounts(line.refund_minor, line.commission_minor, line.commission_vat_minor)
        self.note("Found: one lamp, paid again", at, [row])

    def invoice(self, name: str) -> SalesInvoice:
        invoice = an_invoice(self.seller, name)
        lines = SalesInvoiceLine.objects.filter(seller_id=self.seller.id, invoice_id=invoice.id).order_by("place")
        rows = [
            [
                line.kind,
                line.vat_category,
                rate(line.vat_rate_bp),
                str(line.transfers),
                *amounts(line.net_minor, line.vat_minor),
            ]
            for line in lines
        ]
        rows.append(["**total**", "", "", "", *amounts(invoice.net_minor, invoice.vat_minor)])
        rows.append(["**total, VAT included**", "", "", "", *amounts(invoice.total_minor), ""])
        if invoice.carried_minor:
            rows.append(["**carried over**", "", "", "", *amounts(invoice.carried_minor), ""])
        rows.append(["**to be paid**", "", "", "", *amounts(invoice.payable_minor), ""])
        taxed = [line for line in lines if line.vat_category == "S"]
        net, vat = sum(line.net_minor for line in taxed), sum(line.vat_minor for line in taxed)
        to_the_cent = sum(line.vat_minor for line in taxed if line.kind != "VAT_ROUNDING")
        exact = f"{Decimal(net) * Decimal('0.0021'):.4f}"
        rounding = [[*amounts(net), exact, *amounts(vat, to_the_cent, vat - to_the_cent)]]
        self.note(f"Sales invoice {invoice.number}", period(name).ends_at, rows, rounding)
        return invoice

    def pay(self, invoice: SalesInvoice, at: datetime, title: str) -> None:
        mark_invoice_paid(seller_id=self.seller.id, number=invoice.number, reference="NL-1", by=self.fien, now=at)
        self.note(title, at)

    def elsewhere(self, title: str, country: str, number: str) -> list[str]:
        """Tell the first steps of a shop in another country, and return its first sales invoice as a row."""
        code = f"shop-{country.lower()}{'-with' * bool(number)}"
        seller = put_seller(seller=SellerData(code, title, country, legal={"vat_number": number}), now=on(1, 3))
        by = Actor.of_member(Member.objects.create(seller=seller, user_id=9, name="Gerda", role="owner"))
        hand_over(seller)
        query = a_query(Order.objects.get(seller_id=seller.id), by, now=on(9, 3)).number
        write_off(query=query, selection=[SelectedUnits("P-1", "1", 1)], by=by, key="write-off-1", now=on(10, 3))
        invoice = an_invoice(seller, "2026-03")
        lines = SalesInvoiceLine.objects.filter(seller_id=seller.id, invoice_id=invoice.id).exclude(vat_category="B")
        ((category, rate_bp),) = set(lines.values_list("vat_category", "vat_rate_bp"))
        net = sum(line.net_minor for line in lines)
        assert_money_is_right(seller)
        assert_self_checks_agree(seller)
        return [title, category, rate(rate_bp), *amounts(net, invoice.vat_minor, invoice.payable_minor)]

    # What the records say of a step

    def note(self, title: str, at: datetime, *tables: Table) -> None:
        """Store the step's own tables, its transfers, and the balances after it."""
        assert_money_is_right(self.seller)
        new = [it for it in Transfer.objects.filter(seller_id=self.seller.id) if it.id not in self.known]
        self.known |= {it.id for it in new}
        known = sources(self.seller.id, [it.source_id for it in new])
        rows = [
            [
                str(Kind(it.kind).label),
                what(known[it.source_id], it),
                ACCOUNTS[it.debit],
                ACCOUNTS[it.credit],
                *amounts(it.amount_minor),
            ]
            for it in new
        ]
        local = at.astimezone(ZONE)
        step = len(self.balances) + 1
        self.tables[f"{step}. {title}, {local.day} {local:%B %Y}"] = [*tables, sorted(rows)]
        standing = {it.account: it.balance_minor for it in balances(self.seller.id)}
        self.balances.append([str(step), *amounts(*(standing.get(account, 0) for account in Account))])


def in_yen() -> list[Table]:
    """Sell three lamps in yen, lose one, and return the lines of the invoice, and its VAT in euros."""
    seller, by = another_shop("shop-yen")
    query = lamps_sent(seller, by, currency="JPY", paid_minor=10_000, commission_minor=1_279)
    write_off(query=query, selection=[SelectedUnits("P-1", "1", 1)], by=by, key="write-off-1", now=on(10, 3))
    invoice = an_invoice(seller, "2026-03", currency="JPY")
    assert invoice.exchange_rate
    lines = SalesInvoiceLine.objects.filter(seller_id=seller.id, invoice_id=invoice.id).order_by("place")
    rows = [[it.kind, it.vat_category, rate(it.vat_rate_bp), str(it.net_minor), str(it.vat_minor)] for it in lines]
    rows.append(["**total**", "", "", str(invoice.net_minor), str(invoice.vat_minor)])
    assert_money_is_right(seller)
    assert_self_checks_agree(seller)
    in_euros = [str(invoice.vat_minor), f"{invoice.exchange_rate:.2f}", *amounts(invoice.national_vat_minor)]
    return [rows, [in_euros]]


def business_customer(fien: Actor) -> Table:
    """Lose three lamps of an invoiced order, let one be paid again and be lost again; return the documents."""
    seller, by = another_shop("shop-b2b")
    customer_invoice = CustomerInvoiceData("2026-0042", on(2, 3).date(), name="Vaak Advies B.V.")
    query = lamps_sent(seller, by, paid_minor=100_00, commission_minor=12_79, customer_invoice=customer_invoice)
    steps = [(1, on(10, 3)), (2, on(11, 3))]
    for units, at in steps:
        selection = [SelectedUnits("P-1", "1", units)]
        lost = write_off(query=query, selection=selection, by=by, key=f"lost-on-{at:%d%m}", now=at)
        mark_refund_paid(seller_id=seller.id, number=lost.number, reference="BANK-1", by=fien, now=at)
    restore_payment(
        seller_id=seller.id,
        write_off=WriteOff.objects.get(seller_id=seller.id, number__endswith="-1").number,
        consent="It came after all.",
        consented_at=on(12, 3),
        reference="tr_1",
        by=fien,
        key="restoration-1",
        now=on(12, 3),
    )
    write_off(query=query, selection=[SelectedUnits("P-1", "1", 1)], by=by, key="lost-again-1", now=on(20, 3))
    issue_credit_notes_of_order_job(seller=str(seller.id), order=str(Order.objects.get(seller_id=seller.id).id))
    assert_money_is_right(seller)
    assert_credit_notes_add_up(seller)
    documents = CreditNote.objects.filter(seller_id=seller.id).order_by("issued_on", "number")
    sums = [
        sum(-getattr(it, name) if it.is_invoice else getattr(it, name) for it in documents)
        for name in ("net_minor", "vat_minor", "total_minor")
    ]
    in_all = ["**credited in all**", "", "", *amounts(*sums)]
    rows = [
        [
            it.number,
            f"{it.issued_on.day} {it.issued_on:%B %Y}",
            it.amends_number,
            *amounts(it.net_minor, it.vat_minor, it.total_minor),
        ]
        for it in documents
    ]
    return [*rows, in_all]


def another_shop(code: str) -> tuple[Seller, Actor]:
    legal = {"vat_number": COUNTRIES[0][2]}
    seller = put_seller(seller=SellerData(code, "Lampenhuis", legal=legal), now=on(1, 3))
    return seller, Actor.of_member(Member.objects.create(seller=seller, user_id=9, name="Gerda", role="owner"))


def lamps_sent(
    seller: Seller, by: Actor, *, paid_minor: int, commission_minor: int, currency: str = "EUR", **order: Any
) -> str:
    """Sell three lamps, hand them over a day later, and return the number of a query about them."""
    line = ItemData("1", "Desk lamp", 3, paid_minor, commission_minor, vat_rate_bp=2100)
    data = OrderData("A-1001", on(2, 3), currency, "Klaas de Vries", KLAAS, [line], **order)
    put_order(seller=seller, order=data, now=on(2, 3))
    parcel = ParcelData("P-1", "A-1001", "own", on(3, 3), [UnitData("1", 3)], "DPD", "TT-1")
    put_parcel(seller=seller, parcel=parcel, now=on(3, 3))
    return a_query(Order.objects.get(seller_id=seller.id), by, now=on(9, 3)).number


def what(source: Source, transfer: Transfer) -> str:
    if source.item:
        return f"{source.quantity} × {source.title}"
    if source.document.startswith("INV-"):
        return source.document
    return "" if transfer.kind == Kind.REFUND_PAID else "delivery costs"


def amounts(*minor: int) -> list[str]:
    return [f"{Decimal(it).scaleb(-2):.2f}" for it in minor]


def rate(bp: int) -> str:
    return f"{bp // 100} %"


def tables_of(text: str) -> Tables:
    """Read the document: under each heading its tables, each without its head."""
    tables_by_heading: Tables = defaultdict(list)
    heading, rows = "", 0
    for line in text.splitlines():
        rows = rows + 1 if line.startswith("|") else 0
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        elif rows == 1:
            tables_by_heading[heading].append([])
        elif rows > 2:
            tables_by_heading[heading][-1].append([cell.strip() for cell in line.strip("|").split("|")])
    return tables_by_heading


def numbers_in_prose(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not line.startswith(("|", "#")):
            yield from NUMBER.findall(re.sub(r"\(decisions/[^)]*\)|\[\d+\]", "", line))


def differences(document: str, expected: Tables) -> list[str]:
    """Return the headings whose tables differ, and the numbers between them that no table has."""
    written = tables_of(document)
    if list(written) != list(expected):
        return ["headings"]
    documented = [
        heading for heading, tables in expected.items() if in_any_order(written[heading]) != in_any_order(tables)
    ]
    cells = [cell for tables in expected.values() for table in tables for row in table for cell in row]
    known = {number for text in (*cells, *expected, f"{on(2, 3):%-d %B %Y}") for number in NUMBER.findall(text)}
    return documented + [number for number in numbers_in_prose(document) if number not in known]


def in_any_order(tables: list[Table]) -> list[Table]:
    """Sort what was booked, the last table of a step: its transfers are of one moment."""
    return [*tables[:-1], sorted(tables[-1])]


@pytest.mark.django_db
def test_every_number_of_the_worked_example_matches_the_records(anna, fien):
    document = DOCUMENT.read_text(encoding="utf-8")

    tables = Story(anna, fien).run()

    assert differences(document, tables) == []
    # And any number that is changed in the document is noticed
    body = document.index("## The order")
    for match in re.finditer(r"\d+\.\d+", document[body:]):
        start, end = body + match.start(), body + match.end()
        changed = f"{document[:start]}{Decimal(match[0]) + 1000}{document[end:]}"
        assert differences(changed, tables), match[0]
