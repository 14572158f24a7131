import { initialPolicy, type OpenEpisode, type PolicyState } from '../../monitors/policy-state.js';
import type { Kafka } from '../../sinks/kafka/client.js';
import type { ReferenceStanding } from './judging.js';
import { readRanges } from './read-range.js';

/** Where the policies of a pipeline's monitors stood when they last told something. */
export interface PolicyRecord {
  readonly version: 2;
  /** By monitor. */
  readonly monitors: Readonly<Record<string, PolicyState | null>>;
  /** By monitor: the model's version that the processes were started with. */
  readonly configured?: Readonly<Record<string, string>>;
  /** By monitor: what it is held against. */
  readonly references?: Readonly<Record<string, ReferenceStanding>>;
}

/**
 * The last record of a policy task in its topic.
 * @param upTo offset to read to, without it; the end of the topic where it is left out
 */
export async function readPolicyRecord(
  kafka: Kafka,
  topic: string,
  key: string,
  upTo?: number,
): Promise<PolicyRecord | null> {
  const admin = kafka.admin();
  await admin.connect();
  const [bounds] = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect());
  const to = upTo ?? Number(bounds?.high ?? 0);
  const range = { topic, partition: 0, from: Number(bounds?.low ?? 0), to };
  let found: PolicyRecord | null = null;
  await readRanges(kafka, [range], (_, message) => {
    if (String(message.key) === key) found = recordOf(JSON.parse(String(message.value)));
  });
  return found;
}

/** What version 1 held of an open episode. */
type FormerEpisode = Pick<OpenEpisode, 'id' | 'number' | 'openedMs' | 'signals' | 'features'>;
type FormerState = Pick<PolicyState, 'model' | 'modelVersion' | 'episodes' | 'judgedUpToMs'> & {
  readonly open: FormerEpisode | null;
};

/** A record of this version of Weir, or of the one before: its open episode goes on. */
function recordOf(
  kept: PolicyRecord | { version: 1; monitors: Record<string, FormerState | null> },
): PolicyRecord {
  if (kept.version === 2) return kept;
  const upgraded = Object.entries(kept.monitors).map(([monitor, state]) => {
    return [monitor, state === null ? null : stateOf(state)] as const;
  });
  return { version: 2, monitors: Object.fromEntries(upgraded) };
}

function stateOf({ model, modelVersion, episodes, judgedUpToMs, open }: FormerState): PolicyState {
  const state = { ...initialPolicy(model, modelVersion), episodes, judgedUpToMs };
  if (open === null) return state;
  const signals = open.signals.map((name) =>
    name === 'psi:score' ? 'score:score' : name.replace(/^psi:/, 'feature:'),
  );
  const episode: OpenEpisode = {
    ...open,
    signals,
    kind: 'drift',
    sinceMs: open.openedMs,
    notices: [],
    retraining: true,
    worsened: 0,
    told: { strengths: {}, share: 1 },
    acknowledged: null,
  };
  return { ...state, open: [episode] };
}
