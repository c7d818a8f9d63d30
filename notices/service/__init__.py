"""The notices role's service.

In reading order: `tallying` (what matches add up to), `sealed` (a case's places), `steps` (one way for whatever happens to a case).
"""

from notices.service.tallying import Tallying

NoticesService = Tallying

__all__ = ["NoticesService"]
