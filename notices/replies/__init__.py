"""What comes back about notices. "Headers, delivery status and the first 16 KiB of text/plain are read, everything else is discarded
unread and counted" (docs/domain.md, section 2): a picture that somebody sends is never decoded, whatever it is called.

In reading order: `mime` (the parts of a message that may be read, however large it is), `fields` (header fields and words in them),
`hints` (what a text seems to want), `reading` (a whole message, or an answer of a provider's API).
"""
