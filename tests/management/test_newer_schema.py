"""A database that a newer version has migrated: named and refused by whatever looks at it."""

import socket

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from lostpost.core.readiness import schema_state
from lostpost.management.commands.worker import Command as Worker
from lostpost.management.supervisor import Supervisor

pytestmark = pytest.mark.django_db


@pytest.fixture
def later() -> str:
    """Record a migration that this program does not have."""
    MigrationRecorder(connection).record_applied("lostpost", "9999_of_a_later_version")
    return "lostpost.9999_of_a_later_version"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.parametrize("command", ["check", "migrate", "serve", "web", "worker"])
def test_a_command_refuses_and_names_unknown_migrations(later, command, monkeypatch):
    monkeypatch.setattr(Worker, "run", lambda *_args, **_options: pytest.fail("it worked all the same"))
    monkeypatch.setattr(Supervisor, "run", lambda *_args, **_options: pytest.fail("it was served all the same"))
    with pytest.raises(CommandError, match=f"newer version: it has {later}"):
        call_command(command, verbosity=0, **({"port": free_port()} if command in ("serve", "web") else {}))


def test_readiness_names_it(client, later):
    answer = client.get("/readyz")

    assert (answer.status_code, later in answer.json()["reason"]) == (503, True)


def test_migrations_squashed_by_a_library_are_not_newer():
    assert schema_state() == ([], [])

    MigrationRecorder(connection).record_applied("oauth2_provider", "0001_forgotten")
    assert schema_state() == ([], [])

    MigrationRecorder(connection).record_applied("oauth2_provider", "9999_later")
    assert schema_state().unknown == ["oauth2_provider.9999_later"]
