"""Nothing leaves unless two people have switched sending on."""

import pytest

from contracts.notices import Delivery, Notice, Unfit, Withheld
from contracts.recipients import EMAIL, WEBHOOK
from notices.senders.live import Live
from tests.notices import PROVIDER, notice


class Kept:
    """A sender that only remembers."""

    def __init__(self) -> None:
        self.sent: list[Notice] = []

    async def send(self, notice: Notice) -> Delivery:
        self.sent.append(notice)
        return Delivery(True)


async def test_channels_and_the_switch() -> None:
    mail, api, on = Kept(), Kept(), True

    async def sending() -> bool:
        return on

    live = Live({EMAIL: mail, WEBHOOK: api}, sending)
    await live.send(notice())
    await live.send(notice(recipient=PROVIDER))
    assert (len(mail.sent), len(api.sent)) == (1, 1)
    on = False
    with pytest.raises(Withheld, match="two people"):
        await live.send(notice())
    assert len(mail.sent) == 1


async def test_a_channel_for_which_nothing_is_set() -> None:
    async def sending() -> bool:
        return True

    with pytest.raises(Unfit, match="'webhook'"):
        await Live({EMAIL: Kept()}, sending).send(notice(recipient=PROVIDER))
