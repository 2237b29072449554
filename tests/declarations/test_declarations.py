"""Declarations of non-arrival: asked for once, signed once by link, kept as they were read, ended with their time."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from lostpost.accounts.actor import ReadOnly
from lostpost.accounts.policy import change_policy, current_policy
from lostpost.connectors.mail.letter import mail_to_write, write_letter
from lostpost.core.errors import NotFound, Rejected
from lostpost.customer_links.links import link_in_mail
from lostpost.customer_links.models import CustomerLink
from lostpost.customer_links.revoke_links import revoke_links
from lostpost.customer_queries.close_query import close_query
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from lostpost.customer_queries.timeline import QueryHandled, QueryNotFound
from lostpost.declarations.ask_for_declaration import ask_for_declaration
from lostpost.declarations.models import Declaration
from lostpost.declarations.reads import carrier_asks_for_declaration, forget_declarations
from lostpost.declarations.sentences import NAMED, SENTENCES, sentence_for
from lostpost.declarations.sign_declaration import sign_declaration
from lostpost.orders.models import Parcel
from lostpost.texts.timeline import timeline_heading
from tests.cast import a_parcel, a_query, an_order, row_counts, user_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def query(anna):
    order = an_order(anna.seller, number="A-77", customer_language="nl", now=timezone.now())
    a_parcel(order, code="BOX", carrier="DPD", tracking_number="3SABC")
    return a_query(order, anna, now=timezone.now())


def ask(query, by, parcel="BOX"):
    return ask_for_declaration(number=query.number, parcel=parcel, by=by, now=timezone.now())


def kinds(query):
    entries = TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id)
    return list(entries.order_by("at", "id").values_list("kind", flat=True))[2:]


def opened(client, query):
    client.get(link_in_mail(query=query, now=timezone.now()).removeprefix("http://localhost:8000"))


def test_it_is_asked_for_once_and_signed_once_by_the_link(client, query, anna):
    asked = ask(query, anna)
    assert ask(query, anna).id == asked.id
    assert asked.sentence == (
        "Ik verklaar dat ik het pakket 3SABC (DPD) van mijn bestelling A-77 bij Lampenhuis niet heb ontvangen, en dat "
        "niemand het voor mij heeft aangenomen. Komt het alsnog, dan meld ik dat."
    )
    mail = Mail.objects.get(seller_id=anna.seller_id, kind="declaration.asked")
    letter = write_letter(mail_to_write(seller_id=mail.seller_id, mail_id=mail.id), link="https://link")
    for text in (letter.text, letter.html):
        assert asked.sentence in text
        assert "https://link" in text
    close_query(number=query.number, by=anna, now=timezone.now())
    opened(client, query)
    before = row_counts()
    page = client.get("/c/").content.decode()
    assert asked.sentence in page
    form = {"query": query.number, "act": "declare", "declaration": str(asked.id)}

    refused = client.post("/c/", {**form, "name": " ", "step": "check"})
    check = client.post("/c/", {**form, "name": "Klaas Vaak", "step": "check"}).content.decode()
    edited = client.post("/c/", {**form, "name": "Klaas Vaak", "step": "edit"}).content.decode()
    assert refused.status_code == 422
    assert f'href="#name-{asked.id}"' in refused.content.decode()
    assert asked.sentence in check
    assert 'value="Klaas Vaak"' in edited
    assert row_counts() == before

    for name in ("Klaas Vaak", "Somebody else"):
        answer = client.post("/c/", {**form, "name": name, "step": "send"})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/c/?signed")

    signed = Declaration.objects.get(seller_id=anna.seller_id)
    today = timezone.now().astimezone(current_policy().zone).date()
    assert (signed.signed_name, signed.signed_on, signed.sentence) == ("Klaas Vaak", today, asked.sentence)
    assert kinds(query) == ["declaration.asked", "query.closed", "declaration.signed", "query.reopened"]
    assert "Klaas Vaak" in client.get("/c/?signed").content.decode()
    about = {"seller": "lampenhuis", "number": query.number}
    client.force_login(user_of(anna))
    page = client.get(reverse("portal:customer-query", kwargs=about)).content.decode()
    url = reverse("portal:declaration", kwargs={**about, "declaration": signed.id})
    assert url in page
    assert re.search(r"Klaas Vaak,", page)
    text = client.get(url).content.decode()
    assert text.startswith(f"{asked.sentence}\n\nKlaas Vaak\n{today.isoformat()}\n")


def test_nobody_asks_or_signs_beside_the_rules(query, anna, vera, carla):
    before = row_counts()
    for by, parcel, refusal in ((vera, "BOX", ReadOnly), (carla, "BOX", QueryNotFound), (anna, "\0", NotFound)):
        with pytest.raises(refusal):
            ask(query, by, parcel)
    assert row_counts() == before
    asked = ask(query, anna)
    before = row_counts()
    other = a_query(an_order(anna.seller), anna)
    for about, name, wrong in ((query, " K ", Rejected), (query, "K" * 201, Rejected), (other, "Klaas", NotFound)):
        with pytest.raises(wrong):
            sign_declaration(query=about, declaration_id=asked.id, name=name, now=timezone.now())
    assert Declaration.objects.get(seller_id=anna.seller_id).signed_at is None
    close_query(number=other.number, by=anna, now=timezone.now())
    a_parcel(other.order, code="B2")
    with pytest.raises(QueryHandled):
        ask(other, anna, "B2")


def test_words_and_name_end_with_their_time(query, anna):
    asked, now = ask(query, anna), timezone.now()
    sign_declaration(query=query, declaration_id=asked.id, name="Klaas Vaak", now=now)
    of_shop = {"seller_id": anna.seller_id, "kept_days": 30}
    assert forget_declarations(**of_shop, now=now + timedelta(days=29)) == 0
    assert forget_declarations(**of_shop, now=now + timedelta(days=31)) == 1
    row = Declaration.objects.get(seller_id=anna.seller_id)
    assert (row.sentence, row.signed_name, row.signed_on) == ("", "", now.astimezone(current_policy().zone).date())
    with pytest.raises(NotFound):
        sign_declaration(query=query, declaration_id=asked.id, name="Klaas Vaak", now=now)


def test_each_language_names_order_shop_and_parcel(query, anna):
    parcel = Parcel.objects.get(seller_id=anna.seller_id, code="BOX")
    assert SENTENCES.keys() == NAMED.keys() == {"nl", "fr", "de", "en"}
    for code in ("nl", "fr-BE", "de", "en", "pl"):
        query.order.customer_language = code
        language, sentence = sentence_for(query.order, parcel, shop="Lampenhuis {x}")
        assert language == (code[:2] if code != "pl" else "en")
        assert all(part in sentence for part in ("A-77", "Lampenhuis {x}", "3SABC", "DPD"))
    parcel.tracking_number = ""
    assert "the parcel BOX (DPD)" in sentence_for(query.order, parcel, shop="x")[1]


def test_the_page_says_which_carriers_ask_for_one(client, query, anna):
    change_policy(values={"declaration_carriers": "GLS, d.p.d"}, reason="So.", by="operator", now=timezone.now())
    policy = current_policy()
    asked = [carrier_asks_for_declaration(carrier, policy) for carrier in ("GLS", "DPD", "PostNL", "")]
    assert asked == [True, False, False, False]
    client.force_login(user_of(anna))
    url = reverse("portal:customer-query", kwargs={"seller": "lampenhuis", "number": query.number})
    assert "the carrier asks for it" not in client.get(url).content.decode()
    change_policy(values={"declaration_carriers": "dpd"}, reason="So.", by="operator", now=timezone.now())
    assert "the carrier asks for it" in client.get(url).content.decode()


def test_the_shop_and_the_customer_end_a_link_and_the_timeline_says_so(query, anna, vera):
    about = {"seller_id": anna.seller_id, "number": query.number, "now": timezone.now()}
    assert revoke_links(**about, by=anna) == 0
    link_in_mail(query=query, now=timezone.now())
    with pytest.raises(ReadOnly):
        revoke_links(**about, by=vera)
    assert revoke_links(**about, by=anna) == 1
    link_in_mail(query=query, now=timezone.now())
    assert revoke_links(**about, by=None) == 1
    assert not CustomerLink.objects.filter(seller_id=anna.seller_id, revoked_at=None).exists()
    rows = TimelineEntry.objects.filter(seller_id=anna.seller_id, kind="link.revoked").order_by("at", "id")
    assert [timeline_heading(entry) for entry in rows] == [
        "Anna made the customer’s link stop working",
        "The customer made their link stop working",
    ]
    assert CustomerQuery.objects.get(seller_id=anna.seller_id, id=query.id).state == "open"
