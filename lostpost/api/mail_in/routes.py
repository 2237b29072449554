"""The signed webhook by which a mail provider, or a mail server's script, hands over e-mail."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from standardwebhooks import Webhook, WebhookVerificationError

from lostpost.connectors.mail_in.take_mail import take_mail
from lostpost.relay.addresses import relay_is_on
from lostpost.relay.receive_mail import MailRefused
from lostpost.web.body_limits import body_limit
from lostpost.web.problems import Problem

RECIPIENTS_MAX = 20


@csrf_exempt
@require_POST
def mail_in(request: HttpRequest) -> JsonResponse:
    """Take an e-mail: `recipients` and `sender` of the envelope, and `raw`, as it came, in Base64.

    200 says for each recipient whether we have it: `status` is that of SMTP. 503 where any should be tried again.
    """
    if not relay_is_on() or not settings.MAIL_IN_SECRET:
        raise Http404
    sent = _verified(request)
    answers = [_answer(recipient, sent["sender"], sent["raw"]) for recipient in sent["recipients"]]
    later = any(400 <= answer["status"] < 500 for answer in answers)
    return JsonResponse({"recipients": answers}, status=503 if later else 200)


def _answer(recipient: str, sender: str, raw: bytes) -> dict[str, Any]:
    try:
        take_mail(recipient=recipient, envelope_sender=sender, raw=raw)
    except MailRefused as refused:
        return {"recipient": recipient, "status": refused.status, "detail": refused.text}
    return {"recipient": recipient, "status": 250, "detail": "2.0.0 OK"}


def _verified(request: HttpRequest) -> dict[str, Any]:
    """Return what was sent, if its signature is right. Raises Problem."""
    most = body_limit(request.path)
    if int(request.headers.get("Content-Length") or 0) > most:
        raise Problem(413, "body-too-large", f"The body is larger than {most // 1024} KiB.")
    body = request.read(most)  # Longer than Django would keep in memory of a form.
    try:
        headers = {
            name: request.headers.get(name, "") for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        }
        content = Webhook(settings.MAIL_IN_SECRET).verify(body, headers)
    except (WebhookVerificationError, ValueError) as wrong:
        raise Problem(400, "not-signed", "The signature is missing, wrong or too old.") from wrong
    try:
        recipients, sender, raw = content["recipients"], content.get("sender") or "", content["raw"]
        texts = [sender, raw, *recipients]
        if not isinstance(recipients, list) or not all(isinstance(each, str) for each in texts):
            raise TypeError
        if not 1 <= len(recipients) <= RECIPIENTS_MAX:
            raise ValueError
        return {"recipients": recipients, "sender": sender, "raw": b64decode(raw, validate=True)}
    except (KeyError, TypeError, ValueError, AttributeError, NotBase64) as wrong:
        raise Problem(400, "malformed-body", "Send recipients (1 to 20), sender and raw (Base64).") from wrong
