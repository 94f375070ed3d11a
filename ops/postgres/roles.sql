-- The five roles and what each may do in the current database. Plain SQL without psql commands, so that the container's
-- entrypoint, the embedded server and the tests all run this one file; every statement can be run again.
-- Passwords are not here: whoever runs this sets them afterwards with ALTER ROLE ... PASSWORD.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'owner') THEN CREATE ROLE owner NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'migrator') THEN CREATE ROLE migrator LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN CREATE ROLE app LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backup') THEN CREATE ROLE backup LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'monitor') THEN CREATE ROLE monitor LOGIN; END IF;
END
$$;

-- Whatever the migrator creates belongs to owner, also when plain drizzle-kit is the one that connects.
GRANT owner TO migrator;
ALTER ROLE migrator SET role TO 'owner';
-- A restore makes a new database beside the live one and swaps the names.
ALTER ROLE owner CREATEDB;
-- ... and cuts the connections that still hold the old name.
GRANT pg_signal_backend TO migrator;
-- A migration that waits for a lock says for how long its holder has sat there.
GRANT pg_read_all_stats TO migrator;

-- Row security would hide rows from a dump otherwise.
ALTER ROLE backup BYPASSRLS;
GRANT pg_read_all_data TO backup;
GRANT pg_monitor TO monitor;

DO $$
BEGIN
  EXECUTE format('ALTER DATABASE %I OWNER TO owner', current_database());
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO app, backup, monitor', current_database());
END
$$;

ALTER SCHEMA public OWNER TO owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app, backup;
ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA public GRANT USAGE ON SEQUENCES TO app;

-- Drizzle's journal: the API reads it to know whether its migrations are there.
CREATE SCHEMA IF NOT EXISTS drizzle AUTHORIZATION owner;
GRANT USAGE ON SCHEMA drizzle TO app, backup, monitor;
ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA drizzle GRANT SELECT ON TABLES TO app, backup, monitor;
