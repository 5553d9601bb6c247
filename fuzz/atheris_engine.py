"""Runs one harness under Atheris: `python -m fuzz.atheris_engine NAME LIBFUZZER-FLAG …`."""

import sys

import atheris

with atheris.instrument_imports(include=["serinus"]):
    from fuzz.parsers import HARNESSES

if __name__ == "__main__":
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, HARNESSES[name].fuzz)
    atheris.Fuzz()
