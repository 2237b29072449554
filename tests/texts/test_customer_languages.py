"""In which language a customer is written to."""

from __future__ import annotations

import pytest

from lostpost.texts.customer_languages import customer_language


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (("nl", "en"), "nl"),
        (("nl-BE", "en"), "nl"),
        (("fr-BE", "nl"), "fr"),
        (("DE_at", "nl"), "de"),
        (("da", "fi"), "en"),
        (("en-GB", "nl"), "en"),
        (("", "nl"), "nl"),
        ((), "en"),
    ],
)
def test_it_is_the_first_that_is_known_else_english(wanted, chosen):
    assert customer_language(*wanted) == chosen
