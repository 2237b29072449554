"""What an outcome would be about: units, and their share of the refund."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from lostpost.accounts.policy import current_policy
from lostpost.core.errors import Conflict, Rejected
from lostpost.core.money import share_of_units
from lostpost.customer_queries.models import Mail
from lostpost.found_parcels.models import FoundCase, FoundOutcome
from lostpost.found_parcels.states import State
from lostpost.found_parcels.units_left import FoundLine, units_awaiting, units_left
from lostpost.restorations.restore_payment import amounts_of_restoration, require_refund_paid
from lostpost.writeoffs.models import WriteOff

Kind = FoundOutcome.Kind
MOST_QUESTIONS = 3  # About one found parcel: whoever declines is not asked for ever.


class FoundCaseEnded(Conflict):
    """All is settled, or it ended without an answer too long ago."""

    code = "found-case-ended"


class AlreadyAskedToPay(Conflict):
    """The customer was asked to pay again, and has not answered yet, or was asked often enough."""

    code = "already-asked-to-pay"


class NoSuchUnits(Rejected):
    """No unit was chosen, or more of an item than are left to decide about."""

    code = "no-such-units"


@dataclass(frozen=True, slots=True)
class ChosenUnits:
    """Units of one line, and their share of its refund."""

    line: FoundLine
    quantity: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class OutcomePreview:
    """What an outcome would be about; `amount_minor`: what is paid again, or what the customer keeps."""

    kind: FoundOutcome.Kind
    units: Sequence[ChosenUnits]
    delivery_minor: int
    currency: str
    units_left_after: int

    @property
    def amount_minor(self) -> int:
        """The units' shares, and the delivery costs where they are paid again, too."""
        return sum(chosen.amount_minor for chosen in self.units) + self.delivery_minor


def preview_outcome(case: FoundCase, *, kind: str, quantities: Mapping[str, int], now: datetime) -> OutcomePreview:
    """Compute what an outcome would be about, and change nothing.

    Args: `quantities`: of each item, how many; none: everything that is left.
    Raises: FoundCaseEnded, AlreadyAskedToPay, NoSuchUnits, RefundNotPaid.
    """
    if kind not in Kind.values:
        raise Rejected(_("Choose what follows: ask the customer to pay again, take the return, or let it go."))
    require_undecided(case, now=now)
    if kind == Kind.PAY_AGAIN:
        _require_question(case)
    lines = units_left(case.seller_id, case.write_off_id, case.parcel_id)
    chosen = _chosen(lines, quantities)
    write_off = WriteOff.objects.select_related("refund").get(seller_id=case.seller_id, id=case.write_off_id)
    if kind == Kind.PAY_AGAIN:
        require_refund_paid(write_off)
        if not write_off.refund_minor:
            raise NoSuchUnits(_("Nothing was refunded, so there is nothing to pay again."))
        awaiting = units_awaiting(case.seller_id, write_off.id, besides=case.id)
        amounts = amounts_of_restoration(write_off, [(line.line, count) for line, count in chosen], awaiting=awaiting)
        units = [ChosenUnits(line, count, amounts.lines[line.line.id]) for line, count in chosen]
        delivery_minor = amounts.delivery_minor
    else:
        units, delivery_minor = [ChosenUnits(line, count, _share(line, count)) for line, count in chosen], 0
    left = sum(line.left for line in lines) - sum(count for _line, count in chosen)
    return OutcomePreview(Kind(kind), units, delivery_minor, write_off.currency, left)


def require_undecided(case: FoundCase, *, now: datetime) -> None:
    """Refuse a case about which nobody can decide any more. Raises: FoundCaseEnded."""
    if case.state == State.SETTLED:
        raise FoundCaseEnded(_("All is settled about found parcel %(number)s.") % {"number": case.number})
    if case.state == State.UNANSWERED and now >= may_act_until(case):
        raise FoundCaseEnded(
            _("Found parcel %(number)s ended without an answer, and the time to decide again is over.")
            % {"number": case.number}
        )


def may_act_until(case: FoundCase) -> datetime:
    """Return until when the shop may decide about a case that ended without an answer."""
    assert case.ended_at
    return case.ended_at + timedelta(days=current_policy().reopen_days)


def _require_question(case: FoundCase) -> None:
    questions = FoundOutcome.objects.filter(seller_id=case.seller_id, case_id=case.id, kind=Kind.PAY_AGAIN)
    if questions.filter(state=FoundOutcome.State.ASKED).exists():
        raise AlreadyAskedToPay(_("The customer was asked to pay again and has not answered yet."))
    if questions.exclude(_never_arrived(case.seller_id)).count() >= MOST_QUESTIONS:
        raise AlreadyAskedToPay(
            _("The customer was asked %(n)d times to pay again. Take the return, or let it go.") % {"n": MOST_QUESTIONS}
        )


def _never_arrived(seller_id: UUID) -> Q:
    """Return the questions that ended without the customer's answer and whose e-mail did not reach them."""
    mails = Mail.objects.filter(seller_id=seller_id, kind="found.asked")
    lost = mails.filter(Q(state=Mail.State.FAILED) | Q(delivery=Mail.Delivery.BOUNCED))
    without_answer = [FoundOutcome.State.WITHDRAWN, FoundOutcome.State.UNANSWERED]
    return Q(state__in=without_answer, id__in=lost.values("about_id"))


def _chosen(lines: Sequence[FoundLine], quantities: Mapping[str, int]) -> list[tuple[FoundLine, int]]:
    """Return the lines with how many units of each are meant. Raises: NoSuchUnits."""
    if not quantities:
        quantities = {line.item: line.left for line in lines if line.left}
    by_item = {line.item: line for line in lines}
    for item, count in quantities.items():
        left = by_item[item].left if item in by_item else 0
        if not 1 <= count <= left:
            raise NoSuchUnits(
                _("Of item “%(item)s” %(left)d units are left to decide about; you chose %(n)d.")
                % {"item": by_item[item].title if item in by_item else item[:64], "left": left, "n": count}
            )
    if not quantities:
        raise NoSuchUnits(_("Choose at least one unit."))
    return [(line, quantities[line.item]) for line in lines if line.item in quantities]


def _share(line: FoundLine, count: int) -> int:
    row = line.line
    return share_of_units(row.refund_minor, quantity=row.quantity, before=row.quantity - line.left, count=count)
