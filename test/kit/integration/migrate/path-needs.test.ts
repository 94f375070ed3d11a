import { describe, expect, it } from 'vitest'
import { findPathNeeds } from '../../../../src/kit/migrate/find-path-needs.ts'
import { withSession } from '../../../../src/kit/migrate/with-session.ts'
import { openMigratorDatabase } from './support/migrator-database.ts'
import { runLimits } from '../../support/run-limits.ts'

const slug = `create table limits (most int); create type mood as enum ('sad', 'ok');
  create function tidy(t text) returns text immutable language sql return lower(t);
  create function slug(t text) returns text immutable language plpgsql as $$ begin return tidy(t); end $$;`

async function needsAfter(sql: string): Promise<string[]> {
  const database = await openMigratorDatabase()
  await database.admin.unsafe('create extension citext; create extension pg_trgm')
  await database.sql.unsafe(slug + sql)
  const needs = await withSession(
    { ...runLimits, url: database.urlFor('migrator'), folder: '' },
    findPathNeeds,
  )
  return needs.map(({ routine, usedBy, reason }) => `${routine} | ${usedBy} | ${reason}`)
}

const unnamed = 'it names tidy without a schema'

describe('a function that a restore evaluates', { timeout: 30_000 }, () => {
  it.each([
    [
      'a generated column',
      'create table pages (title text, slug text generated always as (slug(title)) stored)',
      [`public.slug(text) | generated column public.pages.slug | ${unnamed}`],
    ],
    [
      'a check, by a body that the server reads',
      `create function within(n int) returns boolean language sql stable as 'select n <= most from limits';
       create table weights (n int constraint light check (within(n)))`,
      ['public.within(integer) | check light of public.weights | relation "limits" does not exist'],
    ],
    [
      'a domain',
      'create domain code as text check (slug(value) = value)',
      [`public.slug(text) | domain public.code | ${unnamed}`],
    ],
    [
      'the expression of an index',
      'create table words (w text); create index folded on words (slug(w))',
      [`public.slug(text) | index public.folded | ${unnamed}`],
    ],
    [
      'the predicate of an index',
      `create table words (w text); create unique index partly on words (w) where slug(w) <> ''`,
      [`public.slug(text) | index public.partly | ${unnamed}`],
    ],
    [
      'an exclusion constraint',
      'create table words (w text, constraint one exclude using btree (slug(w) with =))',
      [`public.slug(text) | index public.one | ${unnamed}`],
    ],
    [
      'a partition key',
      'create table words (w text) partition by list (slug(w))',
      [`public.slug(text) | partition key of public.words | ${unnamed}`],
    ],
    [
      'a view that a materialized view reads',
      `create view seen as select public.slug('A') as s; create materialized view kept as select s from seen with no data`,
      [`public.slug(text) | materialized view public.kept | ${unnamed}`],
    ],
    [
      'statistics of an expression',
      'create table words (w text, n int); create statistics two on (slug(w)), n from words',
      [`public.slug(text) | statistics two | ${unnamed}`],
    ],
    [
      'an operator of its own',
      `create function near(a text, b text) returns boolean immutable language plpgsql as $$ begin return tidy(a) = tidy(b); end $$;
       create operator ~~~~ (leftarg = text, rightarg = text, function = near);
       create table words (w text check (w ~~~~ 'a'))`,
      [`public.near(text,text) | check words_w_check of public.words | ${unnamed}`],
    ],
    [
      'a function that is called with its schema',
      `create function outer_one(t text) returns text immutable language plpgsql as $$ begin return public.slug(t); end $$;
       create table words (w text check (outer_one(w) <> ''))`,
      [`public.slug(text) | check words_w_check of public.words | ${unnamed}`],
    ],
    [
      'a declared type',
      `create function felt(t text) returns boolean immutable language plpgsql as $$ declare m mood; begin m := t; return true; end $$;
       create table words (w text check (felt(w)))`,
      ['public.felt(text) | check words_w_check of public.words | type "mood" does not exist'],
    ],
    [
      'a type and a function of an extension',
      `create function alike(a text, b text) returns boolean immutable language sql as $$ select a::citext = b::citext and similarity(a, b) > 0.3 $$;
       create table words (w text check (alike(w, 'a')))`,
      ['public.alike(text,text) | check words_w_check of public.words | type "citext" does not exist'],
    ],
    [
      'an operator of an extension',
      `create function like_it(a text, b text) returns boolean immutable language sql as $$ select a % b $$;
       create table words (w text check (like_it(w, 'a')))`,
      [
        'public.like_it(text,text) | check words_w_check of public.words | operator does not exist: text % text',
      ],
    ],
  ])('is found: %s', async (_, sql, expected) => {
    expect(await needsAfter(sql)).toEqual(expected)
  })

  it('is no fault where it needs nothing, or where a restore does not evaluate it', async () => {
    const needs = await needsAfter(`
      create function own_path(t text) returns text immutable language plpgsql set search_path = public as $$ begin return slug(t); end $$;
      create function qualified(t text) returns text immutable language plpgsql as $$ begin
        return (with limits as (select 1 as most) select public.tidy(t) || most from limits)::varchar; end $$;
      create function resolved(t text) returns text immutable begin atomic select tidy(t); end;
      create function touch() returns trigger language plpgsql as $$ begin new.w := slug(new.w); return new; end $$;
      create table words (
        w text default slug('A') check (own_path(w) <> ''), m mood, c citext check (c <> ''::citext),
        q text generated always as (qualified(w) || resolved(w) || md5(w)) stored);
      create trigger touched before insert on words for each row execute function touch();
      create index trigrams on words using gin (w gin_trgm_ops);
      create view seen as select slug(w) from words;
      create domain other as text default slug('B');
      create table more (o other, n int check (n > 0))`)

    expect(needs).toEqual([])
  })
})
