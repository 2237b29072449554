"""The customer's page behind the link in their e-mails."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from lostpost.customer_links.links import LASTS, link_in_mail
from lostpost.customer_links.models import CustomerLink
from lostpost.customer_queries.add_note import add_note
from lostpost.customer_queries.models import TimelineEntry
from lostpost.found_parcels.models import FoundCase
from lostpost.portal.customer_link import MESSAGES_OF_LINK, TOKENS_OF_NETWORK
from lostpost.writeoffs.write_off import write_off
from tests.cast import a_query, all_of, an_order, row_counts, silent_parcel, user_of
from tests.customers_sentences import in_all_languages_of_customers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_all_languages_of_customers")]
__all__ = ["in_all_languages_of_customers"]


@pytest.fixture
def query(anna):
    return silent_parcel(anna, paid_minor=25_00, now=timezone.now())


@pytest.fixture
def address(query):
    return address_of(query)


def address_of(query):
    return link_in_mail(query=query, now=timezone.now()).removeprefix("http://localhost:8000")


def opened(client, address):
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/c/")
    return client.get("/c/")


def messages(query):
    rows = TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id, kind="message.received")
    return [entry.text for entry in rows.order_by("at")]


def written(client, query, **values):
    return client.post("/c/", {"query": query.number, "act": "write", "message": "Where is it?", **values})


def key_in_page(answer):
    found = re.search(r'name="key" value="([^"]+)"', answer.content.decode())
    assert found
    return found[1]


def test_the_token_is_swapped_for_a_cookie_and_leads_to_a_clean_path(client, query, address):
    answer = client.get(address)

    assert answer.headers["Location"] == "/c/"
    cookie = answer.cookies["customer-link"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (True, "Lax", "/c/", 1800)
    page = client.get("/c/")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Referrer-Policy"] == "same-origin", "or browsers send its forms with Origin: null"
    for each in (answer, page):
        assert each.headers["X-Robots-Tag"] == "noindex"
        assert "no-store" in each.headers["Cache-Control"]
    assert address.encode() not in client.get("/c/").content


def test_it_shows_what_was_written_off_and_refunded_and_no_note(client, anna, query, address):
    add_note(number=query.number, text="Between us.", by=anna, key="note-key-1", now=timezone.now())
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=timezone.now())
    page = opened(client, address).content.decode()

    assert query.order.number in page
    assert "Desk lamp Aurora" in page
    assert "25.00" in page
    assert "klaas@example.com" not in page
    assert "Between us" not in page


def test_reading_uses_nothing_up_and_changes_nothing(client, query, address):
    opened(client, address)
    before = row_counts()
    for _each in range(3):
        opened(Client(), address)

    assert row_counts() == before
    assert client.head(address).status_code == 302


def test_a_message_is_shown_before_it_is_sent_and_then_sent_once(client, query, address):
    opened(client, address)
    check = written(client, query, step="check")
    assert (check.status_code, messages(query)) == (200, [])
    key = key_in_page(check)

    for _each in range(2):
        answer = written(client, query, step="send", key=key)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/c/?sent")

    assert messages(query) == ["Where is it?"]
    assert "Where is it?" in written(client, query, step="edit").content.decode()


def test_what_is_written_becomes_no_markup_here_nor_on_the_shops_page(client, anna, query, address):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>\n> <b>quoted</b>\n\u202e{{ 7*7 }}"
    opened(client, address)
    checked = written(client, query, message=hostile, step="check")
    written(client, query, message=hostile, step="send", key=key_in_page(checked))
    client.force_login(user_of(anna))
    shown = client.get(f"/shops/lampenhuis/customer-queries/{query.number}/")

    for page in (checked.content.decode(), shown.content.decode()):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert not any(markup in page for markup in ("<script>alert", "<img src=x", "<b>quoted"))
        assert "{{ 7*7 }}" in page


def test_it_came_after_all_is_on_the_timeline(client, query, address):
    opened(client, address)
    check = written(client, query, act="came", message="It is here", step="check")
    written(client, query, act="came", message="It is here", step="send", key=key_in_page(check))

    entry = TimelineEntry.objects.get(seller_id=query.seller_id, query_id=query.id, kind="message.received")
    assert entry.data["came_after_all"] is True


def test_it_came_after_the_write_off_opens_a_case_with_the_customers_wish(client, anna, query, address):
    write_off(query=query.number, selection=all_of(query), by=anna, key="confirm-1", now=timezone.now())
    opened(client, address)
    check = written(client, query, act="send-back", message="It is here", step="check")
    assert "I would like to send it back" in check.content.decode()
    written(client, query, act="send-back", message="It is here", step="send", key=key_in_page(check))

    case = FoundCase.objects.get(seller_id=query.seller_id)
    assert case.query_id == query.id
    assert case.evidence.get().data == {"wishes_to_send_back": True}


def test_a_send_without_its_check_is_checked_first(client, query, address):
    opened(client, address)

    assert "Go back" in written(client, query, step="send").content.decode()
    assert written(client, query, message=" ", step="check").status_code == 422
    assert messages(query) == []


def test_another_tab_with_another_link_sends_nothing(client, anna, query, address):
    other = a_query(an_order(anna.seller, now=timezone.now()), anna, now=timezone.now())
    opened(client, address)
    opened(client, address_of(other))

    assert written(client, query, step="check").status_code == 409
    assert messages(query) == messages(other) == []


@pytest.mark.parametrize("path", ["/c/", "/c/forged", "/c/" + "a" * 43])
def test_without_a_link_there_is_nothing(client, query, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert "Open the link in the newest e-mail again" in answer.content.decode()


def test_a_cookie_counts_only_while_its_link_does(client, query, address):
    opened(client, address)
    now = timezone.now()
    CustomerLink.objects.filter(seller_id=query.seller_id).update(ends_at=now, created_at=now - LASTS)

    assert client.get("/c/").status_code == 404
    assert written(client, query, step="check").status_code == 404
    client.cookies["customer-link"] = "forged:1:2"
    assert client.get("/c/").status_code == 404


def test_the_customer_ends_the_link(client, query, address):
    opened(client, address)
    check = client.post("/c/", {"query": query.number, "act": "end", "step": "check"})
    assert check.status_code == 200
    assert client.get(address).status_code == 302, "asked first"

    client.post("/c/", {"query": query.number, "act": "end", "step": "send"})

    assert client.get(address).status_code == 404
    assert client.get("/c/").status_code == 404


def test_guesses_wait(client, query):
    statuses = [client.get(f"/c/guess{number}").status_code for number in range(TOKENS_OF_NETWORK.free + 3)]

    assert (statuses[0], statuses[-1]) == (404, 429)


def test_floods_wait(client, query, address):
    opened(client, address)
    statuses = []
    for number in range(MESSAGES_OF_LINK.free + 3):
        key = key_in_page(written(client, query, message=f"Hello {number}", step="check"))
        statuses.append(written(client, query, message=f"Hello {number}", step="send", key=key).status_code)

    assert (statuses[0], statuses[-1]) == (302, 429)
    assert len(messages(query)) <= MESSAGES_OF_LINK.free + 1


def test_it_speaks_the_customers_language_until_they_choose(client, anna):
    order = an_order(anna.seller, customer_language="nl", now=timezone.now())
    dutch = a_query(order, anna, now=timezone.now())

    assert "Ik heb nog een vraag" in opened(client, address_of(dutch)).content.decode()
    client.post("/i18n/setlang/", {"language": "en", "next": "/c/"})
    assert "I still have a question" in client.get("/c/").content.decode()


def test_it_speaks_more_languages_than_the_shops_pages(client, anna):
    order = an_order(anna.seller, customer_language="fr-BE", now=timezone.now())
    query = a_query(order, anna, now=timezone.now())
    page = opened(client, address_of(query))
    assert page.headers["Content-Language"] == "fr"
    french = page.content.decode()
    assert '<html lang="fr">' in french
    assert "J’ai encore une question" in french
    for name in ("English", "Nederlands", "Français", "Deutsch"):
        assert name in french

    client.post("/i18n/setlang/", {"language": "de", "next": "/c/"})
    german = client.get("/c/").content.decode()
    assert "Ich habe noch eine Frage" in german
    assert (
        "Schreiben Sie, was Sie fragen oder mitteilen möchten." in written(client, query, message="").content.decode()
    )
    client.force_login(user_of(anna))
    assert '<html lang="en">' in client.get("/shops/lampenhuis/").content.decode()
    for browser, heading in (("de-AT,fr;q=0.5", "Dieser Link funktioniert nicht"), ("da", "This link does not work")):
        gone = Client().get("/c/", headers={"Accept-Language": browser})
        assert (gone.status_code, heading in gone.content.decode()) == (404, True)


def test_a_form_needs_the_pages_own_token(query, address):
    client = Client(enforce_csrf_checks=True)
    client.get(address)

    assert written(client, query, step="check").status_code == 403
