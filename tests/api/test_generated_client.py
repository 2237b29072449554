"""A client that nobody here wrote: a generator makes it from the document, and it does the whole journey."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lostpost.accounts.make_client import Credentials, create_client
from lostpost.accounts.models import Seller
from lostpost.audit.verify import verify
from lostpost.refunds.models import Refund
from lostpost.writeoffs.models import WriteOff
from tests.waiting import WAIT_SECONDS

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLE = PROJECT / "examples" / "generated_client"
JOURNEY = EXAMPLE / "journey.py"
pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate the client; whatever the generator could not handle of the document fails."""
    path = tmp_path_factory.mktemp("generated")
    words = [
        *(sys.executable, "-m", "openapi_python_client", "generate"),
        *("--path", str(PROJECT / "docs" / "openapi.json"), "--config", str(EXAMPLE / "config.yml")),
        *("--meta", "none", "--output-path", str(path / "lostpost_client"), "--fail-on-warning"),
    ]
    known = {"PATH": os.environ["PATH"], "COLUMNS": "200"}
    ran = subprocess.run(words, env=known, cwd=path, capture_output=True, text=True, timeout=WAIT_SECONDS)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "warning" not in (ran.stdout + ran.stderr).lower(), ran.stdout + ran.stderr
    return path


def journey(folder: Path, part: str, url: str, credentials: Credentials) -> list[str]:
    known = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder),
        "LOSTPOST": url,
        "CLIENT_ID": credentials.client_id,
        "CLIENT_SECRET": credentials.client_secret,
    }
    words = [sys.executable, "-W", "error", str(JOURNEY), part]
    ran = subprocess.run(words, env=known, cwd=folder, capture_output=True, text=True, timeout=WAIT_SECONDS)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.django_db(transaction=True)
def test_a_generated_client_does_the_whole_journey(live_server: Any, folder: Path) -> None:
    now = timezone.now()
    platform = create_client(name="Shop software", seller=None, read_only=False, by="test", now=now)
    assert journey(folder, "platform", live_server.url, platform) == ["Lampenhuis created created 2 0"]

    lampenhuis = Seller.objects.get()
    shop = create_client(name="Tool", seller=lampenhuis, read_only=False, by="test", now=now)
    output = journey(folder, "shop", live_server.url, shop)

    write_off, refund = WriteOff.objects.get(), Refund.objects.get()
    assert (write_off.refund_minor, refund.amount_minor, refund.state) == (84_85, 84_85, "requested")
    assert output[0] == "eligible True 7990 EUR"
    assert output[1] == f"refund requested 8485 EUR {refund.requested_at.isoformat()}"
    assert {"query.opened", "write-off.confirmed", "refund.requested"} <= set(output[2].split())
    events = [line.split() for line in output if line.startswith("event ")]
    assert [int(number) for _event, number, _kind in events] == list(range(1, len(events) + 1))
    assert [kind for _event, _number, kind in events].count("write-off.confirmed") == 1
    assert output[-1] == "refused 422 not-eligible fully-written-off"
    assert list(verify(lampenhuis)) == []


def test_the_journey_is_right_by_the_generated_types(folder: Path) -> None:
    """What the document says of its values is enough for a type checker: nothing of the journey is taken on trust."""
    config = folder / "mypy.ini"
    config.write_text("[mypy]\nstrict = true\n[mypy-lostpost_client.*]\nignore_errors = true\n")
    words = [sys.executable, "-m", "mypy", "--config-file", str(config), "--cache-dir", os.devnull]
    known = {"PATH": os.environ["PATH"], "MYPYPATH": str(folder)}
    ran = subprocess.run(
        [*words, str(JOURNEY)], env=known, cwd=folder, capture_output=True, text=True, timeout=WAIT_SECONDS
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
