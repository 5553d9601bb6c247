"""The compiled package does what the interpreted one does: the same source, the same answers."""

import os
import subprocess
import sys
import tomllib
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path

import pytest
from bench.native import ROOT, can_compile, native_environment

INPUTS = 3000
"""Of each sort: a second or two for each build."""
SHELLS = ("test_shells.py", "test_udp.py", "test_messages.py", "test_tcp.py")
HOOK = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"][
    "wheel"
]["hooks"]["custom"]
MODULES: list[str] = HOOK["modules"]


@pytest.fixture(scope="module")
def native() -> dict[str, str]:
    """What makes a process run the compiled package, which is built first if need be."""
    if not can_compile():
        if os.environ.get("CI") == "true":
            pytest.fail("there is no C compiler, or no header of Python")
        pytest.skip("there is no C compiler, or no header of Python")
    return native_environment()


def run(environment: dict[str, str], *command: str) -> str:
    path = os.pathsep.join((*environment.values(), str(ROOT / "tests"), str(ROOT)))
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


def test_compiled_modules_do_what_interpreted_ones_do(native: dict[str, str]) -> None:
    command = ("-m", "twin", str(INPUTS), *MODULES)
    (files, lines), (plain_files, plain_lines) = (
        run(environment, *command).split("\n\n", 1) for environment in (native, {})
    )
    assert {Path(file).suffix for file in files.split()} == {".so"}
    assert {Path(file).suffix for file in plain_files.split()} == {".py"}
    assert len(lines) > 1_000_000
    for line, plain_line in zip_longest(lines.splitlines(), plain_lines.splitlines()):
        assert line == plain_line


def test_the_tests_of_the_shells_hold_for_compiled_modules(native: dict[str, str]) -> None:
    tests = [str(ROOT / "tests" / "net" / name) for name in SHELLS]
    said = run(native, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)
    assert " passed" in said and "failed" not in said


def test_no_compiled_module_lies_beside_the_sources() -> None:
    assert not [*(ROOT / "src").rglob("*.so"), *(ROOT / "src").rglob("*.c")]


def test_the_compiler_of_a_build_is_the_one_that_checks_the_types() -> None:
    assert f"mypy=={version('mypy')}" in HOOK["compiler"]


def test_every_module_to_be_compiled_is_there() -> None:
    for module in MODULES:
        path = ROOT / "src" / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__init__.py").exists(), module
