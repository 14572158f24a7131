/** A row that the server will not take however often it is sent. */
export interface RefusedRow {
  readonly table: string;
  /** By column; times in milliseconds. */
  readonly row: Readonly<Record<string, unknown>>;
  readonly reason: string;
}
