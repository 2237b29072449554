"""The amounts that the units of each parcel own of an item: nobody bears what another got, and all of it adds up."""

from __future__ import annotations

import pytest

from lostpost.orders.own_shares import UnitsOfItem, left_of_units, returned_amount


@pytest.mark.parametrize(
    ("units", "left"),
    [
        ([(1, 0, 0), (2, 0, 0)], [33_34, 66_67]),  # The rest of the division is nobody's: whoever goes last takes it.
        ([(1, 0, 20_00), (2, 0, 0)], [13_34, 66_67]),
        ([(1, 0, 33_33), (2, 1, 0)], [1, 33_34]),
        ([(1, 1, 20_00), (2, 0, 0)], [-19_99, 66_67]),  # Returned after a part was granted.
        ([(3, 1, 50_00)], [16_67]),
    ],
)
def test_what_is_left_for_the_units_of_each_parcel(units, left):
    for of_parcel, expected in zip(units, left, strict=True):
        assert left_of_units(100_00, quantity=3, units=UnitsOfItem(*of_parcel)) == expected


@pytest.mark.parametrize(
    ("units", "worth"),
    [
        ([(1, 1, 0), (2, 0, 0)], 33_33),
        ([(1, 1, 0), (2, 2, 0)], 100_00),
        ([(1, 1, 20_00), (2, 0, 0)], 13_34),  # Less what was granted for it.
        ([(1, 1, 0), (2, 0, 20_00)], 33_33),  # The grant is the others'.
        ([(1, 1, 33_33), (2, 2, 0)], 66_67),
        ([(2, 1, 33_34), (1, 0, 33_33)], 33_33),  # Written off, the last of them with the rest.
        ([(3, 1, 70_00)], 30_00),
        ([(1, 0, 45_00), (1, 1, 0), (1, 0, 0)], 33_33),  # Given before parcels owned their shares.
    ],
)
def test_what_returned_units_are_worth(units, worth):
    assert returned_amount(100_00, quantity=3, units=[UnitsOfItem(*each) for each in units]) == worth
