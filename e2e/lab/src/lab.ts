/** A place for parts: processes, machines and changes of the host that go together. */
export interface Lab {
  readonly name: string;
  /** Its folder; private to this user. */
  readonly dir: string;
  /** Takes back everything that was done in it and removes its folder. May be called again. */
  close(): Promise<void>;
}
