"""Schemathesis over the whole document, against a live server: what the document promises is so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api.machine import a_lost_parcel, a_machine_of, a_platform
from tests.searching import examples

pytestmark = pytest.mark.fuzz

PROJECT = Path(__file__).resolve().parents[2]
CONFIG = Path(__file__).with_name("schemathesis.toml")
# Where an order's number and a seller's name are the same words, its assessment (GET) has the address of an order that
# is numbered `assessment` (PUT), and `Allow` rightly names both; the check compares with one entry of the document
# alone. A check of our own (schemathesis_checks.py) holds `Allow` of every address, and knows of this one.
NOT_CHECKED = ("--exclude-checks", "allow_header_conformance")


# The coverage of every boundary of every field takes four fifths of the time; a longer search (`SEARCH=1`) has it.
QUICK = "examples,fuzzing,stateful"
HALF = "^(platform|orders|customer queries|signing in)$"  # Takes about as long as the rest, which runs beside it.


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("half", ["include", "exclude"])
def test_the_document_is_true_of_a_live_server(half: str, live_server: Any, settings: Any, tmp_path: Path) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    platform = a_platform()
    a_lost_parcel(platform)
    shop = a_machine_of("lampenhuis")
    words = [
        *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"),
        *("--config-file", str(CONFIG), "run", f"{live_server.url}/api/v1/openapi.json"),
        *("--checks", "all", *NOT_CHECKED, "--max-examples", str(examples(2)), "--no-color"),
        *(f"--{half}-tag-regex", HALF),
        *(() if "SEARCH" in os.environ else ("--generation-deterministic", "--phases", QUICK)),
    ]
    known = {name: value for name, value in os.environ.items() if not name.startswith(("LOSTPOST_", "DJANGO_"))}
    known["SCHEMATHESIS_HOOKS"], known["PYTHONPATH"] = "tests.api.schemathesis_checks", str(PROJECT)
    tokens = {"SELLER_TOKEN": shop.token, "PLATFORM_TOKEN": platform.token}
    ran = subprocess.run(words, env=known | tokens, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
