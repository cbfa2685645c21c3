/** When the join tokens that this process has seen stop being valid. Losing it costs one read per token. */
export class TokenMemory {
  readonly #expiry = new Map<string, Date>();

  /** Undefined when this process has not seen the token yet. */
  expiryOf(tokenId: string): Date | undefined {
    return this.#expiry.get(tokenId);
  }

  /** After minting, reading or extending. */
  remember(tokenId: string, expiry: Date): void {
    this.#expiry.set(tokenId, expiry);
  }

  /** After revoking. */
  forget(tokenId: string): void {
    this.#expiry.delete(tokenId);
  }
}
