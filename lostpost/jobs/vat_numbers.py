"""The job that has VAT numbers checked at VIES."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from lostpost.accounts.due_vat_numbers import due_vat_numbers
from lostpost.accounts.models import VatNumberCheck
from lostpost.accounts.policy import current_policy
from lostpost.connectors.vies.check_vat_number import check_vat_number
from lostpost.core.queues import UPKEEP

logger = logging.getLogger("lostpost.jobs")

CHECK_VAT_NUMBERS = "vat-numbers.check"
MOST_AT_ONCE = 50  # Questions of an hour: VIES refuses who asks too much.
IN_VAIN_MOST = 3  # Then it is away, and the next hour is early enough.


@app.periodic(cron="51 * * * *")
@app.task(name=CHECK_VAT_NUMBERS, queue=UPKEEP, queueing_lock=CHECK_VAT_NUMBERS)
def check_due_vat_numbers(timestamp: int) -> None:
    """Ask VIES about numbers that it was not asked about of late, if the policy allows it. Safe to break off."""
    if not current_policy().check_vat_numbers_at_vies:
        return
    in_vain = 0
    for shop, number in due_vat_numbers(now=timezone.now(), most=MOST_AT_ONCE):
        outcome = check_vat_number(shop, number, now=timezone.now()).outcome
        in_vain = in_vain + 1 if outcome == VatNumberCheck.Outcome.UNREACHABLE else 0
        if outcome == VatNumberCheck.Outcome.INVALID:
            logger.warning("VIES says that the VAT number of shop %s is not valid", shop.code)
        if in_vain == IN_VAIN_MOST:
            return
