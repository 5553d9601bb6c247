"""What web servers take for a target (RFC 9112 §3.2) and for a Host (RFC 9110 §7.2)."""

import re
from urllib.parse import unquote_to_bytes

_CONTROL = re.compile(rb"[\0- \x7f]")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_BAD_HOST = re.compile(rb"[\0- \x7f/]|\.\.")
_PLAIN_HOST = re.compile(rb"(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::[1-9][0-9]{0,4})?")


def leads_somewhere(target: bytes) -> bool:
    """Tell whether a path or URL can be followed: it is text, decodes and stays below the root."""
    if _CONTROL.search(target):
        return False
    path = target.partition(b"?")[0].partition(b"#")[0]
    if not path.startswith(b"/"):
        path = path.partition(b"://")[2].partition(b"/")[2]
    if b"%" in path:
        if _BAD_ESCAPE.search(path):
            return False
        path = unquote_to_bytes(path)
    if b".." not in path:
        return True
    depth = 0
    for step in path.split(b"/"):
        if step == b"..":
            depth -= 1
            if depth < 0:
                return False
        elif step not in (b"", b"."):
            depth += 1
    return True


def is_host(host: bytes) -> bool:
    """Tell whether a Host has a name and nothing that every server refuses in one."""
    name = host if host.startswith(b"[") else host.partition(b":")[0]
    return name not in (b"", b".") and not _BAD_HOST.search(host)


def is_plain_host(host: bytes) -> bool:
    """Tell whether a Host is a name or an address, and perhaps a port; strict servers want it."""
    return _PLAIN_HOST.fullmatch(host) is not None
