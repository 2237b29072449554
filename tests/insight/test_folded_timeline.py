"""A long timeline folds, and the newest message stays in sight."""

from datetime import timedelta

import pytest

from lostpost.insight.folded_timeline import OPEN_MAX, folded_timeline
from lostpost.insight.timeline import ShownEntry
from tests.cast import NOW


def entries(*kinds: str) -> list[ShownEntry]:
    return [ShownEntry(id=str(n), at=NOW + timedelta(hours=n), kind=kind) for n, kind in enumerate(kinds)]


def kinds(runs) -> list[str]:
    return [run.newest.kind for run in runs]


def test_scans_in_a_row_stand_behind_one_line():
    timeline = folded_timeline(entries("parcel.scanned", "parcel.scanned", "message.sent", "parcel.scanned"))
    assert not timeline.earlier
    assert [(run.folds, len(run.entries)) for run in timeline.recent] == [(True, 2), (False, 1), (False, 1)]


def test_a_short_timeline_is_in_sight():
    timeline = folded_timeline(entries(*["message.received"] * OPEN_MAX))
    assert (timeline.earlier_count, len(timeline.recent)) == (0, OPEN_MAX)


@pytest.mark.parametrize(
    ("after", "recent"),
    [
        (["message.received"], ["message.received"]),
        (["message.received", "message.sent", "note.added"], ["message.received", "message.sent", "note.added"]),
        (["message.sent"], ["message.sent"]),
        (["note.added"], ["note.added"]),
    ],
)
def test_of_a_long_one_the_newest_message_and_what_followed_are_in_sight(after, recent):
    before = ["query.opened", *["message.sent"] * 30, *["message.received"] * (after[0] == "message.received") * 29]
    timeline = folded_timeline(entries(*before, *after))
    shown = kinds(timeline.recent)
    assert shown[-len(recent) :] == recent
    assert shown[0] in ("message.received", "message.sent")
    assert timeline.earlier_count + sum(len(run.entries) for run in timeline.recent) == len(before) + len(after)


def test_much_that_happened_since_the_newest_message_does_not_push_the_box_away():
    timeline = folded_timeline(entries("message.received", *["note.added"] * 60))
    assert len(timeline.recent) == 2 * OPEN_MAX
