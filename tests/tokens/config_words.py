"""What configurations, pages and files of Windows share, as `format_words` has it for others."""

import re

from serinus.tokens import sign_in_page
from serinus.tokens.drawing import LAST_NAMES, ROLES
from serinus.tokens.kinds import feed, openapi, playlist

Words = dict[bytes, str]


def any_of(*words: str) -> bytes:
    return rb"(?:" + "|".join(sorted(words, key=len, reverse=True)).encode() + rb")"


COMMON_LOGIN = rb"\b(adm-)?[a-z]" + any_of(*(name.lower() for name in LAST_NAMES)) + rb"\b"
COMMON: Words = {
    COMMON_LOGIN: "logins of people whose names are drawn",
    rb"\b(10|172|192)(\.\d{1,3}){2,3}(/\d\d)?": "private networks (RFC 1918)",
    rb"\b(access|bastion|cache|connect|db|dbsrv|documents|edge|events|gate(way)?|gw|hop|jump|legacy"
    rb"|mail|maria|mongo|mx|mysql|ovpn|pg|pgsql|postgres|primary|queue|rdgw?|rds|redis|relay|remote"
    rb"|sessions|smtp|sql|srv|ssh|ts|tunnel|vpn|wg)(-?\d)?\.": "roles by which hosts are called",
    rb"<\?xml version=\"1\.0\" encoding=\"UTF-(8|16)\"\?>": "how a file of XML begins",
}

CONFIGS: dict[str, Words] = {
    "ssh": {
        **COMMON,
        rb"\b(ForwardAgent|HostName|IdentitiesOnly|IdentityFile|ProxyJump|ServerAliveInterval)\b": (
            "keywords of ssh_config(5)"
        ),
        rb"~/\.ssh/(\w+_)?((id_)?(ed25519|rsa|ecdsa)|work|ops|deploy|prod|servers)?": (
            "where keys are kept, and how people call them"
        ),
        rb"[\w+/=\n]{1,64}(?=\n-----END OPENSSH)": "its owner, drawn, and the padding",
        rb"(\b|_)((id_)?ed25519|work|ops|deploy|prod|servers)\b": "its name",
        rb"-----(BEGIN|END) OPENSSH PRIVATE KEY-----|b3BlbnNzaC1rZXktdjE[\w+/\n]{84}"
        rb"|\w?AAAAtzc2gtZWQyNTUxOQAAAC[A-D]": (
            "how OpenSSH begins a key of Ed25519 without a passphrase, and ends it"
        ),
    },
    "ansible": {
        **COMMON,
        rb"ansible_[a-z_]+=(ansible|deploy|admin|true|/usr/bin/python3)?|\[all:vars\]": (
            "variables of Ansible, and their usual values"
        ),
        rb"~/\.ssh/[a-z]+_(rsa|ed25519|key)": "where keys are kept",
        rb"\b(hosts|inventory)(\.ini)?\b": "how people call an inventory",
    },
    "rdp": {
        **COMMON,
        rb"\b[a-z ]+:[si]:\d*": "properties of a connection, and their usual values",
        rb"[A-Z]+(CORP|AD|NET)?\\(adm-|administrator)?": "domains of Windows, and its first user",
        rb"application/rdp": "its media type",
    },
    "wireguard": {
        **COMMON,
        rb"\[Interface\]|\[Peer\]|\b(Address|AllowedIPs|Endpoint|PersistentKeepalive|PresharedKey"
        rb"|PrivateKey|PublicKey) = ": "keys of wg-quick(8)",
        rb"\bwg\d\.conf": "how interfaces are called",
    },
    "openvpn": {
        **COMMON,
        rb"AES-(128|256)-(GCM|CBC)|SHA(256|512)"
        rb"|\b(cipher|client|nobind|persist-(key|tun)"
        rb"|proto udp4?"
        rb"|remote-cert-tls server|resolv-retry infinite|verb \d|mute 20|dev tun0?)\b": (
            "options of openvpn(8)"
        ),
        rb"</?(ca|cert|key|tls-auth|tls-crypt)>": "its inline files",
        rb"-----(BEGIN|END) [A-Za-z0-9 ]+-----": "PEM (RFC 7468)",
        rb"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg|[\w+/]hRANCAA[Q-T]": (
            "head and middle of a P-256 key in PKCS #8"
        ),
        rb"MII[\w+/\n]{250,}(?=\n)": "a certificate, whose drawn parts test_openvpn holds",
        rb"(?<=\n)[\w+/]{2,64}={0,2}(?=\n-----END CERT)": "its last line",
        rb"-(laptop|pc|mac)\b|\.ovpn|VPN CA|-ca\b|application/x-openvpn-profile": (
            "how people call profiles and authorities"
        ),
    },
    "dotenv": {
        **COMMON,
        rb"\b([A-Z]+_)?(APP_(ENV|KEY|NAME|SECRET)|CACHE_URL|CELERY_BROKER_URL|DATABASE_URL|DB_URL"
        rb"|ENVIRONMENT|NODE_ENV|MONGO(DB)?_UR[IL]|REDIS_URL|SECRET_KEY|SENTRY_DSN"
        rb"|(MAIL|SMTP)_(HOST|PASS(WORD)?|PORT|USER(NAME)?))=\"?(production|\d+)?": (
            "names of variables, and usual values"
        ),
        rb"\b(mongodb(\+srv)?|mysql2?|postgres(ql)?|redis)://(default:|mongo:|app:|\w+_rw:|:)?": (
            "schemes of addresses, and usual users"
        ),
        rb":(27017|3306|5432|6379)/\w*|\?(authSource=admin|retryWrites=true&w=majority)": (
            "ports that these services have, and usual options"
        ),
    },
    "mysql": {
        **COMMON,
        rb"\[client\]|\[mysql\]|\b(host|user|password|port|database) ?= ?|no-auto-rehash"
        rb"|prompt=.*": ("options of the clients"),
        rb"\b3306\b|_prod\b|\w+db\b": "its port, and how people call a database",
    },
    "postgres": {
        **COMMON,
        rb"\b(host|port|dbname|user)=|\.pg(pass|_service\.conf)|psql service=": (
            "settings of libpq and their files"
        ),
        rb"\b(5432|5433|6432)\b(:\*)?|_prod\b": "usual ports, and how people call a database",
    },
    "openapi": {
        **COMMON,
        rb"\b[a-z]+: ?(\{type: [a-z]+\})?|\$ref|'200'|(text|application)/(json|yaml)": (
            "fields of the format, and of a schema"
        ),
        any_of(*(f"(list|find|search|get)?{thing[:-1]}[a-z]*" for thing in openapi.THINGS)): (
            "what an API is about, which is drawn"
        ),
        rb"\b(components|models|schemas|shared|spec|common|types|internal|success|openapi|integer)\b"
        rb"|\.ya?ml": "how people call folders and files",
    },
    "postman": {
        **COMMON,
        rb"\"(_postman_id|info|item|header|host|key|method|name|path|raw|request|response|schema|url"
        rb"|value|variable)\":|\"Authorization\"|\"Bearer \{\{": "fields of the format",
        rb"schema\.getpostman\.com/json/collection/v2\.1\.0/collection\.json": "its name",
        rb"\.postman_collection\.json|\b(API|Internal|Backend|Admin)\b": "how people call them",
        rb"\b(base_?url|host|url|api_?key|key|bearer)\}\}[/\"]?|\"(base_?url|api_?key|bearer)\"": (
            "how people call variables"
        ),
        rb"\{\"(message|error|detail)\": \"[A-Za-z ]+\"\}": "what servers answer",
    },
    "playlist": {
        **COMMON,
        rb"#EXTM3U|#EXTINF:\d+|\[playlist\]|(File|Title|Length|NumberOfEntries|Version)\d*=\d*": (
            "M3U and PLS"
        ),
        rb"<[^>]*>|\d+</duration>": "elements of XSPF",
        any_of(
            *playlist.TOPICS, *(t.replace(" ", "-").replace("&", "n") for t in playlist.TOPICS)
        ): ("what recordings are of, which is drawn"),
        rb"(-?recordings|playlist|archive)?\.(m3u|pls|xspf|mp3|mp4|m4a|mkv|webm)": (
            "how files are called, and end"
        ),
    },
    "feed": {
        **COMMON,
        rb"<[^>\"]*>?|\b(version|type|text|xmlUrl|isPermaLink)=\"(\d\.\d|rss|false)?\"?>?|\+0000": (
            "elements of RSS and OPML, and their attributes"
        ),
        any_of(*feed.NEWS): "what is new, which is drawn",
        rb"(application|text)/(rss\+xml|xml|x-opml)|charset=utf-8": "media types",
        rb"\"false\">\d*|\b(announcements|changes|notices|updates)\b\"?": "numbers, and words",
        rb"\b(feeds?|subscriptions|export|reader)\b(\.opml)?|/(feed|rss|index)[./a-z]*": (
            "how people call lists of feeds, and feeds"
        ),
    },
}

SVG: Words = {
    rb"\b(cx|cy|dy|fill|font-family|font-size|height|r|rx|text-anchor|viewBox|width|x|xmlns|y)="
    rb"\"(#fff|\.35em|50%|middle|sans-serif|0 0 )?[\d. ]*(\"|/|>)*": "attributes of SVG",
    rb"\"#|</?(circle|rect|svg|text)|\"?/?>": "and its elements",
    rb"www\.w3\.org/2000/svg|image/svg\+xml": "its name and media type",
}
PAGE: Words = {
    rb"<!doctype html>|</?[a-z][a-z0-9]*>?": "elements of HTML",
    rb"\b(action|autocomplete|charset|class|content|for|href|id|lang|method|name|rel|type)=\"?"
    rb"(checkbox|current-password|en|icon|initial-scale=1|post|submit|text/html|utf-8|username"
    rb"|viewport|width=device-width, initial-scale=1)?\"?>?": "attributes, and their usual values",
}
STYLE: Words = {
    rb"(?<![\w-])(-[a-z]+-)?[a-z]+(-[a-z]+)*: ?": "properties of CSS",
    rb"\b(absolute|after|before|body|bold|border-box|center|cursor|fixed|flex|footer|form|hidden|html"
    rb"|inherit|left|main|pointer|solid #(bbb|ccc)|sans-serif)\b|::(after|before)|\blabel\[for\]": (
        "values, elements and the like"
    ),
    rb"hsl\(\d+, \d+%, \d+%\)|rgba\(0, 0, 0, \.\d+\)|-?[\d.]+(px|rem|em|vh|%)": "colours and sizes",
}
WIDE: Words = {
    rb"\\\\|%(USERNAME|COMPUTERNAME|USERDOMAIN|RANDOM|windir)%": (
        "shares, variables of Windows, and the labels of docs/protocols/carried-data.md"
    ),
    rb"(\d|-16|32)?\.ico(,\d+)?|\\(icons|assets|public|common)\\": "how icons are called",
    rb"cmd\.exe|/c nslookup": "programs of Windows",
}

PAGES: dict[str, Words] = {
    "image": {
        **PAGE,
        rb"alt=\"\">": "a picture without words",
    },
    "favicon": {
        **PAGE,
        **SVG,
        rb"/(fav|icon|mark)?(favicon|app-icon|logo-small|mark|touch-icon|site-icon)?\.svg": (
            "how icons are called"
        ),
    },
    "cloned_site": {
        **PAGE,
        rb"\b(const|document|encodeURIComponent|endsWith|fetch|function|host(name)?|href|Image|let"
        rb"|location|mode|new|no-cors|referrer|return|some|src|var|window)\b": "its words",
    },
    "cloned_css": {
        **PAGE,
        **SVG,
        **STYLE,
        rb"max-age=86400|content: \"\";|url\(\"": "a day, nothing, and an address",
    },
    "login_page": {
        **PAGE,
        **STYLE,
        any_of(
            *(re.escape(w) for words in sign_in_page.WORDS for w in words),
            *(re.escape(w) for words in sign_in_page.USERS for w in words),
            *map(re.escape, sign_in_page.FAILURES),
            *map(re.escape, sign_in_page.FORGOTTEN),
            *map(re.escape, sign_in_page.FOOTERS),
            *map(re.escape, sign_in_page.FONTS),
            *map(re.escape, sign_in_page.PLACES),
            *sign_in_page.PATHS,
            *sign_in_page.ERROR_QUERIES,
            *sign_in_page.PASSWORD_FIELDS,
            "Remember me",
            "remember",
        ): "what pages to sign in say, which is drawn",
        rb"\b(URLSearchParams|document|email|getElementById|has|hidden|includes|indexOf|location|new"
        rb"|no-store|password|required|search)\b": "words of JavaScript, HTML and HTTP",
    },
    "robots": {
        rb"User-agent: \*|Disallow: /|location /|return 302|\$request_uri|RedirectMatch 302": (
            "words of robots.txt, nginx and Apache"
        ),
        rb"\b(bak|internal|old|private|tmp|v1)\b/?(\.\*\))?": "how people call such folders",
    },
    "security_txt": {
        rb"\b(Contact|Expires|Preferred-Languages): |security\.txt|:00Z": "fields of RFC 9116",
        rb"/(contact|disclosure|form|report|security|vdp)\b": "where forms of this sort lie",
    },
}

WINDOWS: dict[str, Words] = {
    "desktop_ini": {
        **WIDE,
        rb"\[\.ShellClassInfo\]|IconResource=|ConfirmFileOp=0|/desktop\.ini": "its words",
        rb"\b20\d\d\b": "years",
    },
    "lnk": {
        **WIDE,
        rb"L\x01\x14\x02\xc0F\xe0B[\s\S]{20,40}?(?=[C-E]:)": (
            "the head of MS-SHLLINK, and a time thrice"
        ),
        rb"\x14\x03\x01\xa0|\x14\x03\x07\xa0|\\explorer\.exe|[C-E]:\\(Data|Shares)\\": (
            "its blocks, and what it opens"
        ),
        any_of(*ROLES): "the folder, which is drawn, with a count of letters behind it",
        rb"- Shortcut|\.lnk|application/x-ms-shortcut": "how shortcuts are called",
    },
    "url_file": {
        **WIDE,
        rb"\[InternetShortcut\]|IconFile=|IconIndex=\d|URL=|application/x-mswinurl": "its words",
    },
    "library_ms": {
        **WIDE,
        rb"<[^>]*>|\d</version>|(true|false)</isLibraryPinned>|\.library-ms": (
            "elements of a library"
        ),
    },
    "reg_command": {
        **WIDE,
        rb"Windows Registry Editor Version 5\.00|\[-?HKEY_[^\]]*\]|\"\w+\"=(dword:\d+|\")": (
            "how a file of the registry looks, and the keys that Windows reads"
        ),
        rb"whoami(-remove)?\.reg": "the watched program, which is typed",
    },
    "scheduled_task": {
        **WIDE,
        rb"<[^>]*>|S-1-5-32-545|LeastPrivilege|\b(true|false)\b": "elements of a task",
        COMMON_LOGIN: "logins of people whose names are drawn",
        rb"<\?xml version=\"1\.0\" encoding=\"UTF-16\"\?>": "how it begins",
    },
    "powershell_profile": {
        **WIDE,
        rb"\$(env:\w+|null|PID)|\[Environment\]::\w+|\[void\]|\[Net\.Dns\]::\w+|Out-Null": (
            "what PowerShell calls things"
        ),
        rb"-replace '\[\^A-Za-z0-9-\]', ''|\{0\}\.\{1\}\.|profile\.ps1|\btry \{"
        rb"|\} catch \{ \}": "and how it is written",
    },
    "webloc": {
        rb"<\?xml[\s\S]*?<string>|</string>[\s\S]*": "a property list of Apple with one URL",
        rb"\.webloc|application/xml": "how it is called",
    },
}
