"""What a browser makes of a page, without a browser: its words, and its forms as they would be sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Seller
from lostpost.customer_queries.models import CustomerQuery
from tests.cast import user_of

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "use", "wbr"}


@dataclass
class Form:
    """A form of a page: where it goes, and what it holds before anybody touches it."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, **values: Any) -> dict[str, Any]:
        """Return what is sent, with these values changed (None takes one away)."""
        sent: dict[str, Any] = {}
        for name, value in self.fields:
            sent.setdefault(name, []).append(value)
        sent |= values
        return {name: value for name, value in sent.items() if value is not None}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.skipping = 0
        self.select = ""
        self.textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag in ("script", "style", "title"):
            self.skipping += 1
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif self.forms and tag in ("input", "button"):
            self._field(tag, given)
        elif tag == "select":
            self.select = given.get("name", "")
        elif tag == "textarea":
            self.textarea = given.get("name", "")
            self.forms[-1].fields.append((self.textarea, ""))
        elif tag == "option" and self.select and "selected" in given:
            self.forms[-1].fields.append((self.select, given.get("value", "")))

    def _field(self, tag: str, given: dict[str, str]) -> None:
        kind, name = given.get("type", "text" if tag == "input" else "submit"), given.get("name", "")
        if tag == "button" or kind == "submit":
            self.forms[-1].buttons.append((name, given.get("value", "")))
        elif name and (kind not in ("checkbox", "radio") or "checked" in given):
            self.forms[-1].fields.append((name, given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "title"):
            self.skipping -= 1
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""

    def handle_data(self, data: str) -> None:
        if self.textarea:
            name, value = self.forms[-1].fields.pop()  # A line break right after the tag is not part of the text.
            self.forms[-1].fields.append((name, value + data if value else data.removeprefix("\n")))
        if not self.skipping:
            self.words.append(data)


class Read:
    """A page that was read."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status: int = response.status_code
        self.html: str = response.content.decode()
        reader = _Reader()
        reader.feed(self.html)
        self.forms, self.ids, self.links = reader.forms, reader.ids, reader.links
        self.text = re.sub(r"\s+", " ", " ".join(reader.words)).strip()

    def form(self, action: str) -> Form:
        """Return the form that goes to an address ending so."""
        (form,) = [form for form in self.forms if form.action.endswith(action)]
        return form

    def has_form(self, action: str) -> bool:
        return any(form.action.endswith(action) for form in self.forms)


class Site:
    """The site as somebody who is signed in reads it."""

    def __init__(self, client: Client, member: Actor) -> None:
        self.client = client
        self.shop = Seller.objects.get(id=member.seller_id).code
        client.force_login(user_of(member))

    def query(self, query: CustomerQuery, part: str = "") -> str:
        return f"/shops/{self.shop}/customer-queries/{query.number}/{part}"

    def get(self, path: str, **options: Any) -> Read:
        return Read(self.client.get(path, follow=True, **options))

    def post(self, path: str, data: Any, **options: Any) -> Read:
        return Read(self.client.post(path, data, follow=True, **options))
