"""What every test stands on: settings of its own, and a real PostgreSQL.

Each process of a session has a data folder and a database of its own; the server is one for all of them.
"""

import gc
import os
import shutil
import socketserver
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from hypothesis import settings

from tests.searching import SEARCHING, examples

PROJECT = Path(__file__).resolve().parents[1]
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
DATA = Path(tempfile.mkdtemp(prefix="lostpost-test-"))
SERVER = Path(os.environ["TESTS_SERVER"]) if IS_WORKER else DATA
os.environ["TESTS_SERVER"] = str(SERVER)

# Before Django reads its settings: what the person at the keyboard has set must not decide what the tests find.
os.environ.setdefault("TESTS_CITUS_URL", os.environ.get("LOSTPOST_TEST_CITUS_URL", ""))  # For tests/citus alone.
for name in [name for name in os.environ if name.startswith("LOSTPOST_")]:
    del os.environ[name]
os.environ["LOSTPOST_DATA"] = str(DATA)
os.environ["LOSTPOST_SECRET_KEY"] = "a-key-for-tests-and-for-nothing-else-0123456789"
os.environ["LOSTPOST_ANSWER_HOLD_SECONDS"] = "0"  # But for the tests of holding them.
os.environ["LOSTPOST_DATABASE_USE"] = "command"  # A slow machine fails no test.
os.environ["DJANGO_SETTINGS_MODULE"] = "lostpost.config.settings"
django.setup()
PBKDF2PasswordHasher.iterations = 1  # Passwords of tests guard nothing. Programs that tests start hash as ever.
django_settings.WHITENOISE_AUTOREFRESH = True  # Looked for when asked; else each test's client walks over all of them.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True  # Or each answer of a test's server takes 40 ms more.
gc.set_threshold(50_000, 20, 100)
gc.disable()  # Until all tests are found: what is imported stays, so that looking it through finds nothing.

# A slow machine fails no test. A plain run tries the same examples each time; `SEARCH=1` and more look for new ones.
settings.register_profile("searching", deadline=None, max_examples=examples(50), derandomize=not SEARCHING)
settings.load_profile("searching")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Bring the cast on, and watch the statements: not before Django is set up, as both know the models."""
    session.config.pluginmanager.import_plugin("tests.database")
    session.config.pluginmanager.import_plugin("tests.cast")
    session.config.pluginmanager.import_plugin("tests.one_seller")
    session.config.pluginmanager.import_plugin("tests.scenes")
    # As in a process that has looked: no test waits for that, and none is disturbed by a thread that looks again.
    from lostpost.connector_accounts import known_accounts

    known_accounts.remember_accounts(())
    known_accounts.READ_EVERY_SECONDS = float("inf")


@cache
def prepares_once(module: str) -> bool:
    """Whether the tests of a module share what a fixture of it makes, which each process would make for itself."""
    file = PROJECT / module
    return file.is_file() and 'scope="module"' in file.read_text(encoding="utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process one test after the other, and a module that prepares something for all of its tests whole."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types.
        def _split_scope(self, nodeid: str) -> str:
            module = nodeid.partition("::")[0]
            return module if prepares_once(module) else nodeid

        def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:
            """Forget what is done: for each test, xdist counts what is left of all that a process ever got."""
            nodeid = self.registered_collections[node][item_index]
            super().mark_test_complete(node, item_index, duration)
            work, scope = self.assigned_work[node], self._split_scope(nodeid)
            if all(work[scope].values()):
                del work[scope]

    return Scheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process waits for another at the end; else leave the random order.

    Modules that one process gets whole come before single tests, which level out what is left.

    Journeys stay together: their browser has an event loop in the main thread, which others must not meet.
    """
    ranks = ("fuzz", "browser", "process")

    def rank(item: pytest.Item) -> int:
        marked = (at for at, name in enumerate(ranks) if item.get_closest_marker(name))
        return next(marked, len(ranks) + (not prepares_once(item.nodeid.partition("::")[0])))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Keep the collector from looking through all modules and tests again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Run the embedded PostgreSQL for the tests, unless DATABASE_URL names a server; it is gone with them."""
    from tests import database

    database.plan_once()
    if os.environ.get("DATABASE_URL"):
        yield
        return
    with database.server(SERVER):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Leave no connection of the setup open: beside a browser, whose loop is another context, tests have others.

    Forget too which migrations there are: Django hid all of them while it copied the migrated database. The months in
    which tests place scans get their tables once: each test would make and lose them anew, and with every table the
    server plans all statements about shops and parcels again.
    """
    from django.db import connections

    from lostpost.core import readiness
    from tests.cast import NOW, ensure_months_before

    with django_db_blocker.unblock():
        ensure_months_before(NOW, datetime.now(UTC))
        connections.close_all()
    readiness._known_migrations.cache_clear()
    readiness._compared.cache_clear()


@pytest.fixture(autouse=True)
def in_english_and_our_zone() -> Iterator[None]:
    """Begin every test in the same language and zone: a page that a test before asked for in Dutch leaves its own."""
    from django.utils import timezone, translation

    with translation.override("en"), timezone.override(None):
        yield
