"""An owner registers where events go, sees how that fares, mends it, and takes it away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lostpost.connectors.webhooks import address
from lostpost.events.models import Webhook
from lostpost.events.put_webhook import MOST_WEBHOOKS, live_secrets, newest_secret, put_webhook
from lostpost.events.record import record_events
from lostpost.events.settle_delivery import GIVE_UP, GIVE_UP_FAILURES, mark_delivered, mark_delivery_failed
from tests.portal.pages import Site

pytestmark = pytest.mark.django_db

URL, ONE = "/shops/lampenhuis/webhooks/", "/shops/lampenhuis/webhooks/books/"
ADDRESS = "https://1.1.1.1/hook"


@pytest.fixture
def site(client, anna):
    return Site(client, anna)


def register(site, name="books", url=ADDRESS, begin="now"):
    return site.post(URL, {"name": name, "url": url, "begin": begin})


def a_webhook(member, name="books", url=ADDRESS):
    now = timezone.now()
    return put_webhook(seller_id=member.seller_id, name=name, url=url, after=None, by="Anna", now=now)[0]


def webhook_named(name="books"):
    return Webhook.objects.get(name=name)


def happen(member, count=1):
    record_events(member.seller_id, [("order.created", {"order_number": str(n)}) for n in range(count)], timezone.now())


def fail(hook, problem="The address answered 503.", *, gone=False, since=None):
    failed = {"webhook": hook, "problem": problem}
    if since:
        for _n in range(GIVE_UP_FAILURES):
            mark_delivery_failed(**failed, gone=False, now=since)
    return mark_delivery_failed(**failed, gone=gone, now=timezone.now())


def park(hook):
    return fail(hook, since=timezone.now() - GIVE_UP - timedelta(minutes=1))


def secret_on(page):
    return page.text.partition(" Secret ")[2].split()[0]


# Seeing -------------------------------------------------------------------------------------------------------------


def test_without_webhooks_the_page_explains_them(site):
    page = site.get(URL)
    assert "Your events are sent nowhere" in page.text
    assert page.form(URL).filled()["begin"] == ["now"]
    assert URL in site.get("/shops/lampenhuis/").links
    assert URL in site.get("/shops/lampenhuis/api-clients/").links


def test_each_webhook_shows_its_state(site, anna):
    hooks = {name: a_webhook(anna, name) for name in ("fine", "late", "failing", "parked")}
    happen(anna, 3)
    now = timezone.now()
    mark_delivered(webhook=hooks["fine"], sequence=3, slow=False, now=now)
    mark_delivered(webhook=hooks["late"], sequence=2, slow=False, now=now)
    fail(hooks["failing"], "The address answered 404.")
    park(hooks["parked"])

    page = site.get(URL)

    rows = {row.split("</strong>")[0]: row for row in page.html.split("<strong>")[1:]}
    assert "Up to date" in rows["fine"]
    assert "event 3" in rows["fine"]
    assert "With the next event" in rows["fine"]
    assert "1 event behind" in rows["late"]
    assert "Within seconds" in rows["late"]
    assert "3 events behind" in rows["failing"]
    assert "The address answered 404." in rows["failing"]
    assert "None yet" in rows["failing"]
    assert "Parked" in rows["parked"]
    assert "The address answered 503." in rows["parked"]
    assert "None, until you send again" in rows["parked"]


def test_a_list_costs_the_same_for_one_and_for_many(site, anna):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert site.get(URL).status == 200
        return len(queries)

    a_webhook(anna)
    one = cost()
    for n in range(5):
        a_webhook(anna, f"n-{n}")
    assert cost() == one


def test_what_is_wrong_is_said_in_dutch(site, anna):
    fail(a_webhook(anna))
    page = site.get(ONE, headers={"Accept-Language": "nl"})
    assert "Het adres antwoordde 503." in page.text
    assert "The address" not in page.text


def test_a_parked_one_is_shown_on_the_owners_home_page_alone(client, site, anna, bram):
    hook = a_webhook(anna)
    happen(anna)
    fail(a_webhook(anna, "tried"))
    park(hook)

    page = site.get("/shops/lampenhuis/")

    assert "have not reached “books” since yesterday" in page.text
    assert "“tried”" not in page.text
    assert ONE in page.links
    assert ONE not in Site(client, bram).get("/shops/lampenhuis/").links


# Registering --------------------------------------------------------------------------------------------------------


def test_a_new_address_is_registered_and_its_secret_shown_once(site, anna):
    happen(anna, 4)

    page = register(site)

    assert page.status == 200
    assert "“books” is registered" in page.text
    assert secret_on(page) == newest_secret(webhook_named())
    assert (webhook_named().url, webhook_named().delivered, webhook_named().made_by) == (ADDRESS, 4, "Anna")
    for again in (site.get(URL), site.get(ONE)):
        assert secret_on(page) not in again.html
        assert ADDRESS in again.text


def test_it_may_begin_with_the_first_event(site, anna):
    happen(anna, 4)
    assert register(site, begin="start").status == 200
    assert webhook_named().delivered == 0


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"name": ""}, "Give the webhook a name"),
        ({"name": "My books"}, "Name it with small letters, digits and hyphens"),
        ({"name": "ü" * 3}, "Name it with small letters, digits and hyphens"),
        ({"name": "b" * 65}, "Name it with small letters, digits and hyphens"),
        ({"url": ""}, "Give the address to which the events should be sent."),
        ({"url": "books"}, "Give a whole address that begins with https://."),
        ({"url": "https://["}, "This is no web address. Give one such as"),
        ({"url": "http://1.1.1.1/"}, "Give a whole address that begins with https://."),
        ({"url": "https://127.0.0.1/"}, "leads into a private network. Give one that is reachable from outside."),
        ({"url": "https://no-such-host.invalid/"}, "There is no host of this name. Check the address."),
        ({"url": "https://1.1.1.1/" + "x" * 500}, "up to 500 plain characters"),
        ({"url": "https://anna:pw@1.1.1.1/"}, "Leave user name, password and # out"),
        ({"begin": ""}, "Choose with which event it begins."),
        ({"begin": "-1"}, "Choose with which event it begins."),
        ({"name": "\x00"}, "Give the webhook a name"),  # Nothing of it can be kept.
        ({"url": "https://1.1.1.1/\x00"}, "cannot be sent"),
    ],
)
def test_a_refusal_has_a_reason_and_leaves_no_row(site, sent, sentence):
    page = site.post(URL, {"name": "books", "url": ADDRESS, "begin": "now", **sent})
    assert page.status == 422
    assert sentence in page.text
    assert page.text.count(sentence) >= 2, "above, and beside the field"
    assert not Webhook.objects.exists()


def test_typed_text_is_kept(site):
    page = register(site, "books", "https://127.0.0.1/", "start")
    assert page.form(URL).filled() | {"csrfmiddlewaretoken": ""} == {
        "csrfmiddlewaretoken": "",
        "name": ["books"],
        "url": ["https://127.0.0.1/"],
        "begin": ["start"],
    }


def test_the_same_form_again_registers_nothing_and_shows_no_secret(site):
    secret = secret_on(register(site))
    page = register(site)
    assert page.status == 422
    assert "There is a webhook “books” already" in page.text
    assert secret not in page.html
    assert live_secrets(webhook_named(), timezone.now()) == [secret]


def test_a_twenty_first_is_refused(site, anna):
    for n in range(MOST_WEBHOOKS):
        a_webhook(anna, f"n-{n}")
    page = register(site)
    assert page.status == 409
    assert "at most 20 webhooks. Remove one" in page.text
    assert Webhook.objects.count() == MOST_WEBHOOKS


def test_one_that_appears_while_the_form_is_sent_is_moved_and_its_secret_stays_its_owners(site, anna, monkeypatch):
    created = []

    def looked_up(_host, _port):
        created.append(a_webhook(anna, url="https://9.9.9.9/"))
        return ["1.1.1.1"]

    monkeypatch.setattr(address, "resolved_addresses", looked_up)
    page = register(site)
    assert "Events for “books” are sent to https://1.1.1.1/hook." in page.text
    assert newest_secret(created[0]) not in page.html


# Mending ------------------------------------------------------------------------------------------------------------


def test_a_parked_one_says_why_and_is_sent_to_again(site, anna):
    hook = a_webhook(anna)
    happen(anna, 2)
    park(hook)

    page = site.get(ONE)
    assert "Nothing is sent to this address any more" in page.text
    assert "2 events wait; none is lost." in page.text
    assert "The newest attempt: The address answered 503." in page.text
    again = site.post(ONE, {"step": "resume"})

    assert "Sending to “books” goes on where it stopped." in again.text
    assert "2 events behind" in again.text
    assert (webhook_named().state, webhook_named().failures, webhook_named().delivered) == ("active", 0, 0)
    assert "Send again" not in again.text


def test_a_new_secret_is_shown_once_and_the_former_signs_along(site, anna):
    former = newest_secret(a_webhook(anna))

    page = site.post(ONE, {"step": "rotate"})

    new = secret_on(page)
    assert live_secrets(webhook_named(), timezone.now()) == [new, former]
    assert "every event is signed with the former one too" in page.text
    assert former not in page.html
    later = site.get(ONE)
    assert new not in later.html
    assert "A former secret signs along until tomorrow" in later.text
    assert live_secrets(webhook_named(), timezone.now() + timedelta(hours=24)) == [new]


def test_another_address_keeps_the_place_and_the_secret(site, anna):
    hook = a_webhook(anna)
    happen(anna, 2)

    page = site.post(ONE, {"step": "move", "url": " https://1.1.1.1/new "})

    assert "Events for “books” are sent to https://1.1.1.1/new." in page.text
    assert (webhook_named().url, webhook_named().delivered, webhook_named().secrets) == (
        "https://1.1.1.1/new",
        0,
        hook.secrets,
    )


@pytest.mark.parametrize("url", ["", "https://127.0.0.1/", "nowhere"])
def test_a_refused_address_changes_nothing_and_stays_in_the_field(site, anna, url):
    a_webhook(anna)
    page = site.post(ONE, {"step": "move", "url": url})
    assert page.status == 422
    assert "This was not done yet" in page.text
    (form,) = [each for each in page.forms if ("step", "move") in each.buttons]
    assert form.filled()["url"] == [url]
    assert webhook_named().url == ADDRESS


def test_an_unknown_step_does_nothing(site, anna):
    before = a_webhook(anna).secrets
    for step in ("", "delete", "\x00"):
        page = site.post(ONE, {"step": step})
        assert page.status == 422
        assert "Choose what should be done" in page.text
    assert webhook_named().secrets == before


# Taking away --------------------------------------------------------------------------------------------------------


def test_removing_asks_first_and_goes_back_first(site, anna):
    a_webhook(anna)
    happen(anna, 2)

    page = site.get(f"{ONE}remove/")

    assert "Remove the webhook “books”" in page.text
    assert "2 events that it has not taken yet" in page.text
    assert page.text.index("Go back") < page.text.rindex("Remove")
    assert Webhook.objects.exists()
    done = site.post(f"{ONE}remove/", {})
    assert "“books” is removed: nothing is sent to https://1.1.1.1/hook any more." in done.text
    assert not Webhook.objects.exists()
    assert site.get(ONE).status == 404
    assert site.post(f"{ONE}remove/", {}).status == 404


def test_another_shops_webhook_is_not_there(site, carla):
    a_webhook(carla, "hers", "https://1.1.1.1/hers")
    assert "hers" not in site.get(URL).text
    for path in ("hers/", "hers/remove/"):
        assert site.get(URL + path).status == 404
        for step in ("move", "rotate", "resume"):
            assert site.post(URL + path, {"step": step, "url": ADDRESS}).status == 404
    assert webhook_named("hers").url == "https://1.1.1.1/hers"
    assert register(site, "hers").status == 200, "names are a shop's own"
    assert Webhook.objects.count() == 2


def test_network_errors_are_escaped(site, anna):
    fail(a_webhook(anna), "<script>alert(1)</script>")
    for path in (URL, ONE):
        assert "<script>alert" not in site.get(path).html
