import { z } from 'zod';
import { duration, optionalText, requiredText, secret, webAddress } from './fields.js';
import { checkWebhook } from './rules.js';

/** Without it alerts and retraining events go to topics, tables and the log only. */
export const webhook = z
  .strictObject({
    url: requiredText(
      'https://alerts.example.org/weir',
      'Address that alerts and retraining events are posted to',
      webAddress,
      { format: 'uri' },
    ),
    secret: secret('Key of the HMAC-SHA256 signature; without it requests are not signed'),
    secret_file: optionalText('webhook-secret.txt', 'File that holds the key, instead of it'),
    timeout: duration('5s', ['100ms', '1m'], 'How long an answer may take'),
    retry_for: duration('24h', ['1m', '30d'], 'After so long a message is given up'),
  })
  .check(checkWebhook)
  .transform(({ url, secret: key, timeout, retry_for: retryForMs }) => ({
    url,
    secret: key ?? null,
    timeoutMs: timeout,
    retryForMs,
  }))
  .optional()
  .transform((section) => section ?? null);
