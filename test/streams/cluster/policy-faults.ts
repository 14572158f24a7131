import type { Kafka, Producer, Transaction } from '../../../src/sinks/kafka/client.js';

/** What befalls a process at one of its calls to the broker. */
export interface Fault {
  /** Which call, from 0. */
  readonly call: number;
  /** Whether the call is done and only its answer is lost. */
  readonly done: boolean;
  /**
   * `kill`: nothing goes on after it; `pause`: it goes on when the test says so; `error`: the call
   * fails and the process goes on.
   */
  readonly kind: 'kill' | 'pause' | 'error';
}

/** A process whose calls to the broker are counted and may go wrong. */
export interface FaultyKafka {
  readonly kafka: Kafka;
  /** Resolves when the process stands still. */
  readonly stopped: Promise<'stopped'>;
  /** Lets a paused process go on. */
  resume(): void;
  /** Ends every connection that it still has. */
  close(): Promise<void>;
}

export function faultyKafka(kafka: Kafka, fault: Fault | null): FaultyKafka {
  const producers: Producer[] = [];
  let calls = 0;
  let stop: (value: 'stopped') => void = () => undefined;
  let resume: () => void = () => undefined;
  const stopped = new Promise<'stopped'>((resolve) => {
    stop = resolve;
  });
  const resumed = new Promise<void>((resolve) => {
    resume = resolve;
  });
  const befall = async (): Promise<void> => {
    if (fault?.kind === 'error') throw new Error('the connection was lost');
    stop('stopped');
    await (fault?.kind === 'pause' ? resumed : new Promise(() => undefined));
  };
  const call = async <Value>(step: () => Promise<Value>): Promise<Value> => {
    const own = calls++;
    if (fault?.call === own && !fault.done) await befall();
    const value = await step();
    if (fault?.call === own && fault.done) await befall();
    return value;
  };
  const transactional = (id: string): Producer => {
    const producer = kafka.transactional(id);
    producers.push(producer);
    const transaction = async (): Promise<Transaction> => {
      const own = await call(() => producer.transaction());
      return {
        ...own,
        sendBatch: (batch) => call(() => own.sendBatch(batch)),
        commit: () => call(() => own.commit()),
        abort: () => call(() => own.abort()),
      };
    };
    const connect = () => call(() => producer.connect());
    const disconnect = () => call(() => producer.disconnect());
    return { ...producer, connect, disconnect, transaction };
  };
  return {
    kafka: { ...kafka, transactional },
    stopped,
    resume: () => resume(),
    close: async () => {
      for (const producer of producers) await producer.disconnect();
    },
  };
}
