"""Book transfers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lostpost.core.ownership import uuid7
from lostpost.core.sql import Parts, insert, insertion, json_rows
from lostpost.core.vat import VatTreatment
from lostpost.ledger.models import Account, Kind, Transfer

# What each kind of transfer debits and credits. A seller's account in credit is money that we owe the seller.
SIDES: dict[Kind, tuple[Account, Account]] = {
    Kind.TURNOVER: (Account.PROVIDER, Account.SELLER),
    Kind.COMMISSION: (Account.SELLER, Account.COMMISSION),
    Kind.COMMISSION_VAT: (Account.SELLER, Account.COMMISSION_VAT),
    Kind.TURNOVER_REVERSED: (Account.SELLER, Account.PROVIDER),
    Kind.COMMISSION_REVERSED: (Account.COMMISSION, Account.SELLER),
    Kind.COMMISSION_VAT_REVERSED: (Account.COMMISSION_VAT, Account.SELLER),
    Kind.CORRECTION_TURNOVER: (Account.SELLER, Account.CUSTOMER),
    Kind.CORRECTION_DELIVERY: (Account.SELLER, Account.CUSTOMER),
    Kind.CORRECTION_COMMISSION: (Account.COMMISSION, Account.SELLER),
    Kind.CORRECTION_COMMISSION_VAT: (Account.COMMISSION_VAT, Account.SELLER),
    Kind.REFUND_PAID: (Account.CUSTOMER, Account.PROVIDER),
    Kind.REFUND_BOUNCED: (Account.PROVIDER, Account.CUSTOMER),
    Kind.RESTORED_TURNOVER: (Account.PROVIDER, Account.SELLER),
    Kind.RESTORED_DELIVERY: (Account.PROVIDER, Account.SELLER),
    Kind.RESTORED_COMMISSION: (Account.SELLER, Account.COMMISSION),
    Kind.RESTORED_COMMISSION_VAT: (Account.SELLER, Account.COMMISSION_VAT),
    Kind.VAT_ROUNDED_UP: (Account.SELLER, Account.COMMISSION_VAT),
    Kind.VAT_ROUNDED_DOWN: (Account.COMMISSION_VAT, Account.SELLER),
    Kind.SETTLED: (Account.SELLER, Account.PAYABLE),
    Kind.DEBT_SETTLED: (Account.PAYABLE, Account.SELLER),
    Kind.PAID_OUT: (Account.PAYABLE, Account.PROVIDER),
    Kind.DEBT_PAID: (Account.PROVIDER, Account.PAYABLE),
}
_WRITTEN = {
    kind: {"kind": kind.value, "debit": debit.value, "credit": credit.value} for kind, (debit, credit) in SIDES.items()
}
_COLUMNS = (
    *("kind", "debit", "credit", "id", "amount_minor", "source_id", "vat_category", "vat_rate_bp"),
    *("effective_at", "invoice_id"),
)


@dataclass(frozen=True, slots=True)
class Posting:
    """One transfer to book; `amount_minor` in minor units of the currency, nothing is booked for zero.

    Args: `vat`: of commission and its VAT. `effective_at`: when it happened, if not when it is booked.
    `invoice_id`: the sales invoice on which it stands, for what the invoice itself brings about.
    """

    kind: Kind
    source_id: UUID
    amount_minor: int
    vat: VatTreatment | None = None
    effective_at: datetime | None = None
    invoice_id: UUID | None = None


def post_transfers(postings: Iterable[Posting], *, seller_id: UUID, currency: str, now: datetime) -> None:
    """Book all postings of one event in one statement, in the caller's transaction.

    The database books each kind once for each source, and refuses a second time.
    """
    insert(Transfer, _rows(postings, now), seller_id=seller_id, currency=currency, booked_at=now)


def transfers_posted(postings: Iterable[Posting], *, seller_id: UUID, currency: str, now: datetime) -> Parts:
    """Return the part of a larger statement that books what `post_transfers` books."""
    same = {"seller_id": seller_id, "currency": currency, "booked_at": now}
    insert_transfers = insertion(Transfer, _COLUMNS, same=tuple(same), rows="transfers")
    return Parts((f"transfers AS ({insert_transfers})",), {**same, "transfers": json_rows(_rows(postings, now))})


def _rows(postings: Iterable[Posting], now: datetime) -> list[dict[str, object]]:
    return [
        {
            **_WRITTEN[posting.kind],
            "id": uuid7(),
            "amount_minor": posting.amount_minor,
            "source_id": posting.source_id,
            "vat_category": posting.vat.category if posting.vat else "",
            "vat_rate_bp": posting.vat.rate_bp if posting.vat else None,
            "effective_at": posting.effective_at or now,
            "invoice_id": posting.invoice_id,
        }
        for posting in postings
        if posting.amount_minor
    ]
