import { z } from 'zod';

const text = (max: number) => z.string().trim().min(1).max(max);
const note = z.string().trim().max(2_000).default('');
const who = text(100);
const name = text(300);
const atMs = z.int();

/** A reference that is said is at most so long; those of a hundred features are a tenth of it. */
export const referenceBytesMax = 2_000_000;

/** What people and trainers say to a policy; it stands in the log, so a replay hears it again. */
const commandSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('acknowledge'),
    monitor: name,
    /** Id of the episode. */
    episode: name,
    who,
    note,
    atMs,
  }),
  z.strictObject({
    kind: z.literal('mute'),
    monitor: name,
    /** Null for the whole monitor. */
    feature: name.nullable().default(null),
    /** Event time from which it counts again. */
    untilMs: z.int(),
    reason: text(2_000),
    who,
    atMs,
  }),
  z.strictObject({
    kind: z.literal('unmute'),
    monitor: name,
    feature: name.nullable().default(null),
    who,
    atMs,
  }),
  z.strictObject({
    kind: z.literal('retraining'),
    monitor: name,
    /** Id of the retraining event. */
    event: name,
    status: z.enum(['acknowledged', 'in-progress', 'done']),
    who,
    note,
    /** Share that is done. */
    progress: z.number().min(0).max(1).nullable().default(null),
    /** The version that came of it; with `done` only. */
    version: name.nullable().default(null),
    atMs,
  }),
  z.strictObject({
    kind: z.literal('use-reference'),
    monitor: name,
    /** The whole text of its file: a replay needs no other. */
    reference: z.string().min(1).max(referenceBytesMax),
    who,
    atMs,
  }),
  z.strictObject({
    kind: z.literal('use-model'),
    monitor: name,
    version: name,
    /** The version in use when it was said: of another one it is not meant. */
    replaces: name,
    /** Of the ONNX file. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    /** The whole text of the reference that it came with; null for none. */
    reference: z.string().min(1).max(referenceBytesMax).nullable(),
    /** How much features weigh in its score, as its manifest has it. */
    importance: z.record(name, z.number().min(0)).nullable(),
    who,
    atMs,
  }),
]);

export type Command = z.infer<typeof commandSchema>;

export type ParsedCommand =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly reason: string };

/** A command as it came from outside. */
export function parseCommand(value: unknown): ParsedCommand {
  const parsed = commandSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') ?? '';
    return { ok: false, reason: `${place || 'command'}: ${issue?.message ?? 'unknown'}` };
  }
  const { data: command } = parsed;
  if (command.kind === 'retraining' && (command.status === 'done') !== (command.version !== null)) {
    return { ok: false, reason: 'version: expected with the status done, and with no other' };
  }
  if (command.kind === 'retraining' && command.version !== null && !isPlain(command.version)) {
    const found = JSON.stringify(command.version.slice(0, 120));
    const expected = 'a plain name of at most 100 characters, not only dots, without slashes';
    return { ok: false, reason: `version: expected ${expected}; found ${found}` };
  }
  return { ok: true, command };
}

/** A version names files beside the manifest: it must not lead elsewhere. */
function isPlain(version: string): boolean {
  return /^[^/\\\p{Cc}]{1,100}$/u.test(version) && !/^\.+$/.test(version);
}
