"""The words of every state, with their tags: none is missing, none is left over, an unknown one is no error."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db.models import TextChoices
from django.utils import translation

from lostpost.customer_queries.list_filters import BUCKETS
from lostpost.customer_queries.models import CustomerQuery, Mail
from lostpost.invoicing.models import SalesInvoice
from lostpost.partnerservice.models import PartnerserviceRequest
from lostpost.refunds.models import Refund
from lostpost.refunds.reads import BUCKETS as REFUND_BUCKETS
from lostpost.restorations.models import Restoration
from lostpost.templatetags.states import TAGS, refund_next, state_tag
from lostpost.texts.refunds import NEXT, refund_next_text
from lostpost.texts.states import STATES, state_text
from lostpost.texts.webhooks import next_try_text, webhook_state_text

STORED: dict[str, type[TextChoices]] = {
    "query": CustomerQuery.State,
    "mail": Mail.State,
    "delivery": Mail.Delivery,
    "refund": Refund.State,
    "request": PartnerserviceRequest.State,
    "outcome": PartnerserviceRequest.Outcome,
    "party": PartnerserviceRequest.Party,
    "invoice": SalesInvoice.State,
    "restoration": Restoration.State,
}
WHEN = datetime(2026, 3, 3, 14, 32, tzinfo=UTC)


@pytest.mark.parametrize("of", STORED)
def test_every_stored_state_has_its_word_and_its_tag(of):
    assert set(STATES[of]) == set(TAGS[of]) == set(STORED[of])


def test_every_list_of_states_has_its_names():
    assert set(BUCKETS) <= set(STATES["query"])
    assert set(REFUND_BUCKETS) <= set(STATES["refunds"])


def test_what_has_a_tag_has_words_in_both_languages():
    for of, states in STATES.items():
        for state in states:
            english = state_text(of, state)
            with translation.override("nl"):
                assert english != state_text(of, state) or english in ("Open", "Postcode", "Postcodes")  # In both.
    assert set(TAGS) - {"webhook"} < set(STATES)  # A webhook's words count its events.


@pytest.mark.parametrize("of", STORED)
def test_a_state_of_a_later_version_is_named_and_no_error(of):
    assert state_text(of, "on_hold") == "on hold"
    assert ">on hold</span>" in state_tag(of, "on_hold")


def test_units_that_may_not_be_written_off_yet_say_from_when():
    assert "<span>Not yet</span>" in state_tag("unit", "not-yet")
    assert '<span>Not yet: <time class="instant"' in state_tag("unit", "not-yet", WHEN)


def test_every_state_of_a_refund_says_what_comes_next():
    assert set(NEXT) == set(Refund.State)
    assert refund_next_text("confirmed", confirmed_at=WHEN).startswith("The customer has it since ")
    assert refund_next_text("of-tomorrow") == ""


def test_a_failed_refund_says_its_problem_in_the_readers_language_before_what_comes_next():
    refund = Refund(state="failed", problem="Mollie: <b>", problem_code="declined")
    assert refund_next(refund).startswith("The customer&#x27;s bank did not take the money. · Our finance team")
    with translation.override("nl"):
        assert "Mollie" not in refund_next(refund)
    assert refund_next(Refund(state="failed", problem="<b>")).startswith("&lt;b&gt; · Our finance team")


@pytest.mark.parametrize("state", TAGS["webhook"])
def test_a_webhook_says_how_it_fares_and_when_it_is_sent_to_next(state):
    english = webhook_state_text(state, 3), next_try_text(state, None)
    with translation.override("nl"):
        dutch = webhook_state_text(state, 3), next_try_text(state, None)
    assert all(english)
    assert english[0] != dutch[0]
    assert english[1] != dutch[1]
