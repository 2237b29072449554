"""Kill -9 during write-offs: answered ones are complete, others are complete or not there."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from lostpost.audit.verify import verify
from lostpost.customer_queries.models import Mail, TimelineEntry
from lostpost.ledger.models import Transfer
from lostpost.refunds.models import Refund
from lostpost.writeoffs.models import WriteOff
from lostpost.writeoffs.preview_write_off import preview_write_off
from tests.cast import NOW, all_of, silent_parcel, user_of
from tests.kill.processes import Pause, environment, kill, nobody_is_at_work, started, wait_for
from tests.ports import free_port
from tests.waiting import WAIT_SECONDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]
COUNT = 40
PROCESSES = {"LOSTPOST_WEB_PROCESSES": "2"}  # Each lets so many pass: more would answer all before one of them stands.
CONFIRMED = 6  # Before a process is killed; up to four threads, or six tabs, are at work beside the one that stands.
COMMIT = "django.db.backends.base.base:BaseDatabaseWrapper._commit"


def assert_complete(seller) -> dict[str, int]:
    """Assert that every write-off has all of its rows, and no row is without one; return their amounts."""
    write_offs = {it.number: it for it in WriteOff.objects.filter(seller_id=seller.id)}
    refunds = Refund.objects.filter(seller_id=seller.id)
    assert {it.number: it.amount_minor for it in refunds} == {
        number: it.refund_minor for number, it in write_offs.items()
    }
    entries = TimelineEntry.objects.filter(seller_id=seller.id, kind="write-off.confirmed")
    assert sorted(entries.values_list("data__number", flat=True)) == sorted(write_offs)
    mails = Mail.objects.filter(seller_id=seller.id, kind="write-off.confirmed")
    assert {it.about_id for it in mails} == {it.id for it in write_offs.values()}
    queued = ProcrastinateJob.objects.filter(task_name="mail.send").values_list("args__mail", flat=True)
    assert {str(it.id) for it in mails} <= set(queued)
    assert Transfer.objects.filter(seller_id=seller.id, kind="correction_turnover").count() == len(write_offs)
    assert list(verify(seller)) == []
    return {number: it.refund_minor for number, it in write_offs.items()}


# The program alone -------------------------------------------------------------------------------------------------


def test_a_killed_process_loses_no_write_off_and_leaves_no_partial_one(anna, tmp_path):
    log = tmp_path / "confirming.log"
    queries = [silent_parcel(anna, paid_minor=1000 + n) for n in range(COUNT)]
    wishes = {
        query.number: {
            "seller": str(anna.seller_id),
            "user": anna.user_id,
            "query": query.number,
            "selection": [[units.parcel, units.item, units.quantity] for units in all_of(query)],
            "key": f"confirm-{query.number}",
            "now": NOW.isoformat(),
        }
        for query in queries
    }
    answers: dict[str, int] = {}
    points = [
        "lostpost.writeoffs.write_off:assess_rows",  # The key is claimed, and nothing written.
        "lostpost.writeoffs.write_off:send",  # Its jobs are deferred, and nothing else is written.
        "lostpost.writeoffs.write_off:require_within_limits",  # All is written, and not looked at.
        COMMIT,  # All is there, and not committed.
        "tests.kill.confirming:answer",  # It is committed, and not answered.
        None,
    ]
    for at in points:
        open_wishes = [wish for number, wish in wishes.items() if f"{number}-1" not in answers]
        pause = Pause(at, after=CONFIRMED, folder=tmp_path) if at else None
        words = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "pause": pause}
        with started("tests.kill.confirming", log=log, **words) as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write("".join(f"{json.dumps(wish)}\n" for wish in open_wishes).encode())
            process.stdin.close()
            if pause:
                pause.wait(process, log=log)
                kill(process)
            # Its answers before it was killed are still in the pipe.
            for line in process.stdout.read().splitlines():
                answer = json.loads(line)
                answers[answer["number"]] = answer["refund_minor"]
            process.wait(WAIT_SECONDS)
        wait_for(nobody_is_at_work, what="PostgreSQL notices", log=log)

        in_the_books = assert_complete(anna.seller)
        assert answers.items() <= in_the_books.items(), "an answer was given and then lost"
        assert len(answers) < COUNT or not at, "killed too late to show anything"
        assert len(in_the_books) > len(answers) or at != points[4], "committed before it was killed, and not answered"

    assert len(answers) == COUNT, log.read_text()
    assert in_the_books == answers, "each was written off once, also where it was retried"


# The web server ----------------------------------------------------------------------------------------------------


@dataclass
class Browser:
    """Sends forms as a signed-in browser does, and records which of them were answered."""

    port: int
    session: str
    answered: set[str] = field(default_factory=set)

    def confirm(self, path: str, form: dict[str, str]) -> None:
        answer = HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        token = "a" * 32
        try:
            answer.request(
                "POST",
                path,
                urlencode({**form, "csrfmiddlewaretoken": token}),
                {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Cookie": f"sessionid={self.session}; csrftoken={token}",
                },
            )
            response = answer.getresponse()
            body = response.read()
        except (OSError, HTTPException):
            return
        finally:
            answer.close()
        if response.status == 503:  # Every thread stands at the point: to be sent again.
            return
        result = (response.status, response.getheader("Location"), body.decode())
        assert result[:2] == (302, path.removesuffix("write-off/confirm/")), result
        self.answered.add(path)

    def is_answered(self, path: str, form: dict[str, str]) -> bool:
        if path not in self.answered:
            self.confirm(path, form)
        return path in self.answered

    def is_there(self) -> bool:
        connection_ = HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        try:
            connection_.request("GET", "/readyz")
            return connection_.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection_.close()


def signed_in(member) -> str:
    """Return the cookie of a member's session."""
    client = Client()
    client.force_login(user_of(member))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_a_killed_web_server_loses_no_answered_write_off(anna, tmp_path):
    log = tmp_path / "web.log"
    port = free_port()
    now = timezone.now()
    forms: dict[str, dict[str, str]] = {}
    for n in range(COUNT):
        query = silent_parcel(anna, paid_minor=1000 + n, now=now)
        (units,) = selection = all_of(query)
        unit = f"{units.parcel}/{units.item}"
        path = f"/shops/lampenhuis/customer-queries/{query.number}/write-off/confirm/"
        forms[path] = {
            "unit": unit,
            f"quantity-{unit}": "1",
            "key": f"confirm-{query.number}",
            "token": preview_write_off(query=query.number, selection=selection, by=anna, now=now).token,
        }
    browser = Browser(port, signed_in(anna))

    for at in ("lostpost.writeoffs.write_off:send", COMMIT, "lostpost.portal.write_offs:redirect", None):
        unanswered = [path for path in forms if path not in browser.answered]
        pause = Pause(at, after=CONFIRMED, folder=tmp_path) if at else None
        with started("lostpost.cli", "web", "--port", str(port), log=log, pause=pause, variables=PROCESSES) as process:
            wait_for(browser.is_there, what="ready", log=log)
            with ThreadPoolExecutor(6) as tabs:
                sent = [tabs.submit(browser.confirm, path, forms[path]) for path in unanswered]
                if pause:
                    pause.wait(process, log=log)
                    kill(process)
                wait(sent)
            for it in sent:
                it.result()
            if not pause:  # Retry those that were answered 503.
                for path in unanswered:
                    wait_for(lambda: browser.is_answered(path, forms[path]), what=path, log=log)  # noqa: B023
        wait_for(nobody_is_at_work, what="PostgreSQL notices", log=log)

        in_the_books = assert_complete(anna.seller)
        answered = {path.split("/")[4] for path in browser.answered}
        assert answered <= {number.partition("-")[0] for number in in_the_books}, "answered, and then lost"
        assert len(answered) < COUNT or not at, "killed too late to show anything"

    assert len(browser.answered) == len(in_the_books) == COUNT, log.read_text()


def test_killed_processes_use_the_tests_database():
    """Otherwise the tests above would prove nothing."""
    assert f"/{connection.settings_dict['NAME']}?" in environment()["DATABASE_URL"]
