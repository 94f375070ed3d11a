-- The five roles and what each may do in the current database. Plain SQL without psql commands, so that the container's
-- entrypoint, the embedded server and the tests all run this one file; every statement can be run again.
-- Passwords are not here: the caller of this file sets them afterwards with ALTER ROLE ... PASSWORD.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'owner') THEN CREATE ROLE owner NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'migrator') THEN CREATE ROLE migrator LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN CREATE ROLE app LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backup') THEN CREATE ROLE backup LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'monitor') THEN CREATE ROLE monitor LOGIN; END IF;
END
$$;

-- Every object that the migrator creates belongs to owner, also when plain drizzle-kit is the one that connects.
GRANT owner TO migrator;
ALTER ROLE migrator SET role TO 'owner';
-- A restore makes a new database beside the live one and swaps the names.
ALTER ROLE owner CREATEDB;
-- ... and cuts the connections that still hold the old name.
GRANT pg_signal_backend TO migrator;
-- A migration that waits for a lock prints for how long the other session has held it.
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
GRANT USAGE ON SCHEMA public TO app, backup, monitor;

-- In every schema that a migration makes, and in public. A REVOKE in a migration comes later and counts.
ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT USAGE ON SCHEMAS TO app, backup, monitor;
ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT USAGE ON SEQUENCES TO app;
-- Earlier versions of this file granted them in public alone.
ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA public REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM app;
ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA public REVOKE USAGE ON SEQUENCES FROM app;

-- Drizzle's journal, as Drizzle makes it: the API reads it to know whether its migrations are there, and writes nothing in it.
CREATE SCHEMA IF NOT EXISTS drizzle AUTHORIZATION owner;
GRANT USAGE ON SCHEMA drizzle TO app, backup, monitor;
ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA drizzle GRANT SELECT ON TABLES TO app, backup, monitor;
CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint);
ALTER TABLE drizzle.__drizzle_migrations OWNER TO owner;
DO $$
BEGIN
  IF has_table_privilege('app', 'drizzle.__drizzle_migrations', 'INSERT') THEN
    REVOKE ALL ON ALL TABLES IN SCHEMA drizzle FROM app;
    REVOKE ALL ON ALL SEQUENCES IN SCHEMA drizzle FROM app;
  END IF;
END
$$;
GRANT SELECT ON ALL TABLES IN SCHEMA drizzle TO app, backup, monitor;

-- Tables that were made before these default privileges. An access list that is there was written by them or by a migration.
DO $$
DECLARE
  each record;
BEGIN
  FOR each IN SELECT nspname FROM pg_namespace WHERE nspowner = 'owner'::regrole AND nspacl IS NULL LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO app, backup, monitor', each.nspname);
  END LOOP;
  FOR each IN
    SELECT n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relowner = 'owner'::regrole AND c.relacl IS NULL AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND n.nspname <> 'drizzle' AND n.nspname !~ '^pg_'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format(
      CASE each.relkind WHEN 'S' THEN 'GRANT USAGE ON SEQUENCE %I.%I TO app'
        ELSE 'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE %I.%I TO app' END,
      each.nspname, each.relname);
  END LOOP;
END
$$;
