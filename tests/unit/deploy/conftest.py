"""The base, rendered once."""

import pytest

from tests.unit.deploy.rendered import BASE, Document, render


@pytest.fixture(scope="session")
def base() -> list[Document]:
    return render(BASE)
