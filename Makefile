.PHONY: help run test test-all lint bench translations clean

help: ## Show this list.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: ## Set up what is missing and open the window.
	bash packaging/run.sh

test: ## Set up what is missing and run the tests.
	bash packaging/test.sh

test-all: ## The tests with the long sweeps.
	bash packaging/test.sh -m "not perf"

lint: ## Style, types and the laws of the house, without the tests.
	bash packaging/setup-python.sh test
	.venv/bin/ruff check app tests packaging
	.venv/bin/ruff format --check app tests packaging
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: ## Absolute times, on a machine that does nothing else.
	bash packaging/test.sh -m perf -s tests/perf

translations: ## Look for new texts of the window, and compile the translations.
	.venv/bin/python packaging/translations.py --update

clean: ## Remove what can be made again. Built wheels are kept.
	rm -rf .venv build dist resources/translations/*.qm .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find app tests packaging -name __pycache__ -type d -prune -exec rm -rf {} +
