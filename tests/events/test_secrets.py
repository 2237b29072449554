"""The secrets of webhooks: encrypted in the database, and readable after a change of the secret key."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from lostpost.core.sealed import KeyMissing
from lostpost.events.models import Webhook
from lostpost.events.put_webhook import NameRefused, live_secrets, newest_secret, put_webhook, rotate_secret

pytestmark = pytest.mark.django_db

FORMER, NEXT = "the-key-of-last-year-0123456789-abcdefghij", "the-key-of-this-year-0123456789-abcdefghij"


def a_webhook(member, name="tool"):
    now = timezone.now()
    return put_webhook(
        seller_id=member.seller_id, name=name, url="https://1.1.1.1/hook", after=None, by="Anna", now=now
    )[0]


def rotated(member, now=None):
    return rotate_secret(seller_id=member.seller_id, name="tool", now=now or timezone.now())


def stored_secrets(member):
    return Webhook.objects.get(seller_id=member.seller_id, name="tool")


def rows_as_text():
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(row::text, '|') FROM lostpost_webhook row")
        return cursor.fetchone()[0]


def test_the_database_holds_no_secret_that_can_be_read(anna):
    secrets = [newest_secret(a_webhook(anna)), newest_secret(rotated(anna))]

    assert live_secrets(stored_secrets(anna), timezone.now()) == secrets[::-1]
    text = rows_as_text()
    assert "whsec_" not in text
    assert not [secret for secret in secrets if secret.removeprefix("whsec_") in text]


def test_a_new_secret_key_opens_the_secrets_as_long_as_the_former_one_is_named(anna, settings):
    settings.SECRET_KEY = FORMER
    secret = newest_secret(a_webhook(anna))

    settings.SECRET_KEY = NEXT
    with pytest.raises(KeyMissing):
        live_secrets(stored_secrets(anna), timezone.now())
    settings.SECRET_KEY_FALLBACKS = [FORMER]
    assert live_secrets(stored_secrets(anna), timezone.now()) == [secret]


def test_where_the_former_key_is_lost_a_new_secret_helps(anna, settings):
    settings.SECRET_KEY = FORMER
    a_webhook(anna)
    settings.SECRET_KEY = NEXT

    new = newest_secret(rotated(anna))

    assert live_secrets(stored_secrets(anna), timezone.now()) == [new]


def test_an_older_secret_ends_after_a_day(anna):
    a_webhook(anna)
    now = timezone.now()
    new = newest_secret(rotated(anna, now))
    assert len(live_secrets(stored_secrets(anna), now + timedelta(hours=23))) == 2
    assert live_secrets(stored_secrets(anna), now + timedelta(hours=24)) == [new]


def test_sealed_again_the_former_key_can_go(anna, carla, settings, capsys):
    settings.SECRET_KEY = FORMER
    a_webhook(anna)
    secrets = live_secrets(rotated(anna), timezone.now())
    a_webhook(carla)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEXT, [FORMER]

    call_command("reseal")

    settings.SECRET_KEY_FALLBACKS = []
    assert "2 webhooks and accounts are sealed with the key in use." in capsys.readouterr().out
    assert live_secrets(stored_secrets(anna), timezone.now()) == secrets


def test_what_no_key_opens_is_named_and_left_and_the_rest_is_done(anna, carla, settings):
    settings.SECRET_KEY = FORMER
    a_webhook(anna)
    before = stored_secrets(anna).secrets
    settings.SECRET_KEY = NEXT
    secret = newest_secret(a_webhook(carla))

    with pytest.raises(CommandError, match="lampenhuis/tool"):
        call_command("reseal")

    assert stored_secrets(anna).secrets == before
    assert live_secrets(stored_secrets(carla), timezone.now()) == [secret]


@pytest.mark.parametrize("name", ["", "Tool", "my tool", "-tool", "tool\n", "t" * 65, "töol"])
def test_a_name_that_no_address_could_hold_is_refused(anna, name):
    with pytest.raises(NameRefused):
        a_webhook(anna, name)
    assert not Webhook.objects.exists()


def test_the_migration_seals_what_stood_there_and_back(anna, carla):
    # Given two shops' webhooks as they were stored before
    until = timezone.now().isoformat()
    plain = [{"secret": "whsec_bmV3", "until": None}, {"secret": "whsec_b2xk", "until": until}]
    for member in (anna, carla):
        a_webhook(member)
    Webhook.objects.update(secrets=plain)
    migration = import_module("lostpost.migrations.0007_sealed_webhook_secrets")

    # When the migration runs
    migration.seal_secrets(apps, None)

    # Then they open again, with their times, and can be brought back
    assert "whsec_" not in rows_as_text()
    for member in (anna, carla):
        assert newest_secret(stored_secrets(member)) == "whsec_bmV3"
        assert [each["until"] for each in stored_secrets(member).secrets] == [None, until]
    migration.unseal_secrets(apps, None)
    assert [stored_secrets(member).secrets for member in (anna, carla)] == [plain, plain]
