/** What the parent tells the host process to do; sent as its first message. */
export interface HostSettings {
  /** Directory of the engine's data; made where it is missing. */
  readonly directory: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly username: string;
  /** Empty asks for none. */
  readonly password: string;
  readonly threads: number;
  readonly memoryBytesMax: number;
  /** Statements that run at a time. */
  readonly concurrency: number;
  /** Statements that wait; one more is refused with code 202. */
  readonly waitingMax: number;
  readonly bodyBytesMax: number;
  /** Further elements of the engine's configuration, as XML; empty for none. */
  readonly elements: string;
}

/** What the host process answers. */
export type HostMessage =
  | { readonly kind: 'ready'; readonly port: number; readonly version: string }
  | {
      readonly kind: 'failed';
      readonly why: 'port-taken' | 'other';
      readonly message: string;
    };
