import { createRoute, z } from '@hono/zod-openapi'
import { createItineraryInput, itineraryPatch, itinerarySchema } from '../itinerary.ts'
import { pageSchema } from '#kit/page'
import { headerParameters } from '#kit/header-parameters'
import { listQuery } from '#kit/list-query'
import { idParam } from '#kit/id-param'
import { problemResponses } from '#kit/problem-responses'

const named = itinerarySchema.meta({ id: 'Itinerary' })
const itinerary = { 'application/json': { schema: named } }
const page = { 'application/json': { schema: pageSchema(named) } }
const tags = ['itineraries']
const always = problemResponses('unauthenticated', 'unavailable')
const withBody = problemResponses(
  'invalid_request',
  'payload_too_large',
  'unsupported_media_type',
  'unprocessable',
)

export const create = createRoute({
  method: 'post',
  path: '/',
  tags,
  summary:
    'Saves an itinerary; with Idempotency-Key a repeated request creates nothing and gets the first answer',
  parameters: [headerParameters.idempotencyKey],
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: createItineraryInput.meta({ id: 'NewItinerary' }) } },
    },
  },
  responses: { 201: { description: 'Created', content: itinerary }, ...withBody, ...always },
})

export const list = createRoute({
  method: 'get',
  path: '/',
  tags,
  summary: 'Your itineraries, newest first',
  request: {
    query: listQuery.extend({ archived: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional() }),
  },
  responses: {
    200: { description: 'A page', content: page },
    ...problemResponses('invalid_request'),
    ...always,
  },
})

export const read = createRoute({
  method: 'get',
  path: '/{id}',
  tags,
  summary: 'One itinerary; ETag is its version',
  parameters: [headerParameters.ifNoneMatch],
  request: { params: idParam },
  responses: {
    200: { description: 'The itinerary', content: itinerary },
    304: { description: 'Not changed since the version in If-None-Match' },
    ...problemResponses('not_found'),
    ...always,
  },
})

export const update = createRoute({
  method: 'patch',
  path: '/{id}',
  tags,
  summary: 'Changes the fields you send, if nobody changed it meanwhile',
  parameters: [{ ...headerParameters.ifMatch, required: true }],
  request: {
    params: idParam,
    body: {
      required: true,
      content: { 'application/json': { schema: itineraryPatch.meta({ id: 'ItineraryPatch' }) } },
    },
  },
  responses: {
    200: { description: 'The itinerary as it is now', content: itinerary },
    ...problemResponses('not_found', 'precondition_failed', 'precondition_required'),
    ...withBody,
    ...always,
  },
})

export const archive = createRoute({
  method: 'post',
  path: '/{id}/archive',
  tags,
  summary: 'Takes it out of the ordinary list',
  request: { params: idParam },
  responses: {
    200: { description: 'The archived itinerary', content: itinerary },
    ...problemResponses('not_found'),
    ...always,
  },
})

export const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  tags,
  summary: 'Deletes it for good',
  request: { params: idParam },
  responses: { 204: { description: 'Deleted' }, ...problemResponses('not_found'), ...always },
})
