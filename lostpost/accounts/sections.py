"""The sections of a shop, and who may view or manage each: decided here alone."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Section(StrEnum):
    """A part of a shop's pages with rights of its own."""

    QUERIES = "queries"  # Orders and customer queries: answers, notes, templates, Partnerservice.
    WRITE_OFFS = "write_offs"  # One by one and many at once.
    FINANCE = "finance"  # Sales invoices, statement, refunds, credit notes, self-check.
    PEOPLE = "people"
    CONNECTIONS = "connections"  # API clients and webhooks.


class Level(StrEnum):
    """What somebody may do in a section; each level includes those before it."""

    NONE = "none"
    VIEW = "view"
    MANAGE = "manage"

    @property
    def rank(self) -> int:
        """Its place among the levels, from the one that allows least."""
        return list(Level).index(self)


# What may be chosen for a person. Finance has pages to read and nothing to change.
OFFERED: Mapping[Section, tuple[Level, ...]] = {
    **dict.fromkeys(Section, tuple(Level)),
    Section.FINANCE: (Level.NONE, Level.VIEW),
}
_OWNER = "owner"
_BY_ROLE: Mapping[str, Mapping[Section, Level]] = {
    _OWNER: dict.fromkeys(Section, Level.MANAGE),
    "agent": {
        Section.QUERIES: Level.MANAGE,
        Section.WRITE_OFFS: Level.MANAGE,
        Section.FINANCE: Level.VIEW,
        Section.PEOPLE: Level.VIEW,
        Section.CONNECTIONS: Level.NONE,
    },
    "viewer": {
        **dict.fromkeys(Section, Level.VIEW),
        Section.CONNECTIONS: Level.NONE,
    },
}


def level_of(role: str, chosen: Mapping[str, str], section: Section) -> Level:
    """Return what somebody with a role, and with levels chosen beside it, may do in a section.

    An owner manages everything, whatever is chosen: a shop cannot lock itself out. Who may not see orders and customer
    queries does not write them off either. A role of the marketplace has no sections: its commands ask who acts.
    """
    by_role = _BY_ROLE.get(role)
    if by_role is None or role == _OWNER:
        return Level.MANAGE
    if section is Section.WRITE_OFFS and level_of(role, chosen, Section.QUERIES) is Level.NONE:
        return Level.NONE
    return Level(chosen.get(section, by_role[section]))


def levels_of(role: str, chosen: Mapping[str, str]) -> dict[Section, Level]:
    """Return what somebody may do in every section."""
    return {section: level_of(role, chosen, section) for section in Section}


def differences(role: str, levels: Mapping[Section, Level]) -> dict[str, str]:
    """Return those of some levels that the role does not have by itself; none for an owner: what a row keeps."""
    if role == _OWNER:
        return {}
    return {str(section): str(level) for section, level in levels.items() if level is not _BY_ROLE[role][section]}
