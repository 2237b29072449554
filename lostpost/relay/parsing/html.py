"""Make the HTML of an e-mail safe to show, and read it as text."""

from __future__ import annotations

import re
from html import escape, unescape
from textwrap import dedent
from urllib.parse import urlsplit

import nh3
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import etree
from lxml import html as lxml_html

from lostpost.relay.parsing.limits import HTML_DEPTH_MAX, HTML_MAX, TEXT_MAX

_TAGS = {
    *("p", "div", "br", "hr", "span", "a", "b", "strong", "i", "em", "u", "s", "sub", "sup", "small", "pre", "code"),
    *("ul", "ol", "li", "dl", "dt", "dd", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption"),
}
_WITHOUT_END = {"br", "hr", "img", "meta", "link", "input", "col", "wbr", "base", "area", "source", "param", "embed"}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_LINK = re.compile(r'<a((?:\s+[a-z-]+="[^"]*")*)>(.*?)</a>', re.DOTALL)
_HREF = re.compile(r'href="([^"]*)"')
_ANY_TAG = re.compile(r"<[^<>]{0,2000}>")
_HIDDEN = re.compile(r"(?is)<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)")
_QUOTE_BEGINS, _QUOTE_ENDS = "\ue000", "\ue001"  # Of the private use area, and taken out of what comes.


def safe_html(html: str) -> tuple[str, str]:
    """Return the HTML with structure only: nothing from elsewhere, no style, links with their host; and a note.

    Where it is too long or nested too deeply nothing is returned, and the note says so.
    """
    if len(html) > HTML_MAX:
        return "", "html-too-long"
    if _depth(html) > HTML_DEPTH_MAX:
        return "", "html-too-deep"
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style", "title"},
        strip_comments=True,
    )
    return _LINK.sub(_with_host, cleaned), ""


def _depth(html: str) -> int:
    """Return how deep tags are nested at most, if those that were forgotten to be closed stay open."""
    depth = deepest = 0
    for tag in _TAG.finditer(html):
        if tag[2].lower() in _WITHOUT_END:
            continue
        depth = max(0, depth - 1) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _with_host(link: re.Match[str]) -> str:
    """Write the host of a link behind it, so that nobody is led elsewhere than they read."""
    href = _HREF.search(link[1])
    if href is None:
        return link[2]
    try:
        host = urlsplit(unescape(href[1])).hostname or ""
    except ValueError:
        return link[2]
    shown = f" [{escape(host)}]" if host and host not in link[2] else ""
    return f"{link[0]}{shown}"


def text_of(html: str) -> str:
    """Return the visible text; quoted blocks have `>` before each line, as in an e-mail of plain text."""
    html = html[:HTML_MAX].replace("\x00", "").replace(_QUOTE_BEGINS, "").replace(_QUOTE_ENDS, "")
    text = ""
    if _depth(html) <= HTML_DEPTH_MAX:
        try:
            tree = lxml_html.fromstring(html)
            _mark_quotes(tree)
            text = dedent(Inscriptis(tree, ParserConfig()).get_text())
        except (etree.LxmlError, ValueError, TypeError, IndexError, AttributeError):
            text = ""  # Markup that one library or the other does not expect.
    if not text.strip():
        text = unescape(_ANY_TAG.sub(" ", _HIDDEN.sub(" ", html)))
    return _with_quote_signs(text)[:TEXT_MAX]


def _mark_quotes(tree: lxml_html.HtmlElement) -> None:
    """Put a sign where an outermost quotation begins and one where it ends."""
    for quote in tree.iter("blockquote"):
        if next(quote.iterancestors("blockquote"), None) is not None:
            continue
        begins, ends = etree.Element("div"), etree.Element("div")
        begins.text, ends.text = _QUOTE_BEGINS, _QUOTE_ENDS
        begins.tail, quote.text = quote.text, None
        quote.insert(0, begins)
        quote.append(ends)


def _with_quote_signs(text: str) -> str:
    lines, quoted = [], False
    for marked in text.split("\n"):
        if _QUOTE_BEGINS in marked:
            quoted = True
        ends = _QUOTE_ENDS in marked
        line = marked.replace(_QUOTE_BEGINS, "").replace(_QUOTE_ENDS, "").rstrip()
        if line or not (ends or quoted):
            lines.append(f"> {line.strip()}" if quoted else line)
        if ends:
            quoted = False
    return "\n".join(lines).strip("\n")
