"""Clients of the API: an owner's, a colleague's and the operator's key, and a stranger."""

import pytest
from django.utils import timezone

from console.api.client import APIClient
from serinus.console.actions.people import make_api_key
from serinus.console.deployment import load_deployment
from serinus.console.models import User


@pytest.fixture
def owner_api(owner: User) -> APIClient:
    return APIClient(make_api_key("owner's", owner, timezone.now())[1])


@pytest.fixture
def colleague_api(colleague: User) -> APIClient:
    return APIClient(make_api_key("colleague's", colleague, timezone.now())[1])


@pytest.fixture
def operator_api() -> APIClient:
    return APIClient(load_deployment().folder.operator_key.read_text())


@pytest.fixture
def stranger_api() -> APIClient:
    return APIClient(None)
