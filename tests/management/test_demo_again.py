"""The command that makes the demo marketplace, and its plan."""

import re
import stat
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from lostpost.accounts.models import Seller
from lostpost.accounts.put_seller import SellerData, put_seller
from lostpost.management.demo import build as building
from lostpost.management.demo.logins import PEOPLE, logins_file
from lostpost.management.demo.shops import demo_shops
from tests.management.test_demo import NOW, wipe

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "demo.md"


# The command --------------------------------------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch, settings, tmp_path, transactional_db):
    """The command, with a demo of a few orders and a data folder of its own."""
    shops, _examples = demo_shops()
    lamps = shops[0]
    lamps.orders = {"2398-4471": lamps.orders["2398-4471"]}
    lamps.acts = []
    monkeypatch.setattr(building, "demo_shops", lambda: ([lamps], []))
    monkeypatch.delenv("LOSTPOST_DEMO_PASSWORD", raising=False)
    settings.LOSTPOST_DATA = tmp_path

    def run(**options: bool) -> str:
        out, err = StringIO(), StringIO()
        call_command("demo", stdout=out, stderr=err, **options)
        return out.getvalue() + err.getvalue()

    return run


def test_the_logins_file_is_readable_by_the_operator_only(small, caplog):
    output = small()

    assert str(logins_file()) in output
    assert "lostpost.security" not in {record.name for record in caplog.records}, "the logins stand between log lines"
    assert stat.S_IMODE(logins_file().stat().st_mode) == 0o600
    written = logins_file().read_text()
    assert all(f"  {person.login} " in written for person in PEOPLE)


def test_a_second_run_says_so_and_does_nothing(small):
    small(if_empty=True)
    written = logins_file().read_text()

    assert "there already" in small()
    assert small(if_empty=True) == ""
    assert logins_file().read_text() == written
    assert User.objects.count() == len(PEOPLE)


def test_an_interrupted_demo_is_distinguished_from_a_complete_one(small):
    small()
    logins_file().unlink()

    assert "broken off" in small(if_empty=True)


def test_passwords_differ_from_installation_to_installation_unless_one_is_given(small, monkeypatch, client):
    small()
    first = logins_file().read_text()
    wipe()
    small()
    assert logins_file().read_text() != first
    wipe()
    monkeypatch.setenv("LOSTPOST_DEMO_PASSWORD", "given-by-the-operator")
    small()
    assert client.login(username="anna", password="given-by-the-operator")


def test_the_demo_refuses_databases_with_other_shops_and_production(small, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="trying out"):
        small()
    settings.PRODUCTION = False
    put_seller(seller=SellerData("a-real-shop", "A real shop"), now=NOW)

    assert "left out" in small()
    assert small(if_empty=True) == ""
    assert Seller.objects.count() == 1
    assert not logins_file().exists()


def test_an_existing_login_is_left_alone(small):
    User.objects.create_user("anna", password="her-own-password")

    with pytest.raises(CommandError, match="anna"):
        small()

    assert Seller.objects.count() == 0
    assert User.objects.get().check_password("her-own-password")


def test_plans_need_no_clock():
    first, second = demo_shops(), demo_shops()

    assert [shop.orders.keys() for shop in first[0]] == [shop.orders.keys() for shop in second[0]]
    assert first[1] == second[1]
    assert all(act.at < timedelta(0) for shop in first[0] for act in shop.acts)


def test_the_guide_lists_every_example_and_no_other():
    _shops, examples = demo_shops()
    line = re.compile(r"^\| (\d{4}-\d{4}) \| (.*?)(?: \((?:Carla's|Velo).*\))? \|$", re.MULTILINE)
    written = dict(line.findall(GUIDE.read_text(encoding="utf-8")))

    assert written == {example.order: example.about for example in examples}
