"""A real browser against a real server: what journeys walk in, and what they watch on the way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from lostpost.accounts.actor import Actor

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
PAGE_MILLISECONDS = 60_000  # For what should appear at once, on a machine that is slow or busy.
PHONE, DESK = (360, 740), (1200, 900)
HERE = Path(__file__).parent

expect.set_options(timeout=PAGE_MILLISECONDS)
# Playwright's blocking interface keeps an event loop in this thread, and Django would take us for a coroutine.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the journeys, and leave them out by name where there is no browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason=f"no chromium here for {item.name}"))


@pytest.fixture(scope="package")
def _playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def chromium(_playwright: Playwright) -> Iterator[Browser]:
    browser = _playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    yield browser
    browser.close()


@dataclass
class Watched:
    """What a browser said on the way that nobody should have to hear."""

    origin: str
    complaints: list[str] = field(default_factory=list)
    expected_statuses: set[int] = field(default_factory=set)  # Refusals that the journey is about.

    def watch(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self._left(request.url))
        context.on("response", lambda response: self._answered(response.url, response.status))
        context.on("console", lambda message: self._record(message.type, message.text))
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))

    def _left(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in ("data", "blob") and f"{address.scheme}://{address.netloc}" != self.origin:
            self.complaints.append(f"a request left for {url}")

    def _answered(self, url: str, status: int) -> None:
        if status >= 400 and status not in self.expected_statuses:
            self.complaints.append(f"{status} from {url}")

    def _record(self, kind: str, text: str) -> None:
        # `_answered` judges statuses; htmx tells of a page that was left while an amount was on its way to it.
        harmless = text.startswith(("Failed to load resource", "htmx:sendAbort", "htmx:afterRequest"))
        if kind in ("error", "warning") and not harmless:
            self.complaints.append(f"console {kind}: {text}")


OpenAs = Callable[..., Page]


@pytest.fixture
def open_as(chromium: Browser, live_server: Any) -> Iterator[OpenAs]:
    """Open a browser in which somebody is signed in (nobody, without a person); it must not complain all the way."""
    from tests.cast import user_of  # Not before the cast has come on as a plugin.

    contexts: list[BrowserContext] = []
    watches: list[Watched] = []

    def opened(
        person: Actor | None = None, *, size: tuple[int, int] = DESK, script: bool = True, **options: Any
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=script,
            locale=options.pop("locale", "en-GB"),
            **options,
        )
        context.set_default_timeout(PAGE_MILLISECONDS)
        context.script = script  # type: ignore[attr-defined]
        contexts.append(context)
        watched = Watched(live_server.url)
        watched.watch(context)
        watches.append(watched)
        if person:
            client = Client()
            client.force_login(user_of(person))
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.watched = watched  # type: ignore[attr-defined]
        return page

    yield opened
    for context in contexts:
        context.close()
    complaints = [complaint for watched in watches for complaint in watched.complaints]
    assert not complaints, complaints
