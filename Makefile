# Every target makes what it needs: on a new machine Python 3.11, make, git and a shell are enough.
PYTHON ?= python3
UV_VERSION := 0.13.9
ATHERIS_VERSION := 3.0.0
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help up docs test test-all check fmt clients bench fuzz

help: ## Show these lines.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/ready: pyproject.toml uv.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@UV_PROJECT_ENVIRONMENT=.venv $(BIN)/uv sync --quiet --frozen --inexact
	@touch $@

up: .venv/ready ## Start a trial instance in ./data; no root is needed.
	@exec $(BIN)/serinus up

docs: .venv/ready ## Write docs/reference and docs/kinds anew from the code.
	@$(BIN)/python -m serinus.cli.reference docs

clients: .venv/ready
	@tests/install-clients

test: check clients ## Run every check and every test but the slow matrices.
	@$(BIN)/pytest -q -m "not slow"

test-all: check clients ## Run every check and every test.
	@$(BIN)/pytest -q

check: .venv/ready ## Hold format, lint, types, import contracts and dead code to their rules.
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/vulture

fmt: .venv/ready ## Format the code and mend what the linter can mend.
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: .venv/ready ## Measure against Knot and nginx; BENCH_FLAGS=--quick takes three minutes.
	@bench/install-peers
	@$(BIN)/python -m bench $(BENCH_FLAGS)

fuzz: .venv/ready ## Fuzz every parser for FUZZ_SECONDS (30) each.
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/uv pip install --quiet \
		--python $(BIN)/python atheris==$(ATHERIS_VERSION) 2>/dev/null || true
	@$(BIN)/python -m fuzz $(FUZZ_NAMES)
