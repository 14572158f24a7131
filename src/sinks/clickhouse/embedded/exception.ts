/** A ClickHouse exception as its HTTP interface sends it. */
export interface Exception {
  readonly code: number;
  /** `Code: 60. DB::Exception: … (UNKNOWN_TABLE)` */
  readonly text: string;
}

/** An exception of the HTTP layer itself, in ClickHouse's own form. */
export function exception(code: number, message: string, name: string): Exception {
  return { code, text: `Code: ${code}. DB::Exception: ${message} (${name})` };
}

/**
 * Reads code and text out of an error that chdb threw; code 1002 (UNKNOWN_EXCEPTION) without one.
 */
export function exceptionOf(error: unknown): Exception {
  const message = error instanceof Error ? error.message : String(error);
  const found = /Code: (\d+)\./.exec(message);
  return found === null
    ? exception(1002, message, 'UNKNOWN_EXCEPTION')
    : { code: Number(found[1]), text: message.slice(found.index) };
}
