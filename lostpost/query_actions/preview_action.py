"""Preview one action for several queries: what would be done in each, or why it would not be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lostpost.accounts.actor import Actor
from lostpost.accounts.models import Member
from lostpost.accounts.policy import current_policy
from lostpost.answering.drafts import answering_names, queries_with_draft
from lostpost.answering.fields import open_fields, require_known_fields
from lostpost.answering.models import AnswerTemplate
from lostpost.answering.template_values import contents_of_orders
from lostpost.answering.templates import (
    LANGUAGES,
    TemplateText,
    filled_template,
    language_of,
    texts_of_template,
)
from lostpost.core.errors import Conflict, Refused, Rejected
from lostpost.core.idempotency import fingerprint
from lostpost.core.text import is_storable
from lostpost.customer_queries.assign_query import require_assignable
from lostpost.customer_queries.messages import require_message
from lostpost.customer_queries.models import CustomerQuery
from lostpost.customer_queries.put_aside import require_later_day, require_reason
from lostpost.customer_queries.states import (
    require_closable,
    require_in_hand,
    require_newest_read,
)
from lostpost.customer_queries.timeline import query_not_found
from lostpost.eligibility.policy import Policy
from lostpost.query_actions.models import QueryActionRun

LINES_MAX = 200  # Of one preview or run, whatever the policy.
LONGEST_TOKEN = 60

Kind = QueryActionRun.Kind


class TooManyQueries(Rejected):
    """More queries than the policy allows at once."""

    code = "too-many-queries"


class AnswerChanged(Conflict):
    """What would be sent is not what was shown."""

    code = "changed-since-preview"
    sentence = gettext_lazy("What would be sent has changed since it was shown. Look at it again.")


@dataclass(frozen=True, slots=True)
class QueryAction:
    """What is to be done in each query; only the fields of its kind count.

    Args: `template`: a shop's own by its name, or one that comes along by its key; or else `message`: a text with
    fields. `user_id`: who shall have the queries; None: nobody.
    """

    kind: str
    template: str = ""
    message: str = ""
    leave_open: bool | None = None
    user_id: int | None = None
    follow_up_on: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class QueryWish:
    """One line as it is requested: a query, and the token of its preview."""

    query: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class ActionLine:
    """A line as it would be done, or with the reason why it is refused."""

    wish: QueryWish
    query: CustomerQuery | None
    text: str = ""  # What would be sent.
    refusal: Refused | None = None
    answering: str = ""  # The name of somebody else who is answering it at the moment.

    @property
    def token(self) -> str:
        """What of this preview must not change: the newest message, and what is sent."""
        last = self.query.last_message_id if self.query else None
        return f"{last or ''}.{_digest(self.text)}"

    @property
    def order_number(self) -> str:
        """The order's number; empty where there is no such query."""
        return self.query.order.number if self.query else ""


@dataclass(frozen=True, slots=True)
class ActionPreview:
    """All lines in their order; `assignee`: who would have them; `refusal`: why there are too many of them."""

    lines: Sequence[ActionLine]
    assignee: Member | None
    refusal: Rejected | None

    @property
    def ready(self) -> Sequence[ActionLine]:
        """The lines that would be done."""
        return [line for line in self.lines if not line.refusal]


def preview_action(action: QueryAction, wishes: Sequence[QueryWish], *, by: Actor, now: datetime) -> ActionPreview:
    """Say what an action does in each query, without writing anything: a few statements, however many lines it has.

    A line with a token is refused if a newer message came, or if another text would be sent, since then.
    Raises: Rejected for an action that is not whole, no line, too many, a query twice; TemplateNotFound;
    TemplateRefused.
    """
    _require_lines(wishes)
    policy = current_policy()
    texts, assignee = _require_whole(action, by=by, now=now)
    numbers = [wish.query for wish in wishes if is_storable(wish.query)]
    rows = CustomerQuery.objects.select_related("order").filter(seller_id=by.seller_id, number__in=numbers)
    queries = {query.number: query for query in rows}
    answers = _Answers(texts, list(queries.values()), policy, by=by, now=now) if action.kind == Kind.ANSWER else None
    lines = [_line(action, wish, queries.get(wish.query), answers, now) for wish in wishes]
    return ActionPreview(lines, assignee, _limit(policy, sum(1 for line in lines if not line.refusal)))


def _require_lines(wishes: Sequence[QueryWish]) -> None:
    if not wishes:
        raise Rejected(_("Choose at least one customer query."))
    if len(wishes) > LINES_MAX:
        raise Rejected(
            _("At most %(most)d customer queries can be looked at together; these are %(n)d. Send them in parts.")
            % {"most": LINES_MAX, "n": len(wishes)}
        )
    numbers: set[str] = set()
    for wish in wishes:
        if wish.query in numbers:
            raise Rejected(_("Customer query %(number)s stands here twice.") % {"number": wish.query[:40]})
        numbers.add(wish.query)


def _require_whole(action: QueryAction, *, by: Actor, now: datetime) -> tuple[Mapping[str, str], Member | None]:
    """Check what concerns every line; return the texts of an answer by their language, and who shall have them."""
    if action.kind == Kind.ANSWER:
        if action.leave_open is None:
            raise Rejected(_("Choose whether the customer queries stay open or are closed."))
        return _texts(action, seller_id=by.seller_id), None
    if action.kind == Kind.FOLLOW_UP_LATER:
        require_later_day(action.follow_up_on, now)
        require_reason(action.reason)
    elif action.kind == Kind.ASSIGN:
        return {}, None if action.user_id is None else require_assignable(action.user_id, seller_id=by.seller_id)
    elif action.kind != Kind.CLOSE:
        raise Rejected(_("Choose what is to be done in these customer queries."))
    return {}, None


def _texts(action: QueryAction, *, seller_id: UUID) -> Mapping[str, str]:
    if bool(action.template) == bool(action.message):
        raise Rejected(_("Choose the template to answer with."))
    if action.template:
        return texts_of_template(seller_id, action.template)
    require_known_fields(action.message)
    return dict.fromkeys(LANGUAGES, action.message)


def _limit(policy: Policy, ready: int) -> Rejected | None:
    most = policy.query_action_lines_max
    if ready <= most:
        return None
    return TooManyQueries(
        ngettext(
            "At most %(most)d customer query can be chosen at once; choose fewer.",
            "At most %(most)d customer queries can be chosen at once; choose fewer.",
            most,
        )
        % {"most": most}
    )


class _Answers:
    """The answers of several queries: what they are filled in with, read once for all of them."""

    def __init__(
        self, texts: Mapping[str, str], queries: Sequence[CustomerQuery], policy: Policy, *, by: Actor, now: datetime
    ) -> None:
        self.texts, self.policy, self.by = texts, policy, by
        ids = [query.id for query in queries]
        self.contents = contents_of_orders(by.seller_id, {query.order_id for query in queries})
        self.with_draft = queries_with_draft(by.seller_id, ids, user_id=by.user_id) if by.user_id else set()
        self.answering = answering_names(by.seller_id, ids, but=by.user_id, now=now)

    def text(self, query: CustomerQuery) -> str:
        """Return what the customer of a query is sent. Raises Rejected where that is not all known."""
        if query.id in self.with_draft:
            raise Rejected(_("You have begun an answer in this customer query. Send it, or empty it, first."))
        language = language_of(query.order.customer_language, self.by.seller.language)
        if language not in self.texts:
            raise Rejected(
                _("This customer reads %(language)s; the template has no text in it.")
                % {"language": AnswerTemplate.Language(language).label}
            )
        text = filled_template(
            TemplateText(language, self.texts[language]),
            query.order,
            query=query,
            shop=self.by.seller.name,
            agent=self.by.name,
            zone=self.policy.zone,
            contents=self.contents[query.order_id],
        )
        if fields := open_fields(text):
            raise Rejected(
                _("The template’s field %(field)s cannot be filled in here.") % {"field": f"{{{fields[0]}}}"}
            )
        return require_message(text)


def _line(
    action: QueryAction, wish: QueryWish, query: CustomerQuery | None, answers: _Answers | None, now: datetime
) -> ActionLine:
    if query is None:
        return ActionLine(wish, None, refusal=query_not_found(wish.query))
    text = ""
    try:
        if action.kind == Kind.ASSIGN:  # Which any state and any message allow.
            return ActionLine(wish, query)
        require_in_hand(query, now=now)
        if action.kind == Kind.CLOSE or action.leave_open is False:
            require_closable(query)
        last_message_id, digest = _read(wish.token)
        require_newest_read(query, last_message_id)
        if answers:
            text = answers.text(query)
            if wish.token and digest != _digest(text):
                raise AnswerChanged
    except Refused as refusal:
        return ActionLine(wish, query, text, refusal)
    return ActionLine(wish, query, text, answering=answers.answering.get(query.id, "") if answers else "")


def _read(token: str) -> tuple[UUID | None, str]:
    """Return the newest message that a token's preview saw, and the digest of what it showed. Raises AnswerChanged."""
    last, _mark, digest = token.partition(".")
    try:
        return (UUID(last) if last else None), digest
    except ValueError:
        raise AnswerChanged from None


def _digest(text: str) -> str:
    return fingerprint(text)[:16]
