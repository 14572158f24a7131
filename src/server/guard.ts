import { type Answer, problem } from './answer.js';

/** Sent with every answer: nothing but Weir's own files may run on or frame the page. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/** Whether an address can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The name in a `Host` header, without the port. */
function nameOf(hostHeader: string): string {
  return hostHeader.replace(/:\d*$/, '').toLowerCase();
}

/**
 * Refuses what a foreign web page could make a browser send here: on a loopback address only local
 * names are answered (DNS rebinding), and no other origin may ask (cross-site requests).
 */
export function createGuard(
  host: string,
  allowedHosts: readonly string[],
): (hostHeader: string | undefined, origin: string | undefined) => Answer | undefined {
  const names = new Set([...loopbackNames, host, ...allowedHosts].map((n) => n.toLowerCase()));
  const local = isLoopback(host);
  return (hostHeader = '', origin) => {
    if (local && !names.has(nameOf(hostHeader))) {
      return problem(
        403,
        'foreign-host',
        `this address answers to ${[...names].join(', ')} only; add other names to server.allowed_hosts`,
      );
    }
    if (origin !== undefined && !/^https?:\/\//.test(origin)) return foreignOrigin();
    if (origin !== undefined && origin.replace(/^https?:\/\//, '') !== hostHeader) {
      return foreignOrigin();
    }
    return undefined;
  };
}

function foreignOrigin(): Answer {
  return problem(403, 'foreign-origin', 'a page of another origin may not use this server');
}
