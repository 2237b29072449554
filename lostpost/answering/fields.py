"""The fields that a template of an answer may hold, and how they are filled in.

A field stands in braces, with words in its place where its value is not known: {carrier|the carrier}. Filling in
replaces fields and does nothing else: a value is never looked at for fields, and nothing in a template is carried out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.core.errors import Rejected

FIELDS: dict[str, Promise] = {
    "customer": gettext_lazy("the customer’s name"),
    "order": gettext_lazy("the order number"),
    "query": gettext_lazy("the number of the customer query"),
    "items": gettext_lazy("what it is about, with the quantity"),
    "carrier": gettext_lazy("the carrier"),
    "tracking_number": gettext_lazy("the Track & Trace number"),
    "last_scan": gettext_lazy("the newest scan, with its day"),
    "amount": gettext_lazy("what the customer paid for the items"),
    "refunded": gettext_lazy("what was refunded for the items"),
    "shop": gettext_lazy("the name of your shop"),
    "agent": gettext_lazy("the name of whoever answers"),
}
_FIELD = re.compile(r"\{([^{}|\n]*)(?:\|([^{}\n]*))?\}")
_AROUND_NOTHING = re.compile(r"(?<=\S) +( |[.,])")  # Blanks that stood around a field without a value.


class TemplateRefused(Rejected):
    """A template cannot be kept or filled in as it is."""

    code = "template-refused"


def require_known_fields(text: str) -> None:
    """Refuse a text with fields that do not exist, or with a brace that belongs to none. Raises TemplateRefused."""
    unknown = [name for name in _names(text) if name not in FIELDS]
    if unknown:
        raise TemplateRefused(
            _("There is no field {%(name)s}. The fields are: %(fields)s.")
            % {"name": unknown[0][:40], "fields": ", ".join(f"{{{name}}}" for name in FIELDS)}
        )
    if {"{", "}"} & set(_FIELD.sub("", text)):
        raise TemplateRefused(_("A brace stands alone. Braces are for fields, such as {order}."))


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its fields filled in; one without a value or words in its place stays, to be seen.

    {tracking_number|} leaves nothing where there is none.
    """

    def value(field: re.Match[str]) -> str:
        instead = field[0] if field[2] is None else field[2].strip()
        return values.get(field[1].strip(), "") or instead

    return _AROUND_NOTHING.sub(lambda blanks: blanks[1], _FIELD.sub(value, text))


def open_fields(text: str) -> list[str]:
    """Return the names of fields that still stand in a text: nothing with one of these is sent to a customer."""
    return [name for name in _names(text) if name in FIELDS]


def _names(text: str) -> list[str]:
    return [field[1].strip() for field in _FIELD.finditer(text)]
