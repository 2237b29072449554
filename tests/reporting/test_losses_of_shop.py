"""What a shop lost in the mail, and what of it came back."""

from datetime import timedelta

import pytest

from lostpost.found_parcels.decide_found_parcel import decide_found_parcel
from lostpost.found_parcels.report_came_back import report_came_back
from lostpost.reporting.losses_of_shop import SPAN, losses_of_shop
from lostpost.restorations.restore_payment import restore_payment
from tests.found_parcels.scene import LATER, parcel_of, written_off

pytestmark = pytest.mark.django_db


def test_goods_that_were_taken_back_and_paid_again_stand_beside_what_was_lost(anna, carla, fien):
    back = written_off(anna, fien=fien, paid_minor=31_00)
    case = report_came_back(write_off=back.number, parcel=parcel_of(back).code, by=anna, now=LATER)
    decide_found_parcel(number=case.number, kind="return", quantities={}, by=anna, key="taken-back", now=LATER)
    kept = written_off(anna, fien=fien, key="write-off-2", paid_minor=20_00)
    restore_payment(
        seller_id=anna.seller_id,
        write_off=kept.number,
        consent="By telephone.",
        consented_at=LATER,
        reference="BANK-2",
        by=fien,
        key="restored",
        now=LATER,
    )
    written_off(carla, key="write-off-3")

    assert losses_of_shop(anna.seller_id, now=LATER) == [("EUR", 51_00, 31_00, 20_00)]
    assert losses_of_shop(anna.seller_id, now=LATER + SPAN + timedelta(days=1)) == []
