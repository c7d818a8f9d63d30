"""The base, rendered once, and beside it the overlay of the manual."""

import pytest

from tests.unit.deploy.rendered import BASE, Document, manual, render


@pytest.fixture(scope="session")
def base() -> list[Document]:
    return render(BASE)


@pytest.fixture(scope="session")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> list[Document]:
    """What docs/deploy.md shows, as it stands: the base, and a desk for each of two people."""
    return render(manual(tmp_path_factory.mktemp("k8s")))
