"""Reading answers in XML, whatever their namespaces, which differ from version to version."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from lostpost.connectors.exchange import HttpAnswer
from lostpost.connectors.remote_apis.problems import AnswerUnusable


def xml_answer(answer: HttpAnswer) -> etree._Element:
    """Read an answer; nothing outside of it is fetched, and no entity is resolved. Raises: AnswerUnusable."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(answer.body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise AnswerUnusable(f"HTTP {answer.status} without XML") from error


def elements(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """Return the elements of a name, at any depth, in their order."""
    yield from parent.iter(f"{{*}}{name}")


def element_text(parent: etree._Element | None, *path: str, most: int) -> str:
    """Return the text of the first element at the end of a path, as far as we can store it; empty without one."""
    for name in path:
        if parent is None:
            return ""
        parent = parent.find(f"{{*}}{name}")
    text = parent.text if parent is not None else None
    return " ".join((text or "").split())[:most].strip()
