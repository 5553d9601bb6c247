"""How an S3-compatible store refuses a key."""

from datetime import UTC, datetime
from xml.etree import ElementTree

from serinus.base.ids import TokenId
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import Options, Token
from serinus.tokens.object_storage import refuse_key
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(32))
AT = datetime(2026, 1, 2, tzinfo=UTC)


def test_header_and_body_name_the_same_request_and_gateway() -> None:
    requests = set[str]()
    for number in range(30):
        token = Token(TokenId(f"id{number}"), "s3", "memo", Options(), AT)
        answer = refuse_key(Draw(token, SITE, "server"))
        root = ElementTree.fromstring(answer.body)  # noqa: S314 - it is our own.
        request = dict(answer.headers)["x-amz-request-id"]
        assert (answer.status, root.findtext("Code")) == (403, "InvalidAccessKeyId")
        assert root.findtext("RequestId") == request
        _, _, instance, zone = request.split("-", 3)
        assert root.findtext("HostId") == f"{instance}-{zone}-{zone}"
        requests.add(request)
    assert len(requests) == 30
