"""What there is to say of an entry of the timeline, besides its heading."""

from __future__ import annotations

from typing import NamedTuple


class EntryDetails(NamedTuple):
    """What there is to add to a heading: what matters, and what stands back; either may be empty."""

    text: str = ""
    aside: str = ""
