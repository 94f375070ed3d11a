import { sql } from 'drizzle-orm'
import {
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { user } from '#kit/auth-tables'
import { instant } from '#kit/instant'
import type { ItineraryDay, TravelSettings } from './json-shapes.ts'

export const preferences = pgTable(
  'preferences',
  {
    userId: text('user_id').primaryKey(),
    settings: jsonb('settings').$type<TravelSettings>().notNull(),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (table) => [
    foreignKey({
      name: 'preferences_user_id_fkey',
      columns: [table.userId],
      foreignColumns: [user.id],
    }).onDelete('cascade'),
    check('preferences_settings_check', sql`jsonb_typeof(${table.settings}) = 'object'`),
    check('preferences_version_check', sql`${table.version} > 0`),
  ],
)

export const itineraries = pgTable(
  'itineraries',
  {
    id: uuid('id').primaryKey(),
    userId: text('user_id').notNull(),
    title: text('title').notNull(),
    destination: text('destination').notNull(),
    startsOn: date('starts_on', { mode: 'string' }),
    endsOn: date('ends_on', { mode: 'string' }),
    status: text('status', { enum: ['draft', 'planned', 'completed'] })
      .notNull()
      .default('draft'),
    notes: text('notes'),
    days: jsonb('days').$type<ItineraryDay[]>().notNull().default([]),
    version: integer('version').notNull().default(1),
    archivedAt: instant('archived_at'),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (table) => [
    foreignKey({
      name: 'itineraries_user_id_fkey',
      columns: [table.userId],
      foreignColumns: [user.id],
    }).onDelete('cascade'),
    // Ascending although lists start with the newest: PostgreSQL reads it backwards, while .desc() would emit NULLS
    // LAST, which no ORDER BY of ours can use.
    index('itineraries_user_id_created_at_id_idx').on(table.userId, table.createdAt, table.id),
    check('itineraries_title_check', sql`char_length(${table.title}) BETWEEN 1 AND 200`),
    check('itineraries_destination_check', sql`char_length(${table.destination}) BETWEEN 1 AND 200`),
    check('itineraries_notes_check', sql`char_length(${table.notes}) BETWEEN 1 AND 10000`),
    check('itineraries_starts_on_ends_on_check', sql`${table.endsOn} >= ${table.startsOn}`),
    check('itineraries_status_check', sql`${table.status} IN ('draft', 'planned', 'completed')`),
    check('itineraries_days_check', sql`jsonb_typeof(${table.days}) = 'array'`),
    check('itineraries_version_check', sql`${table.version} > 0`),
  ],
)

export const conversations = pgTable(
  'conversations',
  {
    id: uuid('id').primaryKey(),
    userId: text('user_id').notNull(),
    itineraryId: uuid('itinerary_id'),
    title: text('title').notNull(),
    /** Number of messages ever appended; its row lock makes message positions unique. */
    messageCount: integer('message_count').notNull().default(0),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (table) => [
    foreignKey({
      name: 'conversations_user_id_fkey',
      columns: [table.userId],
      foreignColumns: [user.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'conversations_itinerary_id_fkey',
      columns: [table.itineraryId],
      foreignColumns: [itineraries.id],
    }).onDelete('set null'),
    index('conversations_user_id_created_at_id_idx').on(table.userId, table.createdAt, table.id),
    // Without this index every deleted itinerary scans the table for rows to set to null.
    index('conversations_itinerary_id_idx').on(table.itineraryId),
    check('conversations_title_check', sql`char_length(${table.title}) BETWEEN 1 AND 200`),
    check('conversations_message_count_check', sql`${table.messageCount} >= 0`),
  ],
)

export const messages = pgTable(
  'messages',
  {
    id: uuid('id').primaryKey(),
    conversationId: uuid('conversation_id').notNull(),
    /** 1, 2, 3 ... within its conversation: the order of appending, independent of clocks. */
    position: integer('position').notNull(),
    role: text('role', { enum: ['user', 'assistant', 'system', 'tool'] }).notNull(),
    content: text('content').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [
    foreignKey({
      name: 'messages_conversation_id_fkey',
      columns: [table.conversationId],
      foreignColumns: [conversations.id],
    }).onDelete('cascade'),
    unique('messages_conversation_id_position_key').on(table.conversationId, table.position),
    check('messages_position_check', sql`${table.position} > 0`),
    check('messages_role_check', sql`${table.role} IN ('user', 'assistant', 'system', 'tool')`),
    check('messages_content_check', sql`char_length(${table.content}) BETWEEN 1 AND 32000`),
  ],
)
