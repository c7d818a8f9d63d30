"""What a notice says: text, HTML, machine-readable attachments and the whole message, the same bytes whenever it is asked for.

Nothing in a notice can be clicked, and nothing of it is media. The words are in `templates/`, by language and kind.

In reading order: `fit` (what may be composed, and hostile text made harmless), `wording` (templates), `facts` (what is told of a
place), `pages` (plain text and HTML), `attachments` (exact URLs as JSON), `xarf` (reports for machines), `whole` (all of a notice),
`mail` (the message, RFC 5322).
"""
