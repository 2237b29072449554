"""The guide for engineers is true: its examples run, as they stand and in their order, against a live server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lostpost.accounts.make_client import create_client
from lostpost.refunds.models import Refund
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.process

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "integrating.md"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="the examples need curl and jq")
def test_every_example_of_the_guide_runs(live_server: Any, tmp_path: Path) -> None:
    credentials = create_client(name="Shop software", seller=None, read_only=False, by="test", now=timezone.now())
    script = "set -eu\n" + "\n".join(re.findall(r"```sh\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL))
    given = {
        "PLATFORM_ID": credentials.client_id,
        "PLATFORM_SECRET": credentials.client_secret,
        "LOSTPOST": live_server.url,
    }
    known = {"PATH": os.environ["PATH"], **given}
    ran = subprocess.run(
        ["sh", "-c", script], env=known, cwd=tmp_path, capture_output=True, text=True, timeout=WAIT_SECONDS
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert Refund.objects.get().state == "confirmed"
    assert '"not-found"' in ran.stdout
    assert "write-off.confirmed" in ran.stdout
    assert "2398-4471\n" in ran.stdout
