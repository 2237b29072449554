"""The box of an answer: its draft, who else is there, and what came while it was written."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from lostpost.accounts.actor import Actor
from lostpost.answering.models import AnswerDraft, Attachment
from lostpost.customer_queries.models import CustomerQuery, TimelineEntry
from lostpost.customer_queries.receive_message import receive_message
from lostpost.web.body_limits import WITH_FILES, body_limit
from tests.cast import silent_parcel, user_of
from tests.portal.pages import Site


@pytest.fixture
def site(client: Client, anna: Actor) -> Site:
    return Site(client, anna)


@pytest.fixture
def query(anna: Actor) -> CustomerQuery:
    return silent_parcel(anna, now=timezone.now())


def sent_texts(query: CustomerQuery) -> list[str]:
    entries = TimelineEntry.objects.filter(seller_id=query.seller_id, query_id=query.id, kind="message.sent")
    return [entry.text for entry in entries.order_by("at", "id")]


def test_a_draft_is_there_again_when_one_returns_and_gone_when_it_is_sent(site, query):
    form = site.get(site.query(query)).form("/answer/")
    page = site.post(form.action, form.filled(message="Half a\r\nsentence", leave_open="yes", step="save"))
    assert "Your draft is kept. Only you see it." in page.text

    again = site.get(site.query(query)).form("/answer/").filled(step="send")
    assert again["message"] == ["Half a\nsentence"]
    assert again["leave_open"] == ["yes"]

    site.post(form.action, again)
    assert sent_texts(query)[-1] == "Half a\nsentence"
    assert "Your draft" not in site.get(site.query(query)).text
    assert site.get(site.query(query)).form("/answer/").filled()["message"] == [""]


def test_a_script_keeps_the_draft_and_learns_who_else_is_there(client, site, query, anna, bram):
    form = site.get(site.query(query)).form("/answer/")
    kept = site.post(site.query(query, "draft/"), form.filled(message="We look"))
    assert kept.status == 200
    assert "answering" not in kept.text

    brams = Site(Client(), bram)
    page = brams.get(brams.query(query))
    assert "Anna is answering this customer query." in page.text
    assert page.form("/answer/").filled()["message"] == [""]
    brams.post(brams.query(query, "draft/"), page.form("/answer/").filled())
    assert "Bram has this customer query open." in site.post(site.query(query, "draft/"), form.filled()).text


def test_an_open_page_learns_that_a_message_came(site, query, anna):
    form = site.get(site.query(query)).form("/answer/")
    assert "new message" not in site.post(site.query(query, "draft/"), form.filled()).text
    receive_message(seller_id=anna.seller_id, number=query.number, message="It came!", now=timezone.now())
    assert "There is a new message." in site.post(site.query(query, "draft/"), form.filled()).text


def test_a_draft_that_is_far_too_long_is_refused_with_a_sentence(site, query):
    form = site.get(site.query(query)).form("/answer/")
    kept = site.post(site.query(query, "draft/"), form.filled(message="x" * 20_001))
    assert kept.status == 422
    page = site.post(form.action, form.filled(message="x" * 20_001, step="save"))
    assert page.status == 422
    assert page.form("/answer/").filled()["message"] == ["x" * 20_001]


def test_an_answer_is_not_sent_over_a_message_that_was_not_seen(site, query, anna, bram):
    form = site.get(site.query(query)).form("/answer/")
    receive_message(seller_id=anna.seller_id, number=query.number, message="It came!", now=timezone.now())

    # The preview does not hide what came since the page with the form was shown.
    preview = site.post(form.action, form.filled(message="We look.", leave_open="yes", step="preview"))
    page = site.post(form.action, preview.form("/answer/").filled(step="send"))

    assert page.status == 409
    assert "New since you read this customer query Klaas de Vries wrote" in page.text
    assert page.text.count("It came!") == 2  # Above the box and on the timeline.
    assert len(sent_texts(query)) == 1
    assert AnswerDraft.objects.get(seller_id=anna.seller_id).text == "We look."

    again = page.form("/answer/")
    assert again.filled()["message"] == ["We look."]
    assert "Send anyway" in page.text
    assert site.post(again.action, again.filled(step="send")).status == 200
    assert sent_texts(query)[-1] == "We look."


def test_what_an_open_page_sends_by_itself_keeps_no_session_alive(client, site, query):
    form = site.get(site.query(query)).form("/answer/")

    def seen_at() -> int:
        return int(client.session["lostpost_seen_at"])

    session = client.session
    session["lostpost_seen_at"] = seen_at() - 3600
    session.save()
    hour_ago = seen_at()
    site.post(site.query(query, "draft/"), form.filled(message="We look"))
    assert seen_at() == hour_ago
    site.get(site.query(query))
    assert seen_at() > hour_ago


# Templates ----------------------------------------------------------------------------------------------------------


def test_a_template_is_put_below_what_was_typed(site, query):
    form = site.get(site.query(query)).form("/answer/")
    page = site.post(form.action, form.filled(message="Dear Klaas", step="insert", template="searching/en"))
    (message,) = page.form("/answer/").filled()["message"]
    assert message.startswith(f"Dear Klaas\n\nThank you for your message about order {query.order.number}. We are")
    assert AnswerDraft.objects.get(seller_id=query.seller_id).text == message  # And it is kept.


def test_a_script_gets_the_field_alone(client, site, query):
    form = site.get(site.query(query)).form("/answer/")
    sent = form.filled(message="", step="insert", template="searching/en")
    part = client.post(form.action, sent, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Thank you for your message" in part


def test_a_field_of_which_nothing_is_known_is_not_sent(site, query):
    form = site.get(site.query(query)).form("/answer/")
    page = site.post(form.action, form.filled(message="You got {refunded}.", leave_open="yes", step="send"))
    assert page.status == 422
    assert "Nothing is known for the field {refunded} of the template." in page.text
    assert len(sent_texts(query)) == 1


def test_contact_about_a_silent_parcel_is_filled_in_in_the_customers_language(site, anna):
    order = silent_parcel(anna, customer_language="fr", now=timezone.now()).order
    form = site.get(f"/shops/lampenhuis/orders/{order.number}/contact/?template=silent").form("/contact/")
    sent = form.filled(step="preview")
    assert sent["subject"] == ["Votre colis est-il arrivé ?"]
    assert sent["message"][0].startswith(f"Votre commande {order.number} (1 × Desk lamp Aurora) a été confiée à DPD")
    assert site.post(form.action, sent).status == 200

    again = site.post(form.action, form.filled(message="Hallo", step="insert", template="unclear/nl")).form("/contact/")
    assert again.filled()["message"][0].startswith("Hallo\n\nDank je voor je bericht over bestelling")


def test_a_shop_writes_looks_at_changes_and_deletes_its_templates(site, anna):
    address = "/shops/lampenhuis/answer-templates/"
    form = site.get(f"{address}?copy=unclear/nl").form("/answer-templates/")
    assert form.filled()["text"][0].startswith("Dank je voor je bericht")

    values = form.filled(name="Kort", text="Dag {customer}, het is {carrier|de post}.")
    assert "Dag K. de Vries, het is DPD." in site.post(address, {**values, "step": "preview"}).text
    page = site.post(address, {**values, "step": "save"})
    assert "The template is kept." in page.text
    (link,) = [link for link in page.links if link.startswith(address) and "copy" not in link]
    assert site.get(link).form(link).filled()["name"] == ["Kort"]
    refused = site.post(link, {**values, "text": "Dag {klant}", "step": "save"})
    assert refused.status == 422
    assert "There is no field {klant}." in refused.text
    assert "The template is deleted." in site.post(link, {"step": "delete"}).text
    assert site.get(f"{address}?copy=nothing/nl").status == 404


# What stands beside and above the box -------------------------------------------------------------------------------


def test_a_query_with_sixty_messages_shows_the_newest_and_folds_the_others(site, anna, query):
    for at in range(60):
        receive_message(seller_id=anna.seller_id, number=query.number, message=f"Message {at}.", now=timezone.now())
    page = site.get(site.query(query))
    line, folded, newest, box = map(
        page.html.index, ("earlier entries", "Message 58.", "Message 59.", "Answer the customer")
    )
    assert line < folded < page.html.rindex("</details>", 0, newest) < newest < box


def test_earlier_queries_and_orders_of_the_customer_stand_beside_it(site, anna, query):
    earlier = silent_parcel(anna, now=timezone.now())
    page = site.get(site.query(query))
    assert "Earlier with this customer" in page.text
    assert site.query(earlier) in page.links
    assert f"/shops/lampenhuis/orders/{earlier.order.number}/" in page.links


def test_a_note_names_who_is_mentioned_in_it(site, query, bram):
    form = site.get(site.query(query)).form("/note/")
    page = site.post(form.action, form.filled(text="@bram, who signed?"))
    assert "Mentioned: Bram" in page.text


# Files --------------------------------------------------------------------------------------------------------------


def a_picture(name: str = "label.png") -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), "text/html")


def test_files_are_attached_kept_with_the_draft_taken_away_and_sent(client, site, query, anna):
    form = site.get(site.query(query)).form("/answer/")
    refused = site.post(
        form.action, form.filled(message="See.", files=[SimpleUploadedFile("x.png", b"<svg/>")], step="send")
    )
    assert refused.status == 422
    assert "“x.png” is of a kind that is not taken." in refused.text
    assert refused.form("/answer/").filled()["message"] == ["See."]

    page = site.post(form.action, form.filled(message="See.", files=[a_picture(), a_picture("b.png")], step="save"))
    kept = page.form("/answer/")
    assert len(kept.filled()["attachment"]) == 1  # It is the same picture.
    assert "label.png" in page.text
    page = site.post(form.action, kept.filled(files=[], detach=kept.filled()["attachment"][0]))
    assert "attachment" not in page.form("/answer/").filled()

    preview = site.post(form.action, kept.filled(files=[a_picture()], leave_open="yes", step="preview"))
    assert "Attached: label.png" in preview.text
    sent = site.post(form.action, preview.form("/answer/").filled(step="send"))
    (link,) = {link for link in sent.links if "/attachments/" in link}
    assert "attachment" not in sent.form("/answer/").filled()

    response = client.get(link)
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Content-Disposition"] == 'attachment; filename="label.png"'
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def client_of(person: Actor) -> Client:
    client = Client()
    client.force_login(user_of(person))
    return client


def test_a_file_of_a_draft_is_its_writers_and_one_that_was_sent_the_shops(client, site, query, anna, bram, vera, carla):
    form = site.get(site.query(query)).form("/answer/")
    page = site.post(form.action, form.filled(message="See.", files=[a_picture()], leave_open="yes", step="save"))
    row = Attachment.objects.get(seller_id=anna.seller_id)
    link = site.query(query, f"attachments/{row.id}/")

    def statuses() -> list[int]:
        return [client_of(person).get(link).status_code for person in (anna, bram, vera, carla)]

    assert statuses() == [200, 404, 404, 404]
    site.post(form.action, page.form("/answer/").filled(step="send"))
    assert statuses() == [200, 200, 200, 404]


def test_a_double_click_with_a_file_sends_once(site, query, anna):
    form = site.get(site.query(query)).form("/answer/")
    for _click in range(2):
        page = site.post(form.action, form.filled(message="See.", leave_open="yes", step="send", files=[a_picture()]))
        assert page.status == 200
    assert len(sent_texts(query)) == 2  # The first message, and this one.
    assert Attachment.objects.filter(seller_id=anna.seller_id).count() == 1


def test_only_the_form_of_an_answer_takes_large_bodies():
    assert body_limit("/shops/lampenhuis/customer-queries/4711/answer/") == WITH_FILES
    assert body_limit("/shops/lampenhuis/customer-queries/4711/note/") < WITH_FILES
    assert body_limit("/shops/lampenhuis/customer-queries/4711/answer/more/") < WITH_FILES
