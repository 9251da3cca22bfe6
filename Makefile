# Lifeline: every order is one durable life. `make help` lists what can be asked for.
PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help run test check prove bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## start everything and live 200 sample orders; ARGS="--orders 100 --exit"
	@$(BIN)/lifeline demo $(ARGS)

test: $(READY) ## run every test; ARGS="tests/rules -k milk"
	@$(BIN)/pytest $(ARGS)

check: $(READY) ## lint, types and import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports

prove: $(READY) ## every claim at every point with every fault (90 min); ARGS="--plain": 2 min
	@$(BIN)/python -m tests.proof $(ARGS)

bench: $(READY) ## measure speed side by side; writes bench/results/latest.json
	@$(BIN)/python -m bench $(ARGS)

lock: $(READY) ## resolve the dependencies anew into requirements.lock
	@$(BIN)/pip install --quiet pip-tools
	@$(BIN)/pip-compile --quiet --extra dev --generate-hashes --allow-unsafe --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links --strip-extras --output-file requirements.lock pyproject.toml

clean: ## forget the virtual environment and all state under var/
	@rm -rf $(VENV) var

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Lifeline needs Python 3.11: apt-get install python3.11 python3.11-venv, or make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python has no venv module: apt-get install python3-venv"; exit 1; }
	@echo "Installing the locked dependencies into $(VENV) (once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
