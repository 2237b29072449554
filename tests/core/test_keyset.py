"""A list's key goes through an address and back; what was changed by hand begins at the start."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from lostpost.core.keyset import Page, PageKey, key_as_text, key_from_text, pager

AN_ID = UUID(int=7)
AT = datetime(2026, 3, 10, 12, 0, 0, 123456, tzinfo=UTC)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.uuids())  # noqa: DTZ001
def test_a_key_comes_back_as_it_went(at, row_id):
    assert key_from_text(key_as_text(PageKey(at, row_id))) == PageKey(at, row_id)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "_",
        "nonsense",
        f"2026-03-10T12:00:00_{AN_ID}",  # Without a zone.
        f"0001-01-01T00:00:00+23:00_{AN_ID}",
        f"9999-12-31T23:59:59-23:00_{AN_ID}",
        "2026-03-10T12:00:00Z_not-an-id",
        f"\x00_{AN_ID}",
    ],
)
def test_nonsense_begins_at_the_start(text):
    assert key_from_text(text) is None


@given(st.text())
def test_no_text_is_too_strange(text):
    key_from_text(text)


def test_the_pager_keeps_other_parameters():
    key = PageKey(AT, uuid4())
    parameters = QueryDict("q=Klaas+%26+Co&state=open")
    first_page = pager(Page([], key), parameters)

    assert first_page["first"] == ""
    following = QueryDict(first_page["next"].removeprefix("?"))
    assert (following["q"], following["state"]) == ("Klaas & Co", "open")
    assert key_from_text(following["after"]) == key

    assert pager(Page([]), following) == {"next": "", "first": "?q=Klaas+%26+Co&state=open"}
