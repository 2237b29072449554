"""E-mails with notices: what is due is in one of them, once; and how somebody has fewer, or none."""

from __future__ import annotations

import json
import re
import smtplib
import time
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Member
from lostpost.accounts.security_log import SecurityEvent
from lostpost.config.logs import without_links
from lostpost.connectors.mail.smtp import AnswerLost
from lostpost.core.errors import Rejected
from lostpost.customer_queries.settle_mail import TRIES_WITHOUT_ANSWER
from lostpost.events.record import record_events
from lostpost.jobs import notices as jobs
from lostpost.jobs.mail import MayHaveArrived
from lostpost.jobs.notices import delete_old_notice_mail, gather_of_shop, look_for_news, send_notices
from lostpost.notices.choose_notices import choose_notices, stop_key
from lostpost.notices.kinds import MEMBER_KINDS
from lostpost.notices.models import DeskNoticeChoices, Notice, NoticeChoices, NoticeMail
from lostpost.notices.queue_notice_mail import fill_notice_mail, notices_of, open_notice_mail
from lostpost.notices.readers import reader
from lostpost.partnerservice.models import PartnerserviceRequest
from tests.cast import a_member, a_staff_member, annas_shop, open_lampenhuis, user_of
from tests.partnerservice.cases import a_request
from tests.portal.pages import Read

pytestmark = pytest.mark.django_db
PAGE = "/shops/lampenhuis/notices/"


@dataclass
class People:
    """Anna's shop with Bram and a request of his, Carla's shop, and Pia at the desk."""

    anna: Actor
    bram: Actor
    carla: Actor
    pia: Actor
    request: PartnerserviceRequest


@pytest.fixture(scope="module")
def written(written_once: Any) -> People:
    with written_once():
        anna, now = annas_shop(), timezone.now()
        bram = a_member(anna.seller, "Bram", "agent")
        shop = open_lampenhuis()
        shop.pk, shop.code, shop.name = None, "carlas-keramiek", "Carla's Keramiek"
        shop.id = UUID(int=7)
        shop.save(force_insert=True)
        carla, pia = a_member(shop, "Carla", "owner"), a_staff_member("Pia", "partnerservice")
        return People(anna, bram, carla, pia, a_request(bram, now=now))


@pytest.fixture
def people(written: People) -> People:
    Notice.objects.filter(seller_id=written.anna.seller_id).delete()
    gather_of_shop(str(written.anna.seller_id))
    Notice.objects.filter(seller_id=written.anna.seller_id).delete()
    return deepcopy(written)


def a_failed_refund(people: People, order: str = "2398-1", shop: Actor | None = None) -> None:
    facts = {"order_number": order, "customer_query": people.request.query.number}
    actor = shop or people.anna
    record_events(actor.seller_id, [("refund.failed", facts)], timezone.now())
    gather_of_shop(str(actor.seller_id))


def sent(to: Actor, *, at_desk: bool = False, attempts: int = 0) -> list[Any]:
    """Send what is due for somebody; return the e-mails that went to them."""
    context: Any = SimpleNamespace(should_abort=lambda: False, job=SimpleNamespace(attempts=attempts))
    before = len(mail.outbox)
    send_notices(context, user=to.user_id, shop=None if at_desk else str(to.seller_id))
    return mail.outbox[before:]


def deferred() -> list[tuple[str, dict[str, Any]]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs WHERE task_name LIKE 'notices.%' ORDER BY id")
        return [(name, json.loads(args)) for name, args in cursor.fetchall()]


def test_an_invoice_leads_to_its_page(people):
    now = timezone.now()
    choose_notices(timings={"invoice": "at-once"}, digest_hour=7, language="en", off=False, by=people.anna, now=now)
    record_events(people.anna.seller_id, [("invoice.issued", {"number": "F-2026-1"})], now)
    gather_of_shop(str(people.anna.seller_id))
    (letter,) = sent(people.anna)
    assert letter.subject == "Lampenhuis: The sales invoice F-2026-1 was issued."
    assert "/shops/lampenhuis/finance/invoices/F-2026-1/" in letter.body


def test_what_is_due_goes_out_in_one_mail_once(people):
    a_failed_refund(people, "2398-1")
    a_failed_refund(people, "2398-2")

    (letter,) = sent(people.anna)

    assert sent(people.anna) == []
    assert letter.to == ["anna@example.com"]
    assert letter.subject == "Lampenhuis: 2 berichten"  # In the shop's language.
    assert "Een terugbetaling van bestelling 2398-1 is mislukt." in letter.body
    assert "/shops/lampenhuis/customer-queries/" in letter.body
    assert "Klaas" not in letter.body
    row = NoticeMail.objects.get(user_id=people.anna.user_id)
    assert (row.state, letter.extra_headers["Message-ID"].startswith(f"<{row.id}@")) == ("sent", True)
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_single_notice_is_the_subject_in_the_language_of_the_person(people):
    choose_notices(timings={}, digest_hour=7, language="en", off=False, by=people.bram, now=timezone.now())
    a_failed_refund(people)
    (letter,) = sent(people.bram)
    assert letter.subject == "Lampenhuis: A refund of order 2398-1 failed."


def test_a_look_defers_what_there_is_to_do_once(people):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    record_events(people.anna.seller_id, [("refund.sent", {})], timezone.now())
    for _again in range(2):
        look_for_news(0)
    assert deferred() == [("notices.gather", {"seller": str(people.anna.seller_id)})]
    a_failed_refund(people)
    look_for_news(0)
    assert ("notices.send", {"user": people.anna.user_id, "shop": str(people.anna.seller_id)}) in deferred()


@pytest.mark.parametrize("change", ["left", "stopped", "off", "kind", "section"])
def test_who_is_not_to_get_it_any_more_when_it_is_due_does_not(people, change):
    a_failed_refund(people)
    now, bram = timezone.now(), people.bram
    keep = {"digest_hour": 7, "language": "", "by": bram, "now": now}
    if change == "left":
        Member.objects.filter(name="Bram").delete()
    elif change == "stopped":
        User.objects.filter(pk=bram.user_id).update(is_active=False)
    elif change == "section":
        Member.objects.filter(name="Bram").update(sections={"finance": "none"})
    else:
        choose_notices(timings={"refund": "none"} if change == "kind" else {}, off=change == "off", **keep)

    assert sent(bram) == []
    assert set(Notice.objects.filter(user_id=bram.user_id, seller_id=bram.seller_id).values_list("state")) == {
        ("dropped",)
    }
    assert not NoticeMail.objects.filter(user_id=bram.user_id).exists()


def test_an_agent_gets_one_mail_about_all_shops(people):
    choose = {"digest_hour": 7, "language": "en", "off": False, "by": people.pia, "now": timezone.now()}
    choose_notices(timings={"request-order-too-old": "at-once"}, **choose)
    for shop in (people.anna, people.carla):
        facts = {"order_number": "2398-1", "request": str(people.request.id), "about": "order-too-old"}
        record_events(shop.seller_id, [("partnerservice.asked", facts)], timezone.now())
        gather_of_shop(str(shop.seller_id))

    (letter,) = sent(people.pia, at_desk=True)

    assert letter.subject == "Partnerservice: 2 notices"
    for shop, code in (("Lampenhuis", "lampenhuis"), ("Carla's Keramiek", "carlas-keramiek")):
        assert f"{shop} asks about order 2398-1: Order too old." in letter.body
        assert f"/desk/requests/{code}/{people.request.id}/" in letter.body
    assert "/desk/notices/" in letter.body


def test_a_worker_that_dies_sends_the_same_mail_again_and_no_other(people, monkeypatch):
    a_failed_refund(people, "2398-1")

    def dies(*_args: Any, **_kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "settle_notice_mail", dies)  # The mail server has it.
        with pytest.raises(KeyboardInterrupt):
            sent(people.anna)
    (first,) = mail.outbox[-1:]
    a_failed_refund(people, "2398-2")

    in_an_hour = time.time() + 3600
    with monkeypatch.context() as patched:
        patched.setattr("django.core.signing.time", SimpleNamespace(time=lambda: in_an_hour))  # Its links are signed.
        (again,) = sent(people.anna)
    (further,) = sent(people.anna)

    assert again.body == first.body
    assert again.extra_headers["Message-ID"] == first.extra_headers["Message-ID"]
    assert "2398-1" not in further.body
    assert "2398-2" in further.body


def test_failures_are_noted_and_lost_answers_have_an_end(people, monkeypatch):
    a_failed_refund(people)

    def answers(error: Exception) -> None:
        def answer(*_args: Any, **_kwargs: Any) -> None:
            raise error

        monkeypatch.setattr("django.core.mail.EmailMessage.send", answer)

    answers(AnswerLost("silence"))
    for left in range(TRIES_WITHOUT_ANSWER - 1, 0, -1):
        with pytest.raises(MayHaveArrived):
            sent(people.anna)
        assert NoticeMail.objects.get(user_id=people.anna.user_id).answers_lost == TRIES_WITHOUT_ANSWER - left
    sent(people.anna)
    assert NoticeMail.objects.get(user_id=people.anna.user_id).state == "sent"

    answers(smtplib.SMTPRecipientsRefused({"bram@example.com": (550, b"no such user")}))
    sent(people.bram)
    row = NoticeMail.objects.get(user_id=people.bram.user_id)
    assert (row.state, row.problem) == ("failed", "550 no such user")

    NoticeMail.objects.update(created_at=timezone.now() - timedelta(days=92))
    delete_old_notice_mail(0)
    assert not NoticeMail.objects.exists()
    assert Notice.objects.filter(seller_id=people.anna.seller_id).exists()
    Notice.objects.filter(seller_id=people.anna.seller_id).update(at=timezone.now() - timedelta(days=91))
    delete_old_notice_mail(0)
    assert not Notice.objects.filter(seller_id=people.anna.seller_id).exclude(state="pending").exists()


def test_a_mail_that_was_begun_leaves_out_what_is_not_wanted_any_more(people):
    a_failed_refund(people)
    bram, now = people.bram, timezone.now()
    mail = open_notice_mail(user_id=bram.user_id, shop_id=bram.shop.id, now=now)
    fill_notice_mail(mail=mail, seller_id=bram.seller_id, reader=reader(bram.user_id, bram.shop.id), now=now)
    assert notices_of(mail)
    choose_notices(timings={}, digest_hour=7, language="", off=True, by=bram, now=now)

    assert sent(bram) == []
    assert not NoticeMail.objects.filter(user_id=bram.user_id).exists()


def test_the_link_in_a_mail_stops_them_by_one_click_and_get_changes_nothing(people):
    a_failed_refund(people)
    (letter,) = sent(people.bram)
    header = letter.extra_headers["List-Unsubscribe"]
    (path,) = re.findall(r"^<http://localhost:8000(/notices/stop/\S+/)>$", header)
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert path in letter.body
    assert without_links(f"GET {path} 200") == "GET /notices/stop/…/ 200"

    nobody = Client(enforce_csrf_checks=True)
    page = Read(nobody.get(path))
    assert "No notices any more?" in page.text
    assert not NoticeChoices.objects.exists()
    for _again in range(2):
        assert "You get no notices any more" in Read(nobody.post(path, {"List-Unsubscribe": "One-Click"})).text
    a_failed_refund(people, "2398-2")
    assert (len(sent(people.anna)), sent(people.bram)) == (1, [])
    assert NoticeChoices.objects.get().off
    assert SecurityEvent.objects.filter(event="notices.stopped").exists()

    for wrong in (path[:-3] + "xx/", "/notices/stop/x/", path.replace("/stop/", "/stop/x")):
        assert (nobody.get(wrong).status_code, nobody.post(wrong).status_code) == (410, 410)


def test_the_link_of_an_agent_stops_the_desks_notices(people):
    Client().post(f"/notices/stop/{stop_key(user_id=people.pia.user_id, shop_id=None)}/")
    assert DeskNoticeChoices.objects.get().off
    assert not NoticeChoices.objects.exists()


def test_the_page_shows_and_keeps_what_is_chosen_for_what_one_may_see(people):
    Member.objects.filter(name="Bram").update(sections={"finance": "none"})
    client = Client()
    client.force_login(user_of(people.bram))
    page = Read(client.get(PAGE))
    assert "A customer writes" in page.text
    assert "A refund fails" not in page.text

    form = {f"kind-{kind.code}": "none" for kind in MEMBER_KINDS if kind.code != "refund"}
    form |= {"kind-message": "at-once", "digest_hour": "18", "language": "en", "kind-refund": "at-once"}
    assert "Your notices come as you have chosen." in Read(client.post(PAGE, form, follow=True)).text
    row = NoticeChoices.objects.get(user_id=people.bram.user_id)
    assert (row.timings["message"], row.digest_hour, row.language, row.off) == ("at-once", 18, "en", False)
    assert "refund" not in row.timings

    wrong = Read(client.post(PAGE, {**form, "kind-message": "now", "digest_hour": "24"}))
    assert (wrong.status, "Choose how soon." in wrong.text, "Choose an hour." in wrong.text) == (422, True, True)
    with pytest.raises(Rejected):
        choose_notices(
            timings={"request-hold": "none"}, digest_hour=7, language="", off=False, by=people.bram, now=timezone.now()
        )
