"""Start customer contact from an order number: the e-mail that opens a customer query by itself."""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from lostpost.accounts.actor import Actor
from lostpost.answering.contact_drafts import forget_contact_drafts
from lostpost.answering.models import Attachment, ContactDraft, ContactFile
from lostpost.api.openapi.examples import EXAMPLES
from lostpost.customer_queries.models import CustomerQuery, Mail, TimelineEntry
from tests.cast import an_item, an_order, row_counts
from tests.portal.pages import Form, Site

NO = "No, the customer query has not yet been resolved. I will leave the customer query open."
PNG = b64decode(EXAMPLES["upload_attachment"]["request"]["content"])
FILLED = {"subject": "Your parcel", "message": "We look for it.", "leave_open": "yes"}


@pytest.fixture
def site(client: Client, anna: Actor) -> Site:
    return Site(client, anna)


@pytest.fixture
def form(site: Site, anna: Actor) -> Form:
    items = (an_item("1", title="Lamp"), an_item("2", title="Bulb"))
    order = an_order(anna.seller, *items, number="2398-4471", customer_language="nl", now=timezone.now())
    return site.get(f"/shops/lampenhuis/orders/{order.number}/contact/").form("/contact/")


def only_query() -> CustomerQuery:
    return CustomerQuery.objects.select_related("order").get()


def test_fill_in_look_at_it_and_send(site, form):
    page = site.post(form.action, form.filled(**FILLED, item="2", step="preview"))
    assert page.status == 200
    assert "klaas@example.com" in page.text
    assert "Your parcel" in page.text
    assert "Beste Klaas de Vries" in page.text
    assert "Sending it leaves the customer query open." in page.text
    assert not CustomerQuery.objects.exists()

    sent = site.post(form.action, page.form("/contact/").filled(step="send"))

    query = only_query()
    assert sent.response.redirect_chain == [(site.query(query), 302)]
    assert "Sent. The customer query is open." in sent.text
    assert "Write off item/order" in sent.text
    assert "about “Bulb”" in sent.text
    assert (query.subject, query.state, query.order.number) == ("Your parcel", "open", "2398-4471")
    assert Mail.objects.get().to == "klaas@example.com"


def test_the_choice_is_shown_in_its_own_words(site, form):
    page = site.get(form.action)
    assert NO in page.text
    assert "Yes, the customer query has been resolved. Close the customer query." in page.text


def test_a_resolved_matter_is_sent_and_closed(site, form):
    page = site.post(form.action, form.filled(**(FILLED | {"leave_open": "no"}), step="send"))
    assert "Sent. The customer query is closed." in page.text
    assert only_query().state == "handled"


def test_going_back_from_the_preview_keeps_everything(site, form):
    preview = site.post(form.action, form.filled(**FILLED, item="2", step="preview"))
    again = site.post(form.action, preview.form("/contact/").filled(step="edit")).form("/contact/").filled()
    values = {name: again[name][0] for name in (*FILLED, "item")}
    assert values == FILLED | {"item": "2"}


def test_a_double_click_on_send_opens_one_query(site, form):
    sent = form.filled(**FILLED, step="send")
    first, second = site.post(form.action, sent), site.post(form.action, sent)
    assert first.response.redirect_chain == second.response.redirect_chain
    assert TimelineEntry.objects.filter(kind="message.sent").count() == Mail.objects.count() == 1


def test_another_text_under_the_same_key_is_asked_about(site, form):
    site.post(form.action, form.filled(**FILLED, step="send"))
    page = site.post(form.action, form.filled(**(FILLED | {"message": "Another."}), step="send"))
    assert page.status == 422
    assert "You have sent another message from this page already" in page.text
    assert page.form("/contact/").filled()["message"] == ["Another."]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"subject": ""}, "Give a subject of 1 to 200 characters"),
        ({"subject": "x" * 201}, "This has 201 characters; 200 fit. Shorten it."),
        ({"message": " \r\n "}, "Write a message: the customer gets it by e-mail."),
        ({"leave_open": None}, "Choose whether the customer query has been resolved."),
        ({"item": "77"}, "This order has no such item. Choose one of the list."),
        ({"item": "\x00"}, "This order has no such item. Choose one of the list."),
        ({"subject": "a\x00b"}, "This holds a character that cannot be sent."),
        ({"key": None}, "Something was missing from what your browser sent."),
    ],
)
def test_an_invalid_field_is_marked_and_the_rest_is_kept(site, form, wrong, sentence):
    before = row_counts()
    page = site.post(form.action, form.filled(**(FILLED | {"step": "send"} | wrong)))
    assert page.status == 422
    assert sentence in page.text
    values = page.form("/contact/").filled()
    for name in FILLED.keys() - wrong.keys():
        assert values[name] == [FILLED[name]]
    if (name := next(iter(wrong))) != "key":
        assert f"#id_{name}" in page.links
        assert f"id_{name}" in page.ids
    assert row_counts() == before


def test_an_order_number_can_be_typed(site, form):
    page = site.get("/shops/lampenhuis/contact/")
    assert "Start customer contact" in page.text
    response = site.get("/shops/lampenhuis/contact/", data={"order_number": " 2398-4471 "})
    assert response.response.redirect_chain == [("/shops/lampenhuis/orders/2398-4471/contact/", 302)]


@pytest.mark.parametrize("number", ["2398-4472", "nonsense", "<b>", "\x00", "x" * 200, "' OR 1=1 --"])
def test_an_unknown_order_number_is_marked_and_kept(site, form, number):
    page = site.get("/shops/lampenhuis/contact/", data={"order_number": number})
    assert page.status == 422
    assert "#id_order_number" in page.links
    (typed,) = [value for each in page.forms for name, value in each.fields if name == "order_number"]
    assert typed.replace("�", "\x00") == number
    if number == "2398-4472":
        assert "There is no order “2398-4472” in this shop. Check the number." in page.text


def test_another_shops_order_is_not_found(client, carla, anna):
    an_order(anna.seller, number="OF-ANNA", now=timezone.now())
    site = Site(client, carla)
    assert site.get("/shops/carlas-keramiek/contact/", data={"order_number": "OF-ANNA"}).status == 422
    assert client.get("/shops/carlas-keramiek/orders/OF-ANNA/contact/").status_code == 404
    assert client.post("/shops/carlas-keramiek/orders/OF-ANNA/contact/", FILLED).status_code == 404
    assert not CustomerQuery.objects.exists()


def test_a_viewer_starts_no_contact(client, vera, anna):
    an_order(anna.seller, number="A-1", now=timezone.now())
    Site(client, vera)
    for path in ("/shops/lampenhuis/contact/", "/shops/lampenhuis/orders/A-1/contact/"):
        assert client.get(path).status_code == 403
    assert client.post("/shops/lampenhuis/orders/A-1/contact/", FILLED).status_code == 403


def test_a_draft_is_kept_with_its_files_until_it_is_sent(site, form, bram):
    files = {"files": [SimpleUploadedFile("label.png", PNG), SimpleUploadedFile("again.png", PNG)]}
    saved = site.client.post(form.action, {**plain(form.filled(**FILLED, step="save")), **files}, follow=True)
    assert "Your draft is kept. Only you see it." in saved.content.decode()
    assert ContactFile.objects.get().name == "label.png"  # The same content is kept once.
    assert not CustomerQuery.objects.exists()

    page = site.get(form.action)
    again = page.form("/contact/")
    assert {name: again.filled()[name][0] for name in FILLED} == FILLED
    assert "label.png" in page.text
    assert "label.png" not in Site(Client(), bram).get(form.action).text  # Nobody else sees it.

    preview = site.post(form.action, again.filled(step="preview"))
    assert "label.png" in preview.text
    sent = preview.form("/contact/").filled(step="send")
    first, second = site.post(form.action, sent), site.post(form.action, sent)

    assert first.response.redirect_chain == second.response.redirect_chain
    (attachment,) = Attachment.objects.filter(query_id=only_query().id)
    assert (attachment.name, attachment.entry_id) == ("label.png", Mail.objects.get().about_id)
    assert not ContactDraft.objects.exists()
    late = {"subject": "Your parcel", "message": "Late", "key": sent["key"]}
    site.post(f"{form.action}draft/", late)  # What a script sends after that is not kept.
    assert not ContactDraft.objects.exists()


def test_a_file_is_taken_away_and_a_wrong_one_keeps_what_was_typed(site, form):
    site.client.post(
        form.action, {**plain(form.filled(**FILLED, step="save")), "files": SimpleUploadedFile("label.png", PNG)}
    )
    svg = SimpleUploadedFile("x.svg", b"<svg onload=alert(1)>")
    refused = site.client.post(form.action, {**plain(form.filled(**FILLED, step="preview")), "files": svg})
    assert refused.status_code == 422
    assert "of a kind that is not taken" in refused.content.decode()
    assert "We look for it." in refused.content.decode()

    file = ContactFile.objects.get()
    site.post(form.action, form.filled(**FILLED) | {"detach": [str(file.id)]})
    assert not ContactFile.objects.exists()
    draft = ContactDraft.objects.get()
    assert (draft.subject, draft.text, draft.leave_open) == ("Your parcel", "We look for it.", True)
    later = draft.seen_at + timedelta(days=31)
    assert forget_contact_drafts(seller_id=draft.seller_id, now=later) == 1
    assert not ContactDraft.objects.exists()


def plain(values: Any) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, list) else value for name, value in dict(values).items()}
