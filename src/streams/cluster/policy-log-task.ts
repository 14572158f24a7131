import type { Check } from '../../monitors/check.js';
import type { Command } from '../../monitors/command.js';
import type { Emission } from '../../monitors/emission.js';
import { judge } from '../../monitors/policy.js';
import type { PolicyState } from '../../monitors/policy-state.js';
import { fittingReference, type OnUnfit, unfitInLog } from '../../monitors/reference-fit.js';
import { replaceModel, watch } from '../../monitors/watch.js';
import type { MonitorClosing, Monitored } from '../../operators/monitor-plan.js';
import type { AlertRow } from '../../sinks/clickhouse/alert-row.js';
import type { CheckRow } from '../../sinks/clickhouse/check-row.js';
import type { ClickhouseSink } from '../../sinks/clickhouse/sink.js';
import { LevelsAhead } from '../levels-ahead.js';
import { alertRow, checkRow, retrainingRows } from '../live/clickhouse-rows.js';
import {
  dumpJudgings,
  holdAgainst,
  type Judging,
  judgingOf,
  type ReferenceStanding,
  restoreJudgings,
  standingOf,
  undoOf,
} from './judging.js';
import type { LogMessage, LogTask } from './log-task.js';
import { parsePolicyMessage } from './policy-message.js';
import type { PolicyRecord } from './policy-record.js';
import type { PolicyStore } from './policy-store.js';
import type { TaskOutput } from './scoring-output.js';
import type { Told } from './told-message.js';

export interface PolicyLogSettings {
  readonly monitors: readonly Monitored[];
  readonly store: PolicyStore;
  /** Null where nothing is written there. */
  readonly sink: Pick<ClickhouseSink, 'checks' | 'alerts' | 'flush'> | null;
  /** The logs of those who sample and score; null where nothing is ever switched. */
  readonly tell?: TaskOutput<Told> | null;
  /** Told of what each period said, repeats after a recovery included. */
  readonly onJudged?: (checks: readonly Check[], emissions: readonly Emission[]) => void;
  /** Told of what was committed, each once. */
  readonly onTold?: (emissions: readonly Emission[]) => void;
  readonly onUnfit?: OnUnfit;
}

/**
 * The one partition of the monitor log: adds up what samplers closed, tests and decides, for all of
 * a pipeline's monitors, and takes the commands of people and trainers, which stand in the same
 * log. An emission is committed together with the policy's state in one transaction, so that
 * `read_committed` readers see it once, whatever ends the process: a task that comes again reads
 * the state that was committed last and repeats nothing that it covers. A take that fails leaves
 * the state as it was before; the next one opens the store anew.
 *
 * A command that switches a reference or a model is told on to the logs of samplers and scorers
 * before it is committed, with the period from which it counts; a repeat is known by its place.
 *
 * Use: `new PolicyLogTask({ monitors: monitorsOf(…), sink, store: new KafkaPolicyStore({ kafka,
 * transactionalId: names.log('monitor'), topics, encode }) })`, run by the task runtime. The store
 * is opened by the first `take`, after `restore`, and closed by `close`.
 */
export class PolicyLogTask implements LogTask {
  /** Closings that were there before. */
  repeated = 0;
  /** Closings and commands of other monitors. */
  foreign = 0;
  readonly #settings: PolicyLogSettings;
  readonly #judging = new Map<string, Judging>();
  #opened = false;
  /** Whether the policies go on from a snapshot, not from nothing. */
  #restored = false;
  readonly #levels = new LevelsAhead();
  #room: Promise<unknown> = Promise.resolve();

  constructor(settings: PolicyLogSettings) {
    this.#settings = settings;
    for (const monitored of settings.monitors) {
      this.#judging.set(monitored.plan.definition.name, judgingOf(monitored));
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

  /** By monitor: what each is held against. */
  get references(): Readonly<Record<string, ReferenceStanding>> {
    return Object.fromEntries([...this.#judging].map(([name, one]) => [name, standingOf(one)]));
  }

  /** By monitor: periods that some group has closed and another has not. */
  get periodsWaiting(): readonly (readonly [monitor: string, count: number])[] {
    return [...this.#judging].map(([name, { watch: own }]) => [name, own.gathering.pending.size]);
  }

  async take(messages: readonly LogMessage[], _atEnd: boolean): Promise<void> {
    const undo = [...this.#judging.values()].map(undoOf);
    const restored = this.#restored;
    try {
      if (!this.#opened) await this.#open();
      const due = messages.flatMap((message) => this.#hear(message));
      this.#levels.follow(this.#followed());
      await this.#settings.tell?.flush(); // what is committed is not told again
      await this.#commit(due);
    } catch (error) {
      for (const back of undo) back();
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
    await this.#settings.tell?.flush();
    await this.#settings.sink?.flush();
  }

  close(): Promise<void> {
    this.#opened = false;
    this.#levels.stop();
    return this.#settings.store.close();
  }

  dump(): Map<string, readonly Uint8Array[]> {
    return new Map([['policy', dumpJudgings(this.#judging)]]);
  }

  restore(parts: ReadonlyMap<string, Uint8Array>): void {
    restoreJudgings(this.#judging, parts.get('policy')!);
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
      const configured = kept?.configured?.[name] ?? state?.modelVersion;
      const isOurs = one.resumed && configured === one.monitored.modelVersion;
      const isSame = isOurs || policy.modelVersion === state?.modelVersion;
      if (state !== null && !(this.#restored && isOlder && isSame)) one.watch.policy = state;
      closed.push(...this.#replaced(name, one, configured));
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
    const emissions = this.#switch(one, command, offset);
    const step = judge(definition, one.watch.policy, {
      kind: 'command',
      command,
      position: offset,
    });
    one.watch.policy = step.state;
    this.#write([], retrainingRows(definition.name, before, step.state));
    return offset > heardUpTo(one.committed) ? emissions : [];
  }

  /** Takes up another reference or model, and tells those who sample and score. */
  #switch(one: Judging, command: Command, place: number): readonly Emission[] {
    const { monitored, version } = one;
    const { definition } = monitored.plan;
    if (command.kind === 'use-reference') {
      this.#hold(one, command.reference, version, command.atMs, place);
      return [];
    }
    if (command.kind !== 'use-model' || command.replaces !== version) return [];
    const { atMs, importance, sha256 } = command;
    one.version = command.version;
    one.watch = { ...one.watch, options: { ...one.watch.options, importance } };
    const emissions = this.#replaceModel(one, command.version, place);
    if (command.reference !== null) {
      this.#hold(one, command.reference, command.version, atMs, place);
    }
    const told = { place, configured: monitored.modelVersion, version: command.version, sha256 };
    this.#settings.tell?.write([{ kind: 'model', model: definition.model, ...told }]);
    return emissions;
  }

  /** A policy that goes on from a later commit has come past it. */
  #replaceModel({ monitored, watch: own }: Judging, version: string, place: number) {
    const { policy } = own;
    if (place <= heardUpTo(policy)) return [];
    const atMs = policy.judgedUpToMs ?? 0;
    const step = judge(monitored.plan.definition, policy, { kind: 'model', version, atMs });
    own.policy = step.state;
    this.#tell([], step.emissions);
    return step.emissions;
  }

  #hold(one: Judging, text: string, version: string, atMs: number, place: number): void {
    const { plan, modelVersion: configured } = one.monitored;
    const fitting = fittingReference(text, plan.definition, version);
    if (!fitting.ok) {
      this.foreign++;
      this.#settings.onUnfit?.(unfitInLog(plan.definition, fitting.reason));
      return;
    }
    const { reference } = fitting;
    const fromMs = holdAgainst(one, reference, atMs);
    const told = { monitor: plan.definition.name, place, configured, fromMs, reference };
    this.#settings.tell?.write([{ kind: 'reference', ...told }]);
  }

  /** A model that was replaced while no task ran: its open episodes close where it stood. */
  #replaced(
    name: string,
    { monitored, watch: own }: Judging,
    configured: string | undefined,
  ): readonly Emission[] {
    const { modelVersion, reference } = monitored;
    const before = own.policy;
    // What differs from the version that processes are started with came with the log.
    if (before.modelVersion === modelVersion || configured === modelVersion) return [];
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
    const { checks, emissions } = watch(one.watch, source, closing);
    this.#tell(checks, emissions);
    return emissions.filter(({ timeMs }) => timeMs > judgedMs(one.committed));
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
  async #commit(due: readonly Emission[]): Promise<void> {
    const isNew = ({ watch: { policy }, committed }: Judging): boolean =>
      judgedMs(policy) > judgedMs(committed) || heardUpTo(policy) > heardUpTo(committed);
    if (![...this.#judging.values()].some(isNew)) return;
    await this.#settings.store.commit(due, this.#record());
    this.#committed();
    this.#settings.onTold?.(due);
  }

  /** A policy that repeats what is committed does not take its place. */
  #record(): PolicyRecord {
    const states: Record<string, PolicyState | null> = {};
    const configured: Record<string, string> = {};
    for (const [name, { watch: own, committed, monitored }] of this.#judging) {
      states[name] = isBehind(own.policy, committed) ? committed : own.policy;
      configured[name] = monitored.modelVersion;
    }
    return { version: 2, monitors: states, configured, references: this.references };
  }

  #committed(): void {
    for (const one of this.#judging.values()) {
      if (!isBehind(one.watch.policy, one.committed)) one.committed = one.watch.policy;
    }
  }

  #followed() {
    return [...this.#judging.values()].map(({ monitored: { plan }, watch: own }) => {
      const { reference, switches } = own;
      return { definition: plan.definition, features: plan.features, reference, switches };
    });
  }
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
