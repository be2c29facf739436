# Everything works from a fresh clone: the first target you ask for makes the virtual environment.
# Programs of the virtual environment are run as modules, since its scripts break where the path holds a space.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run manage test lint coverage bench screenshots messages release install install-dev

PY := .venv/bin/python
export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

help: ## Show this list
	@echo "make run       start the site on http://127.0.0.1:8000/ (PORT, HOST and DATA_DIR change where)"
	@echo "make manage ARGS='check_tally'   run a management command beside it, with the same PORT and DATA_DIR"
	@echo "make test      run all tests (TESTS='tests/unit -k name' runs some)"
	@echo "make lint      check format, types, imports, templates, migrations and translations"
	@echo "make coverage  run unit tests and journeys, and say which lines of the code they do not reach"
	@echo "make bench     measure against the budgets of the design"
	@echo "make screenshots  a picture of every page, in ./screenshots (needs Chromium)"
	@echo "make release RELEASE_KEY=~/.ssh/petition-release   pack and sign the version that is committed, in ./dist"
	@echo "make messages  collect and compile the translations (needs gettext)"

run: install
	@exec $(PY) -m tryout.run

manage: install
	@exec $(PY) -m tryout.manage $(ARGS)

# Tests that start whole servers stay together in one process, those in a browser in another: they time what they start.
# A process that dies ends the run: what it left behind would make other tests fail or wait.
test: install-dev
	@exec $(PY) -m pytest -n 2 --dist loadgroup --max-worker-restart 0 $(TESTS)

lint: install-dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	$(PY) -m djlint templates --check --quiet
	$(PY) -m djlint templates --lint --quiet
	DJANGO_SETTINGS_MODULE=tests.tool_settings $(PY) manage.py makemigrations --check --dry-run --skip-checks
	$(PY) -m tests.translations
	@ignored=$$(git ls-files --cached --ignored --exclude-standard 2>/dev/null) || true; \
	if [ -n "$$ignored" ]; then echo "Committed although .gitignore names it: $$ignored" >&2; exit 1; fi

coverage: install-dev
	@exec $(PY) -m pytest -n 2 --dist loadgroup --max-worker-restart 0 --cov --cov-report term:skip-covered tests/unit tests/journeys

bench: install-dev
	@exec $(PY) -m benchmarks

screenshots: install-dev
	@exec $(PY) -m tests.screenshots

export RELEASE_KEY
release: install
	@exec $(PY) -m releasing

CATALOGUES := $(patsubst locale/%/LC_MESSAGES,--locale=%,$(wildcard locale/*/LC_MESSAGES))
# Lines of one width and no date of collection: a catalogue changes only where its texts do.
messages: install-dev
	DJANGO_SETTINGS_MODULE=tests.tool_settings $(PY) manage.py makemessages $(CATALOGUES) --ignore .venv --ignore var --no-obsolete --add-location file
	@for po in locale/*/LC_MESSAGES/django.po; do \
		sed -i.old '/^"POT-Creation-Date:/d' "$$po" && rm "$$po.old" && msgcat --width=100 --output-file="$$po" "$$po"; \
	done
	DJANGO_SETTINGS_MODULE=tests.tool_settings $(PY) manage.py compilemessages --ignore .venv --ignore var
	DJANGO_SETTINGS_MODULE=tests.tool_settings $(PY) manage.py nginx_error_pages deploy/nginx/errors

# A copy of what was installed lies in .venv, so nothing is installed twice and a cut-off installation is repeated.
# umask: where root installs, PostgreSQL's own account must be able to read its programs.
define INSTALL
@umask 022; \
if cmp -s $(1) .venv/$(1) && $(PY) -c ''; then exit 0; fi; \
if ! $(PY) -m pip --version >/dev/null 2>&1; then \
	for python in "$${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
		python=; \
	done; \
	if [ -z "$$python" ]; then echo "Python 3.11 or newer is needed: install it, or set PYTHON to its path." >&2; exit 1; fi; \
	echo "Making the virtual environment with $$python ..."; \
	if ! "$$python" -m venv --clear .venv; then \
		echo "Python's venv module does not work here. On Debian and Ubuntu: apt install python3-venv; then try again." >&2; \
		exit 1; \
	fi; \
fi; \
echo "Installing $(1) ..."; \
$(PY) -m pip install --quiet --require-hashes --requirement $(1) && cp $(1) .venv/$(1)
endef

install:
	$(call INSTALL,requirements.txt)

install-dev: install
	$(call INSTALL,requirements-dev.txt)
