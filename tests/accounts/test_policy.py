"""The policy is a row of versions: a change needs a reason, holds at once, and leaves earlier decisions theirs."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from lostpost.accounts.models import PolicyVersion
from lostpost.accounts.policy import change_policy, current_policy
from lostpost.audit.verify import verify
from lostpost.core.errors import Rejected
from lostpost.eligibility.facts import facts_from_json
from lostpost.eligibility.policy import Policy
from lostpost.writeoffs.assess_order import assess_order
from lostpost.writeoffs.models import WriteOff, WriteOffLine
from lostpost.writeoffs.selection import NotEligible
from lostpost.writeoffs.write_off import write_off
from tests.cast import NOW, all_of, silent_parcel

pytestmark = pytest.mark.django_db


def change(*, reason: str = "Carriers are slow", by: str = "Olga", **values: object) -> Policy:
    return change_policy(values=values, reason=reason, by=by, now=NOW)


def test_the_defaults_apply_until_the_policy_is_changed():
    assert current_policy() == Policy()
    assert current_policy().version == 0


def test_a_change_is_a_new_version_with_its_reason_and_the_other_values_stay():
    first = change(quiet_days=5)
    second = change(time_zone="America/Sao_Paulo", reason="  We sell in Brazil  ")

    assert (first.version, first.quiet_days, first.time_zone) == (1, 5, "Europe/Amsterdam")
    assert (second.version, second.quiet_days, second.time_zone) == (2, 5, "America/Sao_Paulo")
    assert current_policy() == second
    row = PolicyVersion.objects.get(version=2)
    assert (row.reason, row.decided_by, row.decided_at) == ("We sell in Brazil", "Olga", NOW)
    assert PolicyVersion.objects.get(version=1).values["time_zone"] == "Europe/Amsterdam"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"quiet_days": 91}, "quiet_days is 91; it must be a whole number from 0 to 90."),
        ({"quiet_days": "5"}, "quiet_days is '5'; it must be a whole number"),
        ({"quiet_days": True}, "it must be a whole number"),
        ({"time_zone": "Brasilia"}, "it must be a zone of the time-zone database"),
        ({"quite_days": 5}, "did you mean quiet_days?"),
        ({"version": 7}, "'version' is not a value of the policy"),
        ({"quiet_days": -1, "pickup_days": 99}, "pickup_days is 99"),
        ({"quiet_days": 3}, "has these values already"),
        ({}, "has these values already"),
    ],
)
def test_an_invalid_policy_is_refused_and_leaves_no_version(values, sentence):
    with pytest.raises(Rejected) as refused:
        change(**values)

    assert sentence in str(refused.value)
    assert not PolicyVersion.objects.exists()


def test_a_change_needs_a_reason():
    with pytest.raises(Rejected, match="Give a reason"):
        change(quiet_days=5, reason="  ")

    assert not PolicyVersion.objects.exists()


def test_a_change_applies_at_once_and_a_write_off_keeps_its_version(anna):
    # Given two parcels that have been silent for four days, one of them written off under the defaults
    decided = silent_parcel(anna, quiet_days=4)
    result = write_off(query=decided.number, selection=all_of(decided), by=anna, key="confirm-1", now=NOW)
    open_query = silent_parcel(anna, quiet_days=4)

    # When the marketplace asks for five days
    change(quiet_days=5)

    # Then the second one has to wait a day
    (unit,) = assess_order(open_query.order, now=NOW).units
    assert [refusal.code for refusal in unit.assessment.refusals] == ["recent-update"]
    assert unit.assessment.eligible_from == NOW + timedelta(days=1)
    with pytest.raises(NotEligible):
        write_off(query=open_query.number, selection=all_of(open_query), by=anna, key="confirm-2", now=NOW)

    # And the first one keeps the version that it was decided on, and stays right
    assert WriteOff.objects.get(seller_id=anna.seller_id).policy_version == result.policy_version == 0
    assert list(verify(anna.seller)) == []
    later = NOW + timedelta(days=1)
    result = write_off(query=open_query.number, selection=all_of(open_query), by=anna, key="confirm-3", now=later)
    assert result.policy_version == 1


# The command ---------------------------------------------------------------------------------------------------------


def lostpost_policy(*words: str) -> str:
    out = StringIO()
    call_command("policy", *words, stdout=out)
    return out.getvalue()


def test_the_command_shows_the_defaults_and_their_meaning():
    shown = lostpost_policy()

    assert shown.startswith("Version 0, the defaults: nobody has decided anything else yet\n")
    for name in Policy().values().keys() - {"windows"}:
        assert f"  {name}=" in shown
    assert "  allow_after_delivery=false " in shown
    assert shown == lostpost_policy("show")


def test_the_command_changes_values_and_prints_the_history():
    history = lostpost_policy(
        "set", "quiet_days=5", "time_zone=America/Sao_Paulo", "--reason", "Slow post", "--by", "Olga"
    )
    lostpost_policy("set", "allow_after_delivery=yes", "--reason", "A trial", "--by", "Otto")

    assert "Version 1 is in force from now on." in history
    assert "quiet_days: 3 → 5; time_zone: Europe/Amsterdam → America/Sao_Paulo" in history
    assert current_policy() == Policy(2, quiet_days=5, time_zone="America/Sao_Paulo", allow_after_delivery=True)
    assert "Version 2, in force since" in lostpost_policy()
    lines = lostpost_policy("history").splitlines()
    assert lines[0].startswith("Version 2, ")
    assert lines[0].endswith(", Otto: A trial")
    assert lines[1] == "  allow_after_delivery: false → true"
    assert lines[2].endswith(", Olga: Slow post")
    assert lines[4] == "Version 0: the defaults"


def test_without_a_name_the_change_is_that_of_whoever_is_signed_in(monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "olga")

    lostpost_policy("set", "quiet_days=5", "--reason", "Slow post")

    assert PolicyVersion.objects.get().decided_by == "olga"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["quiet_days"], "“quiet_days” is no NAME=VALUE; write it like quiet_days=5."),
        (["=5"], "“=5” is no NAME=VALUE"),
        (["quiet_days=5", "quiet_days=6"], "quiet_days is given twice; give it once."),
        (["quiet_days=five"], "quiet_days is 'five'; it must be a whole number from 0 to 90."),
        (["quiet_days="], "quiet_days is ''; it must be"),
        (["quiet_days=" + "9" * 5000], "it must be a whole number"),
        (["allow_after_delivery=perhaps"], "it must be true or false"),
        (["tim_zone=UTC"], "did you mean time_zone?"),
        (["quiet_days=3"], "has these values already"),
    ],
)
def test_the_command_reports_errors_and_leaves_no_version(words, sentence):
    with pytest.raises(CommandError) as refused:
        lostpost_policy("set", *words, "--reason", "Slow post")

    assert sentence in str(refused.value)
    assert str(refused.value).endswith("The policy stays as it is.")
    assert len(str(refused.value)) < 300
    assert not PolicyVersion.objects.exists()


def test_the_command_needs_a_reason():
    with pytest.raises(CommandError, match="--reason"):
        lostpost_policy("set", "quiet_days=5")


# Windows --------------------------------------------------------------------------------------------------------------


def test_the_operator_sets_values_for_some_parcels_only_and_takes_them_back():
    season = ["--country", "DE", "--from", "2026-11-15", "--until", "2027-01-10"]
    said = lostpost_policy("set", "quiet_days=5", *season, "--reason", "Peak", "--by", "Olga")
    assert "quiet_days=5 country DE from 2026-11-15 to 2027-01-10" in said
    lostpost_policy(
        "set", "quiet_days=4", "pickup_days=21", "--carrier", "Mondial Relay", "--reason", "Slow", "--by", "Olga"
    )
    lostpost_policy("set", "quiet_days=6", *season, "--reason", "Slower", "--by", "Olga")
    assert "  quiet_days=6 country DE from 2026-11-15 to 2027-01-10\n" in lostpost_policy()
    assert "  pickup_days=21 carrier Mondial Relay\n" in lostpost_policy()
    assert [window.value for window in current_policy().windows] == [4, 21, 6]

    said = lostpost_policy("unset", "quiet_days", *season, "--reason", "It is over", "--by", "Olga")
    assert "no more quiet_days=6 country DE from 2026-11-15 to 2027-01-10" in said
    assert [window.value for window in current_policy().windows] == [4, 21]
    assert "no more quiet_days=6" in lostpost_policy("history")
    assert current_policy().version == 4


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["set", "quiet_days=5", "--country", "UK"], "it must be a code of ISO 3166-1"),
        (["set", "quiet_days=5", "--from", "2026-11-15"], "a season has a first and a last day"),
        (["set", "batch_lines_max=5", "--carrier", "DPD"], "batch_lines_max holds for all parcels"),
        (["unset", "quiet_days", "--carrier", "DPD"], "quiet_days is not set for these parcels only"),
        (["set", "windows=5"], "it must be a list of windows"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused_and_the_policy_stays(words, problem):
    with pytest.raises(CommandError, match=problem):
        lostpost_policy(*words, "--reason", "Why not", "--by", "Olga")
    assert current_policy().version == 0


def test_a_decision_keeps_the_version_and_the_window_that_counted(anna):
    window = {"name": "quiet_days", "value": 20, "carrier": "dpd", "country": "NL"}
    change(windows=[window, {"name": "pickup_days", "value": 20, "carrier": "dpd"}])
    early, late = silent_parcel(anna, quiet_days=19), silent_parcel(anna, quiet_days=21)
    with pytest.raises(NotEligible) as refused:
        write_off(query=early.number, selection=all_of(early), by=anna, key="too-early", now=NOW)
    (refusal,) = refused.value.refused[0].refusals
    assert (refusal.code, refusal.eligible_from) == ("recent-update", NOW + timedelta(days=1))

    row = write_off(query=late.number, selection=all_of(late), by=anna, key="late-enough", now=NOW)

    (line,) = WriteOffLine.objects.filter(seller_id=anna.seller_id, write_off_id=row.id)
    assert row.policy_version == 1
    assert window in line.facts["windows"]
    assert (line.facts["country"], facts_from_json(line.facts).country) == ("NL", "NL")
