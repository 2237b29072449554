"""A write-off: everything of it, or nothing."""

import pytest

from lostpost.core.money import Money
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, mails_about, refunds_of, silent_parcel

pytestmark = pytest.mark.django_db


def test_a_retried_write_off_is_booked_and_mailed_once(anna):
    # Given a parcel that has been silent for longer than the policy asks
    query = silent_parcel(anna, quiet_days=30, paid_minor=25_00)

    # When Anna confirms, and the browser repeats the request
    request = {"query": query.number, "picks": all_of(query), "by": anna, "key": "retry-me-1", "now": NOW}
    first, second = write_off(**request), write_off(**request)

    # Then there is one write-off, one refund of 25.00 EUR and one e-mail
    assert first == second
    assert refunds_of(anna) == [Money(25_00, "EUR")]
    assert len(mails_about(query)) == 1
