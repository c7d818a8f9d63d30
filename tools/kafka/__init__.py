"""Obtains a real Kafka broker for tests and `make cluster`, once, into `.cache/kafka`: `python -m tools.kafka`.

Reading order: `java` (which Java runs it), `jars` (Kafka itself, each file checked against `jars.sha256`),
`configuration` (what a broker is told), `obtain` (all of it, with what makes a start fast). Nothing here is installed.
"""
