"""What kinds for Windows share: names that say who came, addresses of shares, and file forms.

The labels that say who came stand as they are, in a drawn order: marks around them, such as those
that `tokens.carried.foreign` reads, are known to whoever looks for them. A share's name is looked
up and nothing more: no front of ours speaks SMB, so that no password hash is ever asked for.
"""

from serinus.tokens.drawing import DIGITS, LETTERS, ROLES, Draw
from serinus.tokens.kind import UNVERIFIED, Group
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import PICTURES


class WindowsKind(PlainKind):
    """Base of kinds that no test can prove, because their client runs on Windows or macOS alone."""

    group = Group.WINDOWS
    proof = UNVERIFIED


def draw_share(draw: Draw, host: str) -> str:
    r"""Return `\\host\share\file.ico`, the address of an icon on a share (MS-DTYP §2.2.57)."""
    share = draw.one(("icons", "assets", "public", "it", "common", "res", draw.one(ROLES)))
    return rf"\\{host}\{share}\{draw.one(PICTURES)}{draw.one(('', '2', '-16', '32'))}.ico"


def draw_who(draw: Draw, *names: str) -> str:
    """Return labels that Windows fills in, in any order: of DNS where the names hold no blank."""
    return ".".join(f"%{name}%" for name in draw.shuffled(names))


def draw_lookup(draw: Draw, hostname: str) -> str:
    """Return a command line that looks up a name that says who ran something, and where."""
    nonce = draw.text(LETTERS + DIGITS, draw.number(4, 8))
    who = draw_who(draw, "COMPUTERNAME", "USERNAME")
    return f"cmd.exe /c nslookup {who}.{nonce}%RANDOM%.{hostname}"


def write_wide(text: str) -> bytes:
    """Return text as Windows writes it: UTF-16LE with a mark at its head, lines end in CR LF."""
    return b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le")
