"""What `lostpost check` tells an operator."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from lostpost.events.models import Webhook
from lostpost.events.put_webhook import put_webhook

pytestmark = pytest.mark.django_db


def printed(capsys, what):
    call_command("check")
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith(what)]
    return line.removeprefix(what).strip()


def test_parked_webhooks_are_counted_and_named(anna, carla, capsys):
    assert printed(capsys, "Webhooks") == "0, 0 parked"
    for member, name in [(anna, "books"), (anna, "tool"), (carla, "tool")]:
        put_webhook(
            seller_id=member.seller_id, name=name, url="https://1.1.1.1/", after=None, by="Anna", now=timezone.now()
        )
    Webhook.objects.filter(name="tool").update(state="parked", problem="The address answered 503.")

    line = printed(capsys, "Webhooks")

    assert line.startswith("3, 2 parked: ")
    assert {"lampenhuis/tool", "carlas-keramiek/tool"} <= set(line.replace(",", " ").split())
