import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../src/generate/random.js';
import { between, integer, pick } from './draw.js';
import type { FaultServers } from './fault-servers.js';
import { Member } from './member.js';
import { memberConfig, type Role } from './member-config.js';

export const sessionTimeoutMs = 6_000;
/** Longer than Weir itself waits for its sinks. */
const stopMsMax = 40_000;

export interface MembersPlace {
  readonly servers: FaultServers;
  readonly directory: string;
  readonly prefix: string;
  readonly database: string;
}

/** The Weir processes of one run. */
export class Members {
  readonly all: Member[] = [];
  /** Those that were asked to leave and did not end by themselves with 0. */
  readonly unclean: string[] = [];
  readonly #place: MembersPlace;
  readonly #random: Random;
  readonly #left = new Set<Member>();

  constructor(place: MembersPlace, random: Random) {
    this.#place = place;
    this.#random = random;
  }

  get present(): readonly Member[] {
    return this.all.filter((member) => !this.#left.has(member));
  }

  any(): Member {
    return pick(this.#random, this.present);
  }

  add(role: Role): Member {
    const { servers, directory, prefix, database } = this.#place;
    const name = `weir-${this.all.length}-${role}`;
    const data = `${directory}/${name}`;
    const config = memberConfig(servers, {
      role,
      prefix,
      database,
      data,
      sessionTimeoutMs,
    });
    const restartMs = (): number => between(this.#random, 50, 1_500);
    const member = new Member(directory, name, config, restartMs);
    this.all.push(member);
    return member;
  }

  /** Resolves when some process works, or after `msMax`. */
  async working(msMax: number): Promise<void> {
    const deadline = performance.now() + msMax;
    while (performance.now() < deadline) {
      if (this.all.some((member) => member.hasSaid('"source partition taken"'))) return;
      await delay(100);
    }
  }

  async remove(member: Member): Promise<void> {
    this.#left.add(member);
    if (!(await member.stop(stopMsMax))) this.unclean.push(`${member.name}: ${member.ended}`);
  }

  async stop(): Promise<void> {
    for (const member of this.present) member.resume();
    await Promise.all(this.present.map((member) => this.remove(member)));
  }

  /** Ends what is left, whatever state it is in. */
  async abandon(): Promise<void> {
    await Promise.all(this.all.map((member) => member.stop(0)));
  }
}

/** One to three processes, each doing everything, or one for each role. */
export function drawRoles(random: Random): Role[] {
  const count = integer(random, 1, 3);
  if (count === 3 && random.unit() < 0.5) return ['ingest', 'features', 'monitors'];
  return Array.from({ length: count }, () => 'all');
}
