"""Who pays what, in words: no sign is left to the reader."""

from __future__ import annotations

import pytest

from lostpost.templatetags.lostpost import payable


@pytest.mark.parametrize(
    ("minor", "state", "to_finance", "said"),
    [
        (-3_820_22, "issued", False, "We pay you €3,820.22"),
        (28_17, "issued", False, "You owe us €28.17"),
        (-3_820_22, "paid", False, "We paid you €3,820.22"),
        (28_17, "carried", False, "You owed us €28.17; the next invoice took it over"),
        (-1, "issued", True, "We owe the seller €0.01"),
        (28_17, "paid", True, "The seller paid us €28.17"),
        (0, "nothing", False, "Nothing to pay"),
    ],
)
def test_an_amount_to_be_paid_names_who_pays_whom(minor, state, to_finance, said):
    text = payable(minor, "EUR", state, to_finance=to_finance)
    assert text.replace('<span class="money">', "").replace("</span>", "") == said
