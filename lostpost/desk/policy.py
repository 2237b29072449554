"""Partnerservice: the policy in force, what holds for some parcels only, and every earlier version with its reason."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lostpost.accounts.models import PolicyVersion
from lostpost.accounts.policy import current_policy
from lostpost.desk.access import DeskRequest, staff
from lostpost.eligibility.policy import Policy
from lostpost.texts.policy import policy_differences, policy_value_meaning, policy_value_text

MOST_SHOWN = 50


@staff("partnerservice")
@require_safe
def policy_in_force(request: DeskRequest) -> HttpResponse:
    """Show the policy: the operator changes it, by a command."""
    policy, rows = current_policy(), list(PolicyVersion.objects.order_by("-version")[: MOST_SHOWN + 1])
    values = [
        {"name": name, "value": policy_value_text(value), "meaning": policy_value_meaning(name)}
        for name, value in policy.values().items()
        if name != "windows"
    ]
    context = {
        "version": policy.version,
        "values": values,
        "windows": [
            {"window": window, "value": policy_value_text(window.value), "meaning": policy_value_meaning(window.name)}
            for window in sorted(policy.windows, key=lambda each: (each.name, *each.specificity, each.carrier))
        ],
        "history": _history(rows)[:MOST_SHOWN],
    }
    return render(request, "desk/policy.html", context)


def _history(rows: list[PolicyVersion]) -> list[dict[str, Any]]:
    policies = [Policy.from_values(row.values, version=row.version) for row in rows]
    earlier = [*policies[1:], Policy()]
    return [
        {"row": row, "changes": policy_differences(before, policy)}
        for row, policy, before in zip(rows, policies, earlier, strict=False)
    ]
