"""An AWS profile."""

import re
from datetime import UTC, datetime

from serinus.base.ids import TokenId
from serinus.tokens.kind import Options, Token
from serinus.tokens.kinds.aws import KIND
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(32))


def test_a_key_id_names_no_account_and_profile_and_variables_hold_the_same() -> None:
    for number in range(40):
        token = Token(TokenId(f"id{number}"), "aws", "memo", Options(), datetime.now(UTC))
        profile, variables = (a.content().decode() for a in KIND.artefacts(token, SITE))
        key_id, secret = re.findall(r"key(?:_id)? = (\S+)", profile)
        # The form of before 2019: what decodes the account of later ones leaves these alone.
        assert re.fullmatch(r"AKIA[IJ][A-Z2-7]{15}", key_id)
        assert len(secret) == 40
        assert f"AWS_ACCESS_KEY_ID={key_id}\nAWS_SECRET_ACCESS_KEY={secret}\n" in variables
        for text in (profile, variables):
            assert f"https://id{number}.files.example.net\n" in text
