import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Tells one process from all others that had or will have its id. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Boot id and start time where /proc has them, else empty: then the id alone must do. */
  readonly start: string;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), start: procStart(process.pid)?.start ?? '' };
}

/** Whether a process of this host runs (a killed one that nobody has waited for does not). */
export function isRunning(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0);
  } catch (cause) {
    // EPERM: it runs, as somebody else's.
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPERM')) return false;
  }
  const found = procStart(identity.pid);
  if (found === undefined || identity.start === '') return true;
  return found.start === identity.start && !found.dead;
}

/** From proc(5); undefined where it is not mounted or hides the process. */
function procStart(pid: number): { readonly start: string; readonly dead: boolean } | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Field 2, the name, may hold spaces and parentheses: count from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0] ?? '';
    return { start: `${boot}/${fields[19] ?? ''}`, dead: 'ZXx'.includes(state) };
  } catch {
    return undefined;
  }
}
