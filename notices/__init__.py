"""From match to removal. So far: what matches add up to, and which entries are suddenly everywhere.

Here belongs whatever opens places, as the only role that may. In reading order: `counting` (which site and host, how many at
once), `recipients` (whom to tell), `compose` (what a notice says), `senders` (how it leaves), `replies` (what comes back), `service` (matches in; rows, holds and the hosts of matches out), `desk` (what people do with cases), `api` (the same over HTTP).
"""
