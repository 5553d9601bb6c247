from django.test import Client

from serinus.console.pages.assets import FOR_GOOD, OPEN, OURS, PATHS, asset_url


def test_a_stranger_has_what_the_ways_in_need_and_no_more(strangers_browser: Client) -> None:
    assert "console.js" not in OPEN
    missing = strangers_browser.get("/static/nothing.js")
    for name in PATHS.keys() - OPEN:
        found = strangers_browser.get(asset_url(name))
        assert (found.status_code, found.content) == (404, missing.content), name
    page = strangers_browser.get("/accounts/login/").content.decode()
    assert "console.css" in page
    for name in PATHS.keys() - OPEN:
        assert name not in page


def test_whoever_is_signed_in_has_every_asset(owners_browser: Client) -> None:
    for name in PATHS:
        found = owners_browser.get(asset_url(name))
        assert found.status_code == 200
        assert found.headers["Cache-Control"] == FOR_GOOD
        assert "serinus" not in found.content.decode().lower(), name


def test_an_address_of_old_content_is_not_kept_for_good(strangers_browser: Client) -> None:
    found = strangers_browser.get("/static/console.css?v=000000000000")
    assert found.headers["Cache-Control"] != FOR_GOOD


def test_every_file_of_ours_is_listed() -> None:
    ours = {path.name for path in OURS.iterdir()} - {"countries.json"}
    assert ours == {path.name for path in PATHS.values() if path.parent == OURS}


def test_no_asset_loads_anything_from_elsewhere(owners_browser: Client) -> None:
    for name in ("console.css", "console.js", "world.svg", "icon.svg"):
        text = owners_browser.get(asset_url(name)).content.decode()
        assert "//" not in text.replace("http://www.w3.org/2000/svg", "").replace("// ", ""), name


def test_no_path_reaches_another_file(strangers_browser: Client) -> None:
    for path in ("/static/../assets.py", "/static/%2e%2e/assets.py", "/static/countries.json"):
        assert strangers_browser.get(path).status_code == 404
