"""The real shells of several shards and fetchers over a model of the database, the log and the web, in virtual time.

One seed decides everything: who is killed, stopped or cut off and when, how long each message takes, what each server says.
`loop` is the time that all processes share, `store` the database, `log` the broker, `web` the servers and the judge of every
request, `scenario` what a seed stands for, `processes` what runs, `world` one run, `invariants` what must hold.

`python -m tests.simulation --runs 5000 --seed 0` runs many, `--seed N --replay` shows one again with its log.
"""
