"""Arrival odds: by the public formulas, against a survival library's figures, and from scans to the sentence."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from lostpost.eligibility.facts import ScanStatus
from lostpost.insight import arrival_odds as module
from lostpost.insight.arrival_odds import SilentFor, arrival_odds, curve_of
from lostpost.insight.silence_odds import OfInterest, SilenceOdds, silence_odds
from lostpost.jobs.silences import mark_silent_parcels_of_all
from lostpost.orders.models import Parcel
from lostpost.texts.odds import odds_text, percent_text, short_odds_text
from lostpost.tracking.models import Silence
from lostpost.tracking.refresh_silences import (
    counted_silences,
    keep_silence_counts,
    refresh_silences,
    silences_to_refresh,
)
from lostpost.writeoffs.write_off import write_off
from tests.api.machine import a_machine_of, a_platform
from tests.cast import NOW, a_parcel, a_scan, all_of, an_order, silent_parcel, user_of
from tests.portal.pages import Read
from tests.searching import examples

D, R, OPEN = "delivered", "returned", "open"
OLIST = Path(__file__).resolve().parents[3] / "shared" / "data" / "olist" / "olist_orders_dataset.csv"


def curve(monkeypatch, *ends, silent_days=0):
    """Draw the curve of single parcels, or of as many as the third says, however few are left."""
    monkeypatch.setattr(module, "CURVE_AT_RISK_LEAST", 1)
    on_day: dict[int, dict[str, int]] = {}
    for day, outcome, *parcels in ends:
        on_day.setdefault(day, {D: 0, R: 0, OPEN: 0})[outcome] += parcels[0] if parcels else 1
    return curve_of(on_day, silent_days=silent_days, parcels=sum(sum(each.values()) for each in on_day.values()))


def rounded(point):
    return [round(value, 3) for value in (point.share, point.low, point.high)]


# The estimate -------------------------------------------------------------------------------------------------------

TEN = [(2, D), (3, D), (3, D), (5, D), (8, D), (8, OPEN), (9, OPEN), (12, D), (15, OPEN), (20, OPEN)]


def test_without_returns_it_is_kaplan_and_meiers_estimate_with_its_log_log_interval(monkeypatch):
    points = curve(monkeypatch, *TEN)
    assert round(points[5].share, 3) == 0.4
    assert rounded(points[12]) == [0.667, 0.354, 0.937]  # S(12) = 0.333, 95 % 0.063–0.646.


def test_it_is_conditioned_on_the_silence(monkeypatch):
    points = curve(monkeypatch, *[end for end in TEN if end[0] > 5], silent_days=6)
    assert rounded(points[6]) == [0.444, 0.124, 0.927]


def test_a_return_is_a_competing_end_and_no_censoring(monkeypatch):
    ends = [(1, D), (2, R), (2.5, D), (3, OPEN), (4, D), (5, R), (6, OPEN), (7, D), (8, OPEN), (9, OPEN)]
    points = curve(monkeypatch, *[(int(2 * day), outcome) for day, outcome in ends])
    assert round(points[18].share, 3) == 0.472  # With the returns censored it would be 0.563.


def test_many_at_once(monkeypatch):
    came, still_open = (60, 30, 12, 5, 2), (2, 3, 3, 5, 78)
    ends = [(day, D, parcels) for day, parcels in enumerate(came)]
    points = curve(monkeypatch, *ends, *[(day, OPEN, parcels) for day, parcels in enumerate(still_open)])
    assert rounded(points[4]) == [0.553, 0.485, 0.624]


@pytest.mark.parametrize(("others", "known"), [(49, True), (48, False)])
def test_fewer_than_fifty_say_nothing(others, known):
    counts = [SilentFor(3, 40, OPEN, others - 9), SilentFor(3, 4, D, 10)]
    assert arrival_odds(counts, silent_days=3).known is known


def test_fewer_than_ten_that_came_say_nothing_and_none_says_the_most():
    few = [SilentFor(3, 40, OPEN, 100), SilentFor(3, 4, D, 9)]
    assert not arrival_odds(few, silent_days=3).known
    none = arrival_odds([SilentFor(3, 40, OPEN, 60)], silent_days=3)
    assert (none.last.share, none.last.high, none.half_days) == (0, 0.05, None)


def test_where_all_came_the_rule_of_three_says_the_least():
    """The sums of such shares are off by a little, and beside them any interval would be endless."""
    counts = [SilentFor(3, 24, D, 50), SilentFor(3, 21, D, 100_000), SilentFor(3, 27, D, 10)]
    odds = arrival_odds(counts, silent_days=3)
    assert (odds.last.share, odds.last.high, odds.half_days) == (1, 1, 19)
    assert odds.last.low == pytest.approx(1 - 3 / 100_060)
    assert odds.curve[0].share == 0
    assert odds.curve[0].high == pytest.approx(3 / 100_060)


def test_what_came_after_the_curve_is_not_in_its_share():
    late = arrival_odds([SilentFor(3, 33, D, 60)], silent_days=3)
    assert (late.came, late.came_in_time, late.last.high, late.half_days) == (60, 0, 0.05, None)
    assert odds_text(SilenceOdds("DPD", "", late)) == (
        "Of 60 DPD parcels that were silent for 3 days, none came within 30 days; more than 5.0% of them would surprise"
        " us."
    )


def test_few_in_time_are_few_however_many_came_later():
    odds = arrival_odds([SilentFor(3, 33, D, 60), SilentFor(3, 4, D, 5)], silent_days=3)
    assert (odds.came, odds.came_in_time, odds.known) == (65, 5, False)


def test_who_fell_silent_today_is_no_reason_to_expect_nothing():
    """They were not watched for a day yet."""
    assert not arrival_odds([SilentFor(3, 3, OPEN, 60)], silent_days=3).known
    some = arrival_odds([SilentFor(3, 3, OPEN, 60), SilentFor(3, 4, OPEN, 30)], silent_days=3)
    assert (some.last.day, some.last.high) == (1, 0.1)


@settings(max_examples=examples(30))
@given(
    st.lists(
        st.builds(
            lambda silent, more, outcome, parcels: SilentFor(silent, silent + more, outcome, parcels),
            st.integers(1, 9),
            st.integers(0, 40),
            st.sampled_from([D, R, OPEN]),
            st.sampled_from([1, 2, 10, 50, 100_000]),
        ),
        max_size=8,
    )
)
def test_a_curve_only_rises_within_its_interval(counts):
    odds = arrival_odds(counts, silent_days=3)
    assert [point.share for point in odds.curve] == sorted(point.share for point in odds.curve)
    assert all(0 <= point.low <= point.share <= point.high + 1e-12 <= 1 + 1e-9 for point in odds.curve)
    assert (odds.half_days is None) == (not odds.came_in_time or not odds.known)
    assert odds_text(SilenceOdds("DPD", "", odds)).endswith(".")


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ([], "we have not seen one that was silent for so long."),
        ([SilentFor(3, 9, D, 1)], "we have seen 1 that was silent for so long, and need 50."),
        ([SilentFor(3, 9, D, 49)], "we have seen 49 that were silent for so long, and need 50."),
        (
            [SilentFor(3, 40, OPEN, 1_200), SilentFor(3, 9, D, 9)],
            "of 1,209 that were silent for so long, 9 came within 30 days so far, too few for a percentage.",
        ),
    ],
)
def test_why_nothing_is_known(counts, why):
    text = odds_text(SilenceOdds("GLS", "", arrival_odds(counts, silent_days=3)))
    assert text == f"We do not know yet how many GLS parcels still come after 3 days without a scan: {why}"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (0.0002, "<0.1%"), (0.034, "3.4%"), (0.47, "47%"), (0.9951, ">99%"), (1, "100%")],
)
def test_a_share_is_never_rounded_to_nothing_or_all(share, text):
    assert percent_text(share) == text


def test_shorter_silences_do_not_count():
    counts = [SilentFor(2, 9, D, 1000), SilentFor(5, 40, OPEN, 60), SilentFor(4, 6, D, 20)]
    odds = arrival_odds(counts, silent_days=4)
    assert (odds.parcels, odds.came) == (80, 20)
    assert arrival_odds(counts, silent_days=5).came == 0
    assert odds.half_days == 3


# What lifelines 0.30.3 says (KaplanMeierFitter on the days of those that were silent as long): one minus the survival
# at 29 more days, and the ends of its interval.
BY_LIFELINES = {
    3: (5554, 4371, 0.768067, 0.756857, 0.779109),
    5: (4840, 3657, 0.738110, 0.725616, 0.750455),
    10: (2839, 1657, 0.565361, 0.547129, 0.583746),
    20: (1608, 440, 0.257938, 0.237135, 0.280209),
}


@pytest.mark.skipif(not OLIST.is_file(), reason="left out: the Olist files are not in ../shared/data/olist")
@pytest.mark.parametrize("silent_days", BY_LIFELINES)
def test_on_real_parcels_it_says_what_lifelines_says(silent_days):
    odds = arrival_odds(olist_counts(), silent_days=silent_days)
    parcels, came, *shares = BY_LIFELINES[silent_days]
    assert (odds.parcels, odds.came) == (parcels, came)
    assert [round(value, 6) for value in (odds.last.share, odds.last.low, odds.last.high)] == pytest.approx(
        shares, abs=2e-6
    )


def olist_counts() -> list[SilentFor]:
    """Count how long the parcels of the data set were silent after the hand-over, until they came or the data ends."""
    with OLIST.open(encoding="utf-8") as file:
        orders = {row["order_id"]: row for row in csv.DictReader(file)}
    with OLIST.with_name("olist_order_items_dataset.csv").open(encoding="utf-8") as file:
        parcels = {(row["order_id"], row["seller_id"]) for row in csv.DictReader(file)}

    def moment(order_id: str, name: str) -> datetime | None:
        text = orders[order_id][f"order_delivered_{name}_date"]
        return datetime.fromisoformat(text) if text else None

    spans = [(moment(order_id, "carrier"), moment(order_id, "customer")) for order_id, _seller in parcels]
    end = max(came for _sent, came in spans if came)
    counts: Counter[tuple[int, str]] = Counter()
    for sent, came in spans:
        if sent and (came or end) >= sent:
            counts[((came or end) - sent).days, D if came else OPEN] += 1
    return [SilentFor(days, days, outcome, parcels) for (days, outcome), parcels in counts.items()]


# From scans ---------------------------------------------------------------------------------------------------------


def silences(parcel):
    refresh_silences(seller_id=parcel.seller_id, parcel_ids=[parcel.id])
    rows = Silence.objects.filter(seller_id=parcel.seller_id, parcel_id=parcel.id).order_by("began_at")
    return [(row.silent_days, row.end_days, row.outcome) for row in rows]


@pytest.mark.django_db
def test_silences_of_a_day_and_more_are_kept_with_what_became_of_the_parcel(anna):
    parcel = a_parcel(an_order(anna.seller, placed_days=20), shipped_days=19)
    a_scan(parcel, days=18.5)
    a_scan(parcel, days=16)
    assert silences(parcel) == [(2, None, ""), (None, None, "")]

    a_scan(parcel, days=11, status=ScanStatus.DELIVERED.value)
    assert silences(parcel) == [(2, 7, "delivered"), (5, 5, "delivered")]

    a_scan(parcel, days=14)  # Told late: it splits a silence.
    assert silences(parcel) == [(2, 7, "delivered"), (2, 5, "delivered"), (3, 3, "delivered")]


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["returning", "returned"])
def test_a_parcel_that_goes_back_has_ended(anna, status):
    parcel = a_parcel(an_order(anna.seller, placed_days=20), shipped_days=19)
    a_scan(parcel, days=15, status=status)
    a_scan(parcel, days=10, status="delivered")  # At the sender's, some carriers call it.
    assert silences(parcel) == [(4, 4, "returned")]


@pytest.mark.django_db
def test_a_write_off_does_not_end_the_watching(anna):
    query = silent_parcel(anna, quiet_days=9)
    parcel = Parcel.objects.get(seller_id=anna.seller_id)
    refresh_silences(seller_id=anna.seller_id, parcel_ids=[parcel.id])
    write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=NOW)
    assert silences_to_refresh(now=NOW, most=10) == {}

    later = NOW + timedelta(days=2)
    a_scan(parcel, days=0, status="delivered", now=later)

    assert silences_to_refresh(now=later, most=10) == {anna.seller_id: [parcel.id]}
    assert silences(parcel)[-1] == (11, 11, "delivered")
    assert silences_to_refresh(now=later, most=10) == {}


@pytest.mark.django_db
def test_counts_are_read_by_destination_where_there_are_enough(anna):
    for _parcel in range(3):
        parcel = a_parcel(an_order(anna.seller, placed_days=20), shipped_days=19, carrier="DPD")
        a_scan(parcel, days=12, status="delivered")
        refresh_silences(seller_id=anna.seller_id, parcel_ids=[parcel.id])
    many(anna, country="BE", delivered=20, still_open=40)
    keep_silence_counts(counts=counted_silences(until=NOW))

    belgian, dutch, later = (OfInterest("DPD", country, days) for country, days in (("BE", 3), ("NL", 3), ("NL", 5)))
    gls = OfInterest("GLS", "NL", 3)
    odds = silence_odds([belgian, dutch, later, gls, OfInterest("", "NL", 3)])
    assert list(odds) == [belgian, dutch, later, gls]
    assert (odds[belgian].country, odds[belgian].odds.parcels, odds[belgian].odds.came) == ("BE", 60, 20)
    assert (odds[dutch].country, odds[dutch].odds.parcels, odds[dutch].odds.came) == ("", 63, 23)
    assert odds[later].odds.came == 3
    assert not odds[gls].odds.known

    assert odds_text(odds[belgian]) == (
        "Of 60 DPD parcels (destination: Belgium) that were silent for 3 days, 33% still came within 30 days, half of"
        " these within 2 days. The true share is likely between 23% and 47%."
    )
    assert short_odds_text(odds[belgian]) == "33% still come"
    assert not short_odds_text(odds[gls])


def many(anna, *, country, delivered, still_open, now=NOW):
    """Keep silences of four days of many parcels that nobody has to send."""
    parcel = Parcel.objects.filter(seller_id=anna.seller_id).first()
    assert parcel
    ends = [("delivered", 4, 4)] * delivered + [("", None, None)] * still_open
    Silence.objects.bulk_create(
        Silence(
            seller_id=anna.seller_id,
            parcel_id=parcel.id,
            began_at=now - timedelta(days=60, seconds=second),
            carrier_normalised="dpd",
            country=country,
            silent_days=silent_days,
            end_days=end_days,
            outcome=outcome,
        )
        for second, (outcome, silent_days, end_days) in enumerate(ends)
    )


@pytest.mark.django_db
def test_the_jobs_keep_what_fell_silent_and_what_became_of_it(anna):
    now = timezone.now()
    silent_parcel(anna, quiet_days=9, now=now)
    mark_silent_parcels_of_all(0)
    kept = Silence.objects.order_by("began_at").values_list("silent_days", "outcome")
    assert list(kept) == [(1, ""), (None, "")]
    a_scan(Parcel.objects.get(seller_id=anna.seller_id), days=0.5, status="delivered", now=now)
    mark_silent_parcels_of_all(0)
    assert list(kept.all()) == [(1, "delivered"), (8, "delivered")]


@pytest.mark.django_db
def test_the_command_says_the_same_to_people_and_programs(anna):
    a_parcel(an_order(anna.seller), shipped_days=9)
    many(anna, country="BE", delivered=20, still_open=40)
    keep_silence_counts(counts=counted_silences(until=NOW))
    out = StringIO()
    call_command("odds", json=True, stdout=out)
    after_three = json.loads(out.getvalue())["odds"][0]
    assert (after_three["carrier"], after_three["silent_days"], after_three["parcels"]) == ("dpd", 3, 60)
    assert round(after_three["share"], 3) == 0.333
    call_command("odds", stdout=out)
    assert "Of 60 dpd parcels that were silent for 3 days, 33% still came within 30 days" in out.getvalue()


@pytest.mark.django_db
def test_programs_get_the_odds_with_their_curve_and_the_false_losses(anna, carla):
    query = silent_parcel(anna, quiet_days=9)
    many(anna, country="BE", delivered=20, still_open=40)
    keep_silence_counts(counts=counted_silences(until=NOW))
    write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=NOW)
    shop, platform = a_machine_of("lampenhuis"), a_platform()

    odds = shop.call("get", "/arrival-odds?carrier=dpd&country=BE&silent_days=3").json()
    assert (odds["country"], odds["known"], odds["parcels"], odds["came"]) == ("BE", True, 60, 20)
    assert (odds["curve"][-1]["day"], round(odds["curve"][-1]["share"], 3)) == (odds["within_days"], 0.333)
    assert odds["text"].startswith("Of 60 dpd parcels (destination: Belgium)")
    unknown = platform.call("get", "/arrival-odds?carrier=GLS&silent_days=3").json()
    assert (unknown["known"], unknown["share"], unknown["curve"]) == (False, None, [])
    for wrong in ("silent_days=3", "carrier=dpd", "carrier=dpd&silent_days=0", "carrier=dpd&silent_days=99"):
        assert shop.call("get", f"/arrival-odds?{wrong}").status_code == 422

    mine = {"carrier": "dpd", "policy_version": 0, "parcels": 1, "came": 0}
    assert shop.call("get", "/false-losses?from=2026-01-01").json() == {"since": "2026-01-01", "items": [mine]}
    assert platform.call("get", "/false-losses?from=2026-01-01").json()["items"] == [mine]
    assert platform.call("get", f"/false-losses?from=2026-01-01&seller={carla.seller.code}").json()["items"] == []
    assert shop.call("get", f"/false-losses?seller={carla.seller.code}").status_code == 404


@pytest.mark.django_db
def test_the_desk_reads_odds_and_false_losses_by_carrier(client, anna, pia):
    now = timezone.now()
    query = silent_parcel(anna, quiet_days=9, now=now)
    many(anna, country="BE", delivered=20, still_open=40, now=now)
    keep_silence_counts(counts=counted_silences(until=now))
    write_off(query=query.number, selection=all_of(query), by=anna, key="write-off-1", now=now)
    client.force_login(user_of(pia))
    page = Read(client.get("/desk/arrival-odds/"))
    assert "dpd 33% 23% – 47% of 60 parcels not known of 40 parcels" in page.text
    assert "Of 60 dpd parcels that were silent for 3 days, 33% still came within 30 days" in page.text
    assert "DPD version 0 in force 1 0 0%" in page.text
