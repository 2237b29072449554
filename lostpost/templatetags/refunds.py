"""How pages say why a refund waits or failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from lostpost.refunds.gateway import PROVIDERS
from lostpost.refunds.problems import problem_in_words

register = template.Library()


@register.filter
def refund_problem(data: Mapping[str, Any]) -> str:
    """Say the problem of a timeline entry in the reader's language; what a person wrote stays as it is."""
    return problem_in_words(str(data.get("problem_code", "")), str(data.get("problem", "")))


@register.filter
def provider_name(gateway: str) -> str:
    """Write a payment provider as its own signs do; nothing for a refund that a person pays."""
    return PROVIDERS.get(gateway, "")
