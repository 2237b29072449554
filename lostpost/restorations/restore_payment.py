"""Record that a customer who has the lost goods after all pays for them again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.core.errors import Conflict, Rejected
from lostpost.core.idempotency import IdempotencyClaim, claim, keeps_answer
from lostpost.core.money import share_of_units
from lostpost.core.ownership import uuid7
from lostpost.core.text import is_storable, trimmed
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.timeline import lock_query
from lostpost.refunds.models import Refund
from lostpost.restorations.models import Restoration, RestorationLine
from lostpost.restorations.settle_restoration import announce_restoration, book_restoration
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.selection import SelectedUnits, WriteOffNotFound

LONGEST_CONSENT = 1000
UnitsHeld = Callable[[UUID, Sequence[UUID]], Mapping[UUID, int]]
_AMOUNTS = ("refund_minor", "commission_minor", "commission_vat_minor")  # Of a line.


class RefundNotPaid(Conflict):
    """The customer does not have the money yet, so there is nothing to pay again."""

    code = "refund-not-paid"


class NothingToRestore(Rejected):
    """No unit was selected, or one twice, or one that the write-off does not have."""

    code = "nothing-to-restore"


class MoreThanRefunded(Rejected):
    """More units than are left to be paid again; `available` says how many are."""

    code = "more-than-refunded"

    def __init__(self, message: str, units: SelectedUnits, available: int) -> None:
        super().__init__(message)
        self.units = units
        self.available = available


@transaction.atomic(durable=True)
@keeps_answer("restoration")
def restore_payment(
    *,
    seller_id: UUID,
    write_off: str,
    selection: Sequence[SelectedUnits] = (),
    consent: str,
    consented_at: datetime,
    reference: str = "",
    units_held: UnitsHeld | None = None,
    by: Actor,
    key: str | IdempotencyClaim,
    now: datetime,
) -> Restoration:
    """Record that the customer agreed to pay again for units that were written off, or for all that are left.

    The write-off stays as it is. The payment is booked at once if its `reference` is given, otherwise later by
    `mark_restoration_paid`. Refunded delivery costs are paid again with the restoration after which every unit of the
    write-off is restored. The restorations of a line add up to its refund, never to more.

    Args: `write_off`: its number. `selection`: none: everything that is left. `consent`: how and in which words the
    customer agreed, 1 to 1000 characters. `units_held`: counts the units of a seller's lines about which something else
    was decided, as they were found; called under the lock. `key`: 8 to 64 characters, a new one for each restoration.
    Raises: WriteOffNotFound, RefundNotPaid, NothingToRestore, MoreThanRefunded, KeyReused, Rejected without consent.
    """
    consent = trimmed(consent)
    _require_consent(consent, consented_at, now)
    query, original = _lock(seller_id, write_off)
    restoration_id = uuid7()
    content = [
        write_off,
        sorted([selected.parcel, selected.item, selected.quantity] for selected in selection),
        consent,
        consented_at,
        reference,
    ]
    if earlier := claim(
        key, scope="restoration", seller_id=seller_id, content=content, result_id=restoration_id, now=now
    ):
        return Restoration.objects.get(seller_id=seller_id, id=earlier)
    require_refund_paid(original)
    restored = _lines_to_restore(original, selection, units_held)
    return agree_restoration(
        query,
        original,
        restored,
        consent=consent,
        consented_at=consented_at,
        by=by,
        now=now,
        restoration_id=restoration_id,
        reference=reference,
    )


def agree_restoration(
    query: CustomerQuery,
    original: WriteOff,
    restored: Sequence[tuple[WriteOffLine, int]],
    *,
    consent: str,
    consented_at: datetime,
    by: Actor,
    now: datetime,
    restoration_id: UUID | None = None,
    reference: str = "",
    delivery_minor: int | None = None,
) -> Restoration:
    """Record a restoration in the caller's transaction, which holds the order and knows that the refund was paid.

    Args: `restored`: lines of the write-off, and how many units of each; not more than are left. `delivery_minor`: as
    for `amounts_of_restoration`.
    """
    restoration = Restoration(
        seller_id=original.seller_id,
        id=restoration_id or uuid7(),
        write_off_id=original.id,
        order_id=original.order_id,
        currency=original.currency,
        consent=consent,
        consented_at=consented_at,
        agreed_at=now,
        by_user_id=by.user_id,
        by_name=by.name,
    )
    _insert(restoration, original, restored, delivery_minor)
    if reference:
        return book_restoration(restoration, query, reference=reference, by=by, now=now, agreed=True)
    announce_restoration(restoration, query, "restoration.agreed", by=by, now=now)
    return restoration


@dataclass(frozen=True, slots=True)
class RestorationAmounts:
    """What the customer would pay again: by line of the write-off, and the delivery costs."""

    lines: dict[UUID, int]
    delivery_minor: int

    @property
    def total_minor(self) -> int:
        """All of it."""
        return sum(self.lines.values()) + self.delivery_minor


def amounts_of_restoration(
    write_off: WriteOff,
    restored: Sequence[tuple[WriteOffLine, int]],
    *,
    delivery_minor: int | None = None,
    awaiting: Mapping[UUID, int] | None = None,
) -> RestorationAmounts:
    """Compute what a restoration of these units would come to now, and change nothing.

    Args: `delivery_minor`: the delivery costs that the customer was asked for, which hold unless they are restored
    already; None: those that go with the last units of the write-off. `awaiting`: units of its lines that the
    customer is asked about apart from these, and that count as restored for that.
    """
    lines, delivery_minor = _valued(UUID(int=0), write_off, restored, delivery_minor, awaiting or {})
    return RestorationAmounts({line.write_off_line_id: line.refund_minor for line in lines}, delivery_minor)


def _valued(
    restoration_id: UUID,
    write_off: WriteOff,
    restored: Sequence[tuple[WriteOffLine, int]],
    delivery_minor: int | None,
    awaiting: Mapping[UUID, int],
) -> tuple[list[RestorationLine], int]:
    """Return the lines with their amounts, and the delivery costs that are paid again with them."""
    standing = _standing(write_off)
    lines = [_line(restoration_id, line, quantity, standing.amounts[line.id]) for line, quantity in restored]
    if delivery_minor is None:
        everything = _everything_restored(write_off, restored, awaiting)
        delivery_minor = write_off.delivery_refund_minor if everything else 0
    return lines, 0 if standing.delivery else delivery_minor


def _insert(
    restoration: Restoration,
    write_off: WriteOff,
    restored: Sequence[tuple[WriteOffLine, int]],
    delivery_minor: int | None,
) -> None:
    """Insert a restoration of these lines, with its number and amounts."""
    lines, restoration.delivery_minor = _valued(restoration.id, write_off, restored, delivery_minor, {})
    count = Restoration.objects.filter(seller_id=write_off.seller_id, write_off_id=write_off.id).count()
    restoration.number = f"{write_off.number}-R{count + 1}"
    restoration.amount_minor = sum(line.refund_minor for line in lines) + restoration.delivery_minor
    restoration.save(force_insert=True)
    RestorationLine.objects.bulk_create(lines)
    for line, quantity in restored:
        WriteOffLine.objects.filter(seller_id=write_off.seller_id, id=line.id).update(
            quantity_restored=F("quantity_restored") + quantity
        )


def _require_consent(consent: str, consented_at: datetime, now: datetime) -> None:
    if not 1 <= len(consent) <= LONGEST_CONSENT:
        raise Rejected(
            _("Write down how and in which words the customer agreed, in 1 to %(most)d characters.")
            % {"most": LONGEST_CONSENT}
        )
    if consented_at > now:
        raise Rejected(_("The customer cannot have agreed in the future; check the date of the consent."))


def require_refund_paid(write_off: WriteOff) -> None:
    """Refuse while the customer does not have the refund. Raises: RefundNotPaid."""
    if write_off.refund.state != Refund.State.CONFIRMED:
        raise RefundNotPaid(
            _("Refund %(number)s is “%(state)s”: the customer does not have the money yet. Settle the refund first.")
            % {"number": write_off.number, "state": write_off.refund.get_state_display()}
        )


def _lock(seller_id: UUID, number: str) -> tuple[CustomerQuery, WriteOff]:
    """Return the write-off with its refund and its query, locked from the order on."""
    numbers = WriteOff.objects.filter(seller_id=seller_id, number=number).values_list("query__number", flat=True)
    query_number = numbers.first() if is_storable(number) else None
    if query_number is None:
        raise WriteOffNotFound(_("There is no write-off “%(number)s” in this shop.") % {"number": number[:40]})
    query = lock_query(query_number, seller_id=seller_id)
    return query, WriteOff.objects.select_related("refund").get(seller_id=seller_id, number=number)


def _lines_to_restore(
    write_off: WriteOff, selection: Sequence[SelectedUnits], units_held: UnitsHeld | None
) -> list[tuple[WriteOffLine, int]]:
    """Return the lines with how many units of each are restored."""
    rows = WriteOffLine.objects.filter(seller_id=write_off.seller_id, write_off_id=write_off.id)
    lines = {
        (line.parcel_unit.parcel.code, line.order_item.item): line
        for line in rows.select_related("parcel_unit__parcel", "order_item").order_by("id")
    }
    held = units_held(write_off.seller_id, [line.id for line in lines.values()]) if units_held else {}
    left = {line.id: max(line.quantity - line.quantity_restored - held.get(line.id, 0), 0) for line in lines.values()}
    if not selection:
        if restored := [(line, left[line.id]) for line in lines.values() if left[line.id]]:
            return restored
        raise NothingToRestore(
            _("Of write-off %(number)s nothing is left: it is restored, or decided about as a found parcel.")
            % {"number": write_off.number}
        )
    restored_units: dict[UUID, tuple[WriteOffLine, int]] = {}
    for selected in selection:
        line = lines.get((selected.parcel, selected.item))
        if line is None or line.id in restored_units:
            raise NothingToRestore(
                _("Write-off %(number)s has item “%(item)s” in parcel “%(parcel)s” not at all, or you name it twice.")
                % {"number": write_off.number, "item": selected.item, "parcel": selected.parcel}
            )
        available = left[line.id]
        if not 1 <= selected.quantity <= available:
            raise MoreThanRefunded(
                _("“%(title)s”: %(left)d units are left that can be paid again; choose 1 to %(left)d.")
                % {"title": line.order_item.title, "left": available},
                selected,
                available,
            )
        restored_units[line.id] = (line, selected.quantity)
    return list(restored_units.values())


@dataclass(slots=True)
class _Standing:
    """Sums of the write-off's other restorations, but for those that were withdrawn."""

    amounts: dict[UUID, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))  # By line of the write-off.
    delivery: bool = False  # Whether one of them restores the delivery costs.


def _standing(write_off: WriteOff) -> _Standing:
    rows = Restoration.objects.filter(seller_id=write_off.seller_id, write_off_id=write_off.id)
    deliveries = dict(rows.exclude(state=Restoration.State.WITHDRAWN).values_list("id", "delivery_minor"))
    standing = _Standing(delivery=any(deliveries.values()))
    for line in RestorationLine.objects.filter(seller_id=write_off.seller_id, restoration_id__in=list(deliveries)):
        standing.amounts[line.write_off_line_id].update({name: getattr(line, name) for name in _AMOUNTS})
    return standing


def _line(restoration_id: UUID, line: WriteOffLine, quantity: int, standing: Counter[str]) -> RestorationLine:
    """Value the units by their rounded-down share; the last ones take what is left.

    Counting units alone would not do: of those restored before, the one that took the rest may have been withdrawn, or
    may stand while another was.
    """
    last = line.quantity_restored + quantity == line.quantity
    return RestorationLine(
        seller_id=line.seller_id,
        restoration_id=restoration_id,
        write_off_line_id=line.id,
        quantity=quantity,
        **{
            name: total - standing[name]
            if last
            else share_of_units(total, quantity=line.quantity, before=0, count=quantity)
            for name, total in ((name, getattr(line, name)) for name in _AMOUNTS)
        },
    )


def _everything_restored(
    write_off: WriteOff, restored: Sequence[tuple[WriteOffLine, int]], awaiting: Mapping[UUID, int]
) -> bool:
    """Return whether every unit of the write-off is restored after this, or asked about."""
    now = Counter(awaiting)
    now.update({line.id: quantity for line, quantity in restored})
    rows = WriteOffLine.objects.filter(seller_id=write_off.seller_id, write_off_id=write_off.id)
    return all(line.quantity_restored + now[line.id] == line.quantity for line in rows)
