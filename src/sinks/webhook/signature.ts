import { createHmac } from 'node:crypto';

/**
 * What a receiver checks: `v1=` and the HMAC-SHA256, in hex, of timestamp, id and body with dots
 * between them. The timestamp is in it so that an old request cannot be sent again as a new one.
 */
export function signature(secret: string, timestamp: string, id: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${id}.${body}`).digest('hex')}`;
}
