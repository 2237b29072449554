"""The sentence of every code: the same words for page, API and problem, and no moment promised that is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from lostpost.accounts.actor import Actor
from lostpost.accounts.policy import change_policy
from lostpost.eligibility.rules import CAUTION_CODES, REFUSAL_CODES
from lostpost.texts.moments import at_text, instant_text
from lostpost.texts.refusals import CAUTIONS, REFUSALS, SHORT_REFUSALS
from tests.api.machine import a_machine_of
from tests.cast import a_parcel, a_query, a_return, a_scan, an_item, an_order, silent_parcel
from tests.portal.pages import Site


def test_every_code_has_its_sentence_and_its_short_form():
    assert set(REFUSALS) == set(SHORT_REFUSALS) == set(REFUSAL_CODES)
    assert set(CAUTIONS) == set(CAUTION_CODES)


def words(text: str) -> str:
    return text.replace(" ;", ";").replace(" .", ".").replace(" ,", ",")


def both(client, anna: Actor, query) -> tuple[str, list[str]]:
    """Return the words of the write-off screen, and the sentences that the API's assessment gives."""
    page = Site(client, anna).get(f"/shops/lampenhuis/customer-queries/{query.number}/write-off/")
    assessed = a_machine_of("lampenhuis").call("get", f"/orders/{query.order.number}/assessment").json()
    return words(page.text), [
        each["text"] for unit in assessed["units"] for each in [*unit["refusals"], *unit["warnings"]]
    ]


def test_page_and_api_promise_no_moment_at_which_the_order_is_too_old(client, anna):
    query = silent_parcel(anna, quiet_days=10 / 24, placed_days=59, now=timezone.now())

    text, sentences = both(client, anna, query)

    (sentence,) = sentences
    assert "By then the order is too old: its last day is" in sentence
    assert "You can write it off from" not in sentence
    assert sentence in text


def test_page_and_api_say_every_refusal_and_caution_in_the_same_words(client, anna):
    now = timezone.now()
    order = an_order(anna.seller, *[an_item(name, title=f"Item {name}") for name in "abcdefgh"], now=now)
    for item, (status, days) in {
        "a": ("in_transit", 1),
        "b": ("delivered", 5),
        "c": ("at_pickup_point", 5),
        "d": ("returning", 5),
    }.items():
        a_scan(a_parcel(order, units={item: 1}, now=now), days=days, status=status, now=now)
    a_parcel(order, units={"e": 1}, shipping_method="label_via_platform", now=now)
    a_parcel(order, units={"f": 1}, tracking_number="", now=now)
    back = a_parcel(order, units={"g": 1}, now=now)
    a_return(order, {(back.code, "g"): 1}, code="R-77", now=now)

    text, sentences = both(client, anna, a_query(order, anna, now=now))

    assert len(sentences) >= 8
    assert "with return R-77" in " ".join(sentences)
    for sentence in sentences:
        assert sentence in text, sentence


def test_the_api_names_moments_in_the_marketplaces_zone_as_pages_do(client, anna):
    change_policy(values={"time_zone": "Pacific/Auckland"}, reason="It moved.", by="Olga", now=timezone.now())
    text, (sentence,) = both(client, anna, silent_parcel(anna, quiet_days=1, now=timezone.now()))
    assert sentence in text


def test_a_refused_confirmation_says_why_line_by_line(anna):
    query = silent_parcel(anna, quiet_days=10 / 24, placed_days=59, now=timezone.now())
    lines = [{"parcel": f"{query.order.number}-P1", "item": "1", "quantity": 1}]
    wish = {"customer_query": query.number, "lines": lines}
    problem = a_machine_of("lampenhuis").call("post", "/write-offs", wish, key="too-early-1").json()
    ((refusal,),) = [line["refusals"] for line in problem["lines"]]
    assert refusal["code"] == "recent-update"
    assert "By then the order is too old" in refusal["text"]


@pytest.mark.parametrize(("days", "beginning"), [(0, "at "), (3, "on ")])
def test_when_something_was_done_stands_in_a_sentence(days, beginning):
    when = timezone.now() - timedelta(days=days)
    assert at_text(when).startswith(beginning)
    assert at_text(when)[-5:] == instant_text(when)[-5:]
