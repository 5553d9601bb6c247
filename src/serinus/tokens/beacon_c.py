"""A beacon for compiled programs: C that needs a compiler, a C library and nothing else.

Rules:
- It starts no process and waits for nothing: every part is sent to every name server of
  /etc/resolv.conf, twice, and no answer is read.
- It tells by DNS alone. A request would need an answer to a lookup first, and so a process beside
  the program; the lookup is what gets out of most networks.
- User names come from /etc/passwd: a static program has no other way (NSS is loaded at run time).
"""

from collections.abc import Mapping

from serinus.tokens.beacon import draw_sizes
from serinus.tokens.kind import Token
from serinus.tokens.site import Site
from serinus.tokens.spelling import Spelling
from serinus.tokens.steps import Steps

HEADERS = (
    "arpa/inet.h",
    "net/if.h",
    "netinet/in.h",
    "stdio.h",
    "string.h",
    "sys/random.h",
    "sys/socket.h",
    "unistd.h",
)
_TEMPLATE = """\
/* The name of a user. */
static void @user(unsigned @uid, char *@name)
{
\tchar @line[1024], @word[65];
\tunsigned @number;
\tFILE *@file = fopen("/etc/passwd", "r");

\tsprintf(@name, "%u", @uid);
\twhile (@file && fgets(@line, sizeof @line, @file))
\t\tif (sscanf(@line, "%64[^:]:%*[^:]:%u:", @word, &@number) == 2 && @number == @uid) {
\t\t\tstrcpy(@name, @word);
\t\t\tbreak;
\t\t}
\tif (@file)
\t\tfclose(@file);
}

/* Text to base32 (RFC 4648, section 6). */
static size_t @encode(const char *@text, char *@code)
{
\tstatic const char @letters[] = "abcdefghijklmnopqrstuvwxyz234567";
\tunsigned @value = 0, @bits = 0;
\tsize_t @length = 0;

\tfor (; *@text; @text++) {
\t\t@value = @value << 8 | (unsigned char)*@text;
\t\tfor (@bits += 8; @bits >= 5; @bits -= 5)
\t\t\t@code[@length++] = @letters[@value >> (@bits - 5) & 31];
\t}
\tif (@bits)
\t\t@code[@length++] = @letters[@value << (5 - @bits) & 31];
\treturn @length;
}

/* A question for the address of PART.TAIL (RFC 1035, section 4.1). */
static size_t @ask(unsigned char *@query, unsigned @id, const char *@part, size_t @size,
\tconst char *@tail)
{
\tunsigned char *@at = @query + 12;
\tsize_t @length;

\tmemcpy(@query, "\\0\\0\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0", 12);
\t@query[0] = @id >> 8;
\t@query[1] = @id;
\tfor (; @size; @size -= @length, @part += @length, @at += @length) {
\t\t@length = @size < ‹label› ? @size : ‹label›;
\t\t*@at++ = @length;
\t\tmemcpy(@at, @part, @length);
\t}
\tfor (; *@tail; @tail += @length + (@tail[@length] == '.'), @at += @length) {
\t\t@length = strcspn(@tail, ".");
\t\t*@at++ = @length;
\t\tmemcpy(@at, @tail, @length);
\t}
\tmemcpy(@at, "\\0\\0\\1\\0\\1", 5);
\treturn @at + 5 - @query;
}

/* A name server's address, IPv4 or IPv6. */
static socklen_t @address(char *@word, struct sockaddr_storage *@to)
{
\tstruct sockaddr_in *@four = (void *)@to;
\tstruct sockaddr_in6 *@six = (void *)@to;
\tchar *@scope = strchr(@word, '%');

\tmemset(@to, 0, sizeof *@to);
\tif (inet_pton(AF_INET, @word, &@four->sin_addr) == 1) {
\t\t@to->ss_family = AF_INET;
\t\t@four->sin_port = htons(53);
\t\treturn sizeof *@four;
\t}
\tif (@scope)
\t\t*@scope++ = 0;
\tif (inet_pton(AF_INET6, @word, &@six->sin6_addr) != 1)
\t\treturn 0;
\t@to->ss_family = AF_INET6;
\t@six->sin6_port = htons(53);
\t@six->sin6_scope_id = @scope ? if_nametoindex(@scope) : 0;
\treturn sizeof *@six;
}

/* Sends the whole text to one name server, twice. */
static void @send(char *@server, const char *@code, size_t @length, unsigned @nonce)
{
\tstruct sockaddr_storage @to;
\tsocklen_t @size = @address(@server, &@to);
\tunsigned @count = (@length + ‹part› - 1) / ‹part›, @i;
\tint @out;

\tif (!@size || (@out = socket(@to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
\t\treturn;
\tfor (@i = 0; @i < 2 * @count; @i++) {
\t\tsize_t @from = @i % @count * ‹part›, @left = @length - @from;
\t\tunsigned char @query[512];
\t\tchar @tail[256];

\t\tsnprintf(@tail, sizeof @tail, "%u-%u-%08x.%s", @i % @count + 1, @count, @nonce,
\t\t\t"‹hostname›");
\t\t@left = @ask(@query, @nonce + @i, @code + @from, @left < ‹part› ? @left : ‹part›, @tail);
\t\tsendto(@out, @query, @left, MSG_DONTWAIT, (void *)&@to, @size);
\t}
\tclose(@out);
}

static void @tell(const char *@text)
{
\tchar @code[‹size› * 8 / 5 + 2], @line[256], @server[80];
\tsize_t @length = @encode(@text, @code);
\tunsigned @nonce = 0, @servers = 0;
\tFILE *@file = fopen("/etc/resolv.conf", "r");

\tgetrandom(&@nonce, sizeof @nonce, GRND_NONBLOCK);
\twhile (@file && @servers < 3 && fgets(@line, sizeof @line, @file))
\t\tif (sscanf(@line, " nameserver %79s", @server) == 1) {
\t\t\t@send(@server, @code, @length, @nonce);
\t\t\t@servers++;
\t\t}
\tif (@file)
\t\tfclose(@file);
\tif (!@servers)
\t\t@send(strcpy(@server, "127.0.0.1"), @code, @length, @nonce);
}

"""


def write_program(
    spelling: Spelling,
    main: str,
    headers: tuple[str, ...],
    values: Mapping[str, str],
    token: Token,
    site: Site,
) -> str:
    """Return a C program with a beacon.

    Args:
        spelling: Draws the names.
        main: The template of what uses it: `@user` writes the name of a user, at most 64
            characters; `@tell` says a text of at most ‹size› bytes.
        headers: What `main` includes besides `HEADERS`.
        values: What is put into `main`.
        token: Whose.
        site: The deployment.
    """
    included = sorted({*HEADERS, *headers})
    template = "#define _GNU_SOURCE\n" + "".join(f"#include <{name}>\n" for name in included)
    hostname = site.hostname(token.id)
    own = {"hostname": hostname, **draw_sizes(spelling, hostname)}
    return spelling.write(f"{template}\n{_TEMPLATE}{main}", {**values, **own})


def c_text(text: str) -> str:
    """Return text as it stands between the quotes of a C string (UTF-8 source)."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def build(program: str, source: str) -> Steps:
    """Return how a program is built: with musl, where that is, it starts fastest."""
    return Steps(
        f"musl-gcc -O2 -static -s -o {program} {source} ||\n"
        f"    cc -O2 -static -s -o {program} {source} ||\n"
        f"    cc -O2 -s -o {program} {source}\n"
        f"# Then delete {source} from the host, or build elsewhere and copy {program} alone.\n",
        "",
    )
