"""What scripts and units on a host share, as `format_words` has it for other kinds."""

from tokens.config_words import Words

SHELL: Words = {
    rb"#!/bin/sh": "how a script names its shell",
    rb"\b(command|exec|export|printf|insecure|user-agent|getent a?hosts)\b": (
        "words of sh and of curl's options"
    ),
    rb"\b(opened|logged|started|session)\b": "what is said",
    rb"'(\\0*1-\\0?37\\177|\[:cntrl:\])'|'s.\[\S+\].\\\\&.g'": (
        "control characters, and what curl wants a backslash before"
    ),
    rb"/proc/sys/kernel/(hostname|random/uuid)": "where Linux has the host's name, and chance",
    rb"PATH=[/a-z:]+|/usr/(local/)?s?bin/": "folders of programs",
    rb"[<>&0-9 ]*/dev/null[<>&0-9 ]*": "where output goes that nobody reads",
    rb"RES_OPTIONS=|(timeout|attempts):2": "options of the resolver (resolv.conf(5))",
    rb"%\.4\d\ds|%\d*x%\d*x|LC_ALL=C|RANDOM|abcdefghijklmnopqrstuvwxyz234567|/dev/udp/": (
        "formats and variables of bash, and the alphabet of base32 (RFC 4648 §6)"
    ),
    rb"[\"'=(]*\$[({]|\d+:\d+\}\.?|%%-\*\}\.?|\+\+\)\)|1\)\)-\$": "expansions of sh and bash",
}
UNIT: Words = {
    rb"\[(Unit|Service|Install)\]|\b(Description|Type|ExecStart|Restart(Sec)?|Wants|WantedBy)=": (
        "sections and keys of a unit (systemd.unit(5))"
    ),
    rb"oneshot|always|multi-user\.target|\.service": "their usual values",
}
HOSTS: dict[str, Words] = {
    "wrapper": SHELL,
    "login": {**SHELL, rb"SSH_CONNECTION(%% \*)?": "what sshd tells (ssh(1), ENVIRONMENT)"},
    "schedule": {**SHELL, **UNIT, rb"@reboot root": "a time and a user (crontab(5))"},
    "opened_file": {**SHELL, **UNIT, rb"inotifywait -\w+": "what watches (inotify-tools)"},
}
