# Every target is one line; what it runs is in tools/ or in the openoh command line.
.PHONY: env env-dev lock demo demo-reset test test-fast test-long check format bench docs

PYTHON ?= python3.11
BIN := .venv/bin

env:            ## the environment that the service needs, from the hashed lock
	@$(PYTHON) tools/make_env.py --lock requirements-web.lock
env-dev:        ## the environment that tests and checks need as well, Chromium included
	@$(PYTHON) tools/make_env.py --lock requirements.lock --with-chromium
lock:           ## renew both hashed locks (needs uv)
	@$(PYTHON) tools/make_locks.py
demo: env       ## a living service with invented people, on one address
	@$(BIN)/openoh demo
demo-reset: env ## the same, starting afresh
	@$(BIN)/openoh demo --reset
test: env-dev   ## everything that must pass before a change lands
	@$(BIN)/python tools/run_tests.py all
test-fast: env-dev ## what a developer runs while typing
	@$(BIN)/python tools/run_tests.py fast
test-long: env-dev ## fuzzing, many kills, large data
	@$(BIN)/python tools/run_tests.py long
check: env-dev  ## format, lint, types, architecture, migrations, docs
	@$(BIN)/python tools/run_checks.py
format: env-dev ## put the code into the project's format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .
bench: env-dev  ## every benchmark; each prints one ratio against its limit
	@$(BIN)/python bench/run_all.py
docs: env-dev   ## the reference pages that come from the code
	@$(BIN)/openoh docs
