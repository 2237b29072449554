"""Notices on their way from the feed to a real mail server, by the jobs themselves."""

import re

import pytest
from django.utils import timezone

from lostpost.jobs.notices import look_for_news
from lostpost.notices.models import NoticeMail
from lostpost.partnerservice.answer_request import answer_request
from tests.partnerservice.cases import a_request

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_answer_of_partnerservice_reaches_whoever_asked(bram, pia, running, work):
    now = timezone.now()
    request = a_request(bram, now=now)
    answer = {"answer": "Nobody saw it, Klaas says.", "by": pia, "now": now}
    answer_request(seller_id=bram.seller_id, request_id=request.id, **answer)
    for _once in ("makes the notices", "sends them"):
        look_for_news(0)
        work()

    (letter,) = [each for each in running.received if each["To"] == "bram@example.com"]
    assert (
        letter["Subject"]
        == f"Lampenhuis: Partnerservice heeft geantwoord over bestelling {request.query.order.number}."
    )
    assert re.fullmatch(r"<http://\S+/notices/stop/\S+/>", re.sub(r"\s", "", letter["List-Unsubscribe"]))
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    body = letter.get_content()
    assert "Klaas" not in body
    assert NoticeMail.objects.get(user_id=bram.user_id).state == "sent"
    assert running.open_transactions == 0
