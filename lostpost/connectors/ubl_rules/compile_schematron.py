"""Compile rules in ISO Schematron (query binding XSLT 2) into a style sheet that reports in SVRL.

As much of Schematron as rule sets for invoices use: namespaces, variables, functions in XSLT, patterns, abstract and
extended rules, included files. Of the rules of a pattern, the first that fits a node looks at it. Phases are not
chosen: all patterns apply. Source: ISO/IEC 19757-3:2016.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

from lxml import etree

from lostpost.core.setup_error import SetupError

SCH = "http://purl.oclc.org/dsdl/schematron"
XSL = "http://www.w3.org/1999/XSL/Transform"
SVRL = "http://purl.oclc.org/dsdl/svrl"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)


def compile_schematron(path: Path) -> bytes:
    """Return the style sheet of a file of rules. Raises: SetupError that says what cannot be compiled."""
    schema = _parse(path)
    if schema.tag != f"{{{SCH}}}schema":
        raise SetupError(f"{path} is no Schematron: it begins with {schema.tag}.")
    if (binding := schema.get("queryBinding", "xslt")) not in {"xslt2", "xslt3"}:
        raise SetupError(f"{path} is written for {binding}; rules for xslt2 or xslt3 can be used.")
    prefixes = {str(each.get("prefix")): str(each.get("uri")) for each in _all(schema, "ns")}
    sheet = etree.Element(f"{{{XSL}}}stylesheet", nsmap=prefixes | {"xsl": XSL, "svrl": SVRL}, version="3.0")
    sheet.extend(deepcopy(each) for each in schema if str(each.tag).startswith(f"{{{XSL}}}"))
    patterns = [each for each in _all(schema, "pattern") if each.get("abstract") != "true"]
    if any(each.get("is-a") for each in patterns):
        raise SetupError(f"{path} has patterns made from abstract ones (is-a): compile it to .xslt and give that.")
    values: dict[str, str] = {}  # The context of a rule may name its pattern's variables, so they are the sheet's own.
    for variable in (let for parent in (schema, *patterns) for let in _all(parent, "let")):
        name, value = str(variable.get("name")), str(variable.get("value"))
        if values.setdefault(name, value) != value:
            raise SetupError(f"Two patterns of {path} have a variable “{name}” with other values: rename one.")
    for name, value in values.items():
        _xsl(sheet, "variable", name=name, select=value)
    start = etree.SubElement(_xsl(sheet, "template", match="/"), f"{{{SVRL}}}schematron-output")
    for number, pattern in enumerate(patterns):
        mode = f"pattern-{number}"
        _xsl(start, "apply-templates", select="/ | //* | //@*", mode=mode)
        _xsl(sheet, "template", match="node() | @*", mode=mode, priority="-1")
        rules = [each for each in _all(pattern, "rule") if each.get("abstract") != "true"]
        for place, rule in enumerate(rules):
            _rule(sheet, rule, mode=mode, priority=str(len(rules) - place))
    return etree.tostring(sheet)


def _parse(path: Path) -> etree._Element:
    """Read a file with the files that it includes."""
    try:
        root = etree.parse(path, PARSER).getroot()
    except (OSError, etree.XMLSyntaxError) as error:
        raise SetupError(f"{path} cannot be read as XML: {error}") from None
    for include in list(root.iter(f"{{{SCH}}}include")):
        parent = include.getparent()
        assert parent is not None
        parent.replace(include, _parse(path.parent / str(include.get("href"))))
    return root


def _rule(sheet: etree._Element, rule: etree._Element, *, mode: str, priority: str) -> None:
    template = _xsl(sheet, "template", match=str(rule.get("context")), mode=mode, priority=priority)
    etree.SubElement(template, f"{{{SVRL}}}fired-rule")
    _checks(template, rule)


def _checks(template: etree._Element, rule: etree._Element) -> None:
    for each in rule:
        name = etree.QName(each).localname
        if name == "let":
            _xsl(template, "variable", name=str(each.get("name")), select=str(each.get("value")))
        elif name == "extends":
            rules = rule.getroottree().iter(f"{{{SCH}}}rule")
            abstract = next((other for other in rules if other.get("id") == each.get("rule")), None)
            if abstract is None:
                raise SetupError(f"The rules extend “{each.get('rule')}”, which is not among them.")
            _checks(template, abstract)
        elif name in ("assert", "report"):
            _check(template, each, fails_if=f"not({each.get('test')})" if name == "assert" else str(each.get("test")))


def _check(template: etree._Element, check: etree._Element, *, fails_if: str) -> None:
    failure = etree.SubElement(_xsl(template, "if", test=fails_if), f"{{{SVRL}}}failed-assert")
    failure.set("id", check.get("id") or "")
    failure.set("flag", check.get("flag") or check.get("role") or "fatal")
    _xsl(_xsl(failure, "attribute", name="location"), "sequence", select="path()")
    text = etree.SubElement(failure, f"{{{SVRL}}}text")
    _xsl(text, "text").text = check.text or ""
    for part in check:
        if etree.QName(part).localname == "value-of":
            _xsl(text, "value-of", select=str(part.get("select")))
        elif etree.QName(part).localname == "name":
            _xsl(text, "value-of", select=f"name({part.get('path') or ''})")
        else:
            _xsl(text, "text").text = "".join(map(str, part.itertext()))
        _xsl(text, "text").text = part.tail or ""


def _xsl(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{XSL}}}{tag}", attributes)


def _all(parent: etree._Element, name: str) -> list[etree._Element]:
    return parent.findall(f"{{{SCH}}}{name}")
