"""Take the pictures of the documents, of a running demo: `python scripts/pictures.py [address] [data directory]`.

The demo's logins are read from its data directory. Dates in the pictures are those of the day they are taken.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
ORDER = "2398-4472"  # Three parcels, three answers: silent, in return, scanned yesterday.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def main(address: str = "http://localhost:8000", data: str = "var") -> None:
    """Sign in to the demo and take every picture."""
    logins = (Path(data) / "demo-logins.txt").read_text()
    found = re.search(r"[a-z]+-[a-z]+-[a-z]+-[0-9]{4}", logins)
    if found is None:
        sys.exit(f"{data}/demo-logins.txt holds no password of the demo's own making.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(base_url=address, viewport={"width": 1200, "height": 900}, locale="en-GB")
        sign_in(page, found.group())
        write_off_screen(page)
        browser.close()


def sign_in(page: Page, password: str) -> None:
    """Sign in as Anna of the demo."""
    page.goto("/accounts/login/")
    page.get_by_label("E-mail or user name").fill("anna")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def write_off_screen(page: Page) -> None:
    """Tick the one item that may be written off, and wait for what it comes to."""
    page.goto(f"/shops/lampenhuis/customer-queries/?q={ORDER}")
    page.locator("main a[href*='/customer-queries/'][href$='/']").last.click()
    page.get_by_role("link", name="Write off item/order").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_text("Turnover", exact=True).wait_for()
    page.mouse.move(0, 0)
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / "write-off.png", full_page=True)
    print(PICTURES / "write-off.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
