"""`lostpost connect bol`: the platforms on which a shop sells."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from lostpost.sales_channels.models import CarrierName, SalesChannel
from lostpost.sales_channels.put_sales_channel import channel_credentials
from tests.connectors.sales_channels.bol_server import BolServer, bol_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def bol(settings):
    with bol_server(BolServer()) as server:
        settings.LOSTPOST_BOL_URL, settings.LOSTPOST_BOL_LOGIN_URL = server.url, f"{server.url}/token"
        yield server


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "bol.json"
    path.write_text("client_id=id-1\nclient_secret=secret-1\n")
    return str(path)


def run(*words):
    out = StringIO()
    call_command("connect", "bol", *words, stdout=out)
    return out.getvalue()


def test_a_shop_is_connected_checked_and_removed(lampenhuis, bol, file):
    assert "id-1 of lampenhuis is connected" in run("--seller", "lampenhuis", "--secret-file", file)
    row = SalesChannel.objects.get()
    assert channel_credentials(row) == {"client_id": "id-1", "client_secret": "secret-1"}
    call_command("reseal", stdout=StringIO())
    assert SalesChannel.objects.get().credentials != row.credentials

    checked = run("--check")
    assert "lampenhuis\tid-1\twaiting\tlast success never" in checked
    assert checked.strip().endswith("the platform answers")
    bol.secret = "Basic another"
    SalesChannel.objects.update(token="")
    with pytest.raises(SystemExit):
        run("--check", "--seller", "lampenhuis")

    run("--seller", "lampenhuis", "--remove")
    assert not SalesChannel.objects.exists()
    with pytest.raises(CommandError, match="No shop is connected"):
        run("--check")


def test_two_accounts_of_a_shop_have_prefixes_of_their_own(lampenhuis, file, tmp_path):
    run("--seller", "lampenhuis", "--secret-file", file)
    other = tmp_path / "other.json"
    other.write_text("client_id=id-2\nclient_secret=secret-2\n")
    with pytest.raises(CommandError, match="mixed up"):
        run("--seller", "lampenhuis", "--secret-file", str(other), "--prefix", "")
    assert "numbers begin with BOL-" in run("--seller", "lampenhuis", "--secret-file", str(other))
    with pytest.raises(CommandError, match="cannot change"):
        run("--seller", "lampenhuis", "--secret-file", str(other), "--prefix", "X-")


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ("client_id=id", "Give client_id, client_secret"),
        ("client_id=id\nclient_secret=", "client_secret has 1 to 500 characters"),
        ("nothing", "NAME=VALUE"),
    ],
)
def test_what_is_wrong_with_the_credentials_changes_nothing(lampenhuis, tmp_path, content, refusal):
    (tmp_path / "file").write_text(content)
    with pytest.raises(CommandError, match=refusal):
        run("--seller", "lampenhuis", "--secret-file", str(tmp_path / "file"))
    with pytest.raises(CommandError, match="Give a file with client_id"):
        run("--seller", "lampenhuis")
    assert not SalesChannel.objects.exists()


def test_names_of_carriers_are_mapped(db):
    run("--map-carrier", "Fiets Koerier=Fietskoeriers")
    assert (CarrierName.objects.get().name_normalised, CarrierName.objects.get().carrier) == (
        "fietskoerier",
        "Fietskoeriers",
    )
    assert run("--carriers").strip() == ""
