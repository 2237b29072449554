"""What `pip install` puts down has what the program shows: here the pages about the API's problems."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

PROJECT = Path(__file__).resolve().parents[2]
PAGES = PROJECT / "lostpost" / "api" / "problems"
ASK = """
import sys, django, lostpost
django.setup()
from django.test import Client
assert lostpost.__file__.startswith(sys.argv[1]), lostpost.__file__
for code in sys.argv[2:]:
    answer = Client(SERVER_NAME="localhost").get(f"/api/v1/problems/{code}")
    assert answer.status_code == 200, (code, answer.content)
    print(answer.content.decode(), end="")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel of a copy of what is in the repository, and unpack it as an installation does."""
    copy, wheels = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("made")
    shutil.copytree(PROJECT / "lostpost", copy / "lostpost", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(PROJECT / name, copy)
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"  # What pip calls.
    ran = subprocess.run([sys.executable, "-c", build, str(wheels)], cwd=copy, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (wheel,) = wheels.glob("lostpost-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(wheels / "site")
    return wheels / "site"


def test_an_installed_program_has_every_statement(installed: Path) -> None:
    statements = {path.relative_to(PROJECT) for path in (PROJECT / "lostpost").rglob("*.sql")}
    assert statements == {path.relative_to(installed) for path in installed.rglob("*.sql")}


def test_an_installed_program_shows_the_page_of_every_problem(installed: Path, tmp_path: Path) -> None:
    pages = sorted(PAGES.glob("*.md"))
    known = {"PATH": os.environ["PATH"], "LOSTPOST_DATA": str(tmp_path), "LOSTPOST_SECRET_KEY": "x" * 50}
    known |= {"PYTHONPATH": str(installed), "DJANGO_SETTINGS_MODULE": "lostpost.config.settings"}
    words = [sys.executable, "-c", ASK, str(installed), *(page.stem for page in pages)]
    ran = subprocess.run(words, env=known, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout == "".join(page.read_text("utf-8") for page in pages)
    assert "eligible_from" in ran.stdout
