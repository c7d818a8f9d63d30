# make run: the main job on this machine, nothing to install but Python 3.11. make test: everything. make cluster: many processes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run cluster test check kafka format bench bench-cluster bench-match bench-shield bench-cases chaos simulate soak docs clean help
.DELETE_ON_ERROR:

run: $(STAMP)  ## crawl the synthetic web on loopback and show what was found
	$(BIN)/python -m tests.demo

cluster: $(STAMP) kafka  ## the same by many processes over Kafka and Postgres; CHAOS=1 kills them at random
	$(BIN)/python -m tests.cluster.demo

test: $(STAMP) check kafka  ## all checks and tests
	$(BIN)/python -m tools.all_tests

check: $(STAMP)  ## format, lint, types, package rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

kafka: $(STAMP)  ## obtain the Kafka broker of tests and `make cluster`, once, into .cache
	$(BIN)/python -m tools.kafka

format: $(STAMP)  ## format and sort imports
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)  ## figures as JSON lines
	$(BIN)/python -m tests.bench

bench-cluster: $(STAMP) kafka  ## figures of many processes as JSON lines
	$(BIN)/python -m tests.bench.cluster

bench-match: $(STAMP)  ## figures of matching at 1 and 10 million entries, faiss beside it; ENTRIES=1000000 for a short one
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	$(BIN)/python -m tests.bench.match

bench-cases: $(STAMP)  ## figures from matches to notices, and how late re-checks are
	$(BIN)/python -m tests.bench.cases
	$(BIN)/python -m tests.bench.rechecks

bench-shield: $(STAMP)  ## figures of what providers ask, against a million entries
	$(BIN)/python -m tests.bench.shield

simulate: $(STAMP)  ## thousands of crawls by several shards in compressed time, with everything going wrong
	$(BIN)/python -m tests.simulation --runs 5000

chaos: $(STAMP) kafka  ## kill -9 at random moments, many rounds
	$(BIN)/python -m pytest tests/chaos --chaos-rounds=20 --timeout=3600 -s

soak: $(STAMP)  ## a long crawl; memory must stay flat
	$(BIN)/python -m tests.soak

docs: $(STAMP)  ## pages made from code
	$(BIN)/crawlctl settings --markdown > docs/settings.md
	$(BIN)/python -m tools.metrics_page > docs/metrics.md

clean:  ## forget the environment and everything made here
	rm -rf $(VENV) build *.egg-info .demo .cluster .bench .cache .*_cache

help:  ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20

# The system's python3 has no venv module on a bare Debian or Ubuntu unless python3-venv is installed; see tools/venv.
$(STAMP): pyproject.toml tools/venv hasher/index/_native.c
	PYTHON="$(PYTHON)" tools/venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(STAMP)
