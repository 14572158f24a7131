/** The places where a test may end the process: on either side of every write that others see. */
export const failPoints = [
  'ingest.judged',
  'ingest.appended',
  'ingest.committed',
  'task.taken',
  'output.sent',
  'snapshot.written',
  'policy.begun',
  'policy.committed',
] as const;
export type FailPoint = (typeof failPoints)[number];

let armed: { readonly name: string; left: number } | null = null;

/**
 * Arms one point: `NAME:COUNT` ends the process with SIGKILL at the COUNT-th time it is passed. For
 * tests of recovery; nothing else calls it.
 */
export function armFailPoint(spec: string): void {
  const [name = '', count = '1'] = spec.split(':');
  armed = { name, left: Number(count) };
}

export function failPoint(name: FailPoint): void {
  if (armed === null || armed.name !== name) return;
  if (--armed.left <= 0) process.kill(process.pid, 'SIGKILL');
}
