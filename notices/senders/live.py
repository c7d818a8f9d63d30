"""Really sending: by the recipient's channel, and only while two people have switched sending on."""

from collections.abc import Awaitable, Callable, Mapping

from contracts.notices import Delivery, Notice, Sender, Unfit, Withheld

Sending = Callable[[], Awaitable[bool]]
"""Whether sending is switched on now; asked before each notice."""


class Live:
    """`contracts.notices.Sender` over one for each channel."""

    def __init__(self, senders: Mapping[str, Sender], sending: Sending) -> None:
        self._senders, self._sending = senders, sending

    async def send(self, notice: Notice) -> Delivery:
        """Hand it over. Raises as `contracts.notices.Sender.send`."""
        if not await self._sending():
            raise Withheld("sending is not switched on: two people do so with `crawlctl notices send --confirm`")
        sender = self._senders.get(notice.recipient.channel)
        if sender is None:
            raise Unfit(
                f"notice {notice.notice_id} goes by {notice.recipient.channel[:40]!r}, for which nothing is set;"
                f" there is {', '.join(sorted(self._senders)) or 'nothing'}"
            )
        return await sender.send(notice)
