"""Forms on the pages of a customer query, with the sentences of their fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lostpost.answering.fields import open_fields
from lostpost.core.text import is_blank
from lostpost.customer_queries.timeline import LONGEST_TEXT

LEAVE_OPEN, CLOSE = "yes", "no"
LONGEST_SENTENCE = 1000


class Textarea(forms.Textarea):
    """A field of several lines."""

    def __init__(self, rows: int) -> None:
        super().__init__(attrs={"rows": rows})


class LineField(forms.CharField):
    """A text of one line."""

    default_error_messages = {
        "max_length": _("This has %(show_value)d characters; %(limit_value)d fit. Shorten it."),
        "null_characters_not_allowed": _("This holds a character that cannot be sent. Type it again."),
    }

    def to_python(self, value: Any) -> str:
        """Clean typed text; invisible characters count as empty."""
        text = super().to_python(value) or ""
        return "" if is_blank(text) else text


class TextField(LineField):
    """A text of several lines, with line breaks normalised."""

    def to_python(self, value: Any) -> str:
        """Read what was typed."""
        return super().to_python(value).replace("\r\n", "\n")


class AnswerForm(forms.Form):
    """A message to the customer, and the next state of the query."""

    message = TextField(
        label=_("Message"),
        widget=Textarea(8),
        max_length=LONGEST_TEXT,
        help_text=_("The customer gets it by e-mail, with a greeting before it and your shop's name after it."),
        error_messages={"required": _("Write a message: the customer gets it by e-mail.")},
    )
    leave_open = forms.ChoiceField(
        choices=[(CLOSE, CLOSE), (LEAVE_OPEN, LEAVE_OPEN)],  # Its text is in parts/leave_open.html.
        error_messages={
            "required": _("Choose whether the customer query has been resolved."),
            "invalid_choice": _("Choose whether the customer query has been resolved."),
        },
    )

    def clean_message(self) -> str:
        """Refuse a text in which a template's field still stands."""
        text: str = self.cleaned_data["message"]
        if names := open_fields(text):
            raise forms.ValidationError(
                _("Nothing is known for the field %(field)s of the template. Write what should stand there."),
                params={"field": f"{{{names[0]}}}"},
            )
        return text

    @property
    def leaves_open(self) -> bool:
        """Whether the query stays open; ask after `is_valid`."""
        return bool(self.cleaned_data["leave_open"] == LEAVE_OPEN)


class ContactForm(AnswerForm):
    """The first message about an order, with its subject."""

    subject = LineField(
        label=_("Subject"),
        max_length=200,
        error_messages={"required": _("Give a subject of 1 to 200 characters: the customer sees it first.")},
    )
    item = forms.ChoiceField(
        label=_("What it is about"),
        required=False,
        error_messages={"invalid_choice": _("This order has no such item. Choose one of the list.")},
    )

    field_order = ("subject", "item", "message", "leave_open")

    def __init__(self, *args: Any, items: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item = self.fields["item"]
        assert isinstance(item, forms.ChoiceField)
        item.choices = [("", _("The order as a whole")), *items]


class OrderNumberForm(forms.Form):
    """Which order it is about."""

    order_number = LineField(
        label=_("Order number"),
        max_length=64,
        error_messages={"required": _("Give the order number; it stands on the order and in its e-mails.")},
    )


class NoteForm(forms.Form):
    """A note for the shop's own people."""

    text = TextField(
        label=_("Note"),
        widget=Textarea(3),
        max_length=LONGEST_TEXT,
        error_messages={"required": _("Write a note first.")},
    )


class AskForm(forms.Form):
    """A request to Partnerservice."""

    sentence = TextField(
        label=_("What should Partnerservice decide?"),
        widget=Textarea(3),
        max_length=LONGEST_SENTENCE,
        help_text=_("One sentence is enough, such as: the customer says that nobody at the door took it."),
        error_messages={"required": _("Say in one sentence what Partnerservice should decide.")},
    )
