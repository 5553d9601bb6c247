"""The hosts on which an operator's pages may stand; on any other, they are copies."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from serinus.base.errors import OperatorError
from serinus.tokens.kind import Options, option

HOSTS_LENGTH_MAX = 2000
"""Characters of the list as it is typed."""
HOSTS_MAX = 50

# Labels of RFC 1123 §2.1, one of them alone being enough, as of `localhost`.
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


@dataclass(frozen=True, slots=True)
class OwnHosts(Options):
    """Where the page is at home."""

    hosts: str = option(
        "Hosts",
        "Where the page may stand, such as www.example.com, with all hosts below it; "
        "blanks or lines between several.",
        max=HOSTS_LENGTH_MAX,
        lines=True,
    )

    def check(self) -> None:
        """Refuse what is no list of hosts."""
        self.listed()

    def listed(self) -> tuple[str, ...]:
        """Return the hosts one by one."""
        return read_hosts(self.hosts, "hosts")


def read_hosts(text: str, field: str) -> tuple[str, ...]:
    """Return the hosts of a list with blanks, commas or new lines between them.

    Raises:
        OperatorError: One is no host name, or there are none, or too many; names `field`.
    """
    hosts = tuple(dict.fromkeys(re.split(r"[\s,]+", text.strip().lower())))
    if len(hosts) > HOSTS_MAX:
        raise OperatorError(f"Give at most {HOSTS_MAX} hosts.", field)
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise OperatorError(
                f"{host[:80]!r} is no host name: give the hosts of your own pages, such as "
                "www.example.com, with blanks between them.",
                field,
            )
    return hosts


def is_own(url: str, hosts: tuple[str, ...]) -> bool:
    """Tell whether a URL or an origin is of one of the hosts, or of a host below one of them."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return any(host == own or host.endswith(f".{own}") for own in hosts)
