# `make run` and `make test` do all the set-up: they need python3 (3.11 or newer, with venv) and make.
SHELL := /bin/sh
PYTHON ?= python3
PY := .venv/bin/python
UV := .venv/bin/uv
CATALOGS := $(wildcard shop/translations/*/LC_MESSAGES/messages.po)
COMPILED := $(CATALOGS:.po=.mo)
PYTEST := PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(PY) -m pytest -p xdist -p timeout -p hypothesispytest -p time_machine
WORKERS ?= 2

# uv keeps its downloads in the home folder; without a usable one it keeps them beside the environment.
export UV_CACHE_DIR ?= $(shell mkdir -p "$$HOME/.cache/uv" 2>/dev/null && test -w "$$HOME/.cache/uv" && echo "$$HOME/.cache/uv" || echo .venv/.uv)
export UV_LINK_MODE ?= copy
# pip trusts what the machine trusts; uv only does when told to.
export UV_SYSTEM_CERTS ?= $(if $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem),1,0)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport VIRTUAL_ENV

.PHONY: help run test check reset lock messages setup setup-dev

help:
	@echo "make run       the whole shop on this machine, with a demo (PORT=8000 HOST=127.0.0.1)"
	@echo "make test      every test, on real PostgreSQL and Valkey (ARGS='tests/unit -k money')"
	@echo "make check     format, lint, types, import contracts, translations"
	@echo "make reset     forget the data of make run"
	@echo "make lock      write the two requirements files from pyproject.toml"
	@echo "make messages  gather the words on screen into the translation catalogs"

run: setup
	@exec $(PY) -m shop.local_stack $(if $(PORT),--port "$(PORT)") $(if $(HOST),--host "$(HOST)")

test: setup-dev
	@$(PYTEST) -rs -n $(WORKERS) --dist loadfile -m "not nightly" $(ARGS)

check: setup-dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy --strict
	@$(PY) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
	@$(PYTEST) -q tests/house/test_translations.py

reset:
	@$(PYTHON) -m shop.local_stack.reset

lock: .venv/.uv-ready
	$(UV) pip compile pyproject.toml $(LOCK) -o requirements.txt
	$(UV) pip compile pyproject.toml --extra dev $(LOCK) -o requirements-dev.txt

LOCK := --quiet --generate-hashes --universal --no-header --no-emit-index-url --no-emit-find-links

messages: setup-dev
	@$(PY) -m tests.harness.catalog

setup: .venv/.synced $(COMPILED)

setup-dev: .venv/.synced-dev $(COMPILED)

.venv/.uv-ready:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Carriole needs Python 3.11 or newer: make run PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python's venv is missing: install it first (Debian, Ubuntu: apt install python3-venv)"; exit 1; }
	@echo "Making .venv (once)…"
	@$(PYTHON) -m venv .venv
	@$(PY) -m pip install --quiet uv
	@touch $@

# Once the development packages are in, they stay: `make run` then checks them too.
.venv/.synced: requirements.txt requirements-dev.txt pyproject.toml | .venv/.uv-ready
	@echo "Installing the packages…"
	@if [ -e .venv/.synced-dev ]; then wanted=requirements-dev.txt; else wanted=requirements.txt; fi; \
		$(UV) pip sync --quiet --python $(PY) --require-hashes $$wanted
	@$(UV) pip install --quiet --python $(PY) --no-deps --editable .
	@touch $@

.venv/.synced-dev: requirements-dev.txt pyproject.toml | .venv/.uv-ready
	@echo "Installing the packages for development…"
	@$(UV) pip sync --quiet --python $(PY) --require-hashes requirements-dev.txt
	@$(UV) pip install --quiet --python $(PY) --no-deps --editable .
	@touch .venv/.synced $@

%.mo: %.po | .venv/.synced
	@$(PY) -m babel.messages.frontend --quiet compile -i $< -o $@ -l $(notdir $(patsubst %/LC_MESSAGES/messages.po,%,$<))
