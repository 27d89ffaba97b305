# What a person types: `make demo` runs a city, `make test` tests it. Neither needs more than Python 3.11.
#   make demo ARGS="--speed 20 --port 9000"     make check      make test-fast      make test-live      make clean
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:

PYTHONS := python3.14 python3.13 python3.12 python3.11 python3
BIN := .venv/bin
ARGS ?=
# pip shows its own progress bars to a person, and is quiet in a log. Modules are compiled when first used.
# So what is compiled has to be kept: without that every start of arterial compiles all its modules, for seconds.
unexport PYTHONDONTWRITEBYTECODE
INSTALL = if [ -t 1 ]; then quiet=; else quiet="--quiet --progress-bar off"; fi; \
  $(BIN)/python -m pip --disable-pip-version-check install --no-compile --no-warn-script-location \
  $$quiet -c requirements.lock

.PHONY: help demo test check test-fast test-live test-long live-city live-others live-alone servers bench soak fuzz explore attack rough clean
help:
	@echo "make demo [ARGS=...]   run a city on http://127.0.0.1:8321 (ARGS=--help shows the options)"
	@echo "make test              check, the fast suite, then the live suite against real servers"
	@echo "make test-long         outages of minutes, which make test leaves out"
	@echo "make check | test-fast | test-live | servers | fuzz | bench | soak | explore | attack | rough | clean"

demo: .venv/demo.stamp
	@exec $(BIN)/arterial demo $(ARGS)

test: .venv/dev.stamp
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory test-fast
	@$(MAKE) --no-print-directory servers
	@$(MAKE) --no-print-directory test-live

check: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test-fast: .venv/dev.stamp
	$(BIN)/python -m pytest -q -m "not live" -n 2 $(ARGS)

# Tests of whole cities beside all others, one of each at a time; then those that want the computer to themselves.
# What fails is run once more, and listed as RERUN so that it is not forgotten.
test-live: .venv/dev.stamp
	@$(MAKE) --no-print-directory -j 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) live-city live-others
	@$(MAKE) --no-print-directory live-alone

# With ARGS a part may have nothing to do (pytest ends with 5 then).
live-city live-others live-alone: .venv/dev.stamp
	$(BIN)/python -m pytest -q -m "live and not slow and $(PART_$@)" --reruns 1 --reruns-delay 5 -rR $(ARGS) $(if $(ARGS),|| test $$? -eq 5)

PART_live-city := city and not alone
PART_live-others := not city and not alone
PART_live-alone := alone

# Outages of minutes. Not part of `make test`.
test-long: .venv/dev.stamp
	$(BIN)/python -m pytest -q -m slow $(ARGS)

# Every state that an intersection of eight phases can get into, and whether each one is safe. ARGS=2468: fewer phases;
# ARGS=overlaps, ARGS=stages.
explore: .venv/dev.stamp
	@$(BIN)/python -m tests.bench.explore_safety $(ARGS)

# A million decisions of the safety filter, proposals random and adversarial. ARGS="100000 7": fewer, seed 7.
attack: .venv/dev.stamp
	@$(BIN)/python -m tests.bench.bench_safety $(ARGS)

# A hundred intersection-hours of random commands and broken equipment: no conflict monitor may trip. ARGS="10 7": fewer.
rough: .venv/dev.stamp
	@$(BIN)/python -m tests.bench.bench_hours $(ARGS)

# A million broken messages over every payload format: no exception but a refusal, none slow. ARGS="100000 7": fewer, seed 7.
fuzz: .venv/dev.stamp
	@$(BIN)/python -m tests.fuzz.run $(ARGS)

# CPU per message, beside the pipeline of most tutorials. Needs mosquitto and influxd (make servers).
bench: .venv/dev.stamp
	@$(BIN)/python tests/bench/bench_ingest.py $(ARGS)

# Minutes of 20,000 messages a second: nothing lost, how long until queryable, memory over time. ARGS="--seconds 60"
soak: .venv/dev.stamp
	@$(BIN)/python tests/bench/bench_soak.py $(ARGS)

# Installs the Debian packages the live suite talks to; where that is not possible, says how.
servers: .venv/dev.stamp
	@$(BIN)/python tests/live/servers.py

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/demo.stamp: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing arterial and its simulators into .venv (about 300 MB the first time) ..."
	@$(INSTALL) -e '.[demo]'
	@touch $@

.venv/dev.stamp: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing arterial, its simulators and the test tools into .venv (about 400 MB the first time) ..."
	@$(INSTALL) -e '.[demo,dev]'
	@touch $@ .venv/demo.stamp

# The newest Python that the simulators have wheels for, and that can make environments.
.venv/bin/python:
	@found=""; bare=""; \
	for python in $${PYTHON:-} $(PYTHONS); do \
	  "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1 || continue; \
	  if "$$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then found="$$python"; break; fi; \
	  bare="$${bare:-$$python}"; \
	done; \
	if [ -z "$$found" ] && [ -n "$$bare" ]; then \
	  echo "$$bare cannot make environments: its venv module is missing. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; \
	fi; \
	if [ -z "$$found" ]; then \
	  echo "arterial needs Python 3.11, 3.12, 3.13 or 3.14; looked for: $(PYTHONS). Another one: make PYTHON=/path/to/python ..." >&2; exit 1; \
	fi; \
	echo "Making .venv with $$("$$found" --version) ..."; \
	rm -rf .venv; "$$found" -m venv .venv || { rm -rf .venv; exit 1; }
