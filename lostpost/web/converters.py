"""Path converters: which names and numbers match in URLs."""

from __future__ import annotations

from django.urls import register_converter


class NameConverter:
    """A name that the marketplace gave: of a shop, an order, a parcel."""

    regex = "[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}"

    def to_python(self, value: str) -> str:
        """Take it as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Write it as it is."""
        return value


class DigitsConverter(NameConverter):
    """The number of a customer query."""

    regex = "[0-9]{1,20}"


class DocumentConverter(NameConverter):
    """The number of an invoice or a credit note: it has the shop's name in it."""

    regex = "[A-Za-z0-9][A-Za-z0-9_.:-]{0,89}"


register_converter(DocumentConverter, "document")
register_converter(NameConverter, "name")
register_converter(DigitsConverter, "digits")
