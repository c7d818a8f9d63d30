"""Services that the tests of roles share, with databases and topics of each test's own."""

import pytest

from tests import kafka, postgres
from tests.cluster.services import Shared


@pytest.fixture
def services(
    kafka_broker: kafka.Broker,
    kafka_prefix: str,
    crawl_database: postgres.Database,
    vault_database: postgres.Database,
) -> Shared:
    """A broker and databases."""
    return Shared(kafka_broker, kafka_prefix, crawl_database, vault_database)
