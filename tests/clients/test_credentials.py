"""Credentials that go over HTTP: planted where they belong, and used by the client that proves it.

The client holds its credential back until it is asked, or sends it at once; either way the trip
names who signed in, and not with what.
"""

import json
import re
import zipfile
from pathlib import Path

import pytest

from clients.ground import CLIENTS
from clients.planted import Host
from serinus.tokens.kind import Token, Trip

PYTHON = str(CLIENTS / "bin" / "python")
CREDENTIAL = r"(password|token|key|assertion|signature)"


def used(host: Host, token: Token, words: str, secret: str) -> Trip:
    """The trip in which the credential was used; what it says does not hold the secret."""
    trip = host.trip(token, words)
    assert re.match(
        rf"The [\w ]+ {CREDENTIAL}( of '.+'| '.+' for .+)? was used( by |$)", trip.summary
    )
    for told in host.trips(token):
        assert secret not in repr(told)
    return trip


def signed_in(text: str) -> tuple[str, str]:
    """User and password of the first URL that has them."""
    found = re.search(r"://([^:/@]+):([^@]+)@", text)
    assert found is not None
    return found[1], found[2]


def after(text: str, name: str) -> str:
    """The word behind a name."""
    found = re.search(rf"{name}[ =:]*\"?([^\s\"]+)", text)
    assert found is not None
    return found[1]


def test_git_offers_the_password_of_a_clone_s_remote_when_it_is_asked(
    host: Host, tmp_path: Path
) -> None:
    token = host.plant("git")
    config = host.text(token, "config")
    host.use("git", "init", "-q", folder=tmp_path)
    (tmp_path / ".git" / "config").write_text(config)
    host.use("git", "fetch", folder=tmp_path)
    user, password = signed_in(config)
    used(host, token, f"git password of '{user}' was used by git/", password)
    first, *_ = host.trips(token, "http")
    assert first.summary.startswith("GET for ")


def test_git_offers_what_it_has_stored_for_a_submodule(host: Host, tmp_path: Path) -> None:
    token = host.plant("git")
    host.save(token, tmp_path)
    (tmp_path / "config").rename(tmp_path / "kept")
    place = after(host.text(token, "submodule"), "path")
    helper = ("-c", "credential.helper=store")
    for words in (
        ("init", "-q"),
        ("update-index", "--add", "--cacheinfo", f"160000,{'7' * 40},{place}"),
        (*helper, "submodule", "update", "--init"),
    ):
        host.use("git", *words, folder=tmp_path)
    user, password = signed_in(host.text(token, "credentials"))
    used(host, token, f"git password of '{user}' was used by git/", password)


def test_a_lookup_alone_tells_of_git_where_nothing_but_dns_gets_out(
    host: Host, tmp_path: Path
) -> None:
    token = host.plant("git")
    url = host.text(token, "url").replace(".files.example/", ".files.example:9/")
    host.use("git", "ls-remote", url, folder=tmp_path)
    assert "lookup of" in host.trip(token, channel="dns").summary
    assert host.trips(token, "http") == []


def test_curl_and_wget_send_the_password_of_a_netrc(host: Host, tmp_path: Path) -> None:
    commands = {"curl": ("curl", "-sS", "-n"), "Wget": ("wget", "-q", "-O", "-")}
    for agent, command in commands.items():
        token = host.plant("netrc")
        host.save(token, tmp_path)
        host.use(*command, host.text(token, "url"), folder=tmp_path)
        entry = host.text(token, "netrc")
        words = f"netrc password of '{after(entry, 'login')}' was used by {agent}/"
        used(host, token, words, after(entry, "password"))


def test_npm_sends_the_credential_of_its_registry(host: Host, tmp_path: Path) -> None:
    seen = set[str]()
    while len(seen) < 2:
        token = host.plant("npm")
        npmrc = host.text(token, "npmrc")
        form = "bearer token" if "_authToken" in npmrc else "password of '"
        if form in seen:
            continue
        seen.add(form)
        host.save(token, tmp_path)
        done = host.use("npm", "view", "left-pad", "--fetch-retries=0", folder=tmp_path)
        assert b"E401" in done.stderr
        used(host, token, f"npm {form}", after(npmrc, "(?:_auth|_authToken)"))


def test_npm_installs_a_package_of_a_scope(host: Host, tmp_path: Path) -> None:
    token = host.plant("npm")
    lines = host.text(token, "scope")
    (tmp_path / ".npmrc").write_text(lines)
    scope = lines.partition(":")[0]
    host.use("npm", "install", "--fetch-retries=0", f"{scope}/core", folder=tmp_path)
    used(host, token, "was used by npm/", after(lines, "(?:_auth|_authToken)"))


def test_pip_sends_the_password_of_an_index_and_says_what_it_runs_on(
    host: Host, tmp_path: Path
) -> None:
    token = host.plant("pypi")
    host.save(token, tmp_path)
    host.use(
        *("pip", "download", "--no-deps", "--retries=0", "--index-url=http://127.0.0.1:9/", "six"),
        folder=tmp_path,
        environment={"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")},
    )
    user, password = signed_in(host.text(token, "pip"))
    trip = used(host, token, f"PyPI password of '{user}' was used by pip/", password)
    assert '"system":{"name":"Linux"' in repr(trip.facts)


def test_twine_sends_the_password_of_a_pypirc(host: Host, tmp_path: Path) -> None:
    token = host.plant("pypi")
    host.save(token, tmp_path)
    wheel = tmp_path / "thing-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as package:
        package.writestr(
            "thing-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1\n"
        )
        package.writestr("thing-1.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        package.writestr("thing-1.dist-info/RECORD", "")
    pypirc = host.text(token, "pypirc")
    name = after(pypirc, r"index-servers =\n   ")
    host.use(
        *("twine", "upload", "--non-interactive", "-r", name, str(wheel)),
        folder=tmp_path,
    )
    words = f"PyPI password of '{after(pypirc, 'username')}' was used by twine/"
    used(host, token, words, after(pypirc, "password"))


def test_skopeo_signs_in_to_a_registry(host: Host, tmp_path: Path) -> None:
    token = host.plant("docker", site=host.secure_site)
    host.save(token, tmp_path, host.secure_site)
    image = host.text(token, "image", host.secure_site)
    file = str(tmp_path / "config.json")
    done = host.use("skopeo", "inspect", "--authfile", file, f"docker://{image}", folder=tmp_path)
    assert b": unauthorized" in done.stderr
    secret = after(host.text(token, "config", host.secure_site), '"auth"')
    used(host, token, "registry password of '", secret)


def test_kubectl_sends_its_bearer_token(host: Host, tmp_path: Path) -> None:
    token = host.plant("kubeconfig", site=host.secure_site)
    [file] = host.save(token, tmp_path, host.secure_site)
    done = host.use("kubectl", "--kubeconfig", str(file), "get", "pods", folder=tmp_path)
    assert b"You must be logged in to the server" in done.stderr
    words = "Kubernetes bearer token of 'system:serviceaccount:"
    assert "used by kubectl" in used(host, token, words, after(file.read_text(), "token")).summary


def test_kubectl_trusts_the_ca_that_the_file_names(host: Host, tmp_path: Path) -> None:
    ca = host.folder.trial_certificate.read_text()
    token = host.plant("kubeconfig", site=host.secure_site, ca=ca)
    [file] = host.save(token, tmp_path, host.secure_site)
    assert "insecure" not in file.read_text()
    host.use(
        *("kubectl", "--kubeconfig", str(file), "auth", "whoami"),
        folder=tmp_path,
        environment={"SSL_CERT_FILE": ""},
    )
    used(host, token, "Kubernetes bearer token of '", after(file.read_text(), "token"))


def test_boto3_signs_with_the_key_of_a_profile(host: Host, tmp_path: Path) -> None:
    token = host.plant("aws")
    host.save(token, tmp_path)
    text = host.text(token, "credentials")
    profile = text.partition("]")[0].strip("[")
    script = (
        "import boto3, sys\ns = boto3.Session(profile_name=sys.argv[1])\n"
        "for ask in (s.client('sts').get_caller_identity, s.client('s3').list_buckets):\n"
        "    try: ask()\n"
        "    except Exception as error: print(error)\n"
    )
    done = host.use(
        *(PYTHON, "-c", script, profile),
        folder=tmp_path,
        environment={
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
            "AWS_MAX_ATTEMPTS": "1",
        },
    )
    assert done.stdout.count(b"(SignatureDoesNotMatch)") == 2, done.stdout + done.stderr
    key_id, region = after(text, "aws_access_key_id"), after(text, "region")
    for service in ("sts", "s3"):
        words = f"AWS key '{key_id}' for {service} in {region} was used by Boto3/"
        used(host, token, words, after(text, "aws_secret_access_key"))


def test_boto3_takes_the_endpoint_from_its_environment(host: Host, tmp_path: Path) -> None:
    token = host.plant("aws")
    variables = dict(line.split("=", 1) for line in host.text(token, "env").split())
    script = "import boto3; boto3.client('secretsmanager').list_secrets()"
    host.use(PYTHON, "-c", script, folder=tmp_path, environment=variables)
    words = f"AWS key '{variables['AWS_ACCESS_KEY_ID']}' for secretsmanager in "
    used(host, token, words, variables["AWS_SECRET_ACCESS_KEY"])


def test_s3cmd_and_rclone_sign_with_their_key(host: Host, tmp_path: Path) -> None:
    for client in ("s3cmd", "rclone"):
        token = host.plant("s3")
        host.save(token, tmp_path)
        rclone = host.text(token, "rclone")
        remote = rclone.partition("]")[0].strip("[")
        command = {
            "s3cmd": ("s3cmd", "-c", ".s3cfg", "ls"),
            "rclone": ("rclone", "--config", "rclone.conf", "--retries=1", "lsd", f"{remote}:"),
        }
        # rclone's transport takes no bundle from the environment.
        done = host.use(*command[client], folder=tmp_path, environment={"AWS_CA_BUNDLE": ""})
        assert b"InvalidAccessKeyId" in done.stderr
        words = f"S3 key '{after(rclone, 'access_key_id')}' for s3 in "
        used(host, token, words, after(rclone, "secret_access_key"))


def test_azure_storage_blob_signs_with_the_account_s_key(host: Host, tmp_path: Path) -> None:
    """With azure-storage-blob."""
    token = host.plant("azure")
    text = host.text(token, "connection")
    script = (
        "import sys; from azure.storage.blob import BlobServiceClient as Client\n"
        "client = Client.from_connection_string(sys.argv[1], retry_total=0)\n"
        "print([c.name for c in client.list_containers()])\n"
    )
    done = host.use(PYTHON, "-c", script, text, folder=tmp_path)
    assert b"ErrorCode:AuthenticationFailed" in done.stderr
    words = f"Azure storage key of '{after(text, 'AccountName').partition(';')[0]}' was used by azs"
    used(host, token, words, after(text, "AccountKey").partition(";")[0])


def test_google_auth_posts_an_assertion_that_its_key_has_signed(host: Host, tmp_path: Path) -> None:
    """With google-auth."""
    token = host.plant("gcp", site=host.secure_site)
    [file] = host.save(token, tmp_path, host.secure_site)
    script = (
        "import sys; from google.oauth2.service_account import Credentials\n"
        "from google.auth.transport.requests import Request\n"
        "scopes = ['https://www.googleapis.com/auth/cloud-platform']\n"
        "key = Credentials.from_service_account_file(sys.argv[1], scopes=scopes)\n"
        "key.refresh(Request())\n"
    )
    done = host.use(PYTHON, "-c", script, str(file), folder=tmp_path)
    assert b"invalid_grant: Invalid grant: account not found" in done.stderr
    key = json.loads(file.read_text())
    words = f"The Google Cloud signed assertion of '{key['client_email']}' was used by "
    used(host, token, words, "assertion=eyJ")


def test_the_mcp_package_connects_with_the_key_of_an_mcp_json(host: Host, tmp_path: Path) -> None:
    token = host.plant("mcp")
    [file] = host.save(token, tmp_path)
    script = (
        "import asyncio, json, sys; from mcp import Client\n"
        "from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client\n"
        "[server] = json.load(open(sys.argv[1]))['mcpServers'].values()\n"
        "async def main():\n"
        "    http = create_mcp_http_client(headers=server['headers'])\n"
        "    way = streamable_http_client(server['url'], http_client=http)\n"
        "    async with http, Client(way) as client:\n"
        "        print(await client.list_tools())\n"
        "asyncio.run(main())\n"
    )
    host.use(PYTHON, "-c", script, str(file), folder=tmp_path)
    trip = used(host, token, "MCP bearer token was used by", after(file.read_text(), "Bearer"))
    assert ("Credential", "bearer token") in [(a, v.partition(":")[0]) for a, v in trip.facts]


def test_the_openai_package_sends_key_and_question(host: Host, tmp_path: Path) -> None:
    token = host.plant("llm")
    variables = dict(line.split("=", 1) for line in host.text(token, "env").split())
    script = (
        "import openai\n"
        "try: openai.OpenAI(max_retries=0).chat.completions.create(model='m', messages=[\n"
        "    {'role': 'user', 'content': 'Which tables hold cards?'}])\n"
        "except openai.AuthenticationError as error: print(error)\n"
    )
    done = host.use(PYTHON, "-c", script, folder=tmp_path, environment=variables)
    assert done.stdout.startswith(b"Error code: 401")
    words = "language model bearer token was used by OpenAI/Python"
    trip = used(host, token, words, variables["OPENAI_API_KEY"])
    assert "Which tables hold cards?" in repr(trip.facts)


GOALS = {
    "https": ("curl", "https://api.example/keys", "CONNECT", "api.example:443"),
    "http": ("curl", "http://api.example/a?b=c", "GET", "http://api.example/a?b=c"),
    "wget": ("Wget", "http://api.example/a?b=c", "GET", "http://api.example/a?b=c"),
}


@pytest.mark.parametrize("way", ["settings", "variables"])
@pytest.mark.parametrize(("agent", "url", "method", "goal"), GOALS.values(), ids=GOALS)
def test_curl_and_wget_tell_a_proxy_where_they_were_to_go_and_get_no_further(
    host: Host, tmp_path: Path, way: str, agent: str, url: str, method: str, goal: str
) -> None:
    token = host.plant("proxy")
    variables = {}
    if way == "settings":
        host.save(token, tmp_path)
    else:
        lines = [line.partition("=") for line in host.text(token, "env").split()]
        # curl reads http_proxy in small letters alone, lest a request's header sets it.
        variables = {name.lower(): value for name, _, value in lines}
    command = {"curl": ("curl", "-sSf"), "Wget": ("wget", "-O", "-")}[agent]
    done = host.use(*command, url, folder=tmp_path, environment=variables)
    assert done.returncode != 0
    assert done.stdout == b""
    password = after(host.text(token, "wgetrc"), "proxy_password")
    trip = used(host, token, f"proxy password of '{token.id}' was used by {agent}/", password)
    assert trip.summary.endswith(f" to reach {goal}")
    assert dict(trip.facts)["Request"] == f"{method} {goal} HTTP/1.1"


def test_svn_offers_the_password_that_it_has_kept(host: Host, tmp_path: Path) -> None:
    token = host.plant("svn")
    kept = host.artefacts(token)["auth"]
    folder = tmp_path / ".subversion" / "auth" / "svn.simple"
    folder.mkdir(parents=True)
    (folder / str(kept.file_name)).write_bytes(kept.content())
    url = host.text(token, "url")
    host.use("svn", "checkout", "--non-interactive", url, "copy", folder=tmp_path)
    text = kept.content().decode()
    user, password = (after(text, rf"{name}\nV \d+\n") for name in ("username", "password"))
    used(host, token, f"Subversion password of '{user}' was used by SVN/", password)


def test_hg_offers_the_password_of_its_hgrc(host: Host, tmp_path: Path) -> None:
    token = host.plant("hg")
    host.use("hg", "init", folder=tmp_path)
    hgrc = host.text(token, "hgrc")
    (tmp_path / ".hg" / "hgrc").write_text(hgrc)
    host.use("hg", "pull", folder=tmp_path)
    words = f"Mercurial password of '{after(hgrc, 'username')}' was used by mercurial/"
    used(host, token, words, after(hgrc, "password"))


def test_apt_get_sends_the_password_of_a_source(host: Host, tmp_path: Path) -> None:
    token = host.plant("apt")
    source, login = host.save(token, tmp_path)
    for name in ("lists", "cache", "trusted"):
        (tmp_path / name / "partial").mkdir(parents=True)
    options = {
        "Dir::Etc::SourceList": source,
        "Dir::Etc::SourceParts": "-",
        "Dir::Etc::NetRC": login,
        "Dir::State::Lists": tmp_path / "lists",
        "Dir::Cache": tmp_path / "cache",
        "APT::Sandbox::User": "root",
    }
    host.use(
        *("apt-get", "update", *(f"-o{name}={value}" for name, value in options.items())),
        folder=tmp_path,
    )
    text = login.read_text()
    user, password = after(text, "login"), after(text, "password")
    used(host, token, f"apt password of '{user}' was used by Debian", password)
