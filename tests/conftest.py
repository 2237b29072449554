"""What every test stands on: settings of its own, and a real PostgreSQL."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

DATA = Path(tempfile.mkdtemp(prefix="lostpost-test-"))

# Before Django reads its settings: what the person at the keyboard has set must not decide what the tests find.
for name in [name for name in os.environ if name.startswith("LOSTPOST_")]:
    del os.environ[name]
os.environ["LOSTPOST_DATA"] = str(DATA)
os.environ["LOSTPOST_SECRET_KEY"] = "a-key-for-tests-and-for-nothing-else-0123456789"
os.environ["DJANGO_SETTINGS_MODULE"] = "lostpost.config.settings"


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Run the embedded PostgreSQL for the tests, unless DATABASE_URL names a server; it is gone with them."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    from lostpost.config import embedded  # Not before the settings: it is Django's to set up first.

    with embedded.running(DATA, losable=True):
        yield
