"""The preview token: short, signed, the same for the same facts, and different for others."""

from dataclasses import replace

import pytest
from django.core import signing

from lostpost.writeoffs.assess_order import OrderAssessment, assess_order
from lostpost.writeoffs.preview_token import LONGEST_TOKEN, MOST_UNITS, PreviewToken, name_of
from tests.cast import NOW, an_item, an_order, silent_parcel
from tests.writeoffs.test_statements import an_order_of

pytestmark = pytest.mark.django_db


def assessed(query) -> OrderAssessment:
    return assess_order(query.order, now=NOW)


def test_a_token_is_read_back_as_it_was_written(anna):
    assessment = assessed(an_order_of(anna, items=3, parcels=2, quantity=2))
    token = PreviewToken.of(assessment)
    assert PreviewToken.read(token.signed) == token
    assert token.is_about(assessment)
    assert token.signed == PreviewToken.of(assessment).signed
    assert set(token.units) == {name_of(unit) for unit in assessment.units}


def test_each_aspect_of_a_unit_stands_for_itself(anna):
    query = silent_parcel(anna, quantity=3)
    assessment = assessed(query)
    (before,) = PreviewToken.of(assessment).units.values()
    (unit,) = assessment.units
    facts = replace(unit.facts, returned=1)
    returned = replace(assessment, units=[replace(unit, facts=facts)])
    (after,) = PreviewToken.of(returned).units.values()
    assert after == before._replace(returned=after.returned)
    assert after.returned != before.returned
    assert not PreviewToken.of(assessment).is_about(returned)


def test_a_token_that_was_changed_or_signed_for_something_else_is_none(anna):
    text = PreviewToken.of(assessed(silent_parcel(anna))).signed
    content = text.rpartition(":")[0]
    other = "1" if text[0] == "0" else "0"
    forged = [
        other + text[1:],
        text[:-1],
        text + "0",
        content,
        f"{content}:",
        "",
        "é",
        "\ud800",
        "\x00",
        signing.Signer(salt="another").sign(content),
        signing.Signer(salt="lostpost.write-off.preview").sign("of another form"),
    ]
    assert [PreviewToken.read(one) for one in forged] == [None] * len(forged)


def test_tokens_of_two_orders_with_the_same_facts_differ(anna):
    one, other = (an_order(anna.seller, an_item("1")) for _n in range(2))
    first, second = assess_order(one, now=NOW), replace(assess_order(other, now=NOW), units=[])
    assert not PreviewToken.of(replace(first, units=[])).is_about(second)


def test_a_token_is_short_and_has_an_upper_bound(anna):
    small = assessed(silent_parcel(anna))
    assert len(PreviewToken.of(small).signed) <= 140
    (unit,) = small.units
    units = [replace(unit, item=replace(unit.item, item=f"{n}")) for n in range(MOST_UNITS + 9)]
    large = replace(small, units=units)
    assert len(PreviewToken.of(large).signed) <= LONGEST_TOKEN
    assert PreviewToken.of(large).is_about(large)
    assert not PreviewToken.of(large).is_about(replace(large, units=units[:-1]))
