"""Wrappers held to the bare program, and to the alarm that they raise.

With functions in bash, zsh, dash and busybox ash; scripts; programs built by musl-gcc and gcc; and
their steps, with dpkg-divert, on a copy of the host.
"""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from select import select
from typing import Any

import pytest

from clients.ground import client, until
from clients.planted import Host
from clients.wrapping import (
    HOST_NAME,
    RUN_MAX_S,
    SHELLS,
    Way,
    Wrapped,
    build_probe,
    in_copy_of,
    messages,
    processes,
    run,
    silent_network,
    told,
    wrap,
)

SAMPLE = (
    Way("script", "both"),
    Way("binary", "dns"),
    Way("shell-function", "dns", "bash"),
    Way("shell-function", "http", "zsh"),
    Way("shell-function", "both", "dash"),
    Way("shell-function", "dns", "busybox"),
)
WAYS = (
    *(Way("script", via) for via in ("dns", "http", "both")),
    Way("binary", "dns"),
    *(Way("shell-function", via, s) for via in ("dns", "http", "both") for s in SHELLS),
)
every_way = pytest.mark.parametrize(
    "wrapped",
    [pytest.param(w, id=str(w), marks=() if w in SAMPLE else pytest.mark.slow) for w in WAYS],
    indirect=True,
)
STATUSES = (0, 1, 2, 77, 126, 127, 255)
ARGUMENTS = (
    "",
    "a b",
    " ",
    "*",
    "?",
    "$HOME",
    "`id`",
    "$(id)",
    "q'\"",
    "\\",
    "-n",
    "--",
    "é日",
    "%s",
)
LINES = ("one\ntwo", "\n", "end\n")


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_probe(tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def wrapped(
    request: pytest.FixtureRequest,
    host: Host,
    probe: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Wrapped:
    return wrap(host, tmp_path_factory.mktemp("wrapped") / "early", probe, request.param)


def both(host: Host, wrapped: Wrapped, *words: str, data: bytes = b"") -> tuple[object, object]:
    """Run the bare program and the wrapped one; return how each ended and what it wrote."""
    bare, with_alarm = (
        run([*host.within, *first, *words], wrapped.environment, data)
        for first in (wrapped.bare, wrapped.words)
    )
    assert bare.stdout or bare.returncode or words[0] == "exit"
    return (
        (bare.returncode, bare.stdout, bare.stderr),
        (with_alarm.returncode, with_alarm.stdout, with_alarm.stderr),
    )


@every_way
def test_the_exit_status_is_the_same(host: Host, wrapped: Wrapped) -> None:
    for status in STATUSES:
        bare, ours = both(host, wrapped, "exit", str(status))
        assert bare == ours == (status, b"", b"")


@every_way
def test_the_death_by_a_signal_is_the_same(host: Host, wrapped: Wrapped) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGPIPE):
        bare, ours = both(host, wrapped, "die", str(int(number)))
        # A shell may say that it died; it names another line, where the function is.
        assert bare[0] == ours[0] != 0  # type: ignore[index]


@every_way
def test_arguments_arrive_as_they_were_given(host: Host, wrapped: Wrapped) -> None:
    for words in (ARGUMENTS, LINES, ()):
        bare, ours = both(host, wrapped, "tell", *words)
        assert bare == ours


@every_way
def test_much_input_and_both_outputs_pass(host: Host, wrapped: Wrapped) -> None:
    data = os.urandom(200_000)
    bare, ours = both(host, wrapped, "copy", data=data)
    assert bare == ours
    assert ours[:2] == (7, data)  # type: ignore[index]


@every_way
def test_environment_signals_descriptors_folder_and_children_are_the_same(
    host: Host, wrapped: Wrapped
) -> None:
    bare, ours = both(host, wrapped, "all")
    assert bare == ours
    assert b"variable PROBED=a b" in bare[1]  # type: ignore[index]
    assert b"children:\n" in bare[1]  # type: ignore[index]


@every_way
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_from_outside_ends_it_alike(
    host: Host, wrapped: Wrapped, number: signal.Signals
) -> None:
    assert ended_by(host, wrapped, wrapped.bare, number) == ended_by(
        host, wrapped, wrapped.words, number
    )


def ended_by(
    host: Host, wrapped: Wrapped, words: tuple[str, ...], number: signal.Signals
) -> tuple[int, bytes]:
    """Let it wait, send the whole process group a signal, and return how the first one ended."""
    process = subprocess.Popen(
        [*host.within, *words, "wait"],
        env=wrapped.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"ready")
    os.killpg(process.pid, number)
    rest, _ = process.communicate(timeout=RUN_MAX_S)
    return process.returncode, rest


@every_way
def test_it_has_the_terminal_and_stands_in_front(host: Host, wrapped: Wrapped) -> None:
    bare = on_terminal(host, wrapped, wrapped.bare, "")
    ours = on_terminal(host, wrapped, wrapped.words, str(wrapped.file))
    assert "terminal 111, in front 1" in bare
    assert bare == ours


def on_terminal(host: Host, wrapped: Wrapped, words: tuple[str, ...], file: str) -> str:
    """Run it on a terminal of its own, a function in an interactive shell; return what it shows."""
    shell = wrapped.way.shell
    if shell:
        name, *flags = SHELLS[shell]
        words = (client(name), *flags, "-i")
    else:
        words = (*words, "tell")
    environment = {**wrapped.environment, "PS1": "", "PS2": "", "TERM": "dumb", "HOME": "/"}
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(  # noqa: S606
            host.within[0], [*host.within, *words], environment
        )
    typed = [f". {file}" if file else ":", "stty -echo; PS1= PROMPT=", "echo be''gin"]
    typed += ["probe tell a", "echo status $?", "jobs", "exit 3"]
    if shell:
        os.write(terminal, "".join(f"{line}\n" for line in typed).encode())
    shown = b""
    while select([terminal], [], [], RUN_MAX_S)[0]:
        try:
            shown += os.read(terminal, 4096)
        except OSError:
            break
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    text = shown.decode().replace("\r", "")
    return f"{text.partition('begin')[2] if shell else text}\n{status}"


@every_way
def test_the_alarm_says_who_ran_what_and_no_arguments(host: Host, wrapped: Wrapped) -> None:
    run([*host.within, *wrapped.words, "exit", "0", "s3cret"], wrapped.environment)
    for channel in ("dns", "http"):
        if wrapped.way.via in (channel, "both"):
            told(host, wrapped.token, f"root on {HOST_NAME} ran probe", channel)
    assert all("exit" not in text for text in messages(host, wrapped.token))
    if wrapped.way.via == "http":
        assert not any("carried by A lookup" in t.summary for t in host.trips(wrapped.token))


@pytest.mark.parametrize(
    "way",
    [Way("script", "both"), Way("binary", "dns"), Way("shell-function", "both", "zsh")],
    ids=str,
)
def test_arguments_are_carried_where_that_is_asked_for(
    host: Host, probe: Path, tmp_path: Path, way: Way
) -> None:
    made = wrap(host, tmp_path / "early", probe, way, with_args="yes")
    words = ["tell", 'a "b" \\c', "$(id)", "é日本", "one\ntwo"]
    run([*host.within, *made.words, *words], made.environment)
    text = f'root on {HOST_NAME} ran probe tell a "b" \\c $(id) é日本 one'
    told(host, made.token, f"{text} ⏎ two", "dns")
    if way.via == "both":
        told(host, made.token, f"{text} two", "http")
    long = "long" * 50_000
    run([*host.within, *made.words, "tell", *[long[:100_000]] * 2], made.environment)
    begin = f"root on {HOST_NAME} ran probe tell "
    until(
        lambda: any(
            (begin + long).startswith(text) and len(text) >= 460
            for text in messages(host, made.token, "dns")
        ),
        "a long text, cut",
    )


@every_way
@pytest.mark.parametrize("swallowed", [False, True], ids=["refused", "swallowed"])
def test_nothing_waits_for_a_resolver_that_does_not_answer(
    wrapped: Wrapped, tmp_path: Path, swallowed: bool
) -> None:
    within = silent_network(tmp_path, swallowed=swallowed)
    environment = {**wrapped.environment, "MARK": str(tmp_path)}
    # Whoever holds descriptor 9, or the output, keeps `cat` waiting.
    piped = ['"$@" 9>&1 | cat; exit "${PIPESTATUS[0]}"', "bash", *wrapped.words, "exit", "77"]
    done = run([*within, "bash", "-c", *piped], environment)
    assert (done.returncode, done.stdout, done.stderr) == (77, b"", b"")
    if swallowed and wrapped.way.style != "binary":
        # The program has ended before the beacon, which waits for its answer.
        until(lambda: beacons(tmp_path), "the beacon")


def beacons(mark: Path) -> list[list[str]]:
    """The beacons that are on their way."""
    running = processes(str(mark)).values()
    return [words for words in running if "-K" in words or words == ["bash", "-p"]]


@every_way
def test_the_list_of_processes_shows_the_program_and_no_name_of_ours(
    wrapped: Wrapped, tmp_path: Path
) -> None:
    within = silent_network(tmp_path, swallowed=True)
    process = subprocess.Popen(
        [*within, *wrapped.words, "wait"],
        env={**wrapped.environment, "MARK": str(tmp_path)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    pid = int(process.stdout.readline().split()[1])
    if wrapped.way.style != "binary":
        until(lambda: beacons(tmp_path), "the beacon")
    shown = processes(str(tmp_path))
    assert Path(f"/proc/{pid}/comm").read_text() == "probe\n"
    os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=RUN_MAX_S)
    own_name = {"script": wrapped.bare[0], "binary": wrapped.words[0]}
    assert shown[pid] == [own_name.get(wrapped.way.style, "probe"), "wait"]
    assert not [words for words in shown.values() if any(wrapped.token.id in w for w in words)]


@pytest.mark.parametrize("program", ["id", "curl", "bash", "getent", "sed", "uname", "tr"])
@pytest.mark.parametrize("style", ["script", "shell-function"])
def test_a_wrapper_of_what_the_beacon_runs_fires_once(
    host: Host, tmp_path: Path, program: str, style: str
) -> None:
    token = host.plant("wrapper", program=program, style=style, via="both", with_args="yes")
    host.save(token, tmp_path)
    use = f"{program} --version" if style == "script" else f"bash -ic '{program} --version'"
    in_copy_of(host, tmp_path, f"{host.text(token, 'install')}\n{use}")
    for channel in ("dns", "http"):
        told(host, token, f"root on {HOST_NAME} ran {program} --version", channel)
    assert len(messages(host, token)) == 1


@pytest.mark.parametrize("style", ["script", "binary"])
def test_a_wrapper_in_the_place_of_the_program_itself_ends_at_once(
    host: Host, probe: Path, tmp_path: Path, style: str
) -> None:
    place = tmp_path / "early" / "probe"
    made = wrap(host, tmp_path / "early", place, Way(style, "dns"))
    assert made.words == (str(place),)
    assert run([*host.within, str(place)], made.environment).returncode == 126


@pytest.mark.parametrize(
    "shell", [("bash", "--posix"), ("busybox", "ash"), ("zsh", "--emulate", "sh")]
)
def test_a_script_runs_whatever_shell_is_sh(
    host: Host, probe: Path, tmp_path: Path, shell: tuple[str, ...]
) -> None:
    made = wrap(host, tmp_path / "early", probe, Way("script", "both"), with_args=True)
    words = [client(shell[0]), *shell[1:], made.words[0], "exit", "77", shell[0]]
    assert run([*host.within, *words], made.environment).returncode == 77
    for channel in ("dns", "http"):
        told(host, made.token, f"root on {HOST_NAME} ran probe exit 77 {shell[0]}", channel)


def test_without_bash_a_lookup_says_that_the_program_was_run(host: Host, tmp_path: Path) -> None:
    token = host.plant("wrapper", program="id")
    host.save(token, tmp_path)
    in_copy_of(host, tmp_path, f"{host.text(token, 'install')}\nrm /usr/bin/bash; exec id")
    host.trip(token, f".{token.id}.", "dns")
    assert messages(host, token) == set()


LISTENER = """
import socket, subprocess, sys
servers = sys.argv[1].split()
sockets = [socket.socket(socket.AF_INET6 if ":" in s else socket.AF_INET, socket.SOCK_DGRAM)
           for s in servers]
for server, sock in zip(servers, sockets):
    sock.bind((server, 53))
    sock.settimeout(10)
status = subprocess.run(sys.argv[2:]).returncode
print(status, *(len({sock.recv(512)[2:] for _ in range(2)}) for sock in sockets))
"""


def test_a_compiled_wrapper_asks_every_name_server_twice(
    host: Host, probe: Path, tmp_path: Path
) -> None:
    servers = ("127.0.0.1", "::1", "127.0.0.2")
    made = wrap(host, tmp_path / "early", probe, Way("binary", "dns"))
    within = silent_network(tmp_path, swallowed=False)
    lines = "".join(f"nameserver {server}\n" for server in servers)
    (tmp_path / "resolv-127.0.0.1").write_text(f"# first\nsearch example.org\n{lines}")
    words = (sys.executable, "-c", LISTENER, " ".join(servers), *made.words, "exit", "3")
    done = run([*within, *words], made.environment)
    # Both questions to one server are the same, apart from their ids.
    assert done.stdout == b"3 1 1 1\n", done.stderr


@pytest.mark.parametrize("line", range(3), ids=["musl-gcc", "static", "dynamic"])
@pytest.mark.parametrize("kind", ["wrapper", "opened_file"])
def test_the_source_is_built_without_a_warning(
    host: Host, tmp_path: Path, kind: str, line: int
) -> None:
    options: dict[str, dict[str, Any]] = {
        "wrapper": {"program": "probe", "style": "binary"},
        "opened_file": {"path": "/x"},
    }
    token = host.plant(kind, with_args=True, **options[kind])
    host.save(token, tmp_path)
    told_line = host.text(token, "install").partition("# Then")[0].splitlines()[1 + line]
    client("musl-gcc")
    words = told_line.removesuffix("||").replace("-O2", "-O2 -Wall -Wextra -Werror").split()
    done = subprocess.run(words, cwd=tmp_path, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


PACKAGE = """
package() {
    mkdir -p package/DEBIAN package/usr/bin
    install -m 755 "$2" package/usr/bin/probe
    printf '%s\\n' 'Package: probe' "Version: $1" 'Architecture: all' \\
        'Maintainer: a <a@example.com>' 'Description: a' >package/DEBIAN/control
    dpkg-deb --build package probe.deb >&2
    dpkg -i probe.deb >&2
}
package 1 "$REAL"
"""
INSTALLED = {
    "function": ({"style": "shell-function"}, "bash -ic 'probe exit 3'"),
    "function-zsh": ({"style": "shell-function", "everyone": True}, "zsh -ic 'probe exit 3'"),
    "function-login": ({"style": "shell-function"}, "dash -lc 'probe exit 3'"),
    "function-user": (
        {"style": "shell-function", "user": "alice"},
        "su - alice -c 'bash -ic \"probe exit 3\"'",
    ),
    "script": ({"style": "script"}, "PATH=/usr/local/bin:/usr/bin:/bin; probe exit 3"),
    "script-user": ({"style": "script", "user": "alice"}, "su - alice -c 'probe exit 3'"),
    "binary": ({"style": "binary"}, "PATH=/usr/local/bin:/usr/bin:/bin; probe exit 3"),
    "binary-user": ({"style": "binary", "user": "alice"}, "su - alice -c 'probe exit 3'"),
    "script-divert": ({"style": "script", "divert": True}, "/usr/bin/probe exit 3"),
    "binary-divert": ({"style": "binary", "divert": True}, "/usr/bin/probe exit 3"),
}


@pytest.mark.parametrize(("options", "use"), INSTALLED.values(), ids=INSTALLED)
def test_the_steps_install_a_wrapper_and_remove_it_without_a_trace(
    host: Host, probe: Path, tmp_path: Path, options: dict[str, Any], use: str
) -> None:
    token = host.plant("wrapper", program="probe", **options)
    host.save(token, tmp_path)
    script = f"""
        REAL={probe}
        {PACKAGE}
        useradd -m -s /bin/bash alice
        touch ~alice/.zshrc
        before=$(changed)
        {{ {host.text(token, "install")} }} >&2
        (set +e; {use}; echo "status $?")
        {{ {host.text(token, "remove")} }} >&2
        after=$(changed)
        diff <(echo "$before") <(echo "$after") && echo clean
        probe exit 0"""
    done = in_copy_of(host, tmp_path, script)
    assert done.stdout.split(b"\n")[-3:] == [b"status 3", b"clean", b""], done
    user = options.get("user", "root")
    told(host, token, f"{user} on {HOST_NAME} ran probe")
    assert len(messages(host, token)) == 1


@pytest.mark.parametrize("style", ["script", "binary"])
def test_a_diverted_program_stays_wrapped_when_its_package_is_upgraded(
    host: Host, probe: Path, tmp_path: Path, style: str
) -> None:
    token = host.plant("wrapper", program="probe", style=style, divert=True, with_args=True)
    host.save(token, tmp_path)
    (tmp_path / "second").write_text("#!/bin/sh\necho second $1\n")
    script = f"""
        REAL={probe}
        {PACKAGE}
        {{ {host.text(token, "install")} }} >&2
        package 2 second
        probe wrapped
        {{ {host.text(token, "remove")} }} >&2
        probe bare
        dpkg -V probe"""
    done = in_copy_of(host, tmp_path, script)
    assert done.stdout.endswith(b"second wrapped\nsecond bare\n"), done
    told(host, token, f"root on {HOST_NAME} ran probe wrapped")
    assert len(messages(host, token)) == 1
