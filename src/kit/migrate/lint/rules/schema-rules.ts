import { autocommitHeader, contract, type RuleText } from './rule-text.ts'

/** Rules on changes to the structure of tables with rows and traffic. */
export const structureRules = {
  'add-column-not-null': {
    sentence:
      'a NOT NULL column without a default fails on a table with rows and breaks inserts of the running version',
    hint: 'add it with a constant DEFAULT, or nullable first, then backfill, then SET NOT NULL behind a validated check',
  },
  'add-column-volatile-default': {
    sentence: 'a default that is computed per row rewrites the whole table under ACCESS EXCLUSIVE',
    hint: 'add the column without a default, SET DEFAULT in the next statement, then backfill the old rows',
  },
  'add-column-computed': {
    sentence: 'a serial, identity or stored generated column rewrites the whole table under ACCESS EXCLUSIVE',
    hint: 'add a plain nullable column, fill it by the backfill service, attach the sequence or trigger separately',
  },
  'add-column-unique': {
    sentence: 'a UNIQUE or PRIMARY KEY column builds its index under ACCESS EXCLUSIVE',
    hint: 'add the column alone, CREATE UNIQUE INDEX CONCURRENTLY in a file of its own, then ADD CONSTRAINT ... USING INDEX',
  },
  'add-column-check': {
    sentence: 'a CHECK on a new column scans the whole table under ACCESS EXCLUSIVE',
    hint: 'add the column alone, ADD CONSTRAINT ... CHECK ... NOT VALID, and VALIDATE CONSTRAINT in a later file',
  },
  'add-column-references': {
    sentence: 'REFERENCES on a new column locks both tables against writes in one step',
    hint: 'add the column alone, ADD CONSTRAINT ... FOREIGN KEY ... NOT VALID in the next file, VALIDATE CONSTRAINT after it',
  },
  'add-constraint-without-not-valid': {
    sentence: 'the constraint is checked against every row while writes to the table wait',
    hint: 'ADD CONSTRAINT ... NOT VALID here, VALIDATE CONSTRAINT in a later file',
  },
  'add-index-constraint': {
    sentence: 'the constraint builds its index while reads and writes of the table wait',
    hint: 'CREATE UNIQUE INDEX CONCURRENTLY in a file of its own, then ADD CONSTRAINT ... USING INDEX',
  },
  'validate-under-lock': {
    sentence:
      'VALIDATE CONSTRAINT scans the table while this transaction still holds a lock that blocks others',
    hint: 'move VALIDATE CONSTRAINT to a later file of its own',
  },
  'set-not-null': {
    sentence: 'SET NOT NULL scans the whole table under ACCESS EXCLUSIVE',
    hint: 'ADD CONSTRAINT ... CHECK (column IS NOT NULL) NOT VALID, VALIDATE it in a later file, then SET NOT NULL and drop the check',
  },
  'type-by-rehearsal': {
    sentence: 'the server alone knows whether this change of type rewrites the table: not judged here',
    hint: 'run `make rehearse`, which refuses a rewrite',
    warning: true,
  },
  'drop-default': {
    sentence: 'INSERT of the running version leaves the column out and gets NULL, or fails',
    hint: 'keep the default until no running version leaves the column out',
  },
  'change-identity': {
    sentence: 'the running version relies on the numbers that the column gives',
    hint: 'leave the identity as it is; a new key goes into a new column',
  },
  'change-sequence': {
    sentence: 'the sequence hands out other numbers, or goes with another column',
    hint: 'leave a sequence in use as it is; create a new one beside it',
  },
  'drop-unique-key': {
    sentence: 'without its unique key ON CONFLICT of the running version fails, and duplicates get in',
    hint: 'build the new unique index CONCURRENTLY first, release code that uses it, then drop the old one',
  },
  'vacuum-off': {
    sentence: 'without autovacuum the table and its indexes grow without end',
    hint: 'leave autovacuum on; lower autovacuum_vacuum_scale_factor to make it work more often',
  },
  'shadow-table': {
    sentence: 'statements that do not name the schema reach this relation instead of the table',
    hint: 'give it a name that no table has',
  },
  'change-column-type': {
    sentence: 'the change of an attribute rewrites every value of the type and breaks the running version',
    hint: 'add a column of the new type, write both, backfill, switch reads, drop the old column in a later release',
  },
  'rewrite-table': {
    sentence: 'the whole table is rewritten or copied under ACCESS EXCLUSIVE',
    hint: 'build the new form beside the old one, backfill it and switch over in a later release',
  },
  'drop-primary-key': {
    sentence: 'without its primary key the table loses its row identity, and foreign keys and upserts break',
    hint: 'build the new unique index CONCURRENTLY first, and swap both constraints in one acknowledged statement',
  },
  'create-trigger': {
    sentence:
      'the trigger blocks writes while it is created and runs for each row of the running version from then on',
    hint: 'write both places in code, or acknowledge the trigger after a rehearsal that shows its cost',
  },
  'create-rule': {
    sentence: 'a rule silently rewrites the statements of the running version',
    hint: 'use a trigger, or write both places in code',
  },
  'partition-of-existing': {
    sentence: 'a new partition takes ACCESS EXCLUSIVE on its parent and scans the default partition',
    hint: 'create the table alone, then ATTACH PARTITION with a matching validated CHECK in place',
    warning: true,
  },
  'attach-partition': {
    sentence:
      'ATTACH PARTITION scans the table under a lock unless a validated CHECK already proves its bounds',
    hint: 'add the CHECK NOT VALID and validate it in earlier files, then acknowledge this statement',
  },
  'detach-partition': {
    sentence:
      'DETACH PARTITION takes ACCESS EXCLUSIVE on the parent and hides the rows from the running version',
    hint: `use DETACH PARTITION ... CONCURRENTLY: ${autocommitHeader}`,
  },
  'change-owner': {
    sentence: 'an object that the role owner does not own cannot be migrated afterwards',
    hint: 'leave ownership as it is; GRANT what is needed',
    warning: true,
  },
} as const satisfies Record<string, RuleText>

export const contractRules = {
  'drop-column': { sentence: 'the running version still names the column in its queries', hint: contract },
  'drop-table': {
    sentence: 'the rows are gone, and the running version still reads the table',
    hint: contract,
  },
  'drop-object': {
    sentence: 'the running version or another object may still use what is dropped',
    hint: contract,
  },
  'drop-index': {
    sentence: 'DROP INDEX takes ACCESS EXCLUSIVE on the table',
    hint: `use DROP INDEX CONCURRENTLY: ${autocommitHeader}`,
  },
  cascade: {
    sentence: 'CASCADE takes along whatever depends on it, which this file does not show',
    hint: 'name each dependent object in a statement of its own and leave CASCADE out',
  },
  rename: {
    sentence: 'the running version still uses the old name from the moment this commits',
    hint: 'add the new name beside the old one, write both, backfill, switch reads, drop the old one in a later release',
  },
  'enum-value-in-use': {
    sentence: 'a value added to an enum cannot be used in the same transaction',
    hint: 'use the value in a later file',
  },
} as const satisfies Record<string, RuleText>

export const indexRules = {
  'create-index': {
    sentence: 'CREATE INDEX blocks every write to the table until it is built',
    hint: `use CREATE INDEX CONCURRENTLY: ${autocommitHeader}`,
  },
  'concurrently-in-transaction': {
    sentence:
      'CONCURRENTLY cannot run inside the transaction in which this file, or this piece of it, is applied',
    hint: `${autocommitHeader}, with a \`--> statement-breakpoint\` after each statement`,
  },
  reindex: {
    sentence: 'REINDEX blocks writes, and reads that need the index',
    hint: `use REINDEX ... CONCURRENTLY: ${autocommitHeader}`,
  },
  'refresh-view': {
    sentence: 'REFRESH MATERIALIZED VIEW blocks every read of the view',
    hint: 'give the view a unique index and use REFRESH MATERIALIZED VIEW CONCURRENTLY',
  },
  cluster: {
    sentence: 'CLUSTER rewrites the table under ACCESS EXCLUSIVE',
    hint: 'use pg_repack outside of migrations',
  },
  vacuum: {
    sentence: 'VACUUM cannot run in a transaction, and FULL rewrites the table under ACCESS EXCLUSIVE',
    hint: 'leave it to autovacuum, or run plain VACUUM by hand from `make psql`',
  },
  'several-tables': {
    sentence:
      'one transaction locks several existing tables, which deadlocks with requests that take them in another order',
    hint: 'one existing table per file',
  },
  'lock-rows': {
    sentence: 'the SELECT locks every row, and every change of one waits until this file commits',
    hint: 'leave the lock out, or say which rows in a WHERE',
  },
  'lock-table': {
    sentence: 'LOCK TABLE makes the running version wait until this file commits',
    hint: 'let each statement take the lock it needs',
  },
} as const satisfies Record<string, RuleText>
