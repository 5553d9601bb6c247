"""The package as it ships, with the edge's busiest modules compiled (ADR 5), built aside.

It lies in `.bench/native`, never beside the sources, and is built anew when a source is newer.
"""

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".bench" / "native"
BUILD_MAX_S = 600.0
_SOURCES = ("pyproject.toml", "hatch_build.py", "src/serinus/**/*.py")


def can_compile() -> bool:
    """Tell whether there are a C compiler and Python's headers."""
    headers = Path(sysconfig.get_paths()["include"], "Python.h")
    return headers.exists() and shutil.which("cc") is not None


@functools.cache
def native_environment() -> dict[str, str]:
    """Return what makes a Python of ours run the compiled package; nothing where none can be made.

    Raises:
        RuntimeError: The build failed.
    """
    if not can_compile():
        return {}
    newest = max(path.stat().st_mtime for name in _SOURCES for path in ROOT.glob(name))
    stamp = FOLDER / "built"
    if not stamp.exists() or stamp.stat().st_mtime < newest:
        _build()
        stamp.touch()
        os.utime(stamp, (newest, newest))
    return {"PYTHONPATH": str(FOLDER)}


def _build() -> None:
    print("… compiling", flush=True)
    uv = str(Path(sys.executable).with_name("uv"))
    wheels = FOLDER.with_name("wheels")
    for folder in (FOLDER, wheels):
        shutil.rmtree(folder, ignore_errors=True)
    _run(uv, "build", "--quiet", "--wheel", "--out-dir", str(wheels), str(ROOT))
    [wheel] = wheels.glob("*.whl")
    _run(uv, "pip", "install", "--quiet", "--no-deps", "--target", str(FOLDER), str(wheel))


def _run(*command: str) -> None:
    done = subprocess.run(
        command,
        env={**os.environ, "SERINUS_NATIVE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=BUILD_MAX_S,
    )
    if done.returncode:
        raise RuntimeError((done.stdout + done.stderr)[-2000:])
