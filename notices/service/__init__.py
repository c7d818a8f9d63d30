"""The notices role's service: matches become cases, cases become notices, and re-checks go on until media is gone.

Deciding is done by `notices.case` and its like; here the rules are carried out, each change in one transaction. In reading order:
`sealed` (a case's places), `steps` (one way for whatever happens to a case), `matching` (matches to cases), `tallying` (what matches
add up to), `checking` (asks for re-checks), `judging` (their answers), `leases` (what a process is at), `finding` (who would be told), `composing` (notices),
`sending` (the outbox), `changing` (entries, verdicts, time, replies), `role` (all of it for one process).
"""

from notices.service.matching import NoPages, Pages
from notices.service.role import Given, NoticesService, Step
from notices.service.steps import ALERTS, Cases

__all__ = ["ALERTS", "Cases", "Given", "NoPages", "NoticesService", "Pages", "Step"]
