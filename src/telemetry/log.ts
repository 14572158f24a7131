import { WeirError } from '../errors.js';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one line per message: a sentence and the fields that belong to it. */
export type Log = {
  readonly [L in LogLevel]: (message: string, fields?: LogFields) => void;
};

export interface LogOptions {
  /** Lines below it are left out; `info` by default. */
  readonly level?: LogLevel;
  /** `text` for people (default), `json` for machines. */
  readonly format?: 'text' | 'json';
  /** Takes a whole line, its end included; standard error by default. */
  readonly write?: (line: string) => void;
  readonly nowMs?: () => number;
}

const secretName = /password|secret|token|authorization|api_?key/i;

/** Errors as code and message; a stack only where the fault is Weir's own. */
function plain(name: string, value: unknown): unknown {
  if (secretName.test(name)) return '***';
  if (value instanceof WeirError) return `${value.code}: ${value.message}`;
  if (value instanceof Error) return value.stack ?? value.message;
  return value;
}

/** Quotes whatever could end the line or the field, so that data cannot forge a line. */
function word(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
}

/** One line that control characters in the message cannot break. */
function sentence(message: string): string {
  return message.replace(/\p{Cc}/gu, (c) => JSON.stringify(c).slice(1, -1));
}

export function createLog(options: LogOptions = {}): Log {
  const { level = 'info', format = 'text', nowMs = Date.now } = options;
  const write = options.write ?? ((line: string) => process.stderr.write(line));
  const lowest = logLevels.indexOf(level);
  const at =
    (own: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (logLevels.indexOf(own) < lowest) return;
      const time = new Date(nowMs()).toISOString();
      const entries = Object.entries(fields).map(([name, value]) => [name, plain(name, value)]);
      if (format === 'json') {
        write(`${JSON.stringify({ ...Object.fromEntries(entries), time, level: own, message })}\n`);
        return;
      }
      const words = entries.map(([name, value]) => ` ${name}=${word(value)}`).join('');
      write(`${time} ${own.toUpperCase().padEnd(5)} ${sentence(message)}${words}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
