"""Where everything lies inside the data folder. Paths only: nothing is opened here."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The data folder (mode 0700); every part that one process alone may touch is a folder.

    | part | written by | read by |
    |---|---|---|
    | keys/ids.json | up (first start), console | edge, worker, console |
    | keys/operator, keys/web-secret, keys/site-seed | up (first start) | console, CLI |
    | answers/front.json | up (first start) | edge |
    | ledger/ledger.db | edge (touches), worker (prunes) | worker |
    | answers/answers.db | console | edge |
    | state/serinus.db | console, worker | console, worker |
    | tls/*.pem | up (trial certificate) | edge |
    | run/settings.json | up | every process, CLI |
    """

    root: Path

    @property
    def id_keys(self) -> Path:
        """The keys that mint and recognise token ids."""
        return self.root / "keys" / "ids.json"

    @property
    def operator_key(self) -> Path:
        """The API key of whoever can read this folder."""
        return self.root / "keys" / "operator"

    @property
    def web_secret(self) -> Path:
        """The secret that signs the Console's sessions."""
        return self.root / "keys" / "web-secret"

    @property
    def ledger(self) -> Path:
        """The durable log of touches."""
        return self.root / "ledger" / "ledger.db"

    @property
    def answers(self) -> Path:
        """The snapshot of what live tokens answer."""
        return self.root / "answers" / "answers.db"

    @property
    def front(self) -> Path:
        """The face of the deployment on the wire."""
        return self.root / "answers" / "front.json"

    @property
    def site_seed(self) -> Path:
        """The secret from which paths and pages of tokens are drawn."""
        return self.root / "keys" / "site-seed"

    @property
    def database(self) -> Path:
        """Accounts, tokens, incidents, destinations."""
        return self.root / "state" / "serinus.db"

    @property
    def trial_certificate(self) -> Path:
        """The generated certificate chain, where the operator gave none."""
        return self.root / "tls" / "certificate.pem"

    @property
    def trial_certificate_key(self) -> Path:
        """The generated certificate's private key."""
        return self.root / "tls" / "key.pem"

    @property
    def settings(self) -> Path:
        """The settings of the running instance, as `up` resolved them."""
        return self.root / "run" / "settings.json"

    @property
    def parts(self) -> tuple[Path, ...]:
        """Every folder inside, in the order of making."""
        names = ("keys", "ledger", "answers", "state", "tls", "run")
        return tuple(self.root / name for name in names)
