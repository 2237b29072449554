"""The page on which somebody chooses which notices come by mail: the same for members of shops and agents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lostpost.accounts.actor import Actor
from lostpost.notices.choose_notices import choose_notices
from lostpost.notices.kinds import Reader
from lostpost.notices.readers import reader
from lostpost.texts.notices import NOTICE_TIMINGS, notice_kind_text

OF_KIND = "kind-"  # What the name of a kind's field begins with.


class NoticesForm(forms.Form):
    """How soon notices of each kind come, and when and in which language."""

    off = forms.BooleanField(label=gettext_lazy("No notices by e-mail at all"), required=False)
    digest_hour = forms.TypedChoiceField(
        label=gettext_lazy("The daily digest comes at"),
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
        error_messages={"required": gettext_lazy("Choose an hour."), "invalid_choice": gettext_lazy("Choose an hour.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose a language.")},
    )

    def __init__(self, data: Any = None, *, of: Reader) -> None:
        super().__init__(data)
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]
        self.initial = {"off": of.off, "digest_hour": of.digest_hour, "language": of.language}
        for kind in of.kinds:
            self.fields[OF_KIND + kind.code] = forms.ChoiceField(
                label=notice_kind_text(kind.code),
                choices=list(NOTICE_TIMINGS.items()),
                error_messages={
                    "required": gettext_lazy("Choose how soon."),
                    "invalid_choice": gettext_lazy("Choose how soon."),
                },
            )
            self.initial[OF_KIND + kind.code] = str(of.chosen.get(kind.code, kind.usual_for(of.actor)))

    @property
    def kinds(self) -> list[forms.BoundField]:
        """The fields of the kinds."""
        return [self[name] for name in self.fields if name.startswith(OF_KIND)]

    @property
    def timings(self) -> dict[str, str]:
        """What was chosen for each kind."""
        return {
            name.removeprefix(OF_KIND): value for name, value in self.cleaned_data.items() if name.startswith(OF_KIND)
        }


def notice_choices(request: HttpRequest, actor: Actor, *, path: str) -> HttpResponse:
    """Show what somebody has chosen, or keep what they choose.

    Args: `path`: of the page itself. Raises: Rejected for what the page does not offer.
    """
    of = reader(actor.user_id, actor.shop.id if actor.shop else None)
    assert of, "who is here is active"
    form = NoticesForm(request.POST if request.method == "POST" else None, of=of)
    if form.is_bound and form.is_valid():
        choose_notices(
            timings=form.timings,
            digest_hour=form.cleaned_data["digest_hour"],
            language=form.cleaned_data["language"],
            off=form.cleaned_data["off"],
            by=actor,
            now=timezone.now(),
        )
        messages.success(request, _("Your notices come as you have chosen."))
        return redirect(path)
    context = {"form": form, "path": path, "of_shop": actor.shop}
    return render(request, "notices.html", context, status=422 if form.is_bound else 200)
