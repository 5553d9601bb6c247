"""Build hook: with `SERINUS_NATIVE=1` a wheel has the edge's busiest modules as machine code, too.

The modules stand in `pyproject.toml`, at `tool.hatch.build.targets.wheel.hooks.custom`. mypyc
compiles the same typed Python that a checkout interprets; there is no other source (ADR 5).

Rules:
- Without the variable, and in an editable install, the hook does nothing.
- Nothing is written beside the sources: a compiled module there would shadow what is edited.
- The wheel keeps the sources; where one is compiled, Python prefers the machine code.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VARIABLE = "SERINUS_NATIVE"
GROUP = "serinus"
"""Compiled together, the modules call each other without Python's calling convention."""
OPTIMISATION = "3"
FLAGS = ("--config-file=", "--strict", "--follow-imports=silent")


class CustomBuildHook(BuildHookInterface[Any]):
    """Compiles the listed modules in a folder of its own and adds the result to the wheel."""

    def dependencies(self) -> list[str]:
        """Return what a build needs beyond hatchling: nothing, unless it is to compile."""
        return list(self.config["compiler"]) if _is_wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and make the wheel one for this platform and this Python."""
        if version == "editable" or not _is_wanted():
            return
        self._work = tempfile.TemporaryDirectory(prefix="serinus-native-")
        work = Path(self._work.name)
        shutil.copytree(Path(self.root, "src"), work, dirs_exist_ok=True)
        for built in compile_modules(work, self.config["modules"]):
            build_data["force_include"][str(built)] = str(built.relative_to(work))
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Take the folder away once the wheel is written."""
        del version, build_data, artifact_path
        if hasattr(self, "_work"):
            self._work.cleanup()


def compile_modules(work: Path, modules: list[str]) -> list[Path]:
    """Compile modules of the copy of `src` at `work`, in place; return what was made.

    Args:
        work: The copy; it is the current folder meanwhile, for that is where mypyc writes.
        modules: Dotted names.

    Raises:
        SystemExit: The types are wrong, or there is no C compiler.
    """
    # Only a build that compiles has these.
    from mypyc.build import mypycify  # noqa: PLC0415
    from setuptools import setup  # noqa: PLC0415

    paths = [_source(work / name.replace(".", "/"), work) for name in modules]
    with contextlib.chdir(work):
        extensions = mypycify(
            [*FLAGS, *paths], group_name=GROUP, opt_level=OPTIMISATION, debug_level="0"
        )
        setup(
            name=GROUP,
            packages=[],
            ext_modules=extensions,
            script_args=["--quiet", "build_ext", "--inplace", "--parallel", "2"],
        )
    shutil.rmtree(work / "build")
    return list(work.rglob("*.so"))


def _source(module: Path, work: Path) -> str:
    file = module / "__init__.py" if module.is_dir() else module.with_suffix(".py")
    return str(file.relative_to(work))


def _is_wanted() -> bool:
    return os.environ.get(VARIABLE, "") == "1"
