"""This deployment as the Console sees it: made once per process from the data folder."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings as django_settings

from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.ids import IdKeys, read_keys
from serinus.base.settings import Settings, read_settings
from serinus.ledger.answers import AnswersWriter
from serinus.tokens.site import Site


@dataclass(frozen=True, slots=True)
class Deployment:
    """What minting, answering and telling need to know.

    Attributes:
        folder: Where everything lies.
        settings: As `up` resolved them.
        keys: They mint token ids.
        site: Where tokens live, and what their addresses look like.
        answers: The Console's end of the snapshot of answers.
    """

    folder: DataFolder
    settings: Settings
    keys: IdKeys
    site: Site
    answers: AnswersWriter


def load_deployment() -> Deployment:
    """Return the deployment of Django's data folder.

    Raises:
        OperatorError: A file of the folder is missing or damaged.
    """
    folder: DataFolder = django_settings.FOLDER
    return _load(folder.root)


@lru_cache(maxsize=8)
def _load(root: Path) -> Deployment:
    folder = DataFolder(root)
    settings = read_settings(_read(folder.settings)) if folder.settings.exists() else Settings()
    try:
        seed = bytes.fromhex(_read(folder.site_seed))
        site = Site(seed=seed, zone=settings.zones[0], url_base=settings.token_url_base)
    except ValueError:
        raise OperatorError(
            f"{folder.site_seed} is damaged; restore it from a backup, or tokens change their URLs."
        ) from None
    return Deployment(
        folder=folder,
        settings=settings,
        keys=read_keys(_read(folder.id_keys)),
        site=site,
        answers=AnswersWriter(folder.answers),
    )


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise OperatorError(
            f"{path} cannot be read ({error.strerror}); `serinus up` makes it at first start."
        ) from error
