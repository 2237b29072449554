"""People of a shop who are mentioned in a note: @Bram."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from lostpost.accounts.models import Member


def mentioned_members(seller_id: UUID, text: str) -> Sequence[Member]:
    """Return the members whose name stands after an @ in a text, by name: one statement, none without an @.

    The complete name counts, or the first word of it where no other member has the same; capitals do not matter.
    """
    if "@" not in text:
        return []
    members = sorted(Member.objects.filter(seller_id=seller_id), key=lambda member: (-len(member.name), member.name))
    names: dict[str, list[Member]] = {}
    for member in members:
        for name in {member.name.casefold(), member.name.casefold().partition(" ")[0]}:
            names.setdefault(name, []).append(member)
    by_name = {name: those[0] for name, those in names.items() if len(those) == 1 and name}
    if not by_name:
        return []
    longest_first = sorted(by_name, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)@(" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
    ids = {by_name[match[1]].user_id for match in pattern.finditer(text.casefold())}
    return sorted((member for member in members if member.user_id in ids), key=lambda member: member.name)
