"""Files that people open: drawn ones and uploads, opened by the programs that prove them.

LibreOffice, Chromium, pandoc and zbarimg.
"""

import subprocess
import sys
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from random import Random
from zipfile import ZipFile

import pytest

from clients.ground import client
from clients.planted import Host
from clients.stack import Stack, running
from formats.office import DRAFT, edited
from serinus.formats.excel_draft import write_excel
from serinus.formats.png import write_grey_png
from serinus.formats.word_draft import write_word
from serinus.tokens.documents import FILE_SIZE_MAX
from serinus.tokens.kind import Token

PAGE = """<h1>Plan</h1><p>First</p><table><tr><td>one<td>two</table>
<img width=40 height=40 src="data:image/png;base64,{picture}">
<div title="footer"><p>Foot</p></div>"""
SLIDES = """<?xml version="1.0" encoding="UTF-8"?><office:document
xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.3"
office:mimetype="application/vnd.oasis.opendocument.presentation"><office:body>
<office:presentation><draw:page draw:name="one"><draw:frame svg:width="10cm" svg:height="3cm"
svg:x="2cm" svg:y="2cm"><draw:text-box><text:p>Plan</text:p></draw:text-box></draw:frame>
</draw:page></office:presentation></office:body></office:document>"""

FOOTER = '<w:footerReference w:type="default" r:id="rId6"/>'
FORMS = {
    ".docx": "word/footer1.xml word/_rels/footer1.xml.rels",
    ".xlsx": "[Content_Types].xml xl/worksheets/sheet1.xml xl/worksheets/_rels/sheet1.xml.rels "
    "xl/drawings/drawing1.xml xl/drawings/_rels/drawing1.xml.rels",
    ".pptx": "ppt/slideMasters/slideMaster1.xml ppt/slideMasters/_rels/slideMaster1.xml.rels",
    ".odt": "content.xml",
    ".ods": "content.xml",
    ".odp": "styles.xml",
}
"""The forms of office files, and the parts of LibreOffice's own that a picture changes."""


class Desk:
    """The office program of the host, with files that it wrote itself and files that it opened."""

    def __init__(self, host: Host, folder: Path) -> None:
        client("soffice")
        self.host, self.folder = host, folder
        self.own = self._make()
        self.drawn = {
            ".docx": host.plant("word", memo="Salaries of next year"),
            ".xlsx": host.plant("excel", memo="Passwords of the servers"),
            ".pptx": host.plant("powerpoint"),
            ".odt": host.plant("odt"),
            ".ods": host.plant("ods"),
            ".odp": host.plant("odp"),
        }
        self.spliced = {
            ending: host.plant(token.kind, file=self.own[ending], file_name="mine")
            for ending, token in self.drawn.items()
        }
        bare = edited(write_word(DRAFT), "word/document.xml", FOOTER, "")
        self.bare = host.plant("word", file=bare, file_name="bare")
        tokens = [*self.drawn.values(), *self.spliced.values(), self.bare]
        self.files = {token.id: host.save(token, folder / token.id)[0] for token in tokens}
        self.convert("pdf", *self.files.values())

    def convert(self, form: str, *files: Path, reader: str = "") -> list[Path]:
        """Open files in LibreOffice and save them as something else."""
        profile = f"-env:UserInstallation=file://{self.folder / 'profile'}"
        words = ["soffice", "--headless", profile, *([f"--infilter={reader}"] if reader else [])]
        # All go into one folder, so that each needs a name of its own.
        named = [self.folder / f"{file.parent.name}{file.suffix}" for file in files]
        for name, file in zip(named, files, strict=True):
            name.write_bytes(file.read_bytes())
        into = self.folder / form.partition(":")[0]
        words += ["--convert-to", form, "--outdir", str(into), *map(str, named)]
        done = self.host.use(*words, folder=self.folder)
        made = [into / f"{name.stem}.{into.name}" for name in named]
        assert all(path.exists() for path in made), done.stderr
        return made

    def fires(self, token: Token) -> None:
        """See that the file has fired when LibreOffice opened it."""
        assert "LibreOffice" in self.host.trip(token, "GET for ", "http").summary
        self.host.trip(token, "lookup of ", "dns")

    def changed(self, ending: str) -> set[str]:
        """The parts of an upload that were changed or added; order and all others are as before."""
        before = parts(self.own[ending])
        after = parts(self.files[self.spliced[ending].id].read_bytes())
        assert list(after)[: len(before)] == list(before)
        return {name for name in after if after[name] != before.get(name)}

    def _make(self) -> dict[str, bytes]:
        """Files as LibreOffice itself writes them, Microsoft's forms by way of its own."""
        page, slides = self.folder / "own" / "plan.html", self.folder / "own" / "plan.fodp"
        page.parent.mkdir()
        page.write_text(PAGE.format(picture=b64encode(write_grey_png([[7]])).decode()))
        slides.write_text(SLIDES)
        made = self.convert("odt", page, reader="HTML (StarWriter)")
        made += self.convert("ods", page, reader="calc_HTML_WebQuery")
        made += self.convert("odp", slides)
        for form, source in zip(("docx", "xlsx", "pptx"), tuple(made), strict=True):
            (self.folder / form).mkdir()
            file = self.folder / form / source.name
            file.write_bytes(source.read_bytes())
            made += self.convert(form, file)
        return {path.suffix: path.read_bytes() for path in made}


@pytest.fixture(scope="module")
def desk(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(host, tmp_path_factory.mktemp("desk"))


def parts(content: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(content)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.parametrize("ending", FORMS)
def test_soffice_opens_a_drawn_file_and_trips_it(desk: Desk, ending: str) -> None:
    desk.fires(desk.drawn[ending])


@pytest.mark.parametrize(("ending", "expected"), FORMS.items())
def test_soffice_trips_a_file_of_the_operators_which_is_otherwise_as_it_was(
    desk: Desk, ending: str, expected: str
) -> None:
    assert desk.changed(ending) == set(expected.split())
    desk.fires(desk.spliced[ending])


def test_soffice_trips_a_word_document_that_had_no_footer(desk: Desk) -> None:
    desk.fires(desk.bare)


def test_a_text_of_the_operators_reads_as_before(desk: Desk) -> None:
    (desk.folder / "before").mkdir()
    before = desk.folder / "before" / "mine.odt"
    before.write_bytes(desk.own[".odt"])
    texts = desk.convert("txt:Text", before, desk.files[desk.spliced[".odt"].id])
    for text in texts:
        assert text.read_text("utf-8-sig").split() == ["Plan", "First", "one", "two"]


def command(stack: Stack, *words: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "serinus.cli.main", *words, "--data", str(stack.folder.root)]
    return subprocess.run(line, capture_output=True, text=True, timeout=120)


def test_an_upload_goes_through_the_whole_deployment(tmp_path: Path) -> None:
    mine, large, out = (tmp_path / name for name in ("plan.docx", "large.docx", "out.docx"))
    noise = Random(1).randbytes(2**20) * 18
    made = BytesIO(write_word(DRAFT))
    with ZipFile(made, "a") as package:
        package.writestr("word/media/image1.png", noise)
    mine.write_bytes(made.getvalue())
    with large.open("wb") as file:
        file.truncate(50 * 2**20)
    mint = ("token", "mint", "word", "--memo", "Plan", "--artefact", "document")
    with running(tmp_path / "data") as stack:
        done = command(stack, *mint, "--file", str(mine), "--output", str(out))
        assert done.returncode == 0, done.stderr
        (token,) = stack.api("GET", "tokens")["items"]
        assert token["options"]["file"] == {"size": len(made.getvalue())}
        assert token["id"].encode() in parts(out.read_bytes())["word/_rels/footer1.xml.rels"]
        assert parts(out.read_bytes())["word/media/image1.png"] == noise
        done = command(stack, *mint, "--file", str(large), "--output", str(out))
        assert "--file" in done.stderr and "20971520 bytes" in done.stderr
        for content, reason in (
            (bytes(FILE_SIZE_MAX + 1), f"File has at most {FILE_SIZE_MAX} bytes."),
            (made.getvalue()[:-99], "The file is damaged or cut off"),
            (write_excel(DRAFT), "The file is an Excel workbook, and not a Word document."),
        ):
            options = {"file": b64encode(content).decode()}
            wanted = {"kind": "word", "memo": "Plan", "options": options}
            status, problem = stack.ask("POST", "tokens", wanted)
            assert (status, problem["field"]) == (422, "file")
            assert problem["detail"].startswith(reason)
        assert len(stack.api("GET", "tokens")["items"]) == 1


def browse(host: Host, folder: Path, file: Path) -> Path:
    """Open a file in a browser without a window; return the picture of what it shows."""
    picture = folder / "shown.png"
    flags = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'browser'}")
    shot = (f"--screenshot={picture}", "--window-size=1200,1200", f"file://{file}")
    host.use("chromium", *flags, *shot, folder=folder)
    return picture


def test_chromium_opens_an_svg(host: Host, tmp_path: Path) -> None:
    token = host.plant("svg")
    (file,) = host.save(token, tmp_path)
    assert browse(host, tmp_path, file).exists()
    assert "Chrome" in host.trip(token, ".css", "http").summary
    host.trip(token, ".png", "http")


def test_chromium_opens_an_html_page(host: Host, tmp_path: Path) -> None:
    token = host.plant("html")
    (file,) = host.save(token, tmp_path)
    assert browse(host, tmp_path, file).exists()
    assert "Chrome" in host.trip(token, ".css", "http").summary
    host.trip(token, ".png", "http")
    host.trip(token, "lookup of ", "dns")


def test_pandoc_converts_markdown(host: Host, tmp_path: Path) -> None:
    token = host.plant("markdown")
    (file,) = host.save(token, tmp_path)
    host.use("pandoc", str(file), "-o", "out.html", folder=tmp_path)
    assert not host.trips(token)
    host.use("pandoc", str(file), "-o", "out.docx", folder=tmp_path)
    host.trip(token, "GET for ", "http")
    assert any(
        name.startswith("word/media/") for name in parts((tmp_path / "out.docx").read_bytes())
    )


def test_zbarimg_reads_a_qr_code_and_curl_follows_it(host: Host, tmp_path: Path) -> None:
    token = host.plant("qr", target="https://www.example.com/news")
    url = host.text(token, "url")
    png, svg = host.save(token, tmp_path)
    for picture in (png, browse(host, tmp_path, svg)):
        read = host.use("zbarimg", "--raw", "-q", str(picture), folder=tmp_path)
        assert read.stdout.decode().strip() == url
    seen = host.use("curl", "-sS", "-o", "/dev/null", "-w", "%{redirect_url}", url)
    assert seen.stdout == b"https://www.example.com/news"
    host.trip(token, "with curl", "http")
