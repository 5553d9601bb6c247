"""A beacon for shell scripts: POSIX sh, and bash where it is there.

Rules:
- It runs beside what it stands in: a process of its own that is nobody's child, with the
  descriptors 0 to 9 closed, so that nothing waits for it. Every wait of its has a limit.
- It costs whoever runs the script two forks; all else is done by the process beside it.
- Neither the URL nor a name of ours is an argument of any program: curl reads its options, and
  bash its program, from standard input. Where bash is missing, getent is given the bare name.
- DNS goes the way of the system's own resolver: bash looks a name up when it opens /dev/udp/NAME
  (bash(1), REDIRECTION), and sends nothing there.
- `command` and a PATH of its own keep it from running what it stands in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from serinus.tokens.beacon import draw_sizes
from serinus.tokens.kind import Token
from serinus.tokens.site import Site
from serinus.tokens.spelling import Spelling

WAIT_MAX_S = 4
"""Seconds of a request, its lookup included: a slow proxy takes two or three."""

HELPERS = frozenset({"bash", "curl", "getent", "id", "printf", "sed", "sh", "tr", "uname"})
"""Programs that it runs."""

_BEGIN = """\
( {
\texec «</dev/null >/dev/null¦>/dev/null </dev/null¦0</dev/null 1>/dev/null» 2>&1 ‹closed›
\tcd /
\ttrap «''¦""» ‹signals›
\tPATH=«/usr/bin:/bin:/usr/sbin:/sbin¦/usr/sbin:/usr/bin:/sbin:/bin¦/bin:/usr/bin» IFS=«' '¦" "»
\tread -r @host <«¦ »/proc/sys/kernel/hostname || @host=$(command uname -n)
"""
_TEXT = '\t@text="$(command id -un) on $@host {sentence}"\n'
_FREE_TEXT = """\
\t@text=$(printf «%.‹size›s¦'%.‹size›s'¦"%.‹size›s"» "$(command id -un) on $@host {sentence}")
"""
_CLEAN = """\
\t@agent=$(printf «%s¦'%s'» "$@text" |
\t\tcommand tr «'\\001-\\037\\177'¦'[:cntrl:]'¦'\\1-\\37\\177'» ' ' |
\t\tcommand sed «'s/[\\\\"]/\\\\&/g'¦'s/["\\\\]/\\\\&/g'¦'s,[\\\\"],\\\\&,g'¦'s|["\\\\]|\\\\&|g'»)
"""
_CURL = """\
\t{run} curl «-qsm‹wait›¦-q -s -m ‹wait›¦-qs -m ‹wait›¦-qm‹wait› -s» -K - <<@end{beside}
{options}
@end
"""
_CURL_OPTIONS = (
    'url«=¦ = ¦: ¦ »"‹url›«/¦»"',
    'user-agent«=¦ = ¦: ¦ »"$@{said}"',
    "insecure",
)
_BASH = """\
\tif command -v bash; then
\t\texport @text RES_OPTIONS=«'timeout:2 attempts:2'¦'attempts:2 timeout:2'»
\t\texec bash -p <<«'@end'¦\\@end¦"@end"»
LC_ALL=C
@code= @bits=0 @value=0 @letters=abcdefghijklmnopqrstuvwxyz234567
for ((@i = 0; @i < ${#@text} && @i < ‹size›; @i++)); do
\tprintf -v @byte %d "'${@text:@i:1}"
\t((@value = @value << 8 & 65535 | @byte & 255, @bits += 8))
\twhile ((@bits >= 5)); do
\t\t((@bits -= 5))
\t\t@code+=${@letters:@value >> @bits & 31:1}
\tdone
done
((@bits)) && @code+=${@letters:@value << 5 - @bits & 31:1}
printf -v @nonce «%04x%04x¦%04x%05x¦%05x%04x¦%05x%05x¦%x%04x¦%x%05x» $RANDOM $RANDOM
@count=$(((${#@code} + ‹part› - 1) / ‹part›))
for ((@i = 0; @i < @count; @i++)); do
\t@part=${@code:@i * ‹part›:‹part›} @name=
\twhile [[ $@part ]]; do
\t\t@name+=${@part:0:‹label›}. @part=${@part:‹label›}
\tdone
\t: >/dev/udp/$@name$((@i + 1))-$@count-$@nonce.‹hostname›./9
done
@end
\tfi
\tread -r @nonce <«¦ »/proc/sys/kernel/random/uuid
\texec getent «hosts¦ahosts» "${@nonce%%-*}.‹hostname›."
"""
_CLOSED = tuple(f"{number}>&-" for number in range(3, 10))
_SIGNALS = ("HUP", "INT", "QUIT", "TERM")


@dataclass(frozen=True, slots=True)
class Said:
    """What a beacon says after "USER on HOST".

    Attributes:
        sentence: A template (see `Spelling`) that stands between double quotes in a shell.
        values: What is put into it.
        is_free: Whether it may hold any bytes, however many.
    """

    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)
    is_free: bool = False


def write_beacon(
    spelling: Spelling, said: Said, via: str, token: Token, site: Site, *, waits: bool = False
) -> str:
    """Return the lines of a beacon, to stand in a script, an rc file or a function.

    Args:
        spelling: Draws the names.
        said: What it says.
        via: "dns", "http" or "both".
        token: Whose.
        site: The deployment.
        waits: Whether the script waits for it, because what it leaves behind would be killed.
    """
    template = _BEGIN + (_FREE_TEXT if said.is_free else _TEXT).replace("{sentence}", said.sentence)
    if via != "dns":
        beside = "" if waits else " &"
        run = ("exec", "") if via == "http" else ("command", beside)
        template += _write_curl(spelling, said.is_free, *run)
    if via != "http":
        template += _BASH
    template += "} )\n" if waits else "} «& )¦&)»\n"
    values = {
        "closed": spelling.in_any_order(_CLOSED, " "),
        "signals": spelling.in_any_order(_SIGNALS, " "),
        "wait": str(WAIT_MAX_S),
        "url": site.origin(token.id),
        "hostname": site.hostname(token.id),
        **draw_sizes(spelling, site.hostname(token.id)),
    }
    return spelling.write(template, {**said.values, **values})


def _write_curl(spelling: Spelling, is_free: bool, run: str, beside: str) -> str:
    options = spelling.in_any_order(_CURL_OPTIONS, "\n")
    curl = (_CLEAN if is_free else "") + _CURL.replace("{options}", options)
    parts = {"{run}": run, "{beside}": beside, "{said}": "agent" if is_free else "text"}
    for mark, text in parts.items():
        curl = curl.replace(mark, text)
    return curl
