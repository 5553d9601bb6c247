"""An AWS profile whose endpoint is ours."""

from serinus.model.answer import Answer
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.drawing import BASE64, DIGITS, LETTERS, PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Token, proven
from serinus.tokens.site import Site

_KEY_ID = LETTERS.upper() + DIGITS[2:8]
"""Base32 (RFC 4648 §6)."""
_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-west-2", "eu-central-1"),
    *("eu-north-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "ca-central-1"),
)
_REFUSAL = """\
<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>SignatureDoesNotMatch</Code>
    <Message>The request signature we calculated does not match the signature you provided. Check \
your AWS Secret Access Key and signing method. Consult the service documentation for details.\
</Message>
  </Error>
  <RequestId>{request}</RequestId>
</ErrorResponse>
"""


class AwsKind(CredentialKind):
    """A key pair that is sent to the endpoint that stands beside it."""

    name = "aws"
    title = "AWS profile"
    service = "AWS"
    summary = "An AWS key pair with an endpoint of ours; fires when a tool uses the profile."
    planting = (
        "Put the profile into ~/.aws/credentials, or the variables into a .env file or a CI job.",
        "A key that is copied without its endpoint_url cannot reach us: it goes to AWS, which does "
        "not know it, and nothing fires. Only a real key of an account of yours, watched by "
        "CloudTrail, covers that. This kind is for those who take the file, or the whole "
        "environment.",
        "The AWS CLI since 2.13, boto3 since 1.28 and the other SDKs of 2023 and later read "
        "endpoint_url; older ones ignore it and go to AWS. aws configure list does not fire it.",
        "The key id has the old form (AKIAI or AKIAJ), which names no account: one of the present "
        "form would name somebody's, or one that does not exist, and anybody can read which.",
    )
    proof = proven("boto3")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the profile, and the same as variables."""
        draw = Draw(token, site, "aws")
        project, role = draw.one(PROJECTS), draw.one(ROLES)
        profile = draw.one(("default", project, role, f"{project}-{role}", f"{project}-prod"))
        key_id = f"AKIA{draw.one('IJ')}{draw.text(_KEY_ID, 15)}"
        secret, region = draw.text(BASE64, 40), draw.one(_REGIONS)
        endpoint = site.origin(token.id)
        text = (
            f"[{profile}]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret}\n"
            f"region = {region}\nendpoint_url = {endpoint}\n"
        )
        variables = (
            f"AWS_ACCESS_KEY_ID={key_id}\nAWS_SECRET_ACCESS_KEY={secret}\n"
            f"AWS_DEFAULT_REGION={region}\nAWS_ENDPOINT_URL={endpoint}\n"
        )
        return [
            Artefact("credentials", "Profile", text, file_name="credentials"),
            Artefact("env", "Variables", variables, file_name=".env"),
        ]

    def answer(self, token: Token, site: Site) -> Answer:
        """Refuse as STS does, which is asked first: `aws sts get-caller-identity`.

        AWS calls an unknown key a bad token; that its secret is wrong says as much.
        """
        request = Draw(token, site, "server").uuid()
        headers = (("x-amzn-RequestId", request), ("Content-Type", "text/xml"))
        return Answer(403, headers, _REFUSAL.format(request=request).encode())


KIND = AwsKind()
