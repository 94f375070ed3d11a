-- Lists what an update of the image may have broken: collations, of the database and of indexes, whose library sorts by other
-- rules than at the time they were made. C.UTF-8, which the kit uses, sorts by code point and has no version.
SELECT format('the database sorts by %s of version %s, the image has %s', datcollate, datcollversion, pg_database_collation_actual_version(oid)),
       format('REINDEX DATABASE %1$I; ALTER DATABASE %1$I REFRESH COLLATION VERSION', datname)
  FROM pg_database
 WHERE datname = current_database() AND datcollversion <> pg_database_collation_actual_version(oid)
UNION ALL
SELECT format('index %s sorts by %s of version %s, the image has %s', i.indexrelid::regclass, c.oid::regcollation, c.collversion, pg_collation_actual_version(c.oid)),
       format('REINDEX INDEX %s; ALTER COLLATION %s REFRESH VERSION', i.indexrelid::regclass, c.oid::regcollation)
  FROM pg_index i
  JOIN pg_collation c ON c.oid = ANY (i.indcollation::oid[])
 WHERE c.collversion <> pg_collation_actual_version(c.oid)
 ORDER BY 1;
