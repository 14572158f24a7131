import type { Check } from '../../monitors/check.js';
import type { Emission } from '../../monitors/emission.js';
import {
  type GatheringSnapshot,
  restoreGathering,
  snapshotGathering,
} from '../../monitors/gathering-snapshot.js';
import { judge } from '../../monitors/policy.js';
import type { PolicyState } from '../../monitors/policy-state.js';
import { createWatch, replaceModel, type Watch, watch } from '../../monitors/watch.js';
import type { MonitorClosing, Monitored } from '../../operators/monitor-plan.js';
import { noReference } from '../../operators/monitor-samplers.js';
import type { AlertRow } from '../../sinks/clickhouse/alert-row.js';
import type { CheckRow } from '../../sinks/clickhouse/check-row.js';
import type { ClickhouseSink } from '../../sinks/clickhouse/sink.js';
import { alertRow, checkRow, retrainingRows } from '../live/clickhouse-rows.js';
import type { LogMessage, LogTask } from './log-task.js';
import { parsePolicyMessage } from './policy-message.js';
import type { PolicyRecord } from './policy-record.js';
import type { PolicyStore } from './policy-store.js';

export interface PolicyLogSettings {
  readonly monitors: readonly Monitored[];
  readonly store: PolicyStore;
  /** Null where nothing is written there. */
  readonly sink: Pick<ClickhouseSink, 'checks' | 'alerts' | 'flush'> | null;
  /** Told of what each period said, repeats after a recovery included. */
  readonly onJudged?: (checks: readonly Check[], emissions: readonly Emission[]) => void;
  /** Told of what was committed, each once. */
  readonly onTold?: (emissions: readonly Emission[]) => void;
}

interface Judging {
  readonly monitored: Monitored;
  watch: Watch;
  /** The policy as it was last committed; null before the first. */
  committed: PolicyState | null;
}

/**
 * The one partition of the monitor log: adds up what samplers closed, tests and decides, for all of
 * a pipeline's monitors, and takes the commands of people and trainers, which stand in the same
 * log. An emission is committed together with the policy's state in one transaction, so that
 * `read_committed` readers see it once, whatever ends the process: a task that comes again reads
 * the state that was committed last and repeats nothing that it covers. A take that fails leaves
 * the state as it was before; the next one opens the store anew.
 *
 * Use: `new PolicyLogTask({ monitors: monitorsOf(…), sink, store: new KafkaPolicyStore({ kafka,
 * transactionalId: names.log('monitor'), topics, encode }) })`, run by the task runtime. The store
 * is opened by the first `take`, after `restore`, and closed by `close`.
 */
export class PolicyLogTask implements LogTask {
  /** Closings that were there before. */
  repeated = 0;
  /** Closings of other monitors, and periods counted against another reference. */
  foreign = 0;
  readonly #settings: PolicyLogSettings;
  readonly #judging = new Map<string, Judging>();
  #opened = false;
  /** Whether the policies go on from a snapshot, not from nothing. */
  #restored = false;
  #room: Promise<unknown> = Promise.resolve();

  constructor(settings: PolicyLogSettings) {
    this.#settings = settings;
    for (const monitored of settings.monitors) {
      const { name } = monitored.plan.definition;
      this.#judging.set(name, { monitored, watch: freshWatch(monitored), committed: null });
    }
  }

  /** Where the policy of a monitor stands. */
  policyOf(monitor: string): PolicyState | null {
    return this.#judging.get(monitor)?.watch.policy ?? null;
  }

  /** By monitor; null until the store is opened. */
  get policies(): PolicyRecord['monitors'] | null {
    if (!this.#opened) return null;
    const states = [...this.#judging].map(([name, { watch: own }]) => [name, own.policy] as const);
    return Object.fromEntries(states);
  }

  async take(messages: readonly LogMessage[], _atEnd: boolean): Promise<void> {
    const before = this.#snapshot();
    const restored = this.#restored;
    try {
      if (!this.#opened) await this.#open();
      const emissions = messages.flatMap((message) => this.#hear(message));
      await this.#commit(emissions);
    } catch (error) {
      this.#restore(before);
      this.#restored = restored;
      this.#opened = false;
      await this.#settings.store.close();
      throw error;
    }
  }

  async ready(): Promise<void> {
    await this.#room;
  }

  async flush(): Promise<void> {
    await this.#settings.sink?.flush();
  }

  close(): Promise<void> {
    this.#opened = false;
    return this.#settings.store.close();
  }

  dump(): Map<string, readonly Uint8Array[]> {
    return new Map([['policy', [new TextEncoder().encode(JSON.stringify(this.#snapshot()))]]]);
  }

  restore(parts: ReadonlyMap<string, Uint8Array>): void {
    this.#restore(JSON.parse(new TextDecoder().decode(parts.get('policy'))));
    this.#restored = true;
  }

  /**
   * A snapshot is older than the last commit or as old: from there the log gives the same decisions
   * again, whose rows may be missing in ClickHouse. Without one, or where it is of another version
   * of the model, the committed state is what counts.
   */
  async #open(): Promise<void> {
    const kept = await this.#settings.store.open();
    const closed: Emission[] = [];
    for (const [name, one] of this.#judging) {
      const state = kept?.monitors[name] ?? null;
      one.committed = state;
      const { policy } = one.watch;
      const isOlder = !isBehind(state, policy);
      const isSame = policy.modelVersion === state?.modelVersion;
      if (state !== null && !(this.#restored && isOlder && isSame)) one.watch.policy = state;
      closed.push(...this.#replaced(name, one));
    }
    this.#tell([], closed);
    if (closed.length > 0) {
      await this.#settings.sink?.flush(); // no log will give them again
      await this.#settings.store.commit(closed, this.#record());
      this.#committed();
      this.#settings.onTold?.(closed);
    }
    this.#opened = true;
    this.#restored = true;
  }

  #hear({ offset, value }: LogMessage): readonly Emission[] {
    const message = parsePolicyMessage(value.toString());
    if (message.kind === 'closing') return this.#watch(message.closing);
    const command = message.kind === 'command' ? message.command : null;
    const one = this.#judging.get(command?.monitor ?? '');
    if (command === null || one === undefined) {
      this.foreign++;
      return [];
    }
    const { definition } = one.monitored.plan;
    const before = one.watch.policy;
    const step = judge(definition, before, { kind: 'command', command, position: offset });
    one.watch.policy = step.state;
    this.#write([], retrainingRows(definition.name, before, step.state));
    return step.emissions;
  }

  /** A model that was replaced while no task ran: its open episodes close where it stood. */
  #replaced(name: string, { monitored, watch: own }: Judging): readonly Emission[] {
    const { modelVersion, reference } = monitored;
    const before = own.policy;
    if (before.modelVersion === modelVersion) return [];
    const atMs = before.judgedUpToMs ?? 0;
    const emissions = replaceModel(own, modelVersion, reference, atMs);
    this.#write([], retrainingRows(name, before, own.policy));
    return emissions;
  }

  #watch({ monitor, source, closing }: MonitorClosing): readonly Emission[] {
    const one = this.#judging.get(monitor);
    const from = one?.watch.gathering.sources[source];
    if (one === undefined || from === undefined) {
      this.foreign++;
      return [];
    }
    if (closing.closedUpToMs <= from.closedUpToMs) {
      this.repeated++;
      return [];
    }
    const expected = one.monitored.reference?.id ?? noReference;
    const periods = closing.periods.filter((period) => period.referenceId === expected);
    this.foreign += closing.periods.length - periods.length;
    const { checks, emissions } = watch(one.watch, source, { ...closing, periods });
    this.#tell(checks, emissions);
    return emissions;
  }

  #tell(checks: readonly Check[], emissions: readonly Emission[]): void {
    if (checks.length === 0 && emissions.length === 0) return;
    this.#settings.onJudged?.(checks, emissions);
    this.#write(checks.map(checkRow), emissions.map(alertRow));
  }

  #write(checks: readonly CheckRow[], alerts: readonly AlertRow[]): void {
    const { sink } = this.#settings;
    if (sink === null || checks.length + alerts.length === 0) return;
    this.#room = Promise.all([this.#room, sink.checks(checks), sink.alerts(alerts)]);
    this.#room.catch(() => undefined); // `ready` tells of it
  }

  /** Commits what was judged beyond the last commit, even where it has nothing to tell. */
  async #commit(emissions: readonly Emission[]): Promise<void> {
    const isNew = ({ watch: { policy }, committed }: Judging): boolean =>
      judgedMs(policy) > judgedMs(committed) || heardUpTo(policy) > heardUpTo(committed);
    if (![...this.#judging.values()].some(isNew)) return;
    const due = emissions.filter(
      ({ monitor, timeMs }) => timeMs > judgedMs(this.#judging.get(monitor)!.committed),
    );
    await this.#settings.store.commit(due, this.#record());
    this.#committed();
    this.#settings.onTold?.(due);
  }

  /** A policy that repeats what is committed does not take its place. */
  #record(): PolicyRecord {
    const states = [...this.#judging].map(
      ([
        name,
        {
          watch: { policy },
          committed,
        },
      ]) => {
        return [name, isBehind(policy, committed) ? committed : policy] as const;
      },
    );
    return { version: 2, monitors: Object.fromEntries(states) };
  }

  #committed(): void {
    for (const one of this.#judging.values()) {
      if (!isBehind(one.watch.policy, one.committed)) one.committed = one.watch.policy;
    }
  }

  #snapshot(): PolicySnapshot {
    return [...this.#judging].map(
      ([
        name,
        {
          watch: { gathering, policy },
        },
      ]) => {
        return { name, gathering: snapshotGathering(gathering), policy };
      },
    );
  }

  #restore(snapshot: PolicySnapshot): void {
    for (const { name, gathering, policy } of snapshot) {
      const one = this.#judging.get(name);
      if (one === undefined) continue;
      one.watch = freshWatch(one.monitored);
      restoreGathering(one.watch.gathering, gathering);
      one.watch.policy = policy;
    }
  }
}

type PolicySnapshot = readonly {
  readonly name: string;
  readonly gathering: GatheringSnapshot;
  readonly policy: PolicyState;
}[];

/** References are loaded at the start; none is captured from the stream. */
function freshWatch({ plan, reference, modelVersion, importance = null }: Monitored): Watch {
  const { definition, features, sources } = plan;
  return createWatch({
    definition,
    features,
    modelVersion,
    reference,
    sources,
    capturePeriods: null,
    importance,
  });
}

function judgedMs(state: PolicyState | null): number {
  return state?.judgedUpToMs ?? Number.NEGATIVE_INFINITY;
}

function heardUpTo(state: PolicyState | null): number {
  return state?.commandsUpTo ?? -1;
}

/** Whether `a` has seen less of the log than `b`; null has seen nothing. */
function isBehind(a: PolicyState | null, b: PolicyState | null): boolean {
  return judgedMs(a) < judgedMs(b) || heardUpTo(a) < heardUpTo(b);
}
