"""Sellers, as they are sent and answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from ninja import Schema
from pydantic import (
    Field,
)

from lostpost.accounts.put_seller import SellerData
from lostpost.api.http.fields import ONE_LINE, ONE_LINE_WORDS, Country, Currency, Language, Sent
from lostpost.api.http.schemas import Cadence


class LegalIn(Sent):
    name: Annotated[str, Field(pattern=ONE_LINE, max_length=200, examples=["Lampenhuis B.V."])] = ""
    street: Annotated[str, Field(pattern=ONE_LINE, max_length=200, examples=["Oudegracht 12"])] = ""
    postal_code: Annotated[str, Field(pattern=ONE_LINE, max_length=20, examples=["3511 AB"])] = ""
    city: Annotated[str, Field(pattern=ONE_LINE, max_length=100, examples=["Utrecht"])] = ""
    vat_number: Annotated[str, Field(pattern=ONE_LINE, max_length=20, examples=["NL123456789B13"])] = ""
    registration_number: Annotated[str, Field(pattern=ONE_LINE, max_length=40, examples=["12345678"])] = ""
    iban: Annotated[str, Field(pattern=ONE_LINE, max_length=42, examples=["NL91 ABNA 0417 1643 00"])] = ""
    electronic_address: Annotated[
        str,
        Field(
            pattern=ONE_LINE,
            max_length=60,
            description="Where e-invoices are sent: scheme and identifier of Peppol",
            examples=["0106:12345678"],
        ),
    ] = ""


class SellerIn(Sent):
    name: Annotated[str, Field(pattern=ONE_LINE_WORDS, min_length=1, max_length=200, examples=["Lampenhuis"])]
    country: Country = "NL"
    language: Language = "en"
    currency: Currency = "EUR"
    invoice_cadence: Annotated[
        Literal["monthly", "twice_a_month"],
        Field(description="Another one than before holds from the first day of the next quarter"),
    ] = "monthly"
    legal: Annotated[
        LegalIn | None, Field(description="What invoices say of the seller; left out, it stays as it was")
    ] = None

    def data(self, code: str) -> SellerData:
        """Give what the command takes."""
        legal = None if self.legal is None else self.legal.model_dump()
        return SellerData(code=code, **{**self.model_dump(), "legal": legal})


class SellerOut(Schema):
    seller: Annotated[str, Field(validation_alias="code")]
    name: str
    country: str
    language: str
    currency: str
    invoice_cadence: Annotated[Cadence, Field(description="As asked for last")]
    invoice_cadence_from: Annotated[
        date, Field(description="First day on which it holds; until then it is the one before")
    ]
    legal: Annotated[dict[str, str], Field(description="What invoices say of the seller, as far as it is known")]
