"""Which sender hands notices over."""

from dataclasses import replace
from pathlib import Path

import pytest

from contracts.errors import UsageError
from contracts.notices import Withheld
from contracts.removal import Notices, Operator
from contracts.settings import Settings
from crawlctl.senders import sender_for
from notices.senders.folder import Folder
from notices.senders.live import Live
from tests.notices import NOW, OPERATOR, notice


async def off() -> bool:
    return False


def made(tmp_path: Path, notices: Notices, operator: Operator = OPERATOR) -> object:
    settings = replace(Settings(), notices=notices, operator=operator)
    return sender_for(settings, tmp_path / "notices", lambda: NOW, off)


def test_dry_run_is_the_default_and_needs_nothing(tmp_path: Path) -> None:
    sender = made(tmp_path, Notices(), Operator())
    assert isinstance(sender, Folder) and sender.folder == tmp_path / "notices"
    named = made(tmp_path, Notices(folder=str(tmp_path / "elsewhere")))
    assert isinstance(named, Folder) and named.folder == tmp_path / "elsewhere"


async def test_live_sends_nothing_until_it_is_switched_on(tmp_path: Path) -> None:
    sender = made(tmp_path, Notices(sender="live", smtp_host="127.0.0.1"))
    assert isinstance(sender, Live)
    with pytest.raises(Withheld):
        await sender.send(notice())


def test_live_refuses_to_start_without_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"operator\.name, operator\.country, operator\.mandate, operator\.contact"):
        made(tmp_path, Notices(sender="live", smtp_host="127.0.0.1"), Operator())
    with pytest.raises(UsageError, match=r"notices\.smtp_host"):
        made(tmp_path, Notices(sender="live"))
    with pytest.raises(UsageError, match=r"notices\.webhooks"):
        made(tmp_path, Notices(sender="live", webhooks=str(tmp_path / "none.toml")))
