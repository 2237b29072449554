"""People of the shop who are mentioned in a note."""

import pytest

from lostpost.accounts.models import Member
from lostpost.customer_queries.add_note import add_note
from lostpost.customer_queries.mentions import mentioned_members
from lostpost.customer_queries.models import TimelineEntry
from lostpost.events.models import Event
from tests.cast import NOW, a_member, silent_parcel


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Bram, will you?", ["Bram de Boer"]),
        ("@bram de boer and @ANNA", ["Anna", "Bram de Boer"]),
        ("@Bram @Bram", ["Bram de Boer"]),
        ("Bram", []),
        ("mail bram@brammer.example or anna@bram", []),
        ("@Brammetje", []),
        ("@Eva", []),  # Two have that name.
        ("@Eva Smit", ["Eva Smit"]),
        ("@", []),
        ("@Carla", []),
    ],
)
def test_a_name_after_an_at_sign_mentions(anna, carla, text, names):
    for name in ("Bram de Boer", "Eva Smit", "Eva Mol"):
        a_member(anna.seller, name, Member.Role.AGENT)
    assert [member.name for member in mentioned_members(anna.seller_id, text)] == names


def test_who_is_mentioned_stands_in_the_entry_and_in_the_feed_without_words_and_names(anna, bram):
    query = silent_parcel(anna)
    before = Event.objects.filter(seller_id=anna.seller_id).count()

    for key in ("first-note", "first-note", "second-note"):
        text = "@Bram, who took it?" if key == "first-note" else "Nobody."
        add_note(number=query.number, text=text, by=anna, key=key, now=NOW)

    entry, other = TimelineEntry.objects.filter(seller_id=anna.seller_id, kind="note.added").order_by("id")
    assert entry.data == {"mentions": [{"user_id": bram.user_id, "name": "Bram"}]}
    assert other.data == {}
    (event,) = Event.objects.filter(seller_id=anna.seller_id).order_by("sequence")[before:]
    assert event.type == "customer-query.mentioned"
    assert event.data == {
        "customer_query": query.number,
        "order_number": query.order.number,
        "entry": str(entry.id),
        "users": [bram.user_id],
        "by_user": anna.user_id,
    }
