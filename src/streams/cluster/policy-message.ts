import { type Command, parseCommand } from '../../monitors/command.js';
import type { MonitorClosing } from '../../operators/monitor-plan.js';
import { parseClosing } from './monitor-message.js';

/** What stands in the monitor log: what samplers closed, and what people and trainers say. */
export type PolicyMessage =
  | { readonly kind: 'closing'; readonly closing: MonitorClosing }
  | { readonly kind: 'command'; readonly command: Command }
  /** Someone else's, or of another version of Weir. */
  | { readonly kind: 'foreign' };

const commandStart = '{"command":';

/** A command as a message of the monitor log. */
export function commandJson(command: Command): string {
  return JSON.stringify({ command });
}

export function parsePolicyMessage(text: string): PolicyMessage {
  if (!text.startsWith(commandStart)) return { kind: 'closing', closing: parseClosing(text) };
  try {
    const parsed = parseCommand((JSON.parse(text) as { command: unknown }).command); // as it starts
    return parsed.ok ? { kind: 'command', command: parsed.command } : { kind: 'foreign' };
  } catch {
    return { kind: 'foreign' };
  }
}
