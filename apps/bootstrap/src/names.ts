/** Field manager of this service's writes. */
export const fieldManager = 'k0smotron-bootstrap';

/**
 * Public half of the join token that a config's machine was given, on the config. Written before the token is minted, so
 * that a crash never leaves a token that nobody knows of; removed once the token is revoked.
 */
export const joinTokenAnnotation = 'bootstrap.k0smotron.io/join-token-id';
