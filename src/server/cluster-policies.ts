import type { Command } from '../monitors/command.js';
import { mutableFeatures } from '../monitors/mutable-features.js';
import type { ReferenceUse } from '../monitors/reference-fit.js';
import type { Monitored } from '../operators/monitor-plan.js';
import type { Cluster } from '../streams/cluster/cluster.js';
import { monitorStage } from '../streams/cluster/names.js';
import { PolicyLogTask } from '../streams/cluster/policy-log-task.js';
import { commandJson } from '../streams/cluster/policy-message.js';
import { type PolicyRecord, readPolicyRecord } from '../streams/cluster/policy-record.js';
import type { ClusterSinks } from './cluster-sinks.js';
import type { PoliciesFound, ReferencesFound, Said } from './engine-view.js';

/** What was read from Kafka is good for so long, ms. */
const readAgainMs = 2_000;
/** How long a command may take to stand in the log, ms. */
const saidWithinMs = 10_000;

/**
 * Where the policies stand, in any process of the pipeline: from the task where it is here, else as
 * it was committed last. What is said goes to the log that the task reads.
 */
export class ClusterPolicies {
  readonly #cluster: Cluster;
  readonly #output: ClusterSinks['output'];
  #read: { readonly atMs: number; readonly record: Promise<PolicyRecord | null> } | null = null;

  constructor(cluster: Cluster, output: ClusterSinks['output']) {
    this.#cluster = cluster;
    this.#output = output;
  }

  async policies(monitors: readonly Monitored[]): Promise<PoliciesFound> {
    const own = this.#task()?.policies ?? null;
    try {
      const states = own ?? (await this.#record())?.monitors ?? {};
      const policies = monitors.flatMap(({ plan }) => {
        const { name } = plan.definition;
        const state = states[name] ?? null;
        return state === null ? [] : [{ monitor: name, state, mutable: mutableFeatures(plan) }];
      });
      return { ok: true, policies };
    } catch (error) {
      return unasked(error);
    }
  }

  /** @param monitors as they were loaded: they stand so until the task has told otherwise */
  async references(monitors: readonly Monitored[]): Promise<ReferencesFound> {
    try {
      const task = this.#task();
      const told = task?.policies ? task.references : (await this.#record())?.references;
      const references = monitors.map(({ plan, modelVersion, reference }): ReferenceUse => {
        const { definition } = plan;
        const own = told?.[definition.name] ?? { modelVersion, reference, switches: [] };
        return { definition, ...own };
      });
      return { ok: true, references };
    } catch (error) {
      return unasked(error);
    }
  }

  async say(command: Command): Promise<Said> {
    const { names } = this.#cluster.settings;
    const topic = names.log(monitorStage);
    this.#output.add({ topic, partition: 0, key: '', value: commandJson(command) });
    this.#read = null;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Said>((resolve) => {
      const why =
        'Kafka has not taken it yet; it is written when Kafka does: look before repeating';
      timer = setTimeout(() => resolve({ ok: false, why }), saidWithinMs);
    });
    const said = this.#output.flush().then((): Said => ({ ok: true }));
    return Promise.race([said, late]).finally(() => clearTimeout(timer));
  }

  /** Null where the task is not here. */
  #task(): PolicyLogTask | null {
    const held = this.#cluster.runtimes.flatMap(({ tasks }) => tasks);
    const task = held.find(({ kind, loaded, lost }) => {
      return kind.name === monitorStage && loaded && !lost;
    })?.task;
    return task instanceof PolicyLogTask ? task : null;
  }

  #record(): Promise<PolicyRecord | null> {
    const { kafka, names } = this.#cluster.settings;
    const nowMs = Date.now();
    if (this.#read === null || nowMs - this.#read.atMs > readAgainMs) {
      const record = readPolicyRecord(kafka, names.policy, names.log(monitorStage));
      this.#read = { atMs: nowMs, record };
      record.catch(() => {
        this.#read = null;
      });
    }
    return this.#read.record;
  }
}

function unasked(error: unknown): { readonly ok: false; readonly why: string } {
  return { ok: false, why: `Kafka cannot be asked now: ${(error as Error).message}` };
}
