"""Snippets that let any script say something with a touch: one set for HTTP, one for DNS alone.

Rules:
- A snippet takes its text from who runs it, where, and with which arguments, and carries it encoded
  as docs/protocols/carried-data.md says; whatever the text holds, it stays data.
- It says nothing, waits but a little, and goes on when nobody answers.
- No certificate is checked: one that is not trusted here may not hold up an alarm.
- What a test runs with the real program is proven; what cannot be run there says so.
"""

import shlex
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from serinus.base.ids import TokenId
from serinus.tokens.carried.lookup import PARTS_MAX
from serinus.tokens.kind import UNVERIFIED, Proof, proven
from serinus.tokens.site import Site

NAME_LENGTH_MAX = 253
"""Characters of a name with its dots (RFC 1035 §2.3.4)."""
LABEL_LENGTH = 56
"""Characters of a label: below the 63 of RFC 1035, and a multiple of 8."""
LABELS_MAX = 3
"""Labels of one name; a fourth fits beside no token."""
MARK_LENGTH = len(".x64-64-r32767r32767.")
"""Characters of the longest mark that a snippet writes, with the dots around it."""

Via = Literal["http", "dns"]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A few lines to put into a script.

    Attributes:
        name: Of the program that carries; unique for its way.
        via: What it needs: HTTP, or a resolver alone.
        language: What the lines are written in: sh, bash, PowerShell or cmd.
        text: The lines.
        proof: Whether a test has run them.
    """

    name: str
    via: Via
    language: str
    text: str
    proof: Proof


def write_snippets(site: Site, token_id: TokenId, url: str = "") -> list[Snippet]:
    """Return the snippets of a token.

    Args:
        site: Where it lives.
        token_id: Its id.
        url: Its URL, if its kind has one; else that of its own name is taken.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        url = f"{site.origin(token_id)}/"
    return [*_write_http(url), *_write_dns(site.hostname(token_id))]


def describe_snippet(snippet: Snippet) -> dict[str, Any]:
    """Return a snippet for people and API clients, as JSON values."""
    return {
        "name": snippet.name,
        "via": snippet.via,
        "language": snippet.language,
        "text": snippet.text,
        "proof": snippet.proof.sureness.value,
    }


def _write_http(url: str) -> list[Snippet]:
    parts = urlsplit(url)
    is_secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    values = {
        "url": shlex.quote(url),
        "host": shlex.quote(parts.hostname or ""),
        "port": str(parts.port or (443 if is_secure else 80)),
        "netloc": shlex.quote(parts.netloc),
        "path": shlex.quote(path),
        "insecure": " -k" if is_secure else "",
        "unchecked": " --no-check-certificate" if is_secure else "",
        "connection": _SECURE if is_secure else _PLAIN,
        "mark": "&" if parts.query else "?",
        "powershell_url": url.replace("'", "''"),
        "batch_url": url.replace("%", "%%"),
    }
    left_out = "bash" if is_secure else "openssl"
    return [
        Snippet(name, "http", language, _fill(text, values), proof)
        for name, language, text, proof in _HTTP
        if name != left_out
    ]


def _write_dns(hostname: str) -> list[Snippet]:
    room = NAME_LENGTH_MAX - MARK_LENGTH - len(hostname)
    width = min(LABEL_LENGTH, room // 8 * 8)
    if width <= 0:
        return []  # The zone's own name leaves no room.
    size = width * max(1, min(LABELS_MAX, (room + 1) // (width + 1)))
    values = {
        "host": hostname,
        "width": str(width),
        "size": str(size),
        "limit": str(size * PARTS_MAX),
        "narrow_limit": str(width * PARTS_MAX),
        "bytes_max": str(width * PARTS_MAX // 2),
        "parts_max": str(PARTS_MAX),
    }
    wanted = [
        *((name, "sh", _LOOKUP.replace("@command@", how), proof) for name, how, proof in _LOOKUPS),
        *_DNS,
    ]
    return [
        Snippet(name, "dns", language, _fill(text, values), proof)
        for name, language, text, proof in wanted
    ]


def _fill(text: str, values: dict[str, str]) -> str:
    for name, value in (*_TEXTS.items(), *values.items()):
        text = text.replace(f"@{name}@", value)
    return text.strip("\n")


_TEXTS = {
    "text": 'text="$(id -un) on $(hostname) ran: $*"',
    # The end of a line would end a header.
    "line": "text=$(printf %s \"$(id -un) on $(hostname) ran: $*\" | tr '\\r\\n' '  ')",
    "bash_text": 'text="${USER:-uid $EUID} on $HOSTNAME ran: $*"',
    "powershell_text": '$text = "$env:USERNAME on $env:COMPUTERNAME ran: $args"',
}
_PLAIN = "http.client.HTTPConnection(sys.argv[2], int(sys.argv[3]), timeout=5)"
_SECURE = (
    "http.client.HTTPSConnection(sys.argv[2], int(sys.argv[3]), timeout=5,\n"
    "                                    context=ssl._create_unverified_context())"
)
_HTTP = (
    (
        "curl",
        "sh",
        """
@line@
curl -s -o /dev/null -m 5@insecure@ -A "$text" @url@
""",
        proven("curl"),
    ),
    (
        "wget",
        "sh",
        """
@line@
wget -q -O /dev/null -T 5 -t 1 --max-redirect=0@unchecked@ -U "$text" @url@
""",
        proven("wget"),
    ),
    (
        "bash",
        "bash",
        r"""
@bash_text@
if { exec 3<>/dev/tcp/@host@/@port@; } 2>/dev/null; then
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nConnection: close\r\n\r\n' \
    @path@ @netloc@ "${text//[$'\r\n']/ }" >&3
  read -r -t 5 answer <&3
  exec 3>&-
fi
""",
        proven("bash"),
    ),
    (
        "python",
        "sh",
        """
@line@
python3 -c '
import http.client, os, ssl, sys
there = @connection@
headers = {"Host": sys.argv[4], "User-Agent": os.fsencode(sys.argv[1])}
there.request("GET", sys.argv[5], headers=headers)
there.getresponse()
' "$text" @host@ @port@ @netloc@ @path@ 2>/dev/null
""",
        proven("python3"),
    ),
    # In the query, because HTTP::Tiny refuses a header that is not ASCII.
    (
        "perl",
        "sh",
        """
@line@
perl -MHTTP::Tiny -e '
my ($text, $url) = @ARGV;
$text =~ s/([^A-Za-z0-9_.~-])/sprintf "%%%02X", ord $1/ge;
HTTP::Tiny->new(timeout => 5, max_redirect => 0, verify_SSL => 0)->get("$url@mark@$text");
' "$text" @url@
""",
        proven("perl"),
    ),
    (
        "openssl",
        "sh",
        r"""
@line@
printf 'GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nConnection: close\r\n\r\n' \
  @path@ @netloc@ "$text" |
  openssl s_client -quiet -connect @host@:@port@ -servername @host@ >/dev/null 2>&1
""",
        proven("openssl"),
    ),
    # In the query, because newer versions refuse a User-Agent that is not the name of a program.
    (
        "PowerShell",
        "PowerShell",
        """
@powershell_text@
$url = '@powershell_url@@mark@' + [uri]::EscapeDataString($text)
try { Invoke-WebRequest -UseBasicParsing -TimeoutSec 5 $url | Out-Null } catch { }
""",
        UNVERIFIED,
    ),
    (
        "cmd",
        "cmd",
        """
curl.exe -s -o NUL -m 5@insecure@ -A "%USERNAME% on %COMPUTERNAME% ran: %*" "@batch_url@"
""",
        UNVERIFIED,
    ),
)
_LOOKUP = r"""
@text@
x=; code=$(printf %s "$text" | base32 2>/dev/null | tr -d '=\n' | tr A-Z a-z | head -c @limit@)
[ -n "$code" ] || {
  x=x; code=$(printf %s "$text" | od -An -v -tx1 | tr -d ' \n' | head -c @limit@)
}
i=0; n=$(( (${#code} + @size@ - 1) / @size@ )); nonce=$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')
for part in $(printf %s "$code" | fold -w @size@ | sed 's/.\{@width@\}/&./g; s/\.$//'); do
  i=$((i + 1)); @command@ "$part.$x$i-$n-$nonce.@host@." >/dev/null 2>&1
done
"""
"""For every program that looks up a name; base32 where it is there, else hexadecimal."""
_LOOKUPS = (
    ("dig", "dig +time=2 +tries=2", proven("dig")),
    ("host", "host -t A -W 2", proven("host")),
    ("nslookup", "nslookup -timeout=2", proven("nslookup")),
    ("getent", "getent hosts", proven("getent")),
    ("ping", "ping -c 1 -W 1", proven("ping")),
)
_DNS = (
    (
        "bash",
        "bash",
        """
@bash_text@
(
  LC_ALL=C code=
  for ((i = 0; i < ${#text} && i < @bytes_max@; i++)); do
    printf -v byte %d "'${text:i:1}"
    printf -v code %s%02x "$code" $((byte & 255))
  done
  printf -v nonce %04x%04x $RANDOM $RANDOM
  n=$(((${#code} + @width@ - 1) / @width@))
  for ((i = 1; i <= n; i++)); do
    : >"/dev/udp/${code:(i - 1) * @width@:@width@}.x$i-$n-$nonce.@host@./53"
  done
) 2>/dev/null
""",
        proven("bash"),
    ),
    (
        "python",
        "sh",
        """
@text@
python3 -c '
import base64, os, secrets, socket, sys
code = base64.b32encode(os.fsencode(sys.argv[1])).decode().rstrip("=").lower()[:@limit@]
parts = [code[n : n + @size@] for n in range(0, len(code), @size@)]
nonce = secrets.token_hex(4)
for i, part in enumerate(parts, 1):
    labels = [part[n : n + @width@] for n in range(0, len(part), @width@)]
    mark = f"{i}-{len(parts)}-{nonce}"
    try:
        socket.getaddrinfo(".".join([*labels, mark, sys.argv[2]]), 80)
    except OSError:
        pass
' "$text" @host@.
""",
        proven("python3"),
    ),
    (
        "perl",
        "sh",
        """
@text@
perl -e '
my ($text, $host) = @ARGV;
my @parts = unpack "(A@width@)*", substr(unpack("H*", $text), 0, @narrow_limit@);
my ($i, $n, $nonce) = (0, scalar @parts, sprintf "%08x", rand 2**32);
for my $part (@parts) { $i++; gethostbyname "$part.x$i-$n-$nonce.$host" }
' "$text" @host@.
""",
        proven("perl"),
    ),
    (
        "PowerShell",
        "PowerShell",
        """
@powershell_text@
$code = -join ([Text.Encoding]::UTF8.GetBytes($text) | ForEach-Object { $_.ToString('x2') })
$code = $code.Substring(0, [Math]::Min($code.Length, @narrow_limit@))
$n = [int][Math]::Ceiling($code.Length / @width@)
$nonce = '{0:x8}' -f (Get-Random -Maximum 2147483647)
for ($i = 1; $i -le $n; $i++) {
  $at = ($i - 1) * @width@
  $part = $code.Substring($at, [Math]::Min(@width@, $code.Length - $at))
  try { [Net.Dns]::GetHostAddresses("$part.x$i-$n-$nonce.@host@.") | Out-Null } catch { }
}
""",
        UNVERIFIED,
    ),
    # A batch file: what it reads of a file's line has at most 1,023 characters.
    (
        "cmd",
        "cmd",
        """
@echo off
setlocal EnableDelayedExpansion
set "text=%USERNAME% on %COMPUTERNAME% ran: %*"
set "file=%TEMP%\\%RANDOM%%RANDOM%"
<nul set /p "=!text!" >"%file%"
certutil -f -encodehex "%file%" "%file%.hex" 12 >nul
set /p code=<"%file%.hex"
del "%file%" "%file%.hex"
set "nonce=r%RANDOM%r%RANDOM%"
set n=0
set "rest=!code!"
:count
set /a n+=1
set "rest=!rest:~@width@!"
if defined rest if !n! lss @parts_max@ goto count
set at=0
for /L %%i in (1,1,!n!) do (
  for %%a in (!at!) do nslookup "!code:~%%a,@width@!.x%%i-!n!-!nonce!.@host@." >nul 2>&1
  set /a at+=@width@
)
""",
        UNVERIFIED,
    ),
)
