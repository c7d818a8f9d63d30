"""A synthetic web with known ground truth: hosts on 127.x.y.z, its own name server, harmless generated pictures.

In reading order: `truth` (what a perfect crawler does here), `model` (hosts, resources, names), `pages`, `forms`,
`media`, `robots`, `redirects`, `traps`, `faulty`, `names` (the parts of a world), `world` (puts them together),
`bench` (the world that speed is measured on), `log`, `connection`, `faults`, `dns`, `tls`, `web` (the servers),
`judge` (log against truth).
"""
