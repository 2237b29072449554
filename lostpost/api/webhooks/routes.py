"""Addresses to which a shop's events are sent as they happen."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone
from ninja import Path, Router, Status

from lostpost.api.http.auth import ApiRequest, acting_seller, scope
from lostpost.api.http.pagination import Shop
from lostpost.api.webhooks.schemas import SecretOut, WebhookIn, WebhookMadeOut, WebhookOut, WebhooksOut
from lostpost.connectors.webhooks.register import record_webhook_change, register_webhook
from lostpost.events.models import Webhook
from lostpost.events.put_webhook import NAME, newest_secret, remove_webhook, resume_webhook, rotate_secret
from lostpost.web.problems import not_found

router = Router(tags=["events"])
reads, writes = scope("seller:read", "seller:write"), scope("seller:write")
WebhookName = Annotated[str, Path(pattern=NAME)]


@router.put(
    "/webhooks/{name}", response={200: WebhookOut, 201: WebhookMadeOut}, auth=writes, operation_id="put_webhook"
)
def webhook_put(request: ApiRequest, name: WebhookName, body: WebhookIn, seller: Shop = None) -> Status[Any]:
    """Register an address, or change it. A new one is answered with its secret, once; a repeat changes nothing."""
    shop = acting_seller(request, seller)
    webhook, new = register_webhook(
        seller_id=shop.id,
        name=name,
        url=body.url,
        after=body.after,
        by=request.auth.client.name,
        now=timezone.now(),
    )
    return Status(201, {**_out(webhook), "secret": newest_secret(webhook)}) if new else Status(200, _out(webhook))


@router.get("/webhooks", response=WebhooksOut, auth=reads, operation_id="list_webhooks")
def list_webhooks(request: ApiRequest, seller: Shop = None) -> dict[str, Any]:
    """List a shop's addresses, at most twenty, by name: how far each has come, and what is wrong with it."""
    webhooks = Webhook.objects.filter(seller_id=acting_seller(request, seller).id).order_by("name")
    return {"items": [_out(webhook) for webhook in webhooks]}


@router.get("/webhooks/{name}", response=WebhookOut, auth=reads, operation_id="get_webhook")
def get_webhook(request: ApiRequest, name: WebhookName, seller: Shop = None) -> dict[str, Any]:
    """Get one address."""
    webhook = Webhook.objects.filter(seller_id=acting_seller(request, seller).id, name=name).first()
    if webhook is None:
        raise not_found()
    return _out(webhook)


@router.delete("/webhooks/{name}", response={204: None}, auth=writes, operation_id="remove_webhook")
def delete_webhook(request: ApiRequest, name: WebhookName, seller: Shop = None) -> Status[None]:
    """Take an address away: nothing is sent there any more."""
    shop = acting_seller(request, seller)
    remove_webhook(seller_id=shop.id, name=name)
    record_webhook_change("removed", name=name, shop=shop.code)
    return Status(204, None)


@router.post("/webhooks/{name}/secrets", response={201: SecretOut}, auth=writes, operation_id="rotate_webhook_secret")
def post_secret_rotation(request: ApiRequest, name: WebhookName, seller: Shop = None) -> Status[dict[str, str]]:
    """Make a new secret. The one before signs along for 24 hours; asked again, there is one more, and none is lost."""
    shop = acting_seller(request, seller)
    webhook = rotate_secret(seller_id=shop.id, name=name, now=timezone.now())
    record_webhook_change("secret-rotated", name=name, shop=shop.code)
    return Status(201, {"secret": newest_secret(webhook)})


@router.post("/webhooks/{name}/resume", response=WebhookOut, auth=writes, operation_id="resume_webhook")
def post_resumption(request: ApiRequest, name: WebhookName, seller: Shop = None) -> dict[str, Any]:
    """Send again to an address that was parked, or at once to one that waits; nothing was skipped."""
    return _out(resume_webhook(seller_id=acting_seller(request, seller).id, name=name, now=timezone.now()))


def _out(webhook: Webhook) -> dict[str, Any]:
    names = ("name", "url", "state", "delivered", "failing_since", "problem")
    return {name: getattr(webhook, name) for name in names}
