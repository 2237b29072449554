"""What every test stands on: settings of its own, and a real PostgreSQL."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from hypothesis import settings

from lostpost.config import embedded

DATA = Path(tempfile.mkdtemp(prefix="lostpost-test-"))

# Before Django reads its settings: what the person at the keyboard has set must not decide what the tests find.
for name in [name for name in os.environ if name.startswith("LOSTPOST_")]:
    del os.environ[name]
os.environ["LOSTPOST_DATA"] = str(DATA)
os.environ["LOSTPOST_SECRET_KEY"] = "a-key-for-tests-and-for-nothing-else-0123456789"
os.environ["DJANGO_SETTINGS_MODULE"] = "lostpost.config.settings"
django.setup()

# A slow machine fails no test; where changes are judged, the same examples are tried each time.
settings.register_profile("no-clock", settings.get_profile("ci" if os.environ.get("CI") else "default"), deadline=None)
settings.load_profile("no-clock")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Bring the cast on, and watch the statements: not before Django is set up, as both know the models."""
    session.config.pluginmanager.import_plugin("tests.cast")
    session.config.pluginmanager.import_plugin("tests.one_seller")


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Run the embedded PostgreSQL for the tests, unless DATABASE_URL names a server; it is gone with them."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    with embedded.running(DATA, losable=True):
        yield


@pytest.fixture(autouse=True)
def in_english_and_our_zone() -> Iterator[None]:
    """Begin every test in the same language and zone: a page that a test before asked for in Dutch leaves its own."""
    from django.utils import timezone, translation

    with translation.override("en"), timezone.override(None):
        yield
