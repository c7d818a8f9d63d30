"""From match to removal: cases, whom they are told to, what notices say, when media is gone, what people do, and the figures.

Here belongs whatever opens places, as the only role that may. In reading order:

- what matches add up to: `counting` (which site and host, how many at once);
- the rules of a case, all pure: `events` (what may happen, what is to be done), `rules` (what deciding asks besides the case), `case`
  (the state machine), with `answers`, `deliveries`, `acts` (events, written into a case), `rounds` (beginning anew, ending), `evidence`
  (which entry leads), `guards` (what may become of it), `reviews` (what two people decide), `holds` (what stops
  notices), `routes` (the host, a partner, the police, nobody; `routes.csv`), `brakes`, `telling` (whom it wishes to tell),
  `grouping` (wishes to notices), `presence` (what a re-check says), `schedule` (when it is looked again, and gone);
- around them: `recipients` (whom to tell), `compose` (what a notice says), `senders` (how it leaves), `replies` (what comes back),
  `service` (matches in; rows, holds and the hosts of matches out), `desk` (what people do with cases), `api` (the same over HTTP),
  `figures` (what it comes to in numbers).
"""
