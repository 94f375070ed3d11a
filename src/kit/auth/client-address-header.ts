/**
 * Request header that carries the client address to Better Auth, which counts and records no other address. The http
 * room sets it on every request it passes on and overwrites the value that a client sent.
 */
export const clientAddressHeader = 'x-client-address'
