"""How an S3-compatible store refuses a key that it does not know, as Ceph's gateway does.

Source: Ceph, "RADOS Gateway S3 API: common"; its errors name neither bucket nor path, so that one
answer fits any request.
"""

from serinus.model.answer import Answer
from serinus.tokens.drawing import HEX, PROJECTS, Draw


def refuse_key(draw: Draw) -> Answer:
    """Return `InvalidAccessKeyId`, with a request id of a drawn zone of the gateway."""
    zone = draw.one((draw.one(PROJECTS), "default", f"{draw.one(PROJECTS)}-{draw.number(1, 9)}"))
    instance = draw.text(HEX, draw.number(4, 7)).lstrip("0") or "4f1a"
    at = int(draw.before(20).timestamp())
    request = f"tx00000{draw.text(HEX, 17)}-{at:010x}-{instance}-{zone}"
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidAccessKeyId</Code>'
        f"<Message></Message><RequestId>{request}</RequestId>"
        f"<HostId>{instance}-{zone}-{zone}</HostId></Error>"
    )
    headers = (
        ("x-amz-request-id", request),
        ("Accept-Ranges", "bytes"),
        ("Content-Type", "application/xml"),
    )
    return Answer(403, headers, body.encode())
