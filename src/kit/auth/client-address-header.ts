/**
 * Set by http on every request it hands over, from the address it believes; whatever a client sends under this name
 * is overwritten there. Better Auth counts and records no other address.
 */
export const clientAddressHeader = 'x-client-address'
