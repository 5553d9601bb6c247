"""What tests with real clients share."""

from collections.abc import Iterator

import pytest

from clients.planted import Host, planted_host


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host with an edge, for every kind whose proof needs no Console."""
    with planted_host(tmp_path_factory.mktemp("host") / "data") as found:
        yield found
