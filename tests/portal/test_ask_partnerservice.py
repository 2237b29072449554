"""Ask Partnerservice about what a shop may not decide itself."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from lostpost.accounts.actor import Actor
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery
from lostpost.partnerservice.answer_request import answer_request
from lostpost.partnerservice.models import PartnerserviceRequest
from tests.cast import a_parcel, a_query, a_scan, an_order, row_counts, silent_parcel
from tests.portal.pages import Read, Site


@pytest.fixture
def site(client: Client, anna: Actor) -> Site:
    return Site(client, anna)


def too_old(anna: Actor) -> CustomerQuery:
    return silent_parcel(anna, quiet_days=61, now=timezone.now())


def denied(anna: Actor) -> CustomerQuery:
    return silent_parcel(anna, quiet_days=10, status="delivered", now=timezone.now())


def by_label(anna: Actor) -> CustomerQuery:
    now = timezone.now()
    order = an_order(anna.seller, now=now)
    a_scan(a_parcel(order, shipping_method="label_via_platform", now=now), now=now)
    return a_query(order, anna, now=now)


def ask_page(site: Site, query: CustomerQuery) -> Read:
    (link,) = [link for link in site.get(site.query(query, "write-off/")).links if "ask-partnerservice" in link]
    return site.get(link)


@pytest.mark.parametrize("case", [too_old, denied, by_label])
def test_the_screen_offers_it_and_the_timeline_shows_it(site, anna, case):
    query = case(anna)
    page = ask_page(site, query)
    assert page.status == 200
    assert "Partnerservice sees the whole case" in page.text

    form = page.form("/ask-partnerservice/")
    response = site.post(form.action, form.filled(sentence="The customer\r\nnever got it."))

    assert "Sent to Partnerservice. Their answer comes to the timeline." in response.text
    assert "Anna asked Partnerservice" in response.text
    assert "The customer never got it." in response.text
    assert "Waiting for Partnerservice" in response.text
    screen = site.get(site.query(query, "write-off/"))
    assert "Partnerservice has been asked about it." in screen.text
    assert not [link for link in screen.links if "ask-partnerservice" in link]


def test_the_answer_comes_to_the_timeline_and_then_it_may_be_asked_again(site, anna, pia):
    query = too_old(anna)
    form = ask_page(site, query).form("/ask-partnerservice/")
    site.post(form.action, form.filled(sentence="Please decide."))
    request = PartnerserviceRequest.objects.get(seller_id=anna.seller_id)
    answer_request(seller_id=anna.seller_id, request_id=request.id, answer="We refund it.", by=pia, now=timezone.now())

    page = site.get(site.query(query))

    assert "Pia of Partnerservice answered" in page.text
    assert "We refund it." in page.text
    assert "Answered" in page.text
    assert ask_page(site, query).status == 200


def test_a_double_click_asks_once(site, anna):
    query = too_old(anna)
    form = ask_page(site, query).form("/ask-partnerservice/")
    sent = form.filled(sentence="Please decide.")
    site.post(form.action, sent)
    page = site.post(form.action, sent)
    assert page.status == 200
    assert "Partnerservice has a request about this item already. Wait for its answer." in page.text
    assert PartnerserviceRequest.objects.filter(seller_id=anna.seller_id).count() == 1


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("", "Say in one sentence what Partnerservice should decide."),
        (" \n ", "Say in one sentence what Partnerservice should decide."),
        ("x" * 1001, "This has 1001 characters; 1000 fit. Shorten it."),
        ("a\x00b", "This holds a character that cannot be sent."),
    ],
)
def test_an_invalid_sentence_is_reported_at_its_field(site, anna, sentence, message):
    form = ask_page(site, too_old(anna)).form("/ask-partnerservice/")
    before = row_counts()
    page = site.post(form.action, form.filled(sentence=sentence))
    assert page.status == 422
    assert message in page.text
    assert "#id_sentence" in page.links
    assert row_counts() == before


@pytest.mark.parametrize("unit", [None, "", "/", "nonsense", "P-OTHER/1", "\x00/\x00"])
def test_an_invented_unit_redirects_to_the_screen_with_a_message(site, anna, unit):
    query = too_old(anna)
    form = ask_page(site, query).form("/ask-partnerservice/")
    before = row_counts()
    for page in (
        site.post(form.action, form.filled(sentence="Please.", unit=unit)),
        site.get(site.query(query, "ask-partnerservice/"), data={"unit": unit or ""}),
    ):
        assert page.status == 200
        assert "Choose an item about which Partnerservice decides; it is offered beside its reason." in page.text
        assert page.has_form("/check/")
    assert row_counts() == before


def test_units_that_the_shop_decides_cannot_be_requested(site, anna):
    query = silent_parcel(anna, now=timezone.now())
    assert "Ask Partnerservice" not in site.get(site.query(query, "write-off/")).text
    unit = f"{query.order.number}-P1/1"
    page = site.post(site.query(query, "ask-partnerservice/"), {"unit": unit, "sentence": "Please."})
    assert page.status == 422
    assert "Partnerservice does not decide about this item" in page.text
    assert not PartnerserviceRequest.objects.exists()


def test_a_handled_query_allows_no_request(site, anna):
    query = too_old(anna)
    form = ask_page(site, query).form("/ask-partnerservice/")
    close_query(number=query.number, by=anna, now=timezone.now())
    page = site.post(form.action, form.filled(sentence="Please decide."))
    assert page.status == 409
    assert "This customer query is handled. Reopen it first." in page.text
    assert page.form("/ask-partnerservice/").filled()["sentence"] == ["Please decide."]
    assert not PartnerserviceRequest.objects.exists()


def test_a_viewer_cannot_request(client, vera, anna):
    query = too_old(anna)
    site = Site(client, vera)
    assert "Ask Partnerservice" not in site.get(site.query(query, "write-off/")).text
    assert client.get(site.query(query, "ask-partnerservice/")).status_code == 403
    assert client.post(site.query(query, "ask-partnerservice/"), {}).status_code == 403
