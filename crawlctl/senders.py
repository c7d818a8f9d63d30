"""Which sender hands notices over, by settings: a folder unless the operator has said otherwise."""

from pathlib import Path

from contracts.errors import UsageError
from contracts.notices import Sender
from contracts.ports import Clock
from contracts.recipients import EMAIL, WEBHOOK
from contracts.settings import Settings
from notices.compose.fit import require
from notices.senders.folder import Folder
from notices.senders.live import Live, Sending
from notices.senders.providers import read_providers
from notices.senders.smtp import Mail
from notices.senders.webhook import Webhook


def sender_for(settings: Settings, folder: Path, clock: Clock, sending: Sending) -> Sender:
    """The sender of `notices.sender`. `folder` is for a dry run without `notices.folder`; `sending` tells, before each notice,
    whether two people have switched sending on. UsageError if what is set cannot send."""
    notices, operator = settings.notices, settings.operator
    if notices.sender == "folder":
        return Folder(Path(notices.folder) if notices.folder else folder, operator, notices.smtp_from, notices.places)
    require(operator)
    senders: dict[str, Sender] = {}
    if notices.smtp_host:
        senders[EMAIL] = Mail(notices, operator)
    if providers := read_providers(notices.webhooks):
        senders[WEBHOOK] = Webhook(providers, operator, clock, notices.places)
    if not senders:
        raise UsageError(
            'notices.sender = "live" needs a mail server (notices.smtp_host) or providers\' APIs (notices.webhooks)'
        )
    return Live(senders, sending)
