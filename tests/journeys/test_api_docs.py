"""The API's document, read in a browser."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, expect


def test_an_engineer_reads_the_document(chromium: Browser, live_server: Any) -> None:
    page = chromium.new_page()
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(f"{live_server.url}/api/v1/docs")
    expect(page.get_by_role("heading", name="Lostpost")).to_be_visible()
    expect(page.get_by_text("/api/v1/write-offs/preview")).to_be_visible()
    page.get_by_text("/api/v1/write-offs/preview").click()
    expect(page.get_by_text("not-eligible").first).to_be_visible()
    assert broken == []
    assert [url for url in urls if not url.startswith((live_server.url, "data:"))] == []
    page.close()
