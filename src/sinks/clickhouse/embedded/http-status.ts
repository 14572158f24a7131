/**
 * HTTP status of ClickHouse exception codes, as its own HTTP interface answers them; 500 otherwise.
 */
const statusByCode: Readonly<Record<number, number>> = {
  159: 408, // TIMEOUT_EXCEEDED
  202: 503, // TOO_MANY_SIMULTANEOUS_QUERIES
  439: 503, // CANNOT_SCHEDULE_TASK
  48: 501, // NOT_IMPLEMENTED
  193: 401, // WRONG_PASSWORD
  194: 401, // REQUIRED_PASSWORD
  497: 403, // ACCESS_DENIED
  516: 403, // AUTHENTICATION_FAILED
  223: 413, // QUERY_IS_TOO_LARGE
};

/**
 * UNKNOWN_FUNCTION, _IDENTIFIER, _TYPE, _STORAGE, _TABLE, _AGGREGATE_FUNCTION, _FORMAT, _DATABASE,
 * _SETTING.
 */
const notFound = new Set([46, 47, 50, 56, 60, 63, 73, 81, 115]);

/**
 * CANNOT_PARSE_*, TYPE_MISMATCH, SYNTAX_ERROR, INCORRECT_DATA, UNKNOWN_QUERY_PARAMETER and the
 * like.
 */
const badRequest = new Set([
  6, 25, 26, 27, 33, 38, 41, 43, 53, 62, 69, 70, 72, 108, 117, 130, 131, 164, 349, 441, 456, 457,
]);

export function httpStatus(code: number): number {
  if (notFound.has(code)) return 404;
  if (badRequest.has(code)) return 400;
  return statusByCode[code] ?? 500;
}
