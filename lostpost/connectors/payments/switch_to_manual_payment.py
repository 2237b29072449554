"""Switch a refund from its provider to manual payment, once the provider says that it has no such refund."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from lostpost.accounts.actor import Actor
from lostpost.connectors.payments.carry_out import look_up_attempt
from lostpost.connectors.payments.provider import RetryableError
from lostpost.refunds.attempts import attempt_of
from lostpost.refunds.gateway import PROVIDERS
from lostpost.refunds.models import Refund
from lostpost.refunds.switch_to_manual_payment import set_manual_payment
from lostpost.refunds.transitions import RefundAtProvider


def switch_to_manual_payment(*, seller_id: UUID, refund_id: UUID, by: Actor, now: datetime) -> Refund:
    """Look a refund up, and put it on finance's list if all its attempts failed. No transaction is open meanwhile.

    Raises: RefundAtProvider if the provider has it or does not answer; RefundSettled.
    """
    attempt = attempt_of(seller_id=seller_id, refund_id=refund_id)
    if attempt is None:
        return Refund.objects.get(seller_id=seller_id, id=refund_id)  # It is paid manually already.
    names = {"provider": PROVIDERS[attempt.gateway], "number": attempt.number}
    if attempt.asked_at:
        try:
            status = look_up_attempt(attempt, clock=lambda: now)
        except RetryableError as error:
            raise RefundAtProvider(
                _("%(provider)s cannot be asked now whether it has paid refund %(number)s. Try again later.") % names
            ) from error
        if status and status.alive:
            raise RefundAtProvider(
                _("%(provider)s has refund %(number)s after all. What it says of it is recorded now.") % names
            )
        attempt = (
            attempt_of(seller_id=seller_id, refund_id=refund_id) or attempt
        )  # The look-up may have recorded that it failed.
    return set_manual_payment(attempt=attempt, by=by, now=now)


def look_up_now(*, seller_id: UUID, refund_id: UUID, now: datetime) -> None:
    """Look a refund up at once, for a waiting user. Raises: RefundAtProvider if the provider does not answer."""
    attempt = attempt_of(seller_id=seller_id, refund_id=refund_id)
    if attempt is None:
        return
    try:
        look_up_attempt(attempt, clock=lambda: now)
    except RetryableError as error:
        raise RefundAtProvider(
            _("%(provider)s cannot be asked now. It is asked again by itself.")
            % {"provider": PROVIDERS[attempt.gateway]}
        ) from error
