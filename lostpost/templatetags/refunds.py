"""How pages say why a refund waits or failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from lostpost.refunds.gateway import PROVIDERS
from lostpost.refunds.problems import refund_problem_text

register = template.Library()


@register.filter
def refund_problem(data: Mapping[str, Any]) -> str:
    """Say the problem of a timeline entry in the reader's language; what a person wrote stays as it is."""
    return refund_problem_text(str(data.get("problem_code", "")), str(data.get("problem", "")))


@register.filter
def provider_name(gateway: str) -> str:
    """Write a payment provider as its own signs do; nothing for a refund that a person pays."""
    return PROVIDERS.get(gateway, "")
