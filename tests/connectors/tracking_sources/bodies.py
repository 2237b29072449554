"""Bodies as the sources send them, small; and the signatures of each."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from hmac import new as hmac
from typing import Any

from standardwebhooks import Webhook

NUMBER = "3SABC"
SECRET = "whsec_" + b64encode(b"a secret of at least 24 bytes").decode()


def aftership(*checkpoints: dict[str, Any], **tracking: Any) -> dict[str, Any]:
    about = {"tracking_number": NUMBER, "slug": "postnl", "tag": "InTransit", **tracking}
    return {"event": "tracking_update", "event_id": "e", "msg": {**about, "checkpoints": checkpoints}, "ts": 1}


def checkpoint(time: str, subtag: str = "InTransit_003", **more: Any) -> dict[str, Any]:
    return {"checkpoint_time": time, "tag": subtag.partition("_")[0], "subtag": subtag, "message": "Sorted", **more}


def seventeen_track(*events: dict[str, Any], name: str = "PostNL") -> dict[str, Any]:
    provider = {"provider": {"key": 14041, "name": name, "country": "NL"}, "events": events}
    info = {"tracking": {"providers": [provider]}}
    return {"event": "TRACKING_UPDATED", "data": {"number": NUMBER, "carrier": 14041, "track_info": info}}


def easypost(*details: dict[str, Any]) -> dict[str, Any]:
    tracker = {"object": "Tracker", "tracking_code": NUMBER, "carrier": "PostNL", "tracking_details": details}
    return {"object": "Event", "description": "tracker.updated", "result": tracker}


def shippo(*history: dict[str, Any], **more: Any) -> dict[str, Any]:
    data = {"carrier": "postnl", "tracking_number": NUMBER, "tracking_history": history}
    return {"event": "track_updated", "test": False, "data": {**data, "tracking_status": history[-1]}, **more}


def plain(*scans: dict[str, Any]) -> dict[str, Any]:
    return {"scans": [{"tracking_number": NUMBER, **scan} for scan in scans]}


def signed(source: str, body: bytes, secret: str = SECRET, *, at: datetime | None = None) -> dict[str, str]:
    """Return the headers with which a source signs a body."""
    digest = hmac(secret.encode(), body, sha256)
    at = at or datetime.now(UTC)
    match source:
        case "aftership":
            return {"aftership-hmac-sha256": b64encode(digest.digest()).decode()}
        case "17track":
            return {"sign": sha256(body + b"/" + secret.encode()).hexdigest()}
        case "easypost":
            return {"X-Hmac-Signature": f"hmac-sha256-hex={digest.hexdigest()}"}
        case "shippo":
            moment = int(at.timestamp())
            code = hmac(secret.encode(), b"%d." % moment + body, sha256).hexdigest()
            return {"Shippo-Auth-Signature": f"t={moment},v1={code}"}
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body.decode()),
    }


def written(content: Any) -> bytes:
    return json.dumps(content).encode()
