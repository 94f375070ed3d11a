# The one front door; `make` prints this help. Logic lives in ops/ and src/, CI calls these same targets.
SHELL := bash
.SHELLFLAGS := -Eeuo pipefail -c
.DEFAULT_GOAL := help
# Judged by ops/require-minimums.sh.
export MAKE_VERSION
drill_options = $(if $(RUNS),--runs=$(RUNS)) $(if $(ONLY),--only='$(ONLY)') $(if $(SEED),--seed=$(SEED))
COMPOSE = ops/require-engine.sh && docker compose --file compose.prod.yaml
.PHONY: help setup base-images up down status logs psql roles dev migration seed check goldens test test-unit test-integration test-system drill storm bench ci \
	migrate-status migrate-plan backfill rehearse backup backups verify-backup backup-config fetch-config restore-config backup-key-test restore restore-point restore-undo upgrade-postgres free-ballast

help: ## Print this help
	@awk -f ops/help.awk $(MAKEFILE_LIST)

## Start
setup: ## Write .env and secrets where they are missing; never overwrite (DOMAIN=example.com TLS=you@example.com)
	@ops/setup.sh

base-images: setup ## Build the base images from Debian packages, for networks without an image registry
	@ops/base-images.sh && ops/setup.sh

up: ## Bring up the production stack and wait until it is healthy (embedded where no engine answers)
	@ops/up.sh

down: ## Stop what `make up` started; all data stays
	@ops/down.sh

status: ## Say what runs and how it is
	@ops/status.sh

logs: ## Follow the logs of the stack (SERVICE=api for one)
	@ops/logs.sh $(SERVICE)

psql: ## Open psql as the superuser, on the socket inside the container (DATABASE=name for another one)
	@$(COMPOSE) exec db psql --username=postgres --dbname='$(or $(DATABASE),slipway)'

roles: ## Apply ops/postgres/roles.sql to the running database again, after an update of the kit
	@$(COMPOSE) exec -T db psql --username=postgres --dbname=slipway --quiet --set=ON_ERROR_STOP=1 --file=/etc/slipway/roles.sql

## Develop
dev: node_modules ## Run the API with reload against the development database
	@ops/require-engine.sh && npm run --silent dev

migration: node_modules ## Generate a migration from the schema (NAME=add_itinerary_colour)
	@npm run --silent db:generate -- --name "$(or $(NAME),$(error NAME is missing, for instance NAME=add_itinerary_colour))"
	@npm run --silent db:fingerprint

seed: node_modules ## Fill the development database with sample data; again is harmless
	@npm run --silent db:seed

## Check
check: node_modules ## Format, lint, types, unused code, shell, Prometheus, Caddy, Compose, goldens
	@ops/check.sh

goldens: ## Render the goldens anew, after a change that was meant
	@ops/goldens.sh

rehearse: node_modules ## Run the new migrations on seeded data under traffic, and report what each statement costs
	@npm run --silent db:rehearse -- $(ARGS)

test: node_modules ## Unit and integration tests, and the system tests where an engine answers
	@ops/test.sh

test-unit: node_modules ## Unit tests alone
	@npm run --silent test:unit

test-integration: node_modules ## Integration tests alone, on a real PostgreSQL 16
	@npm run --silent test:integration

test-system: node_modules ## System tests alone, on a production stack of their own
	@ops/require-engine.sh && npm run --silent test:system

drill: node_modules ## Break the database, then the backups, fault by fault, and print what was lost (RUNS=5; BACKUPS=1 alone; KILLS=100 WRITES=1000000; ONLY='frozen' SEED=7)
	@$(if $(BACKUPS),,npm run --silent drill -- $(drill_options) $(if $(KILLS),--kills=$(KILLS) --writes=$(or $(WRITES),0)))
	@$(if $(or $(BACKUPS),$(if $(KILLS)$(ONLY),,both)),npm run --silent drill:backups -- $(drill_options))

storm: node_modules ## Ask the API for ten times more than it can do, slowly and with 1 GB bodies, and print what it did (ARGS=--short)
	@npm run --silent storm -- $(ARGS)

bench: node_modules ## Compare the API with bare node:http and postgres.js in one run
	@npm run --silent bench

ci: ## What CI runs
	@.ci/run

## Ship
migrate-status: ## Show applied and pending migrations of the stack
	@$(COMPOSE) run --rm --no-deps migrate status

migrate-plan: ## Show what `migrate` would do, without doing it
	@$(COMPOSE) run --rm --no-deps migrate plan

backfill: ## Run the large data changes of backfills/ on the stack; resumes where it stopped
	@$(COMPOSE) run --rm --no-deps backfill

maintenance: ## Answer everybody with 503 and a page (ON=1), or no longer (OFF=1); without either, say which
	@ops/maintenance.sh $(if $(ON),on,$(if $(OFF),off))

## Recover
backup: ## Take a backup now, check it, and put it into backups/
	@ops/backup.sh

backups: ## List the backups
	@$(COMPOSE) exec backup node backup.js list

verify-backup: ## Prove the newest backups: restore into a throw-away server, compare, try the API (NAME=... KIND=portable)
	@ops/verify-backup.sh "$(NAME)" "$(KIND)"

backup-config: ## Archive .env, secrets and the data of Caddy, encrypted, into backups/config/
	@ops/backup-config.sh

fetch-config: ## Bring the archive of the configuration from off-site storage to an empty machine (S3=file; else it asks)
	@ops/fetch-config.sh $(foreach key,FROM S3,$(if $(findstring command,$(origin $(key))),'$(key)=$(subst ','\'',$($(key)))'))

restore-config: ## Put .env, secrets and the data of Caddy back (FROM=latest KEY=file of the recovery key)
	@ops/restore-config.sh $(foreach key,FROM KEY YES,$(if $(findstring command,$(origin $(key))),'$(key)=$(subst ','\'',$($(key)))'))

backup-key-test: ## Open the newest backup with the recovery key, which is asked for, and note the day
	@ops/backup-key-test.sh

restore: ## Restore a backup (FROM=name, FROM=offsite:latest), a moment (AT="2026-11-22 09:00:00+00", NAME=point), beside (INTO=db), a table (TABLE=t)
	@ops/restore.sh $(foreach key,FROM AT NAME INTO TABLE DROP_OLDER YES,$(if $(findstring command,$(origin $(key))),'$(key)=$(subst ','\'',$($(key)))'))

restore-point: ## Name this moment, for `make restore NAME=...` later (NAME=before-deploy-42)
	@$(COMPOSE) exec backup node backup.js restore-point "$(NAME)"

restore-undo: ## Go back to what the last restore has set aside; once more is a redo
	@ops/restore-undo.sh

upgrade-postgres: ## Copy the database into a later major of PostgreSQL, compare, and switch (TO=17); BACK=1 returns
	@ops/upgrade-postgres.sh $(foreach key,TO IMAGE BACK YES,$(if $(findstring command,$(origin $(key))),'$(key)=$($(key))'))

free-ballast: ## Give a database on a full disk the room to start again, and wait until it accepts
	@ops/free-ballast.sh

# npm's own lock decides whether anything is to do.
node_modules: package-lock.json $(wildcard patches/*.patch)
	@if command -v npm >/dev/null; then npm ci --no-audit --no-fund --loglevel=error && touch node_modules; fi
