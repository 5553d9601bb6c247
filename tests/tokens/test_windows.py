"""Kinds for Windows and macOS: their files, read back by the word of the formats."""

import plistlib
import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta
from io import BytesIO
from struct import unpack_from
from zipfile import ZipFile

import pytest

from serinus.base.errors import OperatorError
from serinus.base.ids import TokenId
from serinus.tokens.carried.foreign import read_foreign
from serinus.tokens.catalogue import KINDS, kind_named
from serinus.tokens.kind import Group, Sureness, Token, read_options
from serinus.tokens.site import Site

NOW = datetime(2026, 1, 2, tzinfo=UTC)
NAMES = {"USERNAME": "john", "COMPUTERNAME": "WS1", "USERDOMAIN": "CORP", "RANDOM": "7"}
OPTIONS = {"reg_command": {"program": "whoami.exe"}}
IDS = [TokenId(f"{letter}3j5h2g9d8s7a6q1w4e5r6t7") for letter in "abcdefgh"]
every_id = pytest.mark.parametrize("token_id", IDS)


def minted(kind: str, token_id: TokenId) -> dict[str, bytes]:
    """What there is to plant."""
    site = Site("files.example.net", "https://files.example.net", bytes(range(32)))
    maker = kind_named(kind)
    token = Token(token_id, kind, "m", read_options(maker, OPTIONS.get(kind, {})), NOW)
    return {a.name: a.content() for a in maker.artefacts(token, site)}


def carried(text: str, token_id: TokenId) -> set[str]:
    """The labels of the name in a text, when Windows has put in who and where."""
    for name, value in NAMES.items():
        text = text.replace(f"%{name}%", value)
    found = re.search(rf"([\w.-]+)\.{token_id}\.files\.example\.net", text)
    assert found is not None, text
    assert read_foreign(found[1].split(".")) is None, "a form that hunters know"
    return {label for label in found[1].split(".") if label in NAMES.values()}


def test_all_of_them_say_that_they_are_unverified() -> None:
    found = [kind for kind in KINDS if kind.group is Group.WINDOWS]
    assert len(found) == 8
    for kind in found:
        assert kind.proof.sureness is Sureness.UNVERIFIED
        assert kind.planting[0].startswith("Unverified: no test here runs ")


@every_id
def test_a_folder_keeps_its_marks_and_its_file_says_who_came(token_id: TokenId) -> None:
    found = minted("desktop_ini", token_id)
    with ZipFile(BytesIO(found["folder"])) as package:
        folder, file = package.infolist()
        content = package.read(file)
    assert folder.filename.endswith("/") and file.filename == f"{folder.filename}desktop.ini"
    assert (folder.external_attr, file.external_attr) == (0x11, 0x06)
    assert folder.create_system == file.create_system == 0
    assert folder.date_time < file.date_time <= NOW.timetuple()[:6]
    assert content.startswith(b"\xff\xfe[\0")
    text = content.decode("utf-16")
    assert text.startswith("[.ShellClassInfo]\r\n") and "\n" not in text.replace("\r\n", "")
    assert text.replace("\r\n", "\n").encode() == found["text"]
    assert carried(text, token_id) == {"john", "WS1", "CORP"}


@every_id
def test_a_shortcut_is_one_by_the_word_of_ms_shllink(token_id: TokenId) -> None:
    found = minted("lnk", token_id)
    link, icon = found["shortcut"], found["icon"].decode()
    size, class_id, flags, attributes = unpack_from("<I16sII", link)
    assert (size, attributes) == (0x4C, 0x20)
    assert class_id.hex() == "0114020000000000c000000000000046"
    assert flags == 0x20 | 0x40 | 0x80 | 0x200 | 0x4000
    made = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(
        microseconds=unpack_from("<Q", link, 28)[0] // 10
    )
    assert timedelta() < NOW - made < timedelta(days=402)
    assert unpack_from("<iIH", link, 56)[1:] == (1, 0) and link[66:76] == bytes(10)
    at, texts = size, []
    for _ in range(2):
        (length,) = unpack_from("<H", link, at)
        texts.append(link[at + 2 : at + 2 + 2 * length].decode("utf-16-le"))
        at += 2 + 2 * length
    assert re.fullmatch(r"[CDE]:\\\w+\\\w+", texts[0]) and texts[1] == icon
    paths = []
    for signature in (0xA0000001, 0xA0000007):
        assert unpack_from("<II", link, at) == (0x314, signature)
        narrow, wide = link[at + 8 : at + 268], link[at + 268 : at + 788]
        paths.append(wide.decode("utf-16-le").rstrip("\0"))
        assert narrow.decode("ascii").rstrip("\0") == paths[-1]
        assert len(paths[-1]) < 260
        at += 0x314
    assert paths == [r"%windir%\explorer.exe", icon]
    assert link[at:] == bytes(4)
    assert carried(icon, token_id) == {"john", "WS1", "CORP"}


def test_an_address_that_a_shortcut_cannot_hold_is_refused() -> None:
    zone = ".".join(["a" * 60] * 3)
    token = Token(IDS[0], "lnk", "m", read_options(kind_named("lnk"), {}), NOW)
    found = kind_named("lnk").artefacts(token, Site(zone, f"https://{zone}", bytes(32)))
    with pytest.raises(OperatorError, match="too long"):
        found[0].content()


@every_id
def test_an_internet_shortcut_names_page_and_icon(token_id: TokenId) -> None:
    first, *lines = minted("url_file", token_id)["shortcut"].decode().split("\r\n")
    about = dict(line.split("=", 1) for line in lines if line)
    assert first == "[InternetShortcut]"
    assert about["URL"].startswith(f"https://{token_id}.files.example.net/")
    assert about["IconFile"].startswith(rf"\\{token_id}.files.example.net" + "\\")
    assert about["IconIndex"].isdigit() and len(about) == 3


@every_id
def test_a_library_is_xml_and_names_its_folder(token_id: TokenId) -> None:
    text = minted("library_ms", token_id)["library"]
    tree = ElementTree.fromstring(text)  # noqa: S314 - it is of our own making
    name = "{http://schemas.microsoft.com/windows/2009/library}"
    assert tree.tag == f"{name}libraryDescription"
    url = tree.find(f".//{name}searchConnectorDescription/{name}simpleLocation/{name}url")
    assert url is not None and url.text is not None
    assert url.text.startswith(rf"\\{token_id}.files.example.net" + "\\")


@every_id
def test_registry_entries_start_a_lookup_and_can_be_taken_away(token_id: TokenId) -> None:
    found = minted("reg_command", token_id)
    text = found["entries"].decode("utf-16").replace("\r\n", "\n")
    assert text.startswith("Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\")
    keys = re.findall(r"^\[(.*)\]$", text, re.MULTILINE)
    assert {key.split("\\")[-2] for key in keys} == {
        "Image File Execution Options",
        "SilentProcessExit",
    }
    assert all(key.endswith("\\whoami.exe") for key in keys)
    assert '"GlobalFlag"=dword:00000200' in text and '"ReportingMode"=dword:00000001' in text
    command = re.search('"MonitorProcess"="(.*)"', text)
    assert command is not None and command[1].encode() == found["command"]
    assert "\\" not in command[1]
    assert carried(command[1], token_id) == {"john", "WS1"}
    removal = found["remove"].decode("utf-16")
    assert '"GlobalFlag"=-' in removal and "[-HKEY_LOCAL_MACHINE" in removal


@pytest.mark.parametrize("program", ["whoami", "a\\b.exe", 'a".exe', "a b.exe", ".exe", "a].exe"])
def test_what_is_no_program_is_named(program: str) -> None:
    with pytest.raises(OperatorError) as caught:
        read_options(kind_named("reg_command"), {"program": program})
    assert caught.value.field == "program"


@every_id
def test_a_task_runs_a_lookup_as_whoever_signs_in(token_id: TokenId) -> None:
    found = minted("scheduled_task", token_id)
    text = found["task"].decode("utf-16").partition("?>")[2]
    tree = ElementTree.fromstring(text)  # noqa: S314 - it is of our own making
    name = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    order = [child.tag.removeprefix(name) for child in tree]
    assert order == ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]
    assert tree.find(f"{name}Triggers/{name}LogonTrigger") is not None
    assert tree.findtext(f".//{name}GroupId") == "S-1-5-32-545"
    command = f"{tree.findtext(f'.//{name}Command')} {tree.findtext(f'.//{name}Arguments')}"
    assert command.encode() == found["command"]
    assert carried(command, token_id) == {"john", "WS1"}


@every_id
def test_a_profile_looks_up_who_and_where(token_id: TokenId) -> None:
    text = minted("powershell_profile", token_id)["profile"].decode()
    assert text.count("{") == text.count("}") and text.count("'") % 2 == text.count('"') % 2 == 0
    who, at, name = re.findall(r"^\s*(\$\w+) = ", text, re.MULTILINE)[:3]
    assert text.index(who) < text.index(at) < text.index(name)
    said = re.search(rf"= [\"'](.*{token_id}\.files\.example\.net)[\"']", text)
    assert said is not None
    filled = said[1].replace(who, "john").replace(at, "WS1").replace("$PID", "42")
    filled = filled.replace("{0}", "WS1").replace("{1}", "john").replace("{2}", "42")
    assert carried(filled, token_id) == {"john", "WS1"}


@every_id
def test_a_webloc_is_a_property_list_with_one_url(token_id: TokenId) -> None:
    found = plistlib.loads(minted("webloc", token_id)["shortcut"])
    assert list(found) == ["URL"]
    assert found["URL"].startswith(f"https://{token_id}.files.example.net/")
