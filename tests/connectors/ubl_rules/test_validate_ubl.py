"""`lostpost validate-ubl`: what is broken, by which rule; and rules of an operator's own."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lostpost.connectors.ubl_rules.validate import Finding, validate_ubl
from lostpost.core.setup_error import SetupError
from lostpost.invoicing.documents.ubl import invoice_ubl
from tests.invoicing.documents.samples import invoice

HEAD = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">
  <ns prefix="cbc" uri="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"/>
  <ns prefix="ubl" uri="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>
  <ns prefix="xs" uri="http://www.w3.org/2001/XMLSchema"/>
  <ns prefix="own" uri="urn:own"/>
"""
RULES = f"""{HEAD}
  <let name="currency" value="string(/*/cbc:DocumentCurrencyCode)"/>
  <function xmlns="http://www.w3.org/1999/XSL/Transform" name="own:is-long" as="xs:boolean">
    <param name="text"/>
    <sequence select="string-length($text) gt 8"/>
  </function>
  <include href="dates.part"/>
  <pattern>
    <let name="is-short" value="not(own:is-long(/*/cbc:ID))"/>
    <rule abstract="true" id="of-numbers">
      <assert id="OWN-1" flag="fatal" test="$is-short">The number <value-of select="cbc:ID"/> is too
        long (<emph>8</emph> at most) in <name/>.</assert>
    </rule>
    <rule context="ubl:Invoice[$currency = 'EUR']">
      <extends rule="of-numbers"/>
      <report id="OWN-2" flag="warning" test="exists(cbc:Note)">There is a note.</report>
    </rule>
    <rule context="ubl:Invoice"><assert id="OWN-3" test="false()">Only what no rule before it fits.</assert></rule>
  </pattern>
</schema>"""
DATES = """<pattern xmlns="http://purl.oclc.org/dsdl/schematron">
  <rule context="cbc:IssueDate"><let name="year" value="substring(., 1, 4)"/>
    <assert id="OWN-4" test="$year = '2025'">Issued in <value-of select="$year"/>.</assert></rule>
</pattern>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.sch").write_text(RULES, encoding="utf-8")
    (tmp_path / "dates.part").write_text(DATES, encoding="utf-8")
    return tmp_path


def test_the_rules_of_a_folder_are_held_against_a_document(folder):
    note = b"<cbc:Note>A note.</cbc:Note><cbc:DocumentCurrencyCode>"
    document = invoice_ubl(invoice(number="lampenhuis-2026-00014")).replace(b"<cbc:DocumentCurrencyCode>", note, 1)

    assert validate_ubl(document) == []
    found = {each.rule: each for each in validate_ubl(document, folder)}

    assert found == {
        "OWN-1": Finding(
            "own.sch",
            "OWN-1",
            True,
            "The number lampenhuis-2026-00014 is too long (8 at most) in Invoice.",
            found["OWN-1"].location,
        ),
        "OWN-2": Finding("own.sch", "OWN-2", False, "There is a note.", found["OWN-2"].location),
        "OWN-4": Finding("own.sch", "OWN-4", True, "Issued in 2026.", found["OWN-4"].location),
    }
    assert found["OWN-1"].location.startswith("/Q{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice")
    in_yen = validate_ubl(invoice_ubl(invoice(currency="JPY")), folder)
    assert {each.rule for each in in_yen} == {"OWN-3", "OWN-4"}


def test_each_document_is_judged_in_words(tmp_path, folder):
    good, bad, foreign = tmp_path / "good.xml", tmp_path / "bad.xml", tmp_path / "foreign.xml"
    good.write_bytes(invoice_ubl(invoice()))
    bad.write_bytes(good.read_bytes().replace(b"<cbc:ID>S<", b"<cbc:ID>E<"))
    foreign.write_text("<order/>")
    out = StringIO()

    call_command("validate_ubl", good, stdout=out)
    with pytest.raises(CommandError, match="1 of 2 documents are invalid") as invalid:
        call_command("validate_ubl", good, bad, stdout=out)
    with pytest.raises(CommandError, match=r"foreign.xml is no UBL 2.1 invoice or credit note: it begins with order"):
        call_command("validate_ubl", foreign, stdout=out)

    assert invalid.value.returncode == 1
    lines = out.getvalue().splitlines()
    assert lines[:2] == [f"{good}: valid"] * 2
    assert any(line.startswith(f"{bad}: error: EN 16931 BR-") for line in lines)
    assert lines[-1].startswith(f"{bad}: invalid, ")


def test_what_breaks_the_schema_is_held_against_no_rule():
    broken = invoice_ubl(invoice()).replace(b"cbc:IssueDate", b"cbc:Issued")
    assert {each.rule_set for each in validate_ubl(broken)} == {"UBL 2.1"}
    with pytest.raises(ValueError, match="is not XML"):
        validate_ubl(b"<Invoice")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("none.txt", "", "There are no rules in"),
        ("a.sch", "<schema", "cannot be read as XML"),
        ("a.sch", "<schema/>", "is no Schematron"),
        ("a.sch", HEAD.replace("xslt2", "xpath") + "</schema>", "is written for xpath"),
        ("a.sch", HEAD + "</schema>", "No rule of a.sch looked at the document"),
        (
            "a.sch",
            HEAD + '<pattern><rule context="*"><assert test="("/></rule></pattern></schema>',
            "cannot be compiled",
        ),
        ("a.sch", HEAD + '<pattern is-a="p"><param name="x" value="1"/></pattern></schema>', "made from abstract ones"),
        ("a.sch", HEAD + '<pattern><rule context="*"><extends rule="x"/></rule></pattern></schema>', "extend “x”"),
        (
            "a.sch",
            HEAD + '<pattern><let name="a" value="1"/></pattern><pattern><let name="a" value="2"/></pattern></schema>',
            "a variable “a” with other values",
        ),
        ("a.xslt", "<x/>", "cannot be compiled"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_with_a_sentence(tmp_path, name, text, problem):
    (tmp_path / name).write_text(text)
    with pytest.raises(SetupError, match=problem):
        validate_ubl(invoice_ubl(invoice()), tmp_path)
