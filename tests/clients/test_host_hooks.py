"""Logins, scheduled jobs and opened files, noticed by what really runs them.

With bash, dash and zsh, su, sshd, pamtester, cron, fanotify and inotifywait; of systemd only
systemd-analyze reads what was written.
"""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from clients.ground import client, free_port, until
from clients.planted import Host
from clients.wrapping import (
    HOST_NAME,
    RUN_MAX_S,
    compile_as_told,
    copy_of,
    in_copy_of,
    messages,
    told,
)

ALICE = "useradd -m -s /bin/bash -p '*' alice; touch ~alice/.zprofile\n"
SSHD = """
mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f host_key
printf '%s\\n' "Port $PORT" 'ListenAddress 127.0.0.1' "HostKey $PWD/host_key" 'UsePAM yes' >config
setpriv --pdeathsig KILL /usr/sbin/sshd -D -f "$PWD/config" -E "$PWD/sshd.log" &
sshd=$!
until (: </dev/tcp/127.0.0.1/"$PORT") 2>/dev/null; do sleep 0.02; done
chmod 600 id_ed25519
enter() {
    ssh -i id_ed25519 -p "$PORT" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \\
        -o LogLevel=ERROR -o IdentitiesOnly=yes alice@127.0.0.1 "$@"
}
"""
OWN_KEY = """
ssh-keygen -q -t ed25519 -N '' -f id_ed25519
install -d -o alice -m 700 ~alice/.ssh
install -o alice -m 600 id_ed25519.pub ~alice/.ssh/authorized_keys
"""
LOGINS = {
    "bash": ({}, "bash -lc 'exit 3'", "root", ""),
    "dash": ({}, "dash -lc 'exit 3'", "root", ""),
    "zsh": ({}, "zsh -lc 'exit 3'", "root", ""),
    "su": ({"user": "alice"}, "su - alice -c 'exit 3'", "alice", ""),
    "zsh-user": ({"user": "alice"}, "su - alice -s /bin/zsh -c 'exit 3'", "alice", ""),
    "ssh": ({}, "enter -tt <<<'unset HISTFILE; exit 3'", "alice", " from 127.0.0.1"),
    "sshrc": ({"place": "sshrc"}, "enter exit 3 </dev/null", "alice", " by ssh from 127.0.0.1"),
    "sshrc-user": (
        {"place": "sshrc", "user": "alice"},
        "enter exit 3 </dev/null",
        "alice",
        " by ssh from 127.0.0.1",
    ),
}


@pytest.mark.parametrize(("options", "use", "user", "how"), LOGINS.values(), ids=LOGINS)
def test_a_login_is_noticed_and_goes_on_as_ever(
    host: Host, tmp_path: Path, options: dict[str, Any], use: str, user: str, how: str
) -> None:
    client("sshd")
    token = host.plant("login", via="both", **options)
    host.save(token, tmp_path)
    script = f"""
        PORT={free_port()}
        {ALICE}
        {OWN_KEY}
        {SSHD}
        before=$(changed)
        {{ {host.text(token, "install")} }} >&2
        set +e; ({use}) >&2; echo "status $?"; set -e
        kill $sshd
        {{ {host.text(token, "remove")} }} >&2
        diff <(echo "$before") <(changed) && echo clean"""
    done = in_copy_of(host, tmp_path, script)
    assert done.stdout == b"status 3\nclean\n", done
    for channel in ("dns", "http"):
        told(host, token, f"{user} on {HOST_NAME} logged in{how}", channel)
    assert len(messages(host, token)) == 1


def test_a_key_left_lying_around_opens_nothing_and_tells_who_tried(
    host: Host, tmp_path: Path
) -> None:
    client("sshd")
    token = host.plant("login", place="authorized-keys", user="alice", via="both")
    host.save(token, tmp_path)
    script = f"""
        PORT={free_port()}
        {ALICE}
        before=$(changed)
        {{ {host.text(token, "install")} }} >&2
        {SSHD}
        set +e; enter 'cat "/etc/shadow"' </dev/null; echo "status $?"; enter </dev/null; set -e
        kill $sshd
        {{ {host.text(token, "remove")} }} >&2
        diff <(echo "$before") <(changed) && echo clean"""
    done = in_copy_of(host, tmp_path, script)
    refused = b"This account is currently not available.\n"
    assert done.stdout == refused + b"status 1\n" + refused + b"clean\n", done
    begin = f"alice on {HOST_NAME} was tried with the key from 127.0.0.1"
    for channel in ("dns", "http"):
        told(host, token, f'{begin} to run cat "/etc/shadow"', channel)
        told(host, token, begin, channel)


def test_a_pam_session_is_noticed_when_it_begins(host: Host, tmp_path: Path) -> None:
    client("sshd")
    token = host.plant("login", place="pam", via="both")
    host.save(token, tmp_path)
    script = f"""
        PORT={free_port()}
        {ALICE}
        {OWN_KEY}
        {SSHD}
        before=$(changed)
        {{ {host.text(token, "install")} }} >&2
        pamtester -I rhost=192.0.2.7 sshd alice open_session close_session
        enter echo inside </dev/null
        kill $sshd
        {{ {host.text(token, "remove")} }} >&2
        diff <(echo "$before") <(changed) && echo clean"""
    done = in_copy_of(host, tmp_path, script)
    assert done.stdout.endswith(b"inside\nclean\n"), done
    begin = f"root on {HOST_NAME} opened a sshd session for alice from"
    for channel in ("dns", "http"):
        told(host, token, f"{begin} 192.0.2.7", channel)
        told(host, token, f"{begin} 127.0.0.1", channel)
    assert len(messages(host, token)) == 2


@pytest.mark.parametrize("user", ["", "nobody"])
def test_a_cron_job_is_noticed(host: Host, tmp_path: Path, user: str) -> None:
    client("cron")
    token = host.plant("schedule", via="both", user=user)
    host.save(token, tmp_path)
    (tmp_path / "script").write_text(host.text(token, "install"))
    script = f"""
        rm -f /etc/cron.d/* /etc/crontab
        before=$(changed)
        {host.text(token, "install")}
        {host.text(token, "remove")}
        diff <(echo "$before") <(changed)
        {host.text(token, "install")}
        exec cron -f"""
    job = host.artefacts(token)["job"].file_name
    with running(copy_of(host, script), tmp_path):
        for channel in ("dns", "http"):
            text = f"{user or 'root'} on {HOST_NAME} started the cron job {job}"
            told(host, token, text, channel)
    assert len(messages(host, token)) == 1


@contextmanager
def running(words: list[str], folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    # In a group of its own, which is stopped whole: a script has children.
    process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process
        assert process.poll() is None
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(RUN_MAX_S)


def test_systemd_reads_the_unit_and_the_drop_in(host: Host, tmp_path: Path) -> None:
    """Neither is started: systemd is not the first process here."""
    client("systemd-analyze")
    token = host.plant("schedule", by="systemd", unit="rescue.target", via="both")
    host.save(token, tmp_path)
    service = host.artefacts(token)["unit"].file_name
    script = f"""
        systemctl() {{ :; }}
        before=$(changed)
        {host.text(token, "install")}
        systemd-analyze verify {service} rescue.target
        systemd-analyze cat-config systemd/system/rescue.target | grep Wants
        /usr/local/sbin/*-*
        {host.text(token, "remove")}
        diff <(echo "$before") <(changed)"""
    done = in_copy_of(host, tmp_path, script)
    assert done.stdout == f"Wants={service}\n".encode(), done
    for channel in ("dns", "http"):
        told(host, token, f"root on {HOST_NAME} started the unit rescue.target", channel)


@pytest.fixture
def bait() -> Iterator[Path]:
    """A file that anybody may read."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "pass words $(id) `id` \"1\" '2' \\n.txt"
        path.write_text("secret")
        yield path


@pytest.mark.parametrize("with_args", [False, True])
def test_fanotify_tells_who_opened_a_file_by_what(
    host: Host, tmp_path: Path, bait: Path, with_args: bool
) -> None:
    token = host.plant("opened_file", path=str(bait), with_args=with_args)
    host.save(token, tmp_path)
    compile_as_told(host, token, tmp_path)
    name = str(host.artefacts(token)["source"].file_name).removesuffix(".c")
    with running([*host.within, str(tmp_path / name)], tmp_path) as watcher:
        until(lambda: "fanotify ino" in fd_infos(watcher.pid), "the watch")
        bait.stat()
        list(bait.parent.iterdir())
        subprocess.run(["head", "-c", "3", bait], check=True, capture_output=True, user="nobody")
        subprocess.run(["cat", bait], check=True, capture_output=True)
        by_nobody, by_root = (f"head -c 3 {bait}", f"cat {bait}") if with_args else ("head", "cat")
        told(host, token, f"nobody on {HOST_NAME} opened {bait} with {by_nobody}", "dns")
        told(host, token, f"root on {HOST_NAME} opened {bait} with {by_root}", "dns")
    assert len(messages(host, token)) == 2


def test_inotify_tells_that_a_file_was_opened(host: Host, tmp_path: Path, bait: Path) -> None:
    client("inotifywait")
    token = host.plant("opened_file", path=str(bait), by="inotify", via="both")
    (script, _unit) = host.save(token, tmp_path)
    script.chmod(0o755)
    with running([*host.within, str(script)], tmp_path) as watcher:
        children = Path(f"/proc/{watcher.pid}/task/{watcher.pid}/children")
        until(
            lambda: any("inotify wd" in fd_infos(int(c)) for c in children.read_text().split()),
            "the watch",
        )
        subprocess.run(["cat", bait], check=True, capture_output=True)
        for channel in ("dns", "http"):
            told(host, token, f"root on {HOST_NAME} saw {bait} opened", channel)


def fd_infos(pid: int) -> str:
    """What the kernel says of a process's descriptors."""
    found = Path(f"/proc/{pid}/fdinfo")
    return "".join(path.read_text() for path in found.iterdir())


def test_systemd_reads_the_unit_of_a_watcher(host: Host, tmp_path: Path, bait: Path) -> None:
    client("systemd-analyze")
    token = host.plant("opened_file", path=str(bait))
    host.save(token, tmp_path)
    unit = host.artefacts(token)["unit"].file_name
    script = f"""
        systemctl() {{ :; }}
        before=$(changed)
        {host.text(token, "install")}
        systemd-analyze verify {unit}
        {host.text(token, "remove")}
        diff <(echo "$before") <(changed)"""
    in_copy_of(host, tmp_path, script)
