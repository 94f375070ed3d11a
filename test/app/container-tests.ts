/** Integration tests of the application that also run on a PostgreSQL in a container. */
export const containerTests = ['travel/itineraries-routes', 'travel/create-once', 'travel/seed']
