"""How journeys walk: what every page must be for everyone, and how far the keyboard gets."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

# What a careful reader with a screen reader, a keyboard or a phone would stumble over, each in a few words.
_STUMBLES = """() => {
  const found = [];
  const all = (what) => [...document.querySelectorAll(what)];
  const words = (e) => (e.textContent || "").trim() || e.getAttribute("aria-label") || e.getAttribute("title") || "";
  if (!document.documentElement.lang) found.push("the page has no language");
  if (!document.title.trim()) found.push("the page has no title");
  if (all("h1").length !== 1) found.push(`${all("h1").length} h1`);
  if (all("main").length !== 1) found.push(`${all("main").length} main`);
  let level = 1;
  for (const heading of all("main h1, main h2, main h3, main h4, main h5, main h6")) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) found.push(`h${own} “${words(heading)}” after h${level}`);
    level = own;
  }
  for (const e of all("input, select, textarea")) {
    if (e.type === "hidden") continue;
    const label = [...(e.labels || [])].map(words).join("") || e.getAttribute("aria-label");
    if (!label) found.push(`no label for ${e.name || e.id}`);
  }
  for (const e of all("button, a[href], summary")) if (!words(e)) found.push(`nameless ${e.outerHTML.slice(0, 80)}`);
  for (const e of all("img")) if (!e.hasAttribute("alt")) found.push(`no alt text: ${e.src}`);
  const ids = all("[id]").map((e) => e.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`id ${id} twice`);
  for (const name of ["for", "aria-describedby", "aria-labelledby", "aria-controls"])
    for (const e of all(`[${name}]`))
      for (const id of e.getAttribute(name).split(/\\s+/).filter(Boolean))
        if (!document.getElementById(id)) found.push(`${name} points to ${id}, which is not there`);
  for (const e of all("a[href^='#']"))
    if (e.hash && !document.getElementById(decodeURIComponent(e.hash.slice(1)))) found.push(`link to ${e.hash}`);
  const right = (e) => e.getBoundingClientRect().right;
  const scrolls = (e, box) =>
    e !== box && (/auto|scroll/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement, box));
  for (const e of all(".panel *, .notice *")) {
    const box = e.closest(".panel, .notice");
    const shown = e.getClientRects().length && !e.closest(".visually-hidden, svg");
    if (shown && right(e) > right(box) + 1 && !scrolls(e.parentElement, box))
      found.push(`“${words(e)}” runs out of its box`);
  }
  for (const e of all(".cards td[data-label]:not([data-label=''])")) {
    const parts = [...e.childNodes].filter((part) => part.nodeType === Node.ELEMENT_NODE || part.textContent.trim());
    if (getComputedStyle(e).display === "grid" && parts.length > 1)
      found.push(`“${words(e)}” stands in two columns of its card`);
  }
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`scrolls sideways by ${root.scrollWidth - root.clientWidth} px`);
  return found;
}"""

_FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const drawn = (style) => outlined(style) || style.boxShadow !== "none";
  const labels = [...(e.labels || [])];
  const label = e.getAttribute("aria-label") || labels.map((l) => l.textContent).join(" ");
  const name = label || e.textContent || e.value || "";
  return {
    tag: e.tagName.toLowerCase(),
    name: name.replace(/\\s+/g, " ").trim(),
    visible: drawn(getComputedStyle(e)) || labels.some((label) => drawn(getComputedStyle(label))),
  };
}"""


def look_over(page: Page, heading: str | None = None) -> None:
    """Wait for the page of this heading, if it is known; stop at what somebody could not read, name or see."""
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    page.wait_for_load_state()
    stumbles = page.evaluate(_STUMBLES)
    assert not stumbles, (page.url, stumbles)


def focused(page: Page) -> dict[str, Any] | None:
    """Say what the keyboard is on; it must show that it is."""
    element: dict[str, Any] | None = page.evaluate(_FOCUS)
    if element:
        assert element["visible"], f"the focus on “{element['name']}” cannot be seen"
    return element


def tab_to(page: Page, name: str, *, tag: str = "", most: int = 80) -> list[str]:
    """Press Tab until the keyboard is on what is named so; return the names passed on the way."""
    passed: list[str] = []
    for _press in range(most):
        page.keyboard.press("Tab")
        element = focused(page)
        if element and name in element["name"] and tag in ("", element["tag"]):
            return passed
        passed.append(element["name"] if element else "")
    raise AssertionError(f"{most} presses of Tab do not reach “{name}”; they pass {passed}")


def timeline(page: Page) -> str:
    """Return the words of a query's timeline."""
    shown = page.get_by_role("region", name="Timeline")
    expect(shown).to_be_visible()
    return " ".join(shown.inner_text().split())
