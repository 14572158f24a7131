import { z } from 'zod';
import { optionalText } from './fields.js';
import { checkTls } from './rules.js';

const serverExpected = 'host:port';

/** `host:port` of a server; an address of version 6 in brackets. */
export const hostAndPort = z
  .string(serverExpected)
  .regex(
    /^([A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/,
    serverExpected,
  );

const files = z
  .strictObject({
    ca_file: optionalText('ca.pem', 'Certificates to trust, instead of those of Node'),
    cert_file: optionalText('client.pem', 'Certificate that Weir shows, where it is asked for'),
    key_file: optionalText('client-key.pem', 'Key of that certificate'),
  })
  .check(checkTls);

const noFiles: z.output<typeof files> = {};

/** `false`, `true`, or a section of files; null is without TLS. */
export function tls(description: string) {
  return z
    .union([z.boolean('true or false'), files], 'true, false or a section')
    .default(false)
    .describe(description)
    .transform((given) => {
      if (given === false) return null;
      const { ca_file: ca, cert_file: cert, key_file: key } = given === true ? noFiles : given;
      return { caFile: ca ?? null, certFile: cert ?? null, keyFile: key ?? null };
    });
}
