-- Rights of the role `backup` for base backups and named restore points. For the database `postgres` alone: in one that is
-- dumped these grants would be in the dump, and a restore could not repeat them. Every start applies it (keep-archive.sh).
GRANT EXECUTE ON FUNCTION pg_backup_start(text, boolean), pg_backup_stop(boolean), pg_switch_wal(),
  pg_create_restore_point(text) TO backup;
-- pgBackRest compares settings of the server with its own.
GRANT pg_read_all_settings TO backup;
