/** A database with one of everything that a dump can lose; run by a superuser after the roles are there. */
export const everyKindOfContent = `
create schema "odd, schema";
create extension pgcrypto;
create type mood as enum ('sad', 'ok', '"happy"');
create domain small as int check (value < 100);
create type pair as (a int, b text);
create sequence "odd, schema"."Se q" start 41 increment 7;
select nextval('"odd, schema"."Se q"');
create sequence never_called start 9223372036854775806;
create table "Tab le.""x""" (
  id int generated always as identity primary key,
  "sel ect" text, twice text generated always as (upper("sel ect")) stored,
  feeling mood, little small, couple pair, many int[], deep text[][], doc jsonb, old json, raw bytea,
  exact numeric, rough float8, single real, at timestamptz, plain timestamp, span interval, day date, late time with time zone,
  price money, id2 uuid, net inet, range int4range, search tsvector, flag bit varying(9), shape point, markup xml, t text);
insert into "Tab le.""x""" ("sel ect", feeling, little, couple, many, deep, doc, old, raw, exact, rough, single, at, plain, span, day, late,
  price, id2, net, range, search, flag, shape, markup, t) values
  ('💾 50% ''q'' \\ tab	here', '"happy"', 99, (1, 'x,"y'), '{1,null,3}', '{{a,b},{"c d",null}}', '{"b": 1, "a": [null, "é"]}',
   '{"b":1,  "a":2}', '\\x00ff10', 'NaN', 'NaN', '-Infinity', 'infinity', '-infinity', '1 mon -2 days 03:04:05.6', '4713-01-01 BC', '12:00+13',
   12.34, '00000000-0000-0000-0000-000000000001', '::1/64', '[1,5)', 'a:1 b:2', '10101', '(1,2)', '<a>é</a>', 't'),
  (null, null, null, null, null, '{}', 'null', null, '', 1e-20, 0.1::float8 + 0.2, 3.4e38, '2026-03-29 02:30:00 Europe/Vienna', '2026-01-01',
   'PT0S', '5874897-12-31', '00:00-12', -0.01, null, '10.0.0.0/8', 'empty', '', '', null, null, '');
create table empty (n int);
create table without_key as select n, repeat('x', n) as text from generate_series(1, 500) n;
create table parent (id int, region text, primary key (id, region)) partition by list (region);
create table parent_eu partition of parent for values in ('eu');
create table parent_rest partition of parent default;
insert into parent select n, case when n % 2 = 0 then 'eu' else 'us' end from generate_series(1, 300) n;
create table elder (n int primary key); create table heir (more text) inherits (elder);
insert into elder values (1); insert into heir values (2, 'two');
create materialized view seen as select count(*) as n from parent;
create view short as select id from "Tab le.""x""";
create function touch() returns trigger language plpgsql as $f$ begin new."sel ect" := coalesce(new."sel ect", '-'); return new; end $f$;
create trigger touched before update on "Tab le.""x""" for each row execute function touch();
create index on "Tab le.""x""" (lower("sel ect")) where id > 0;
alter table "Tab le.""x""" add constraint positive check (id > 0);
alter table parent enable row level security;
create policy mine on parent for select to app using (region = current_setting('app.region', true));
grant select (id, "sel ect") on "Tab le.""x""" to app; grant all on schema "odd, schema" to app with grant option;
alter default privileges for role owner in schema "odd, schema" grant select on tables to monitor;
select lo_from_bytea(4242, '\\x00010203'::bytea), lo_from_bytea(4243, convert_to(repeat('large', 100000), 'UTF8'));
grant select on large object 4242, 4243 to backup; comment on table empty is 'it''s empty';
`
