"""crawlctl.roles.workers: what digest workers say of themselves."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

from crawlctl.roles.workers import digesting


def test_outcomes_and_processes() -> None:
    digester: Any = SimpleNamespace(pending=3, processes=[1, 2], starts=4, counts=Counter({"ok": 2, "crashed": 1}))
    found = list(digesting(digester))
    assert ("pisaura_digests_total", ("crashed",), 1) in found
    assert ("pisaura_digest_workers", (), 2) in found
    assert ("pisaura_digests_pending", (), 3) in found
