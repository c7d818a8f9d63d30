"""How notices leave and answers come in: the only part of `notices` besides `service` that does I/O for them.

In reading order: `secret` (files that only their owner may read), `answers` (what servers say, made harmless), `folder` (a dry
run), `signing` (DKIM), `smtp` (e-mail), `providers` (whose API takes notices), `webhook` (those APIs), `live` (the sender of a
channel, if sending is on), `mailbox` (a Maildir of answers), `inbox` (answers of providers' APIs).
"""
