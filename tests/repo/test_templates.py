"""What every template keeps: it compiles, it needs nothing inline, and what it links to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template

import lostpost

TEMPLATES = Path(lostpost.__file__).parent / "templates"
STATIC = Path(lostpost.__file__).parent / "static"
PAGES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html") if "mail" not in path.parts)

LONGEST_LINE = 120
INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:|hx-on", re.IGNORECASE)
ELSEWHERE = re.compile(r"""(?:src|href|action)=["']?(?:https?:)?//""")


@pytest.mark.parametrize("name", PAGES)
def test_a_template_compiles(name):
    get_template(name)


def test_a_template_is_written_in_lines_that_are_short_enough_to_read():
    long = [
        f"{path.relative_to(TEMPLATES)}:{number}: {len(line)} characters"
        for path in sorted(TEMPLATES.rglob("*.*"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ]
    assert not long, "sentences of codes belong to lostpost/texts; {% blocktranslate trimmed %} takes several lines"


@pytest.mark.parametrize("name", PAGES)
def test_a_template_holds_nothing_that_the_content_security_policy_forbids(name):
    text = (TEMPLATES / name).read_text()
    assert not INLINE.findall(text)
    assert not ELSEWHERE.findall(text)


@pytest.mark.parametrize("name", PAGES)
def test_what_a_template_shows_of_the_static_files_is_there(name):
    for path in re.findall(r"{% static ['\"]([^'\"]+)['\"]", (TEMPLATES / name).read_text()):
        assert finders.find(path), path


@pytest.mark.parametrize("name", PAGES)
def test_an_icon_that_a_template_draws_is_drawn(name):
    drawn = re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text())
    assert set(re.findall(r'{% icon "([^"]+)" %}', (TEMPLATES / name).read_text())) <= set(drawn)


@pytest.mark.parametrize("name", PAGES)
def test_a_form_that_changes_something_carries_its_token(name):
    for form in re.findall(r'<form[^>]*method="post".*?</form>', (TEMPLATES / name).read_text(), re.DOTALL):
        assert "{% csrf_token %}" in form or "{% slot body %}" in form


@pytest.mark.parametrize("name", PAGES)
def test_form_errors_are_ours_and_not_the_browsers(name):
    for form in re.findall(r"<form.*?</form>", (TEMPLATES / name).read_text(), re.DOTALL):
        if "parts/field" in form or re.search(r'<(?:textarea|select|input(?![^>]*type="hidden"))', form):
            assert re.match(r"<form[^>]*\bnovalidate\b", form)


def test_the_page_of_a_fault_needs_no_context_at_all():
    assert "Something broke on our side" in get_template("500.html").render()
