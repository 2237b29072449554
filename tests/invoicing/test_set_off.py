"""What we owe a shop and what it owes us are set off, so that nobody pays somebody who owes them."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lostpost.audit.verify import verify
from lostpost.invoicing.documents.content import invoice_content
from lostpost.invoicing.documents.ubl import invoice_ubl
from lostpost.invoicing.documents.words import invoice_words
from lostpost.invoicing.figures import set_off_with
from lostpost.invoicing.models import SalesInvoice
from lostpost.invoicing.reads import interim_invoices
from lostpost.invoicing.settle_invoice import InvoiceSettled, mark_invoice_paid
from lostpost.ledger.models import Account
from tests.invoicing.selling import an_invoice, on, owed, period, sold

State = SalesInvoice.State


def credit(seller, month: int, minor: int) -> SalesInvoice:
    sold(seller, on(3, month), paid_minor=minor, commission_minor=0, number=f"CREDIT-{month}")
    return an_invoice(seller, f"2026-{month:02}")


def debt(seller, month: int, minor: int) -> SalesInvoice:
    sold(seller, on(3, month), paid_minor=0, commission_minor=minor, number=f"DEBT-{month}")
    return an_invoice(seller, f"2026-{month:02}")


@pytest.mark.django_db
def test_an_open_credit_is_set_off_with_what_the_shop_owes(anna, fien):
    before = credit(anna.seller, 2, 98_80)
    sold(anna.seller, on(3), paid_minor=0, commission_minor=23_28)  # 28.17 with VAT.
    (coming,) = interim_invoices(anna.seller, now=period("2026-03").ends_at)

    invoice = an_invoice(anna.seller, "2026-03")

    before.refresh_from_db()
    assert (before.state, before.carried_to_id) == (State.CARRIED, invoice.id)
    assert (invoice.total_minor, invoice.carried_minor, invoice.payable_minor) == (28_17, -98_80, -70_63)
    assert (coming.figures.carried_minor, coming.figures.payable_minor) == (-98_80, -70_63)
    assert owed(anna.seller, Account.PAYABLE) == 70_63
    with pytest.raises(InvoiceSettled, match=f"was set off with {invoice.number}"):
        mark_invoice_paid(seller_id=anna.seller_id, number=before.number, reference="NL-1", by=fien, now=on(5, 4))
    content = invoice_content(invoice)
    assert ["We still owed you on earlier sales invoices", "−98.80"] in [
        [total["words"], total["amount"]] for total in invoice_words(content, "en")["totals"]
    ]
    terms = "Set off with €98.80 that we still owed you on earlier sales invoices. We pay you €70.63."
    assert terms in invoice_ubl(content).decode()
    assert list(verify(anna.seller)) == []


@pytest.mark.django_db
def test_a_credit_that_is_not_needed_is_paid_out_by_itself(anna):
    first, second = credit(anna.seller, 2, 50_00), credit(anna.seller, 3, 30_00)
    assert (second.carried_minor, second.payable_minor) == (0, -30_00)

    third = debt(anna.seller, 4, 10_00)

    # The newest is enough; an older one may be at the bank by now
    states = {it.number: it.state for it in SalesInvoice.objects.filter(seller=anna.seller)}
    assert states == {first.number: State.ISSUED, second.number: State.CARRIED, third.number: State.ISSUED}
    assert (third.carried_minor, third.payable_minor) == (-30_00, -17_90)


AMOUNTS = st.lists(st.integers(-1000, 1000).filter(bool), max_size=8)


@given(total_minor=st.integers(-3000, 3000), amounts=AMOUNTS)
def test_all_debts_are_set_off_and_credits_only_while_something_is_owed(total_minor, amounts):
    open_invoices: list[tuple[UUID, int]] = [(uuid4(), minor) for minor in amounts]

    chosen = set_off_with(total_minor, open_invoices)

    debts = [each for each in open_invoices if each[1] > 0]
    taken = [each for each in chosen if each[1] < 0]
    owed_minor = total_minor + sum(minor for _id, minor in debts)
    assert [each for each in chosen if each[1] > 0] == debts
    # The newest credits, no more than are needed, and enough where there are enough
    assert taken == [each for each in open_invoices if each[1] < 0][: len(taken)]
    assert not taken or owed_minor + sum(minor for _id, minor in taken[:-1]) > 0
    left = owed_minor + sum(minor for _id, minor in taken)
    assert left <= 0 or len(taken) == len([each for each in open_invoices if each[1] < 0])
