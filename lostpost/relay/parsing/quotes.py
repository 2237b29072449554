"""Find where the quoted part of an answer begins, so that it can be folded. Nothing is deleted; in doubt all is shown.

A quote is folded only if nothing new follows it: answers that stand between quoted lines belong where they are.
"""

from __future__ import annotations

import re

# What mail programs write above a quote, in the languages of our customers.
_WROTE = ("wrote", "schreef", "geschreven", "schrieb", "geschrieben", "écrit", "ecrit")
_LABELS = {
    "from": ("from", "van", "von", "de"),
    "sent": ("sent", "date", "verzonden", "datum", "gesendet", "envoyé", "envoyé le"),
    "to": ("to", "aan", "an", "à"),
    "copy": ("cc", "kopie"),
    "subject": ("subject", "onderwerp", "betreff", "objet"),
}
_KIND_OF = {label: kind for kind, labels in _LABELS.items() for label in labels}
_LABEL = re.compile(r"^[\s>*_]*([^\W\d_][\w ]{0,10}?)[\s*_]*:")
_RULE = re.compile(r"^\s*(?:[-_*]{5,}.{0,40}|.{0,3}-{3,} ?[^-]{3,40} ?-{3,})\s*$")
_BLOCK_LINES = 7  # So many lines may the head of a quoted e-mail take, continued lines included.
_INTRO_LINES = 3


def fold(text: str) -> tuple[str, str]:
    """Return the new text and the quoted text behind it; together they are the whole text."""
    lines = text.split("\n")
    begin = _begin(lines)
    return "\n".join(lines[:begin]).strip("\n"), "\n".join(lines[begin:]).strip("\n")


def _begin(lines: list[str]) -> int:
    """Return the index of the first line of the quote; that after the last line if there is none."""
    new_ends = _end_of_new_lines(lines)
    for index, line in enumerate(lines):
        if _is_head_of_quoted_mail(lines, index):
            return _with_rule(lines, index)
        if index >= new_ends and _is_quoted(line):
            return _with_intro(lines, index)
    return len(lines)


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _end_of_new_lines(lines: list[str]) -> int:
    """Return the index from which on all lines are quoted or empty."""
    for index in range(len(lines), 0, -1):
        line = lines[index - 1]
        if line.strip() and not _is_quoted(line):
            return index
    return 0


def _is_head_of_quoted_mail(lines: list[str], index: int) -> bool:
    """Whether the labels of an e-mail's head begin here: From, Sent, To, Subject, three of them or more."""
    if _label(lines[index]) not in {"from", "sent"}:
        return False
    kinds: set[str] = set()
    for line in lines[index : index + _BLOCK_LINES]:
        if not line.strip():
            break
        kinds.add(_label(line))
    return len(kinds - {""}) >= 3


def _label(line: str) -> str:
    found = _LABEL.match(line[:80])
    return _KIND_OF.get(found[1].lower(), "") if found else ""


def _with_rule(lines: list[str], index: int) -> int:
    """Return where a line such as “-----Original message-----” above the head stands, or the head itself."""
    above = index - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and _RULE.match(lines[above][:120]) else index


def _with_intro(lines: list[str], index: int) -> int:
    """Return where “On Tuesday … wrote:” above a quote begins, which may take several lines."""
    last = index - 1
    while last >= 0 and not lines[last].strip():
        last -= 1
    if last < 0 or not lines[last].rstrip().endswith(":"):
        return index
    for begin in range(last, max(-1, last - _INTRO_LINES), -1):
        if not lines[begin].strip():
            break
        words = " ".join(lines[begin : last + 1]).lower()
        if any(verb in words for verb in _WROTE) and _starts_intro(lines, begin):
            return begin
    return index


def _starts_intro(lines: list[str], begin: int) -> bool:
    """Whether the intro has its beginning: a time or an address, or nothing above that it could go on from."""
    words = " ".join(lines[begin : begin + _INTRO_LINES])
    has_time = any(sign.isdigit() for sign in lines[begin])
    return has_time or "@" in words or begin == 0 or not lines[begin - 1].strip()
