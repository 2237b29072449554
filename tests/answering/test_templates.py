"""Templates of answers: their fields, those that come along, and a shop's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lostpost.accounts.actor import Actor, ReadOnly
from lostpost.answering import put_template as putting
from lostpost.answering.delete_template import delete_template
from lostpost.answering.fields import FIELDS, TemplateRefused, filled_in, open_fields, require_known_fields
from lostpost.answering.models import AnswerTemplate
from lostpost.answering.put_template import put_template
from lostpost.answering.shipped_templates import TEMPLATES, TITLES
from lostpost.answering.templates import (
    TemplateNotFound,
    TemplateText,
    filled_template,
    language_of,
    offered_templates,
    template_text,
)
from lostpost.customer_queries.models import CustomerQuery
from lostpost.eligibility.policy import Policy
from tests.cast import NOW, a_parcel, a_query, a_scan, an_item, an_order, row_counts, silent_parcel

ZONE = Policy().zone
LANGUAGES = ("nl", "fr", "de", "en")


def put(by: Actor, **values: Any) -> AnswerTemplate:
    template: dict[str, Any] = {
        "template_id": None,
        "name": "Ours",
        "language": "nl",
        "text": "Dag {customer}",
        "now": NOW,
    }
    return put_template(**template | values, by=by)


def filled(query: CustomerQuery, text: str, language: str = "en") -> str:
    template = TemplateText(language, text)
    return filled_template(template, query.order, query=query, shop="Lampenhuis", agent="Anna", zone=ZONE)


# Fields -------------------------------------------------------------------------------------------------------------


def test_a_field_is_filled_in_or_stays_or_gives_way():
    text = "{order}, {carrier}, {carrier|the carrier}, parcel {tracking_number|}."
    assert filled_in(text, {"order": "A-1"}) == "A-1, {carrier}, the carrier, parcel."
    assert filled_in(text, {"order": "A-1", "carrier": "DPD", "tracking_number": "3S"}) == "A-1, DPD, DPD, parcel 3S."


def test_a_value_is_text_and_no_template():
    assert filled_in("{customer} {order}", {"customer": "{order}{{7*7}}{% now %}", "order": "A-1"}) == (
        "{order}{{7*7}}{% now %} A-1"
    )


@given(st.text(st.sampled_from("{}| abcorder"), max_size=30))
def test_what_is_accepted_has_known_fields_only(text):
    try:
        require_known_fields(text)
    except TemplateRefused:
        return
    assert not {"{", "}"} & set(filled_in(text, dict.fromkeys(FIELDS, "x")))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Dag {costumer}", "There is no field {costumer}"),
        ("Dag {}", "There is no field {}"),
        ("Dag {{customer}}", "A brace stands alone"),
        ("Dag {customer", "A brace stands alone"),
        ("100 }", "A brace stands alone"),
    ],
)
def test_unknown_fields_and_lone_braces_are_refused(text, sentence):
    with pytest.raises(TemplateRefused, match=sentence):
        require_known_fields(text)


def test_every_field_has_its_value(anna):
    order = an_order(anna.seller, an_item(quantity=2, title="Lamp"), an_item("2", title="Bulb", paid_minor=5_00))
    a_scan(a_parcel(order), location="Utrecht")
    query = a_query(order, anna, item="1")

    text = filled(query, "\n".join(f"{{{name}}}" for name in FIELDS))

    assert text.splitlines() == [
        "Klaas de Vries",
        order.number,
        query.number,
        "2 × Lamp",
        "DPD",
        f"TT-{order.number}-P1",
        "on its way (March 2, 2026)",
        "€25.00",
        "{refunded}",
        "Lampenhuis",
        "Anna",
    ]


def test_values_are_in_the_templates_language(anna):
    query = silent_parcel(anna, quiet_days=8)
    texts = {language: filled(query, "{last_scan}; {amount}", language) for language in LANGUAGES}
    assert {language: text.replace("\xa0", " ").replace("\u202f", " ") for language, text in texts.items()} == {
        "nl": "onderweg (2 maart 2026); € 25,00",
        "fr": "en route (2 mars 2026); 25,00 €",
        "de": "unterwegs (2. März 2026); 25,00 €",
        "en": "on its way (March 2, 2026); €25.00",
    }


# Those that come along ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", TITLES)
def test_a_template_that_comes_along_can_be_sent_in_each_language(anna, key):
    query = silent_parcel(anna)
    assert tuple(TEMPLATES[key]) == LANGUAGES
    for language in LANGUAGES:
        template = template_text(anna.seller_id, f"{key}/{language}")
        require_known_fields(template.text)
        assert open_fields(filled(query, template.text, language)) == []


def test_templates_are_offered_in_the_customers_language_first(anna, carla):
    put(anna, name="Ours", language="fr")
    put(carla, name="Of another shop", language="fr")
    offered = offered_templates(anna.seller_id, first="fr")
    assert [(each.title, each.language, each.own) for each in offered][:2] == [
        ("Ours", "fr", True),
        (str(TITLES["silent"]), "fr", False),
    ]
    assert len(offered) == 1 + len(TITLES) * len(LANGUAGES)


@pytest.mark.parametrize(
    ("codes", "language"), [(("fr-BE", "nl"), "fr"), (("pl", "nl"), "nl"), (("", "pl"), "en"), (("DE",), "de")]
)
def test_the_first_language_that_templates_exist_in_is_taken(codes, language):
    assert language_of(*codes) == language


# A shop's own -------------------------------------------------------------------------------------------------------


def test_a_shops_own_template_is_kept_changed_and_deleted(anna):
    template = put(anna)
    put(anna, template_id=template.id, text="Hallo {customer}")
    assert template_text(anna.seller_id, str(template.id)) == TemplateText("nl", "Hallo {customer}")
    delete_template(template_id=template.id, by=anna)
    with pytest.raises(TemplateNotFound):
        template_text(anna.seller_id, str(template.id))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 81},
        {"name": "two\nlines"},
        {"language": "pl"},
        {"text": "\u200b"},
        {"text": "x" * 10_001},
        {"text": "nul \x00"},
        {"text": "{costumer}"},
        {"name": "Taken"},
    ],
)
def test_a_refused_template_leaves_no_row(anna, wrong):
    put(anna, name="Taken")
    before = row_counts()
    with pytest.raises(TemplateRefused):
        put(anna, **wrong)
    assert row_counts() == before


def test_templates_are_one_shops_and_its_writers(anna, vera, carla, monkeypatch):
    template = put(anna)
    with pytest.raises(ReadOnly):
        put(vera)
    with pytest.raises(ReadOnly):
        delete_template(template_id=template.id, by=vera)
    with pytest.raises(TemplateNotFound):
        put(carla, template_id=template.id)
    with pytest.raises(TemplateNotFound):
        template_text(carla.seller_id, str(template.id))
    delete_template(template_id=template.id, by=carla)
    assert AnswerTemplate.objects.filter(seller_id=anna.seller_id).count() == 1
    monkeypatch.setattr(putting, "MOST_TEMPLATES", 1)
    with pytest.raises(TemplateRefused, match="more are not kept"):
        put(anna, name="One more")


@pytest.mark.parametrize("ref", ["", "silent", "silent/pl", "nothing/nl", "x" * 50, f"{UUID(int=7)}"])
def test_an_unknown_template_is_not_found(anna, ref):
    with pytest.raises(TemplateNotFound):
        template_text(anna.seller_id, ref)
