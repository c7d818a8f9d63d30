"""The log over Kafka, and what operators ask of it.

In reading order: `connection` (how brokers are reached), `quiet` (the driver's log lines), `producer`, `source` (the driver's consumer,
kept alive), `consumer`, `lags` (what
waits), `dead` (dead letters), `operator` (what people ask), `log` (all of it as one log), `wanted` (what
topics must be like), `topics` (create and check them), `brokers` (what they tell of themselves), `peeking` (looks into a topic).
"""
