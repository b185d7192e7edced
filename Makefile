SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run production-local test check fuzz demo faults pictures bench lock environment development clean
BIN := .venv/bin

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: environment ## start everything; prints the address; Ctrl-C stops it
	@exec $(BIN)/weerklank run

production-local: development ## the shape of docker-compose.yml without containers: two of each process, and the TLS front
	@scripts/packages
	@exec $(BIN)/python -m production

demo: environment ## fill the tenants with a believable year of complaints by invented people
	@exec $(BIN)/weerklank demo

test: development ## all tests; one folder or file: make test T=tests/house
	@scripts/packages
	@if [ -n "$(T)" ]; then exec $(BIN)/pytest -q $(T); fi; \
	$(BIN)/pytest -q -n 2 -m "not browser and not faults" && $(BIN)/pytest -q -m browser && exec $(BIN)/pytest -q -m faults

check: development ## style, types and the import contract
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

FUZZ ?= 20
fuzz: development ## the property tests at length, with new examples each time; longer: make fuzz FUZZ=200
	@scripts/packages
	@FUZZ=$(FUZZ) exec $(BIN)/pytest -q -n 2 --hypothesis-profile=fuzz tests/cases/test_anything.py \
	  tests/cases/test_order.py tests/cases/test_walks.py tests/cases/test_replay.py tests/cases/test_charts.py \
	  tests/deadlines tests/web/test_forms.py

faults: development ## kill, cut and fill everything, and see that nothing is lost: SHORT=1, SEED=n, ONLY=kills, BASELINE=1
	@scripts/packages
	@exec $(BIN)/python -m faults

pictures: development ## take the pictures of the pages and of the manual anew; look at them before they are committed
	@scripts/packages
	@PICTURES=1 exec $(BIN)/pytest -q tests/gates/test_album.py

bench: development ## short measurements, as ratios within one run
	@exec $(BIN)/python bench/run.py

lock: ## renew both lock files from pyproject.toml (needs uv)
	@scripts/lock

clean: ## remove the environment and caches; var/ with its data and keys stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache htmlcov .coverage

environment:
	@scripts/environment

development:
	@scripts/environment requirements-dev.lock
