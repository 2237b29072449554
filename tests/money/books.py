"""Assertions about a shop's money that hold at any moment, computed from its records independently of the program.

Credits are positive, as in the ledger: a balance is what the marketplace owes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

from lostpost.accounts.models import Seller
from lostpost.audit.self_check import checked_invoices, checked_months
from lostpost.audit.verify import verify
from lostpost.core.money import exponent, net_of_gross, rounded_rate
from lostpost.invoicing.models import CreditNote, CreditNoteLine, DocumentCounter, SalesInvoice, SalesInvoiceLine
from lostpost.ledger.models import INVOICE_LINES, InvoiceLineKind, Transfer
from lostpost.orders.models import OrderItem, ParcelUnit
from lostpost.refunds.models import Refund
from lostpost.reporting.statement import balances, statement
from lostpost.restorations.models import Restoration, RestorationLine
from lostpost.sales.models import Sale
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from tests.invoicing.selling import assert_explained

EVER = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))


def assert_money_is_right(seller: Seller) -> None:
    """Assert that every balance is explained, nobody gets too much, and every invoice adds up."""
    standing = _standing(seller.id)
    assert {(it.account.value, it.currency): it.balance_minor for it in balances(seller.id) if it.balance_minor} == {
        key: balance for key, balance in standing.items() if balance
    }
    by_currency = Counter[str]()
    for (_account, currency), balance in standing.items():
        by_currency[currency] += balance
    assert not any(by_currency.values()), "what is on one account is missing on another"
    explained = _explained(seller.id)
    assert {key: it for key, it in standing.items() if it} == {key: it for key, it in explained.items() if it}
    assert all(balance >= 0 for (account, _), balance in standing.items() if account in ("customer", "commission"))
    assert_nobody_gets_too_much(seller)
    assert_invoices_add_up(seller)


def assert_self_checks_agree(seller: Seller) -> None:
    """Assert that the published self-check agrees, month by month, and that `verify` has nothing to report."""
    begin, end = EVER
    for month in checked_months(seller_id=seller.id, begin=begin, end=end, zone="Europe/Amsterdam"):
        assert month.agrees, month
    for invoice in checked_invoices(seller_id=seller.id, begin=begin, end=end):
        assert invoice.agrees, invoice
    assert list(verify(seller)) == []


def _standing(seller_id: UUID) -> Counter[tuple[str, str]]:
    by_account = Counter[tuple[str, str]]()
    for transfer in Transfer.objects.filter(seller_id=seller_id):
        by_account[transfer.debit, transfer.currency] -= transfer.amount_minor
        by_account[transfer.credit, transfer.currency] += transfer.amount_minor
    return by_account


class _Explained(Counter[tuple[str, str]]):
    def count(self, currency: str, **amounts: int) -> None:
        for account, amount in amounts.items():
            self[account, currency] += amount


def _explained(seller_id: UUID) -> Counter[tuple[str, str]]:
    """Compute the balance of each account from sales, write-offs, refunds, restorations and invoices alone."""
    explained = _Explained()
    for sale in Sale.objects.filter(seller_id=seller_id):
        fee = {"commission": sale.commission_minor, "commission_vat": sale.commission_vat_minor}
        explained.count(
            sale.currency, provider=-sale.turnover_minor, seller=sale.turnover_minor - sum(fee.values()), **fee
        )
    for line in WriteOffLine.objects.filter(seller_id=seller_id).select_related("write_off"):
        fee = {"commission": -line.commission_minor, "commission_vat": -line.commission_vat_minor}
        explained.count(line.write_off.currency, seller=-line.refund_minor - sum(fee.values()), **fee)
    for write_off in WriteOff.objects.filter(seller_id=seller_id):
        explained.count(write_off.currency, seller=-write_off.delivery_refund_minor)
    for refund in Refund.objects.filter(seller_id=seller_id):
        paid = refund.state == Refund.State.CONFIRMED
        explained.count(refund.currency, **{"provider" if paid else "customer": refund.amount_minor})
    for restored in Restoration.objects.filter(seller_id=seller_id, state=Restoration.State.RECEIVED):
        explained.count(restored.currency, provider=-restored.amount_minor, seller=restored.amount_minor)
        for again in RestorationLine.objects.filter(seller_id=seller_id, restoration_id=restored.id):
            fee = {"commission": again.commission_minor, "commission_vat": again.commission_vat_minor}
            explained.count(restored.currency, seller=-sum(fee.values()), **fee)
    _explain_invoices(seller_id, explained)
    return explained


def _explain_invoices(seller_id: UUID, explained: _Explained) -> None:
    lines = SalesInvoiceLine.objects.filter(seller_id=seller_id, kind=InvoiceLineKind.VAT_ROUNDING)
    for invoice in SalesInvoice.objects.filter(seller_id=seller_id):
        rounded = sum(line.vat_minor for line in lines.filter(invoice_id=invoice.id))
        explained.count(invoice.currency, commission_vat=rounded, seller=invoice.total_minor - rounded)
        if invoice.state == SalesInvoice.State.ISSUED:
            explained.count(invoice.currency, payable=-invoice.payable_minor)
        if invoice.state == SalesInvoice.State.PAID:
            explained.count(invoice.currency, provider=-invoice.payable_minor)


def assert_nobody_gets_too_much(seller: Seller) -> None:
    """Assert that refunds never exceed sales, nor restorations refunds, item by item and line by line."""
    assert_what_is_left_is_worth_its_units(seller)
    sold, refunded = Counter[tuple[UUID, str, int]](), Counter[tuple[UUID, str, int]]()
    for sale in Sale.objects.filter(seller_id=seller.id):
        amounts = (sale.turnover_minor, sale.commission_minor, sale.commission_vat_minor)
        sold.update({(sale.order_id, sale.item, n): amount for n, amount in enumerate(amounts)})
    lines = {
        line.id: line
        for line in WriteOffLine.objects.filter(seller_id=seller.id).select_related("write_off", "order_item")
    }
    for line in lines.values():
        amounts = (line.refund_minor, line.commission_minor, line.commission_vat_minor)
        key = (line.write_off.order_id, line.order_item.item)
        refunded.update({(*key, n): amount for n, amount in enumerate(amounts)})
    for write_off in WriteOff.objects.filter(seller_id=seller.id):
        refunded[write_off.order_id, "", 0] += write_off.delivery_refund_minor
    for restoration in Restoration.objects.filter(seller_id=seller.id, state=Restoration.State.RECEIVED):
        refunded[restoration.order_id, "", 0] -= restoration.delivery_minor
        for part in RestorationLine.objects.filter(seller_id=seller.id, restoration_id=restoration.id):
            amounts = (part.refund_minor, part.commission_minor, part.commission_vat_minor)
            key = (restoration.order_id, lines[part.write_off_line_id].order_item.item)
            refunded.subtract({(*key, n): amount for n, amount in enumerate(amounts)})
    assert all(amount >= 0 for amount in sold.values())
    assert all(0 <= amount <= sold[key] for key, amount in refunded.items())
    restored_by_line, units = Counter[tuple[UUID, int]](), Counter[UUID]()
    live = Restoration.objects.filter(seller_id=seller.id).exclude(state=Restoration.State.WITHDRAWN)
    for part in RestorationLine.objects.filter(
        seller_id=seller.id, restoration_id__in=list(live.values_list("id", flat=True))
    ):
        amounts = (part.refund_minor, part.commission_minor, part.commission_vat_minor)
        restored_by_line.update({(part.write_off_line_id, n): amount for n, amount in enumerate(amounts)})
        units[part.write_off_line_id] += part.quantity
    for line in lines.values():
        amounts = (line.refund_minor, line.commission_minor, line.commission_vat_minor)
        assert line.quantity_restored == units[line.id] <= line.quantity
        assert all(restored_by_line[line.id, n] <= amount for n, amount in enumerate(amounts)), (
            "restored more than was refunded"
        )
        if units[line.id] == line.quantity:
            assert [restored_by_line[line.id, n] for n in range(3)] == list(amounts), (
                "all units are back, and so is all the money"
            )


def assert_what_is_left_is_worth_its_units(seller: Seller) -> None:
    """Assert that the booked amounts of an item are the worth of its units left; zero where none is left.

    Returned and written-off units are not left. Each unit left is worth its share; the rest of the division is at most
    once among them.
    """
    for item in OrderItem.objects.filter(seller_id=seller.id).select_related("order"):
        units = ParcelUnit.objects.filter(seller_id=seller.id, order_item_id=item.id)
        sent = sum(unit.quantity for unit in units)
        left = sent - sum(it.quantity_received + it.quantity_written_off - it.quantity_paid_again for it in units)
        sales = Sale.objects.filter(
            seller_id=seller.id, order_id=item.order_id, item=item.item, currency=item.order.currency
        )
        rate_bp = item.commission_vat_rate_bp or 0
        for total, name, refunded in (
            (item.paid_minor, "turnover_minor", item.refunded_minor - item.paid_again_minor),
            (item.commission_minor, "commission_minor", item.commission_back_minor),
            (rounded_rate(item.commission_minor, rate_bp), "commission_vat_minor", item.commission_vat_back_minor),
        ):
            held = sum(getattr(sale, name) for sale in sales) - refunded
            share, rest = total // item.quantity * left, total % item.quantity
            assert share <= held <= share + (rest if left and sent == item.quantity else 0), (item.item, name)


def assert_invoices_add_up(seller: Seller) -> None:
    """Assert that head, lines and transfers of every invoice agree, numbers have no gap, and periods are in order."""
    invoices = {it.id: it for it in SalesInvoice.objects.filter(seller_id=seller.id).order_by("number")}
    lines: dict[tuple[UUID, str, str, int], tuple[int, int, int]] = {
        (it.invoice_id, it.kind, it.vat_category, it.vat_rate_bp): (it.net_minor, it.vat_minor, it.transfers)
        for it in SalesInvoiceLine.objects.filter(seller_id=seller.id)
    }
    marked = Counter[tuple[tuple[UUID, str, str, int], int]]()
    for transfer in Transfer.objects.filter(seller_id=seller.id, invoice_id__isnull=False):
        assert transfer.invoice_id
        assert transfer.currency == invoices[transfer.invoice_id].currency
        kind, part = INVOICE_LINES[transfer.kind]  # type: ignore[index]  # A text choice is its text.
        key = (transfer.invoice_id, kind.value, transfer.vat_category or "B", transfer.vat_rate_bp or 0)
        sign = 1 if transfer.debit == "seller" else -1
        marked[key, 0 if part == "net" else 1] += sign * transfer.amount_minor
        marked[key, 2] += 1
    assert {key for key, _n in marked} == set(lines), "a line without a transfer, or a transfer without a line"
    assert all(lines[key][n] == marked[key, n] for key in lines for n in range(3))
    for (invoice_id, line, category, rate), (_net, vat, _transfers) in lines.items():
        assert category == "S" or not vat, "only what is charged at a rate has VAT"
        if (
            line == InvoiceLineKind.VAT_ROUNDING
        ):  # A cent for each unit at most: anything more was booked at a wrong rate.
            at_rate = [it[2] for (of, _line, _category, at), it in lines.items() if (of, at) == (invoice_id, rate)]
            assert abs(vat) <= 5 * sum(at_rate)
    for invoice in invoices.values():
        own_lines = [it for (of, *_key), it in lines.items() if of == invoice.id]
        assert own_lines, "an invoice without a line is none"
        categories = {category for of, _kind, category, _rate in lines if of == invoice.id}
        assert "O" not in categories or categories == ({"O"} if invoice.apart else categories & {"O", "B"})
        assert (invoice.net_minor, invoice.vat_minor) == (
            sum(it[0] for it in own_lines),
            sum(it[1] for it in own_lines),
        )
        assert invoice.total_minor == invoice.net_minor + invoice.vat_minor
        assert_national_vat_is_right(invoice)
        carried = [it.payable_minor for it in invoices.values() if it.carried_to_id == invoice.id]
        assert invoice.carried_minor == sum(carried)
        owed_minor = invoice.total_minor + sum(it for it in carried if it > 0)
        assert all(it > 0 for it in carried) or owed_minor > 0, "credits are set off only with what is owed"
    assert_gapless(seller, DocumentCounter.Series.SALES_INVOICE, [it.number for it in invoices.values()])
    for currency in {it.currency for it in invoices.values()}:
        in_order = [it for it in invoices.values() if it.currency == currency]
        still_open = [it.payable_minor for it in in_order if it.state == SalesInvoice.State.ISSUED]
        newest_is_owed = in_order[-1].state == SalesInvoice.State.ISSUED and in_order[-1].payable_minor > 0
        assert not newest_is_owed or min(still_open) > 0, "nobody is paid who owes"
        for one, following in pairwise(in_order):
            if one.apart and one.period_from_on == following.period_from_on:
                assert not following.apart
                continue
            assert one.period_to_on < following.period_from_on
            assert one.cut_off_at < following.cut_off_at


def assert_national_vat_is_right(invoice: SalesInvoice) -> None:
    """Assert that VAT in another currency stands in euros as well, at its rate, half a cent away from zero."""
    if invoice.currency == "EUR" or not invoice.vat_minor:
        assert (invoice.national_currency, invoice.national_vat_minor) == ("", 0)
        return
    assert invoice.exchange_rate
    euros = Fraction(abs(invoice.vat_minor), 10 ** exponent(invoice.currency)) / Fraction(invoice.exchange_rate)
    cents = (euros * 100 + Fraction(1, 2)).__floor__()
    assert invoice.national_vat_minor == (cents if invoice.vat_minor > 0 else -cents)


def assert_credit_notes_add_up(seller: Seller) -> None:
    """Assert that a credit note credits what its write-off refunds, and an invoice what was paid again, line by line.

    Of each item the VAT that is credited is that in what is credited of it in all.
    """
    related = CreditNote.objects.filter(seller_id=seller.id).select_related("write_off", "restoration")
    notes = list(related.order_by("number"))
    series = DocumentCounter.Series
    assert_gapless(seller, series.CREDIT_NOTE, [note.number for note in notes if not note.is_invoice])
    assert_gapless(seller, series.INVOICE_PAID_AGAIN, [note.number for note in notes if note.is_invoice])
    credited, vat = Counter[tuple[UUID, str, int]](), Counter[tuple[UUID, str, int]]()
    for note in notes:
        lines = CreditNoteLine.objects.filter(seller_id=seller.id, credit_note_id=note.id)
        decision = note.restoration or note.write_off
        due_minor = note.restoration.amount_minor if note.is_invoice else note.write_off.refund_minor
        assert note.total_minor == due_minor == sum(it.net_minor + it.vat_minor for it in lines)
        assert (note.order_id, note.currency) == (decision.order_id, decision.currency)
        for it in lines:
            key, sign = (note.order_id, it.item, it.vat_rate_bp), -1 if note.is_invoice else 1
            credited[key] += sign * (it.net_minor + it.vat_minor)
            vat[key] += sign * it.vat_minor
    for (order_id, item, rate_bp), gross_minor in credited.items():
        expected = gross_minor - net_of_gross(gross_minor, rate_bp)
        assert vat[order_id, item, rate_bp] == expected, "VAT of parts adds up to that of all of them"


def assert_gapless(seller: Seller, series: DocumentCounter.Series, numbers: Sequence[str]) -> None:
    assert [int(number.rpartition("-")[2]) for number in numbers] == list(range(1, len(numbers) + 1))
    counter = DocumentCounter.objects.filter(seller_id=seller.id, series=series).first()
    assert (counter.last if counter else 0) == len(numbers)


def assert_everything_is_invoiced(seller: Seller) -> None:
    """Assert, after the last invoice, that every transfer is on one and the current account is zero."""
    left = Transfer.objects.filter(seller_id=seller.id, kind__in=list(INVOICE_LINES), invoice_id=None)
    assert not left.exists()
    assert not [key for key, balance in _standing(seller.id).items() if key[0] == "seller" and balance]


def assert_statements_and_specifications_are_complete(seller: Seller) -> None:
    """Assert that the statement ends with the balances, and that each invoice has its specification."""
    standing = _standing(seller.id)
    for currency in {currency for _account, currency in standing}:
        account_statement = statement(seller_id=seller.id, currency=currency, from_at=EVER[0], size=10_000)
        assert account_statement.opening.total_minor == 0
        assert account_statement.closing == (standing["seller", currency], standing["payable", currency])
        assert not account_statement.entries or account_statement.entries[-1].after == account_statement.closing
    for invoice in SalesInvoice.objects.filter(seller_id=seller.id):
        assert_explained(invoice)
