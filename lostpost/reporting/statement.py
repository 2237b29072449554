"""Balances of accounts, and the statement between the marketplace and a seller, with the transfers behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from lostpost.core.keyset import FURTHEST, PageKey
from lostpost.core.sql import fetch
from lostpost.ledger.balances import booked_before
from lostpost.ledger.models import Account, Kind
from lostpost.reporting.sources import Source, sources

_CURRENT = "CASE 'seller' WHEN credit THEN amount_minor WHEN debit THEN -amount_minor ELSE 0 END"
_PAYABLE = "CASE 'payable' WHEN credit THEN amount_minor WHEN debit THEN -amount_minor ELSE 0 END"
_OF_SELLER = """
    seller_id = %(seller)s AND currency = %(currency)s AND (debit IN ('seller', 'payable') OR
                                                            credit IN ('seller', 'payable'))
"""
# Of the entries of one instant, those up to where the page before ended.
_UP_TO = f"""
    SELECT coalesce(sum({_CURRENT}), 0)::bigint, coalesce(sum({_PAYABLE}), 0)::bigint
      FROM lostpost_transfer
     WHERE {_OF_SELLER} AND booked_at = %(at)s AND id <= %(id)s
"""  # noqa: S608  Of nothing but our own words.
_ENTRIES = f"""
    SELECT id, kind, booked_at, effective_at, {_CURRENT}, {_PAYABLE}, source_id, invoice_id
      FROM lostpost_transfer
     WHERE {_OF_SELLER} AND booked_at >= %(from)s AND booked_at < %(until)s AND booked_at >= %(at)s
       AND (booked_at, id) > (%(at)s, %(id)s)
     ORDER BY booked_at, id
     LIMIT %(size)s
"""  # noqa: S608
_BEFORE_ALL = UUID(int=0)


class KindTotal(NamedTuple):
    """The transfers of one kind on one account, added up: credits positive, debits negative."""

    kind: Kind
    transfers: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of one account in one currency, credits positive, with its totals by kind."""

    account: Account
    currency: str
    kinds: Sequence[KindTotal]

    @property
    def balance_minor(self) -> int:
        """All of it added up."""
        return sum(kind.amount_minor for kind in self.kinds)


class Standing(NamedTuple):
    """What the marketplace owes the seller; negative where the seller owes it."""

    current_minor: int  # On the current account: no sales invoice says it yet.
    payable_minor: int  # On sales invoices that are to be paid.

    @property
    def total_minor(self) -> int:
        """Both."""
        return self.current_minor + self.payable_minor


@dataclass(frozen=True, slots=True)
class Entry:
    """One transfer on the seller's statement."""

    id: UUID
    kind: Kind
    booked_at: datetime
    effective_at: datetime  # When it happened.
    current_minor: int  # By how much it moved the current account, in the seller's favour where positive.
    payable_minor: int  # The same, of sales invoices to be paid.
    after: Standing
    source: Source  # The order, item and document that it was booked for.
    invoice_id: UUID | None  # The sales invoice on which it stands.


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of the statement of one seller in one currency; opening and closing are those of the entire period."""

    currency: str
    from_at: datetime
    until_at: datetime | None
    opening: Standing
    entries: Sequence[Entry]
    closing: Standing
    next: PageKey | None = None
    currencies: Sequence[str] = ()  # Of all that was booked before the end of the period.


def balances(seller_id: UUID) -> list[Balance]:
    """Return what stands on each account of a seller, by currency, and the kinds of transfers that explain it."""
    totals: dict[tuple[Account, str], dict[Kind, KindTotal]] = defaultdict(dict)
    for booked in booked_before(seller_id, FURTHEST):
        for account in (Account(booked.debit), Account(booked.credit)):
            of_kind, kind = totals[account, booked.currency], Kind(booked.kind)
            earlier = of_kind.get(kind, KindTotal(kind, 0, 0))
            of_kind[kind] = KindTotal(
                kind, earlier.transfers + booked.transfers, earlier.amount_minor + booked.on(account)
            )
    accounts, kinds = list(Account), list(Kind)
    return [
        Balance(account, currency, sorted(of_kind.values(), key=lambda total: kinds.index(total.kind)))
        for (account, currency), of_kind in sorted(totals.items(), key=lambda it: (accounts.index(it[0][0]), it[0][1]))
    ]


def statement(
    *,
    seller_id: UUID,
    currency: str,
    from_at: datetime,
    until_at: datetime | None = None,
    after: PageKey | None = None,
    size: int,
) -> Statement:
    """Return the entries between the marketplace and the seller, in the order in which they were booked.

    Args: `from_at`, `until_at`: by when it was booked, the second one excluded; none: until now. `after`: where the
    page before ended.
    """
    parameters = {
        "seller": seller_id,
        "currency": currency,
        "from": from_at,
        "until": until_at or FURTHEST,
        "at": max(after.at, from_at) if after else from_at,
        "id": after.id if after and after.at >= from_at else _BEFORE_ALL,
        "size": size + 1,
    }
    opening, _currencies = _standing_before(seller_id, currency, from_at)
    closing, currencies = _standing_before(seller_id, currency, until_at or FURTHEST)
    standing = opening
    if after and after.at >= from_at:
        before, _currencies = _standing_before(seller_id, currency, after.at)
        ((current_minor, payable_minor),) = fetch(_UP_TO, parameters)
        standing = Standing(before.current_minor + current_minor, before.payable_minor + payable_minor)
    rows = fetch(_ENTRIES, parameters)
    known = sources(seller_id, {row[6] for row in rows[:size]})
    entries = []
    for entry_id, kind, booked_at, effective_at, current, payable, source_id, invoice_id in rows[:size]:
        standing = Standing(standing.current_minor + current, standing.payable_minor + payable)
        entries.append(
            Entry(
                id=entry_id,
                kind=Kind(kind),
                booked_at=booked_at,
                effective_at=effective_at,
                current_minor=current,
                payable_minor=payable,
                after=standing,
                source=known.get(source_id, Source()),
                invoice_id=invoice_id,
            )
        )
    following = PageKey(entries[-1].booked_at, entries[-1].id) if len(rows) > size else None
    return Statement(currency, from_at, until_at, opening, entries, closing, following, currencies)


def _standing_before(seller_id: UUID, currency: str, until_at: datetime) -> tuple[Standing, list[str]]:
    """Return how the two stood before an instant in a currency, and the currencies of all that was booked by then."""
    booked = booked_before(seller_id, until_at)
    own = [each for each in booked if each.currency == currency]
    standing = Standing(*(sum(each.on(account) for each in own) for account in (Account.SELLER, Account.PAYABLE)))
    return standing, sorted({each.currency for each in booked})
