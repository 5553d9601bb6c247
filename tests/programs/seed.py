"""Makes a data folder with destinations and tokens: `python seed.py DATA`, what to make on stdin.

A process of its own, because one Python process has one Django on one data folder.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from django.utils.module_loading import import_string

from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.programs.django_start import start_django
from serinus.programs.first_start import prepare

wanted = json.load(sys.stdin)
folder = DataFolder(Path(sys.argv[1]))
prepare(
    folder,
    Settings(data=sys.argv[1], domain=("files.example",), outgoing_allow=("127.0.0.0/8",)),
)
start_django(folder)
add_destination = import_string("serinus.console.actions.destinations.add_destination")
mint_many = import_string("serinus.console.actions.minting.mint_many")
request = import_string("serinus.console.actions.minting.MintRequest")
now = datetime.now(UTC)
for kind, settings in wanted["destinations"]:
    add_destination(kind, kind, settings, None, now)
rows = mint_many([request("web", f"memo {n}") for n in range(wanted["tokens"])], None, now)
json.dump([row.token_id for row in rows], sys.stdout)
