"""What the formats themselves demand, kind by kind: the only things that two tokens may share.

Each entry is a pattern over bytes, with the reason why everybody's file of this format has it.
"""

from tokens.config_words import CONFIGS, PAGES, WINDOWS, Words
from tokens.credential_words import CREDENTIALS
from tokens.file_words import FILES
from tokens.host_words import HOSTS

EVERYWHERE: Words = {
    rb"\s+": "blanks between words, and the indents of lines",
    rb"https?://": "the scheme of every URL",
    rb"\b[a-z](andersen|kowalski|sullivan)\b": "logins of which the last name is drawn",
    rb"text/html; charset=utf-8|application/json|text/plain|image/(png|gif|jpeg)": (
        "registered media types"
    ),
}

HTML: Words = {
    rb"<!doctype html>": "how a page of HTML begins",
    rb"</?[a-z][a-z0-9]*>?": "elements of HTML",
    rb"\b(alt|class|charset(=utf-8)?|content|height|href|id|name|rel|src|type|width)=?": (
        "its attributes"
    ),
}

SCRIPT: Words = {
    rb"\b(Intl|JSON|async|await|body|catch|const|document|false|function|keepalive|let|location|method|navigator"
    rb"|new|return|screen|true|try|typeof|var|window)\b": ("words of JavaScript"),
    rb"\.[a-z]+([A-Z][a-z]+)+\b|\b[a-z]+([A-Z][a-z]+)+\(": "members of the browser's own objects",
}

FORMAT_WORDS: dict[str, Words] = {
    **CREDENTIALS,
    **CONFIGS,
    **FILES,
    **HOSTS,
    **PAGES,
    **WINDOWS,
    "web": {
        **HTML,
        rb'" alt="">': "the end of a picture",
    },
    "browser": {
        **HTML,
        **SCRIPT,
        rb"architecture|bitness|fullVersionList|model|platformVersion": (
            "client hints, which are asked for by name (UA Client Hints §2)"
        ),
        rb"webgl|canvas|WEBGL_debug|_debug|_renderer_|UNMASKED_(VENDOR|RENDERER)_WEBGL|POST": (
            "how the name of the graphics is asked for, and sent (WEBGL_debug_renderer_info)"
        ),
        rb">(Loading|Redirecting|One moment|Please wait)[.\xe2\x80\xa6]*": "what waiting pages say",
    },
}
